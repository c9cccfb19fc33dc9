"""A model that the user writes for several groups, fitted to all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.assess.indices import (
    FitIndices,
    Statistics,
    baseline_minimum,
    covariates_loglikelihood,
    indices_of,
    joint_response_indices,
    srmr,
)
from analysis.sem.assess.verdicts import IMPROPER, find_faults
from analysis.sem.estimators import check_numbers, ordered_items
from analysis.sem.fit.categorical import CategoricalSolution
from analysis.sem.fit.constrained import equations, invert_within
from analysis.sem.fit.descent import descend
from analysis.sem.fit.estimate import Moments, Objective, Solution
from analysis.sem.fit.likelihood import Point
from analysis.sem.fit.search import with_intercepts
from analysis.sem.fit.start import plain_values, starting_values, with_own_starts
from analysis.sem.groups.joint import JointObjective, JointPoint, check_group_model
from analysis.sem.groups.ordered import equal_of_ordered, fit_ordered_groups
from analysis.sem.inference.corrected import corrected_for_gaps
from analysis.sem.inference.effects import path_effects, standardised_loadings
from analysis.sem.inference.robust import Robust, scaling_factor, score_parts
from analysis.sem.model.bounds import Bounds
from analysis.sem.model.structure import Structure
from analysis.sem.model.syntax import INTERCEPT
from analysis.sem.moments.rows import usable_rows
from analysis.sem.moments.sample import Sample, saturated
from analysis.sem.report.parameters import joint_defined_rows, parameter_table
from analysis.sem.report.solution import fit_table, normal_quantile

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.structural import Structural
    from analysis.sem.model.syntax import ModelSyntax
    from analysis.survey.design.survey_design import SurveyDesign

Array = NDArray[Any]
_PLAIN = 0.3
"""Standardised loading of the plain start."""


@dataclass(frozen=True)
class GroupedResult:
    """A model of several groups.

    `parameters` is lavaan's parameter table, the groups one below the other, after the columns question, category and n
    (rows of the group; none of these for defined quantities). `relations` are those of its rows that groups are
    compared by: paths, and free means of constructs, with `shared`, whether another group has the same parameter;
    `defined` the quantities over the labels of the groups. `fit` and `indices` are of all groups together. `findings`
    holds what speaks against the solution, by category; `estimator` ML, MLR or WLSMV.
    """

    question: str
    parameters: pd.DataFrame
    fit: pd.DataFrame
    indices: FitIndices
    estimator: str
    converged: bool
    findings: pd.DataFrame

    @property
    def relations(self) -> pd.DataFrame:
        """Paths and free means of constructs, those of one kind together."""
        table = self.parameters
        means = (table["op"] == INTERCEPT) & table["lhs"].isin(table["lhs"][table["op"] == "=~"]) & (table["free"] > 0)
        chosen = table[(table["op"] == "~") | means]
        place = chosen.groupby(["lhs", "op", "rhs"], sort=False).ngroup()
        shared = chosen["free"].duplicated(keep=False) & (chosen["free"] > 0)
        return chosen.assign(shared=shared).iloc[np.argsort(place, kind="stable")].reset_index(drop=True)

    @property
    def defined(self) -> pd.DataFrame | None:
        """Quantities that the model defines over the labels of its groups; None where it defines none."""
        table = self.parameters[self.parameters["op"] == ":="]
        found = table.rename(columns={"lhs": "quantity", "rhs": "formula"}).assign(question=self.question)
        columns = ["question", "quantity", "formula", "est", "se", "ci_low", "ci_high", "pvalue"]
        return found[columns].reset_index(drop=True) if len(found) else None

    def tables(self) -> dict[str, pd.DataFrame | None]:
        """What is published, by name; nothing of an improper solution. Rows are counted by group, not over all."""
        if set(self.findings["verdict"]) & IMPROPER:
            return {}
        named = {"relations": self.relations, "defined": self.defined, "parameters": self.parameters}
        named["parameters"] = self.parameters[self.parameters["op"] != ":="]
        return {f"group_{name}": table for name, table in (*named.items(), ("fit", self.fit[self.fit["index"] != "n"]))}

    def record(self) -> dict[str, Any]:
        """The plain values that the report reads."""
        cells = self.relations
        pairs = cells[cells["op"] == "~"].groupby(["lhs", "rhs"], sort=False)["free"].nunique()
        return {
            "question": self.question,
            "estimator": self.estimator,
            "converged": self.converged,
            "df": self.indices.df,
            "paths": len(pairs),
            "shared_paths": int((pairs == 1).sum()),
            "verdicts": list(dict.fromkeys(self.findings["verdict"])),
        }


class _Joint(Protocol):
    """Parameters of all groups: their constraints, and the places of those of each group."""

    @property
    def bounds(self) -> Bounds: ...

    @property
    def places(self) -> Sequence[Array]: ...


J = TypeVar("J", bound=_Joint)
P = TypeVar("P", Solution, CategoricalSolution)


@dataclass(frozen=True)
class _Fit(Generic[J, P]):
    """Solutions of the groups (each with its block of the covariance) and of all parameters together."""

    objective: J
    theta: Array
    covariance: Array
    parts: Mapping[str, P]
    converged: bool
    singular: bool


_Likelihood = _Fit[JointObjective, Solution]


def fit_groups(
    responses: pd.DataFrame,
    *,
    model: str,
    instrument: Instrument,
    structural: Structural,
    design: SurveyDesign | None = None,
) -> GroupedResult:
    """Fit the model to the categories of `structural.group` together, by ML, MLR or WLSMV.

    What the groups share is what the text says (labels, `c(a, b)`) and `structural.group_equal`. Rows, missing answers
    and errors as in `fit_structural`. Raises EditionError (or Problems) for a faulty model, MethodError without a
    column, for fewer than two categories, and when the data can't carry the model.
    """
    names = _categories(responses, instrument, structural)
    equal: tuple[str, ...] = structural.group_equal
    if structural.estimator == "WLSMV":
        equal = equal_of_ordered(equal)
    options: dict[str, Any] = {"instrument": instrument, "where": "model"}
    syntaxes = check_group_model(model, groups=len(names), equal=equal, **options)
    samples = _split(responses, syntaxes[0], names, structural, design)
    if structural.estimator == "WLSMV":
        ordered = ordered_items(syntaxes[0], instrument, structural)
        solved = fit_ordered_groups(samples, syntaxes, ordered, equal, theta=structural.parameterization == "theta")
        parts, one, whole = dict(zip(samples, solved, strict=True)), solved[0], solved[0].whole
        fit: _Fit[Any, Any] = _Fit(whole.joint, whole.theta, whole.covariance, parts, one.converged, one.singular)
        estimator, indices = "WLSMV", joint_response_indices(solved)
    else:
        fit, estimator, indices = _by_likelihood(samples, syntaxes, structural)
    parameters = _parameters(fit, syntaxes[0], normal_quantile(structural.confidence))
    parameters.insert(0, "question", str(structural.group))
    return GroupedResult(
        question=str(structural.group),
        parameters=parameters,
        fit=fit_table(indices, structural),
        indices=indices,
        estimator=estimator,
        converged=fit.converged,
        findings=_findings(fit),
    )


def _by_likelihood(
    samples: dict[str, Sample], syntaxes: list[ModelSyntax], structural: Structural
) -> tuple[_Likelihood, str, FitIndices]:
    """The fit by ML or MLR, which of them, and its indices."""
    check_numbers(syntaxes)
    found = _fit(samples, syntaxes)
    designed = any(sample.weighted or sample.designed for sample in samples.values())
    estimator = "MLR" if structural.estimator == "MLR" or designed else "ML"
    robust = _robust(found, samples) if estimator == "MLR" else None
    if robust is not None:
        found = _with_covariance(found, robust.covariance)
    return found, estimator, indices_of(_statistics(found), robust)


def _categories(responses: pd.DataFrame, instrument: Instrument, structural: Structural) -> list[str]:
    """The answers that make the groups: in the order of the questionnaire, or by name where it lists none."""
    column = structural.group
    if column is None or column not in responses.columns:
        raise MethodError(
            "The question that makes the groups has no column.", where="structural.group", got=str(column)
        )
    found = sorted(map(str, responses[column].dropna().unique()))
    if len(found) < 2:
        raise MethodError("A model of several groups needs two of them.", where=column, got=", ".join(found) or "none")
    return list(dict.fromkeys((*instrument.answers.get(column, ()), *found)))


def _split(
    responses: pd.DataFrame,
    syntax: ModelSyntax,
    names: list[str],
    structural: Structural,
    design: SurveyDesign | None,
) -> dict[str, Sample]:
    """The usable rows of every group, weights of mean 1 over all of them."""
    sample, used = usable_rows(responses, syntax, missing=structural.missing, design=design)
    given = responses[structural.group][used]
    sample, category = sample.used(given.notna().to_numpy()), given.dropna().astype(str).to_numpy()
    samples = {name: sample.chosen(category == name) for name in names}
    small = [f"{name} ({one.n})" for name, one in samples.items() if one.n <= len(syntax.items)]
    if small:
        raise MethodError(
            "A group has too few rows for the model.",
            where=", ".join(small),
            expected=f"more than {len(syntax.items)} rows in every group",
            hint="join its answer with another one (joins), or leave it out",
        )
    return samples


def _fit(samples: dict[str, Sample], syntaxes: list[ModelSyntax]) -> _Likelihood:
    """Estimates from the better of two starts, with the covariance of the information."""
    objectives, moments = [], []
    for sample, syntax in zip(samples.values(), syntaxes, strict=True):
        mean, covariance, found = saturated(sample.patterns)
        own = replace(syntax, defined=(), constraints=()).given(mean, covariance)
        objectives.append(Objective(Structure(own), sample.patterns, mean))
        moments.append(Moments(covariance, mean, sample.n, found))
    joint = JointObjective(objectives, syntaxes)
    ends: list[tuple[bool, float, int, Array, Array]] = []
    for begun in _starts(joint, moments):
        if np.isfinite(joint.at(begun).value):
            theta, settled = descend(joint, begun)
            ends.append((not settled, joint.at(theta).value, len(ends), begun, theta))
    if not ends:
        raise MethodError("The model of the groups could not be fitted: no solution has a likelihood.")
    unsettled, _, _, begun, theta = min(ends, key=lambda end: end[:3])
    point = joint.at(theta)
    information = (joint.expected if joint.complete else joint.observed)(theta, point)
    inverse, singular = invert_within(joint.bounds, theta, information)
    converged = not unsettled and all(one.converged for one in moments)
    parts = _parts(joint, point, moments, begun, theta)
    plain = _Likelihood(joint, theta, inverse, dict(zip(samples, parts, strict=True)), converged, singular)
    return _with_covariance(plain, inverse / joint.total)


def _starts(joint: JointObjective, moments: list[Moments]) -> list[Array]:
    """Starting values of the groups; what they share begins at the mean of theirs."""
    makers = (starting_values, lambda syntax, covariance: plain_values(syntax, covariance, loading=_PLAIN))
    result = []
    for make in makers:
        sums, counts = np.zeros(len(joint.free)), np.zeros(len(joint.free))
        for one, own, moment in zip(joint.objectives, joint.places, moments, strict=True):
            values = make(one.structure.syntax, moment.covariance)
            full = with_intercepts(one.structure, with_own_starts(one.structure, values), moment.mean)
            np.add.at(sums, own, full)
            np.add.at(counts, own, 1.0)
        result.append(sums / counts)
    return result


def _parts(
    joint: JointObjective, point: JointPoint, moments: list[Moments], begun: Array, theta: Array
) -> list[Solution]:
    found = []
    for number, (objective, own) in enumerate(zip(joint.objectives, joint.places, strict=True)):
        moment, here = moments[number], point.points[number]
        free = Point(objective.patterns, moment.mean, moment.covariance)
        empty, minimum = np.zeros((len(own), len(own))), 2 * (here.value - free.value)
        solution = Solution(objective, moment, begun[own], theta[own], empty, minimum, here.loglikelihood, True, False)
        found.append(solution)
    return found


def _with_covariance(fit: _Likelihood, covariance: Array) -> _Likelihood:
    """The fit with another covariance of its parameters."""
    pairs = zip(fit.parts.items(), fit.objective.places, strict=True)
    parts = {name: replace(part, covariance=covariance[np.ix_(own, own)]) for (name, part), own in pairs}
    return replace(fit, covariance=covariance, parts=parts)


def _robust(fit: _Likelihood, samples: dict[str, Sample]) -> Robust:
    """Sandwich over the designs of the groups, and the scaling factors of χ²."""
    joint = fit.objective
    found = [score_parts(part, sample) for part, sample in zip(fit.parts.values(), samples.values(), strict=True)]
    between = joint.gathered([part.between for part in found])
    information = joint.observed(fit.theta, joint.at(fit.theta))
    bread = invert_within(joint.bounds, fit.theta, information)[0]
    free, alone = sum(part.free for part in found), sum(part.alone for part in found)
    varied, known = bool(between.any()), _statistics(fit)
    gaps = [part.gaps for part in found if part.gaps is not None]
    own = float(np.einsum("ij,ji->", bread, between))
    return Robust(
        covariance=bread @ between @ bread / joint.total,
        scaling=scaling_factor(free - own, known.df * varied),
        baseline_scaling=scaling_factor(free - alone, known.baseline_df * varied),
        corrected=corrected_for_gaps(
            gaps, joint.gathered, joint.bounds, fit.theta, df=known.df, baseline_df=known.baseline_df
        )
        if len(gaps) == len(found)
        else None,
    )


def _statistics(fit: _Likelihood) -> Statistics:
    """What the indices of all groups are made of; SRMR is the mean over the groups, by rows."""
    parts, settled = list(fit.parts.values()), equations(fit.objective.bounds, fit.theta)
    n, syntaxes = sum(part.moments.n for part in parts), [part.structure.syntax for part in parts]
    return Statistics(
        n=n,
        parameters=len(fit.theta) - settled,
        chi2=max(sum(part.moments.n * part.minimum for part in parts), 0.0),
        df=sum(syntax.moments for syntax in syntaxes) - len(fit.theta) + settled,
        baseline=sum(part.moments.n * baseline_minimum(part) for part in parts),
        baseline_df=sum(syntax.correlations for syntax in syntaxes),
        logl=sum(part.loglikelihood - covariates_loglikelihood(part) for part in parts),
        srmr=sum(part.moments.n * srmr(part) for part in parts) / n,
        gfi=float("nan"),
        groups=len(parts),
    )


def _parameters(fit: _Fit[Any, Any], syntax: ModelSyntax, quantile: float) -> pd.DataFrame:
    """The parameter tables of the groups, one below the other, and what the model defines."""
    import pandas as pd

    tables = []
    for (name, part), own in zip(fit.parts.items(), fit.objective.places, strict=True):
        table = parameter_table(part, quantile)
        free = table["free"].to_numpy()
        table["free"] = np.where(free > 0, own[free - 1] + 1, 0)
        table.insert(0, "category", name)
        table.insert(1, "n", part.moments.n)
        tables.append(table)
    if syntax.defined:
        rows = joint_defined_rows(syntax.defined, fit.objective.bounds, fit.theta, fit.covariance, quantile)
        tables.append(rows.assign(category="", n=np.nan)[tables[0].columns])
    return pd.concat(tables, ignore_index=True)


def _findings(fit: _Fit[Any, Any]) -> pd.DataFrame:
    """What speaks against the solution: category, verdict, subject, value."""
    import pandas as pd

    found = []
    for name, part in fit.parts.items():
        own = replace(part, converged=fit.converged, singular=fit.singular)
        table = find_faults(own, path_effects(own), standardised_loadings(own))
        table.insert(0, "category", name)
        found.append(table)
    return pd.concat(found, ignore_index=True)
