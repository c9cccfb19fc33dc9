"""What moved between two editions, and how much of it is real: composition, weighting, instrument, and the rest.

With A for the edition before and B for this one, the change of every measure is parted one after the other:

- instrument: what the change is more with all questions, and the index made as each edition published it, than with
  the questions that both asked alike, (B − B°) − (A − A°), where ° stands for the latter;
- weighting: what the rules of weighting that B has and A had not do, B° − B°′ with ′ for B weighted by the rules of A;
- composition: what A would have shown with the people of B, A°* − A°, where * stands for A reweighted to the background
  of B°′ by linear calibration: the twofold decomposition of Kitagawa (1955, JASA 50), Oaxaca (1973) and Blinder (1973)
  for the main effects of all background questions together, valued at the ratings of A (Fortin, Lemieux & Firpo 2011,
  Handbook of Labor Economics 4A, §4);
- real change: what is left, B°′ − A°*: alike people, alike questions and alike weights rate otherwise.

The four add up to the change by construction. Errors of all of them come from the replicates of both designs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.item_changes import ITEM_COLUMNS, changed_items
from analysis.errors import MethodError
from analysis.satisfaction.customers import customers_only, is_customer
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import restore_design
from analysis.survey.estimation.differences import adjust_p_values
from analysis.survey.estimation.estimates import means
from analysis.survey.estimation.linearisation import deviations
from analysis.waves.changes import joined_design, persons
from analysis.waves.other_rules import weights_by_rules_of
from analysis.waves.prepared import Wave
from analysis.waves.scores import CSAT, CSI, comparable, scores_of_waves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.edition import Edition
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.edition.sections.weighting import Weighting
    from analysis.survey.design.replicate_weights import ReplicateWeights, Weights
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

PARTS = ("composition", "weighting", "instrument", "real")
"""What a change is made of, in the order in which it is told."""
HEADLINE_COLUMNS = (
    *("measure", "before", "before_low", "before_high", "after", "difference", "se", "ci_low", "ci_high"),
    *("p", "p_adjusted", "n_before", "n_after", "n"),
)
PART_COLUMNS = ("measure", "difference", *(f"{part}{end}" for part in PARTS for end in ("", "_low", "_high")), "n")
PERCENT = 100.0
DRAWS = 200
"""Replicates of a design that has none."""
ROOM = 20_000_000
"""Weights of rows in replicates that are worked on at a time (160 MB)."""
RARE = 1e-9
"""Weight of a category below which nobody is in it."""


@dataclass(frozen=True)
class Published:
    """An edition as it was published.

    label: its name; responses, scores and design: of the interviews kept; weights: of the dimensions in its index;
    index, instrument, weighting: its rules.
    """

    label: str
    responses: pd.DataFrame
    scores: pd.DataFrame
    design: SurveyDesign
    weights: Mapping[str, float]
    index: Index
    instrument: Instrument
    weighting: Weighting

    def wave(self, items: Sequence[str]) -> Wave:
        """Its interviews as a wave that asked these items alone."""
        others = [key for key in self.instrument.item_keys if key not in items]
        return Wave(self.label, self.responses.drop(columns=others), self.design, len(self.responses), "published")


def published(
    edition: Edition,
    *,
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    design: pd.DataFrame,
    drawn: Mapping[str, Any],
    found: Mapping[str, Any],
    replicates: Weights | None = None,
) -> Published:
    """An edition with what its steps left: `design`, `drawn` and `replicates` of 04_weighting, `found` of
    05_satisfaction.
    """
    return Published(
        edition.name,
        responses,
        scores,
        restore_design(design, drawn, replicates),
        found["weights"],
        edition.scoring,
        edition.instrument,
        edition.weighting,
    )


@dataclass(frozen=True)
class Moved:
    """What moved between two editions; scores on 0–100, the share of satisfied customers (csat) in percent.

    headline: measure (csi, csat, a construct), before with its interval, after, difference, se, ci_low, ci_high, p,
    p_adjusted (over the constructs; index and share by themselves), n_before, n_after, n (the smaller).
    parts: measure, difference, and each of PARTS with its
    interval; they add up to the difference. items: what became of items (`changed_items`). background: questions by
    which the composition is told. overlap: interviews of persons who are in both. aligned: whether both are weighted by
    the same rules.
    """

    headline: pd.DataFrame
    parts: pd.DataFrame
    items: pd.DataFrame
    background: tuple[str, ...]
    overlap: int
    aligned: bool

    def record(self) -> dict[str, Any]:
        """Plain values by name."""
        return {"background": list(self.background), "overlap": self.overlap, "aligned": self.aligned}


def compare_editions(
    before: Published,
    now: Published,
    *,
    background: Sequence[str],
    population: pd.DataFrame | None = None,
    cases: pd.DataFrame | None = None,
    panel: bool | None = None,
    seed: int = 0,
) -> Moved:
    """Change of the index, the share of satisfied customers and every construct, and its four parts.

    `population` and `cases` are those of `now`, to weight it by the rules of `before`. `panel` as `trend.panel`:
    whether an id that both have is one person; persons who are in both are the units of one sample. Rules of cleaning
    are not told apart: each edition keeps its own. Raises MethodError where the two have no question in common.
    """
    changed = pd.DataFrame(changed_items(before.instrument, now.instrument), columns=list(ITEM_COLUMNS))
    sides = [_values(before, now, changed, own) for own in (before, now)]
    measures = [str(name) for name in sides[0].own if name in sides[1].own and name in sides[0].common]
    if not measures:
        raise MethodError("The two editions have no question in common.", where=f"{before.label}, {now.label}")
    asked = _background([before, now], background)
    categories = _categories(before, now, asked)
    person = persons([side.wave for side in sides], panel=panel)
    drawn = _drawn(before, now, [side.wave for side in sides], person, seed=seed)
    other = weights_by_rules_of(before, now, population, cases)
    chain = _Chain(sides[0], sides[1], measures, categories, other)
    estimate = chain.parts(before.design.weights[:, None], now.design.weights[:, None])
    moved = [deviations(chain.in_replicates(*pair), estimate[0], one) for pair, one in drawn]
    half, limit = _half_widths(moved, before, now)
    totals = estimate[0].sum(axis=0)
    return Moved(
        _headline(chain, totals, moved, limit, now.index),
        _parted(measures, estimate[0], half, totals, chain),
        changed,
        tuple(asked),
        0 if person is None else int(person.duplicated(keep=False).sum()),
        other is None,
    )


@dataclass(frozen=True)
class _Side:
    """Scores of one edition's respondents as it published them, and from the questions in common; its background."""

    own: pd.DataFrame
    common: pd.DataFrame
    wave: Wave
    customers: NDArray[np.bool_]


