"""Paths of the structural model by group: whether customers of every kind turn service into loyalty alike.

Paths are compared where the items mean the same in every group, that is with equal loadings (metric invariance). The
model with paths of its own for every group is held against the one with equal paths by the scaled difference of χ²
(Satorra & Bentler 2001); each path is then tested on its own by Wald's test with the robust covariance, and its p
adjusted for the number of paths (Holm 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.fit.information import invert_information
from analysis.sem.groups.invariance import (
    Level,
    check_groups,
    fit_level,
    scaled_difference,
    score_variance,
    separate_fits,
    split_groups,
)
from analysis.sem.groups.model import GroupedModel
from analysis.sem.inference.effects import Derived, delta_method
from analysis.sem.model.reader import check_model
from analysis.sem.model.structure import Matrices, Structure
from analysis.sem.report.solution import normal_quantile
from analysis.survey.estimation.differences import adjust_p_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.sem.model.syntax import ModelSyntax
    from analysis.sem.moments.sample import Sample
    from analysis.survey.design.survey_design import SurveyDesign

Array = NDArray[Any]


@dataclass(frozen=True)
class GroupSolution:
    """The part of a multi-group solution that belongs to one group: free parameters (q) and their covariance."""

    structure: Structure
    start: Array
    theta: Array
    covariance: Array
    converged: bool
    singular: bool

    @property
    def matrices(self) -> Matrices:
        """Model matrices of the group."""
        return self.structure.matrices(self.theta)


@dataclass(frozen=True)
class PathComparison:
    """Paths of every group and whether they differ.

    paths: outcome, predictor, question, category, n, estimate, se, std, std_low, std_high. equality: outcome,
    predictor, question, the categories with the lowest and the highest standardised path and these (lowest_category,
    lowest, highest_category, highest), chi2, df, pvalue, p_adjusted (Wald's test that the raw path is the same in all
    groups). `difference`, `df` and `pvalue` are the scaled test that all paths are.
    """

    question: str
    paths: pd.DataFrame
    equality: pd.DataFrame
    difference: float
    df: int
    pvalue: float
    converged: bool

    def record(self) -> dict[str, Any]:
        """The plain values that the report reads."""
        return {
            "question": self.question,
            "groups": int(self.paths["category"].nunique()),
            "n": int(self.paths.groupby("category")["n"].first().sum()),
            "difference": self.difference,
            "df": self.df,
            "pvalue": self.pvalue,
            "converged": self.converged,
        }


def compare_paths(
    responses: pd.DataFrame,
    *,
    model: str,
    instrument: Instrument,
    group: str,
    released: Iterable[str] = (),
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
) -> PathComparison:
    """Compare the paths of `model` between the categories of the column `group`, complete rows only.

    `released` items keep a loading of their own in every group (partial invariance). `design` (none: a simple random
    sample) has the same rows as `responses`. Raises MethodError when fewer than two categories have enough rows.
    """
    syntax = check_model(model, instrument=instrument, where="model", pooled=True)
    groups = split_groups(responses, syntax, group=group, design=design)
    return compare_group_paths(groups, syntax, question=group, released=released, confidence=confidence)


def compare_group_paths(
    groups: dict[str, Sample],
    syntax: ModelSyntax,
    *,
    question: str,
    released: Iterable[str] = (),
    confidence: float = 0.95,
) -> PathComparison:
    """Compare the paths between `groups` (name → sample of its complete rows); see `compare_paths`."""
    _check_constructs(syntax)
    check_groups(groups, syntax)
    model = GroupedModel(syntax, list(groups.values()))
    freed = {("loadings", item) for item in released}
    own = fit_level(model, "own paths", ("loadings",), freed, separate_fits(model, syntax))
    equal = fit_level(model, "equal paths", ("loadings", "paths"), freed, own)
    difference, df, pvalue = scaled_difference(equal, own)
    covariance, singular = robust_covariance(model, own)
    solutions = []
    for number in range(len(groups)):
        places = own.layout.places[number]
        known = np.where((places >= 0)[:, None] & (places >= 0), covariance[np.ix_(places, places)], 0.0)
        theta = model.own(own.x, own.layout, number)
        solutions.append(GroupSolution(model.structure, theta, theta, known, own.converged, singular))
    paths = _paths(solutions, groups, confidence)
    paths.insert(2, "question", question)
    return PathComparison(
        question,
        paths,
        _with_ends(_equality(model, own, covariance), paths),
        difference,
        df,
        pvalue,
        own.converged and equal.converged,
    )


def _check_constructs(syntax: ModelSyntax) -> None:
    """Raise MethodError for what can't be told apart by equal loadings alone."""
    if syntax.observed or syntax.constraints:
        raise MethodError(
            "Paths are compared between groups where constructs alone stand in them, without constraints.",
            where=", ".join(syntax.observed) or ", ".join(one.text for one in syntax.constraints),
            hint="write the comparison into the model: structural.group, and labels such as c(a, b)",
        )


