"""Measurement invariance: whether the items mean the same in every group, so that groups may be compared.

Configural (same pattern), metric (equal loadings), scalar (equal intercepts besides, latent means free): Meredith 1993.
A step holds when CFI falls by no more than 0.01 (Cheung & Rensvold 2002); the scaled difference of χ² (Satorra &
Bentler 2001) is reported beside it. Where a step fails, items are released one by one, the one with the largest score
statistic first, until it holds (partial invariance: Byrne, Shavelson & Muthén 1989).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.estimate import fit_maximum_likelihood
from analysis.sem.fit.information import invert_information
from analysis.sem.fit.likelihood import Point
from analysis.sem.groups.model import GroupedModel, Layout, kind, lay_out, subject
from analysis.sem.inference.robust import scaling_factor
from analysis.sem.inference.scores import AloneScores, ModelScores, WhiteScores
from analysis.sem.model.reader import check_model
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.between_units import UnitScores, between_units
from analysis.sem.moments.rows import answers_of, drawn_sample
from analysis.sem.moments.sample import Sample, univariate

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.survey.design.survey_design import SurveyDesign

Array = NDArray[Any]
MAX_CFI_LOSS = 0.01
LEVELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("configural", ()),
    ("metric", ("loadings",)),
    ("scalar", ("loadings", "intercepts")),
)


@dataclass(frozen=True)
class Level:
    """Fit of one level: chi2, its scaling factor, df, CFI and RMSEA by the scaled χ² of complete data (robust)."""

    name: str
    chi2: float
    scaling: float
    df: int
    cfi: float
    rmsea: float
    converged: bool
    x: Array
    layout: Layout


@dataclass(frozen=True)
class InvarianceResult:
    """Invariance of a measurement model between groups.

    steps: level (configural, metric, scalar), released (items freed at this level), chi2_scaled, df, difference,
    difference_df and pvalue of the scaled difference to the level before, cfi, cfi_loss, rmsea, holds; the last level
    is the first that failed. groups: group, n. means: construct, group, mean (in standard deviations of the first
    group, whose own are 0), when scalar invariance holds at least in part, else empty.
    """

    steps: pd.DataFrame
    groups: pd.DataFrame
    means: pd.DataFrame
    converged: bool


def compare_groups(
    responses: pd.DataFrame,
    *,
    model: str,
    instrument: Instrument,
    group: str,
    design: SurveyDesign | None = None,
) -> InvarianceResult:
    """Test the measurement part of `model` for invariance between the categories of the column `group`.

    Complete rows with a category only; `design` (none: a simple random sample) has the same rows as `responses`, its
    weights are scaled to mean 1. A category with too few rows for the model is left out. Raises MethodError when fewer
    than two are left.
    """
    read = check_model(model, instrument=instrument, where="model", pooled=True)
    syntax = measurement_part(read, instrument)
    return invariance(split_groups(responses, syntax, group=group, design=design), syntax)


def split_groups(
    responses: pd.DataFrame,
    syntax: ModelSyntax,
    *,
    group: str,
    design: SurveyDesign | None = None,
) -> dict[str, Sample]:
    """Complete rows of each category of the column `group` that has enough of them, weights of mean 1 over them all."""
    everybody = drawn_sample(answers_of(responses, syntax), design)
    category = responses[group].astype(object)
    used = (~np.isnan(everybody.answers)).all(axis=1) & category.notna().to_numpy()
    counts = category[used].value_counts()
    kept = [name for name in sorted(counts.index, key=str) if counts[name] >= rows_needed(syntax)]
    used &= category.isin(kept).to_numpy()
    sample = everybody.used(used)
    return {str(name): sample.chosen((category == name).to_numpy()[used]) for name in kept}


def measurement_part(syntax: ModelSyntax, instrument: Instrument) -> ModelSyntax:
    """The model without regressions: all constructs covary, residual covariances of items that measure stay.

    Raises MethodError for a model that measures nothing.
    """
    if not syntax.latents:
        raise MethodError("The model measures no construct that could mean the same in every group.")
    lines = [
        f"{latent} =~ {' + '.join(p.rhs for p in syntax.parameters if p.op == '=~' and p.lhs == latent)}"
        for latent in syntax.latents
    ]
    items = {p.rhs for p in syntax.parameters if p.op == "=~"} - set(syntax.latents)
    pairs = [(p.lhs, p.rhs) for p in syntax.parameters if p.op == "~~" and p.lhs != p.rhs]
    lines += [f"{lhs} ~~ {rhs}" for lhs, rhs in pairs if {lhs, rhs} <= items]
    return check_model("\n".join(lines), instrument=instrument, where="measurement part of the model")


def rows_needed(syntax: ModelSyntax) -> int:
    """Rows below which a group is not fitted: as many as it has free parameters, the means among them."""
    return len(syntax.free) + len(syntax.items)


def invariance(groups: dict[str, Sample], syntax: ModelSyntax, *, max_released: float = 0.2) -> InvarianceResult:
    """Test the measurement model (no regressions) for invariance between `groups` (name → sample of its rows).

    `max_released` is the share of the items that may be released before a level counts as failed. Weights have mean 1
    over all groups. Raises MethodError for fewer than two groups or one with too few rows.
    """
    import pandas as pd

    check_groups(groups, syntax)
    if syntax.regressions:
        raise MethodError("Invariance is tested on the measurement model alone.", expected="a model without ~")
    model = GroupedModel(syntax, list(groups.values()))
    fits, rows, released = [separate_fits(model, syntax)], [], set[tuple[str, str]]()
    fits[0] = fit_level(model, "configural", (), released, fits[0])
    rows.append(_row(fits[0], None, [], holds=True))
    for name, shared in LEVELS[1:]:
        level, freed = _with_releases(model, name, shared, released, fits[-1], max_released)
        holds = fits[-1].cfi - level.cfi <= MAX_CFI_LOSS
        rows.append(_row(level, fits[-1], freed, holds=holds))
        fits.append(level)
        if not holds:
            break
    last = fits[-1]
    counts = pd.DataFrame({"group": list(groups), "n": [sample.n for sample in groups.values()]})
    comparable = last.name == "scalar" and rows[-1]["holds"]
    means = (
        _latent_means(model, last, list(groups)) if comparable else pd.DataFrame(columns=["construct", "group", "mean"])
    )
    return InvarianceResult(pd.DataFrame(rows), counts, means, all(level.converged for level in fits))


def check_groups(groups: dict[str, Sample], syntax: ModelSyntax) -> None:
    """Raise MethodError for fewer than two groups or one with too few rows for the model."""
    if len(groups) < 2:
        raise MethodError("A comparison of groups needs at least two groups.", got=str(len(groups)))
    needed = rows_needed(syntax)
    small = [f"{name} ({sample.n})" for name, sample in groups.items() if sample.n < needed]
    if small:
        raise MethodError(
            "A group has too few rows for the model.",
            where=", ".join(small),
            expected=f"at least {needed} rows in every group",
            hint="merge groups or leave the small ones out",
        )


def separate_fits(model: GroupedModel, syntax: ModelSyntax) -> Level:
    """Starting values: each group fitted on its own."""
    layout = lay_out(model.structure, len(model.samples), shared=())
    x = np.zeros(layout.size)
    for group, sample in enumerate(model.samples):
        solution = fit_maximum_likelihood(sample, syntax.with_means())
        places = [layout.places[group, model.structure.free[name]] for name in solution.structure.free]
        x[places] = solution.theta
    return Level("start", math.nan, math.nan, 0, math.nan, math.nan, True, x, layout)


def fit_level(
    model: GroupedModel, name: str, shared: Sequence[str], freed: set[tuple[str, str]], start: Level
) -> Level:
    layout = lay_out(model.structure, len(model.samples), shared=shared, freed=freed)
    x, points, converged = model.minimise(layout, _carried(model, start, layout))
    chi2 = 2 * model.total * (model.value(points) - model.value(model.free))
    p, groups = model.p, len(model.samples)
    df = groups * (p * (p + 1) // 2 + p) - layout.size
    between, free_trace, alone_trace = score_variance(model, x, layout, points)
    information = model.gathered(model.informations(x, layout, points, observed=True), layout)
    model_trace = float(np.einsum("ij,ji->", invert_information(information)[0], between))
    scaling = scaling_factor(free_trace - model_trace, df) if df else 1.0
    alone = [Point(s.patterns, *_diagonal(s)) for s in model.samples]
    baseline = 2 * model.total * (model.value(alone) - model.value(model.free))
    baseline_df = groups * p * (p - 1) // 2
    factors = scaling, scaling_factor(free_trace - alone_trace, baseline_df)
    own, alone_by = factors if np.isfinite(factors).all() else (1.0, 1.0)  # no scaled test: the plain one
    excess, most = chi2 - own * df, baseline - alone_by * baseline_df
    return Level(
        name,
        chi2,
        scaling,
        df,
        1 - max(excess, 0.0) / max(excess, most, 1e-12),
        math.sqrt(max(excess, 0.0) / (model.total * df)) * math.sqrt(groups) if df else 0.0,
        converged,
        x,
        layout,
    )


def _carried(model: GroupedModel, start: Level, layout: Layout) -> Array:
    """Values of an earlier fit in a new layout; what becomes shared takes the mean over the groups."""
    sums, counts = np.zeros(layout.size), np.zeros(layout.size)
    for group, places in enumerate(layout.places):
        own = model.own(start.x, start.layout, group)
        kept = np.flatnonzero(places >= 0)
        np.add.at(sums, places[kept], own[kept])
        np.add.at(counts, places[kept], 1.0)
    return np.asarray(sums / counts)


def _diagonal(sample: Sample) -> tuple[Array, Array]:
    mean, variance = univariate(sample.patterns)
    return mean, np.diag(variance)


def score_variance(
    model: GroupedModel, x: Array, layout: Layout, points: Sequence[Point]
) -> tuple[Array, float, float]:
    """Variance of the scores of x over the design of every group, per row (places × places).

    With it tr(A⁻¹B) without a model and of the independence model, as in `robust`; complete rows only.
    """
    parts, free_trace, alone_trace = [], 0.0, 0.0
    for group, sample in enumerate(model.samples):
        matrices = model.structure.matrices(model.own(x, layout, group))
        own, free = ModelScores(points[group], model.structure, matrices), model.free[group]
        white = WhiteScores(free.mean, free.covariance, means=True)
        both: list[UnitScores] = [white, AloneScores(sample.patterns, means=True)]
        traced = [] if group in model.traces else both
        between, *found = between_units(sample, matrices=[own], traces=traced)
        of_free, of_alone = model.traces.setdefault(group, (*found,)) if found else model.traces[group]
        if not between.any():
            raise MethodError("The whole population of a group was drawn: its differences need no test.")
        parts.append(model.share[group] * between)
        free_trace, alone_trace = free_trace + of_free, alone_trace + of_alone
    return model.gathered(parts, layout), free_trace, alone_trace


def _with_releases(
    model: GroupedModel,
    name: str,
    shared: Sequence[str],
    released: set[tuple[str, str]],
    before: Level,
    max_released: float,
) -> tuple[Level, list[str]]:
    """The level, with items released one by one while CFI falls too far; what was released is added to `released`."""
    level = fit_level(model, name, shared, released, before)
    freed: list[str] = []
    last, allowed = shared[-1], int(max_released * model.p)
    while before.cfi - level.cfi > MAX_CFI_LOSS and len(freed) < allowed:
        item = _worst_item(model, level, last, released)
        if item is None:
            break
        released.add((last, item))
        freed.append(item)
        level = fit_level(model, name, shared, released, level)
    return level, freed


def _worst_item(model: GroupedModel, level: Level, shared: str, released: set[tuple[str, str]]) -> str | None:
    statistics = score_statistics(model, level, shared)
    left = {item: value for item, value in statistics.items() if (shared, item) not in released}
    return max(left, key=lambda item: left[item]) if left else None


def score_statistics(model: GroupedModel, level: Level, shared: str) -> dict[str, float]:
    """Score statistic of releasing each item's shared loading or intercept, df = groups − 1 (Rao 1948).

    s' (I_rr − I_rx I_xx⁻¹ I_xr)⁻¹ s · N, r the deviations of all groups but the first from the shared value.
    """
    points = model.points(level.x, level.layout)
    gradients = model.gradients(level.x, level.layout, points)
    informations = model.informations(level.x, level.layout, points, observed=False)
    inverse = invert_information(model.gathered(informations, level.layout))[0]
    result = {}
    for item, column in _released_columns(model, shared).items():
        if len(set(level.layout.places[:, column])) > 1:
            continue
        groups = range(1, len(points))
        score = np.array([gradients[group][column] for group in groups])
        crossed = np.zeros((len(score), level.layout.size))
        for row, group in enumerate(groups):
            places = level.layout.places[group]
            kept = np.flatnonzero(places >= 0)
            np.add.at(crossed[row], places[kept], informations[group][column, kept])
        within = np.diag([informations[group][column, column] for group in groups])
        spread = within - crossed @ inverse @ crossed.T
        result[item] = float(model.total * score @ np.linalg.pinv(spread) @ score)
    return result


def _released_columns(model: GroupedModel, shared: str) -> dict[str, int]:
    """Column of each item's free loading or intercept among a group's own parameters."""
    structure = model.structure
    stated = [p for p in structure.syntax.parameters if p.name is not None and kind(structure, p) == shared]
    return {subject(p): structure.free[p.name] for p in stated if p.name is not None}


def scaled_difference(level: Level, before: Level) -> tuple[float, int, float]:
    """Scaled difference of χ² to a level with fewer equalities, its df and p (Satorra & Bentler 2001)."""
    from scipy.special import chdtrc

    df = level.df - before.df
    scaling = (level.df * level.scaling - before.df * before.scaling) / df if df else math.nan
    difference = (level.chi2 - before.chi2) / scaling if scaling > 0 else math.nan
    return difference, df, float(chdtrc(df, difference)) if difference >= 0 else math.nan


def _row(level: Level, before: Level | None, freed: list[str], *, holds: bool) -> dict[str, Any]:
    difference, step, pvalue = (math.nan, 0, math.nan) if before is None else scaled_difference(level, before)
    return {
        "level": level.name,
        "released": ", ".join(freed),
        "chi2_scaled": level.chi2 / level.scaling,
        "df": level.df,
        "difference": difference,
        "difference_df": step,
        "pvalue": pvalue,
        "cfi": level.cfi,
        "cfi_loss": math.nan if before is None else before.cfi - level.cfi,
        "rmsea": level.rmsea,
        "holds": holds,
    }


def _latent_means(model: GroupedModel, level: Level, names: list[str]) -> pd.DataFrame:
    import pandas as pd

    groups = [model.structure.matrices(model.own(level.x, level.layout, group)) for group in range(len(names))]
    deviations = np.sqrt(np.diag(groups[0].latent_covariance))
    rows = [
        {"construct": latent, "group": name, "mean": float(matrices.latent_mean[place] / deviations[place])}
        for name, matrices in zip(names, groups, strict=True)
        for latent, place in model.structure.latents.items()
    ]
    return pd.DataFrame(rows)