def _values(before: Published, now: Published, changed: pd.DataFrame, own: Published) -> _Side:
    """Published scores of an edition, and those of the items that both ask alike with the index made as `now` does."""
    gone = set(changed["item"])
    items = [key for key in now.instrument.item_keys if key not in gone]
    waves = [before.wave(items), now.wave(items)]
    common = comparable(waves, now.instrument)
    options: dict[str, Any] = {"instrument": now.instrument, "index": now.index, "weights": now.weights}
    alike = scores_of_waves([own.wave(items)], common, **options).drop(columns=["wave", "respondent_id"])
    scored = customers_only(own.responses, own.scores, index=own.index)[1].rename(columns={"satisfied": CSAT})
    names = [CSI, CSAT, *(construct.key for construct in own.instrument.constructs)]
    known = [name for name in names if name in scored and scored[name].notna().any()]
    published = scored[known].astype(np.float64)
    for table in (published, alike):
        if CSAT in table:
            table[CSAT] *= PERCENT
    inside = is_customer(own.responses, index=own.index).to_numpy()
    return _Side(published.reset_index(drop=True), alike.reset_index(drop=True), own.wave(items), inside)


def _background(editions: Sequence[Published], wanted: Sequence[str]) -> list[str]:
    """The questions of `wanted` that everybody in both editions could be asked, and somebody answered."""
    return [key for key in wanted if all(key in one.responses and one.responses[key].notna().any() for one in editions)]