def robust_covariance(model: GroupedModel, level: Level) -> tuple[Array, bool]:
    """Sandwich covariance of x over the design of every group, and whether the information is singular."""
    points = model.points(level.x, level.layout)
    between, _, _ = score_variance(model, level.x, level.layout, points)
    information = model.gathered(model.informations(level.x, level.layout, points, observed=True), level.layout)
    bread, singular = invert_information(information)
    return bread @ between @ bread / model.total, singular


def _paths(solutions: list[GroupSolution], groups: dict[str, Sample], confidence: float) -> pd.DataFrame:
    import pandas as pd

    quantile = normal_quantile(confidence)
    found = [(name, sample.n, *_of_group(own)) for (name, sample), own in zip(groups.items(), solutions, strict=True)]
    rows = []
    for number, (outcome, predictor) in enumerate(solutions[0].structure.syntax.regressions):
        for name, n, raw, std in found:
            half = quantile * std.se[number]
            ends = [std.estimate[number], std.estimate[number] - half, std.estimate[number] + half]
            rows.append([outcome, predictor, name, n, raw.estimate[number], raw.se[number], *ends])
    columns = ["outcome", "predictor", "category", "n", "estimate", "se", "std", "std_low", "std_high"]
    return pd.DataFrame(rows, columns=columns)


def _of_group(solution: GroupSolution) -> tuple[Derived, Derived]:
    """Paths of one group in the order of the model, raw and standardised by the group's own spread."""
    structure = solution.structure
    rows, columns = np.array([[structure.latents[name] for name in pair] for pair in structure.syntax.regressions]).T

    def raw_and_std(matrices: Matrices) -> Array:
        raw, variances = matrices.paths[rows, columns], np.diagonal(matrices.latent_covariance)
        return np.stack([raw, raw * np.sqrt(variances[columns] / variances[rows])])

    raw, std = delta_method(solution, raw_and_std).rows()
    return raw, std


def _equality(model: GroupedModel, level: Level, covariance: Array) -> pd.DataFrame:
    """Wald's test for every free path that groups − 1 differences to the first group are zero."""
    import pandas as pd
    from scipy.special import chdtrc

    contrasts = np.eye(len(model.samples))[1:] - np.eye(len(model.samples))[0]
    rows = []
    for parameter in model.structure.syntax.parameters:
        if parameter.op != "~" or parameter.name is None:
            continue
        places = level.layout.places[:, model.structure.free[parameter.name]]
        gaps = contrasts @ level.x[places]
        spread = contrasts @ covariance[np.ix_(places, places)] @ contrasts.T
        chi2 = float(gaps @ np.linalg.solve(spread, gaps))
        rows.append([parameter.lhs, parameter.rhs, chi2, len(gaps), float(chdtrc(len(gaps), chi2))])
    frame = pd.DataFrame(rows, columns=["outcome", "predictor", "chi2", "df", "pvalue"])
    frame["p_adjusted"] = adjust_p_values(frame["pvalue"])
    return frame


def _with_ends(equality: pd.DataFrame, paths: pd.DataFrame) -> pd.DataFrame:
    """Each test with the categories whose standardised path is lowest and highest."""
    keys = ["outcome", "predictor"]
    ends = {}
    for end, ascending in (("lowest", True), ("highest", False)):
        rows = paths.sort_values("std", ascending=ascending, kind="stable").drop_duplicates(keys)
        ends[end] = rows[[*keys, "question", "category", "std"]].rename(
            columns={"category": f"{end}_category", "std": end}
        )
    both = ends["lowest"].merge(ends["highest"], on=[*keys, "question"])
    return equality[keys].merge(both, on=keys).merge(equality, on=keys)