def _categories(before: Published, now: Published, asked: list[str]) -> tuple[Floats, Floats]:
    """Dummies of all background questions, a constant first: rows × K of each edition.

    An answer that is not given is a category of its own. A question with a category that one edition alone has can't
    be held alike and is left out, which empties `asked` of it.
    """
    pair = (before, now)
    columns: list[list[Floats]] = [[np.ones(len(one.responses))] for one in pair]
    inside = [is_customer(one.responses, index=one.index).to_numpy() for one in pair]
    for key in list(asked):
        given = [one.responses[key].astype(object).fillna("").astype(str).to_numpy() for one in pair]
        found = [set(answers[own]) for answers, own in zip(given, inside, strict=True)]
        if found[0] != found[1]:
            asked.remove(key)
            continue
        for code in sorted(found[0])[1:]:
            for place, answers in enumerate(given):
                columns[place].append(np.asarray(answers == code, dtype=np.float64))
    return np.column_stack(columns[0]), np.column_stack(columns[1])


def _drawn(
    before: Published, now: Published, waves: Sequence[Wave], person: pd.Series[str] | None, *, seed: int
) -> list[tuple[tuple[Weights, Weights], ReplicateWeights]]:
    """Replicates of both samples: each of its own while the other stays, or of the persons who are in both."""
    if person is not None:
        design = joined_design(waves, person, singleton="centred")
        one = _replicates(design, seed)
        rows = before.design.rows
        return [((one.weights[:rows], one.weights[rows:]), one)]
    found = [_replicates(edition.design, seed) for edition in (before, now)]
    still = before.design.weights[:, None], now.design.weights[:, None]
    return [((found[0].weights, still[1]), found[0]), ((still[0], found[1].weights), found[1])]


def _replicates(design: SurveyDesign, seed: int) -> ReplicateWeights:
    """The replicates of a design, or a bootstrap of its first-stage units where it has none."""
    if design.replicates is not None:
        return design.replicates
    named = {"strata": "stratum", "psu": "psu", "fpc": "fpc"}
    columns: dict[str, Any] = {
        key: design.columns[next(c for c in (name, f"{name}_1") if c in design.columns)].to_numpy()
        for key, name in named.items()
        if name in design.columns or f"{name}_1" in design.columns
    }
    singleton = "centred" if design.singleton == "error" else design.singleton
    return bootstrap(design.weights, **columns, replicates=DRAWS, seed=seed, singleton=singleton)


@dataclass(frozen=True)
class _Chain:
    """The steps from one edition to the other under any weights.

    other: weights of `now` by the rules of `before`, relative to its own; None where the rules are the same.
    """

    before: _Side
    now: _Side
    measures: list[str]
    categories: tuple[Floats, Floats]
    other: Floats | None

    def parts(self, then: Floats, since: Floats) -> Floats:
        """PARTS of every measure (parts in the first place of the last two): R × 4 × M, for weights rows × R of each.

        One of the two may have one column, which stands for all.
        """
        other = since if self.other is None else since * self.other[:, None]
        target = self._shares(other)
        held = then * self._factors(then, target)
        own = [_means(side.own[self.measures], w) for side, w in ((self.before, then), (self.now, since))]
        alike = [_means(side.common[self.measures], w) for side, w in ((self.before, then), (self.now, since))]
        rules = alike[1] if self.other is None else _means(self.now.common[self.measures], other)
        reweighted = _means(self.before.common[self.measures], held)
        found = {
            "composition": reweighted - alike[0],
            "weighting": alike[1] - rules,
            "instrument": (own[1] - alike[1]) - (own[0] - alike[0]),
            "real": rules - reweighted,
        }
        shape = np.broadcast_shapes(*(part.shape for part in found.values()))
        return np.stack([np.broadcast_to(found[part], shape) for part in PARTS], axis=1)

    def in_replicates(self, then: Weights, since: Weights) -> Floats:
        """The same for weights of many replicates, some of them at a time: 4 × M × R."""
        count, step = max(then.shape[1], since.shape[1]), max(ROOM // max(len(then), len(since)), 1)
        found = []
        for start in range(0, count, step):
            some = [w if w.shape[1] == 1 else w[:, start : start + step] for w in (then, since)]
            found.append(self.parts(*(np.asarray(w, dtype=np.float64) for w in some)))
        return np.concatenate(found).transpose(1, 2, 0)

    def bases(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Answers behind each published level."""
        counts = [side.own[self.measures].notna().sum().to_numpy() for side in (self.before, self.now)]
        return counts[0], counts[1]

    def _shares(self, weights: Floats) -> Floats:
        """Mean of every dummy among the customers of `now`: R × K."""
        inside = weights * self.now.customers[:, None]
        return np.asarray((inside.T @ self.categories[1]) / inside.sum(axis=0)[:, None])

    def _factors(self, weights: Floats, target: Floats) -> Floats:
        """What weights of `before` (rows × R) are multiplied by to have the background `target` (R × K): rows × R.

        1 + x'λ with λ = M⁻¹(t − x̄), M the weighted mean of xx' among customers: the least change of the weights.
        """
        x, inside = self.categories[0], weights * self.before.customers[:, None]
        total = inside.sum(axis=0)
        upper = np.triu_indices(x.shape[1])
        products = (inside.T @ (x[:, upper[0]] * x[:, upper[1]])) / total[:, None]
        matrix = np.empty((len(total), x.shape[1], x.shape[1]))
        matrix[:, upper[0], upper[1]] = matrix[:, upper[1], upper[0]] = products
        gap = target - (inside.T @ x) / total[:, None]
        slopes = (np.linalg.pinv(matrix, rcond=RARE, hermitian=True) @ gap[..., None])[..., 0]
        return np.asarray(1 + x @ slopes.T)


def _means(values: pd.DataFrame, weights: Floats) -> Floats:
    """Weighted mean of every column under every column of weights: R × M."""
    table = values.to_numpy(dtype=np.float64)
    known = ~np.isnan(table)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights.T @ np.where(known, table, 0.0)) / (weights.T @ known.astype(np.float64)))


def _half_widths(moved: Sequence[Floats], before: Published, now: Published) -> tuple[Floats, float]:
    """Half of the interval of each part (4 × M), and the degrees of freedom."""
    from scipy.special import stdtrit

    variance = sum((one**2).sum(axis=-1) for one in moved)
    limit = min(before.design.limit, now.design.limit)
    quantile = float(stdtrit(max(limit, 1.0), 0.5 + now.index.confidence / 2))
    return np.asarray(quantile * np.sqrt(variance)), max(limit, 1.0)


def _headline(chain: _Chain, totals: Floats, moved: Sequence[Floats], limit: float, index: Index) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    se = np.sqrt(sum((one.sum(axis=0) ** 2).sum(axis=-1) for one in moved))
    half = float(stdtrit(limit, 0.5 + index.confidence / 2)) * se
    with np.errstate(invalid="ignore", divide="ignore"):
        p = 2 * stdtr(limit, -np.abs(totals / np.where(se > 0, se, np.nan)))
    then = means(chain.before.own[chain.measures], design=chain.before.wave.design, confidence=index.confidence)
    levels = _level(chain.now, chain.measures)
    bases = chain.bases()
    table = pd.DataFrame({"measure": chain.measures, "before": then["estimate"], "after": levels, "difference": totals})
    table = table.assign(before_low=then["ci_low"], before_high=then["ci_high"], se=se)
    table = table.assign(ci_low=totals - half, ci_high=totals + half, p=p, n_before=bases[0], n_after=bases[1])
    table["n"] = np.minimum(*bases)
    table["p_adjusted"] = p
    constructs = ~table["measure"].isin([CSI, CSAT])
    table.loc[constructs, "p_adjusted"] = adjust_p_values(p[constructs.to_numpy()], method=index.adjustment)
    return table[list(HEADLINE_COLUMNS)]


def _level(side: _Side, measures: list[str]) -> Floats:
    return np.asarray(_means(side.own[measures], side.wave.design.weights[:, None])[0])


def _parted(measures: list[str], estimate: Floats, half: Floats, totals: Floats, chain: _Chain) -> pd.DataFrame:
    table = pd.DataFrame({"measure": measures, "difference": totals})
    for place, part in enumerate(PARTS):
        value = estimate[place]
        ends = {f"{part}_low": value - half[place], f"{part}_high": value + half[place]}
        table = table.assign(**{part: value}, **ends)
    return table.assign(n=np.minimum(*chain.bases()))[list(PART_COLUMNS)]
