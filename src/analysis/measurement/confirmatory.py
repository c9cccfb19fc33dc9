"""Confirmatory factor analysis of the instrument as it was designed, and what follows for its constructs.

The model says that every item measures its own construct and nothing else, and that all constructs correlate. Fitted
by the maximum likelihood of `sem`: every answer given is used, and standard errors come from the sandwich.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition.instrument import Construct, Instrument
from analysis.edition.params import Text
from analysis.errors import EditionError, MethodError
from analysis.measurement.answers import correlation_of
from analysis.sem.assess.indices import FitIndices, fit_indices
from analysis.sem.assess.verdicts import IMPROPER, find_faults
from analysis.sem.fit.estimate import Solution, fit_maximum_likelihood
from analysis.sem.inference.effects import Derived, delta_method, path_effects, standardised_loadings
from analysis.sem.inference.robust import WithoutModel, robust_inference
from analysis.sem.model.reader import check_model
from analysis.sem.model.structure import Matrices
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.moments.rows import answers_of, check_varied, drawn_sample
from analysis.sem.moments.sample import Sample
from analysis.sem.report.solution import loadings_table, normal_quantile

if TYPE_CHECKING:
    import pandas as pd

    from analysis.survey.design.survey_design import SurveyDesign

Array = NDArray[Any]


@dataclass(frozen=True)
class Measured:
    """The rows that a model was fitted to, and what a robust test takes of them whatever the model is."""

    items: tuple[str, ...]
    sample: Sample
    without: WithoutModel | None


@dataclass(frozen=True)
class Confirmation:
    """A fitted measurement model.

    loadings: construct, item, estimate, se, std, std_low, std_high. constructs: construct, omega, omega_low,
    omega_high, cr, ave, ave_low, ave_high (NaN for a construct with one item). pairs: construct, other, correlation,
    corr_low, corr_high. shared: mean squared standardised loading. findings: verdict, subject, value of whatever speaks
    against the solution. rows: what another model of the same items can be fitted to.
    """

    loadings: pd.DataFrame
    constructs: pd.DataFrame
    pairs: pd.DataFrame
    indices: FitIndices
    shared: float
    n: int
    converged: bool
    findings: pd.DataFrame
    rows: Measured | None = field(default=None, repr=False, compare=False)

    @property
    def improper(self) -> bool:
        """Whether the solution is none: not converged, not identified, or with moments that can't exist.

        A loading above one, a negative variance or ω and AVE above one (Heywood cases) leave no number of it to quote.
        """
        return bool(set(self.findings["verdict"]) & IMPROPER)

    def record(self) -> dict[str, Any]:
        """The plain values that the report reads; indices are the robust ones where there are."""
        shown = self.indices.robust or self.indices
        return {
            "n": self.n,
            "chi2": shown.chi2,
            "df": self.indices.df,
            "pvalue": shown.pvalue,
            "cfi": shown.cfi,
            "tli": shown.tli,
            "rmsea": shown.rmsea,
            "rmsea_low": shown.rmsea_low,
            "rmsea_high": shown.rmsea_high,
            "srmr": self.indices.srmr,
            "shared": self.shared,
            "converged": self.converged,
            "improper": self.improper,
            "verdicts": list(dict.fromkeys(self.findings["verdict"])),
        }


def confirm_constructs(
    responses: pd.DataFrame,
    *,
    instrument: Instrument,
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    robust: bool = True,
    beside: Confirmation | None = None,
) -> Confirmation:
    """Fit the factors that the instrument asks for to `responses`.

    `design` (none: a simple random sample) has the same rows as `responses`. Without `robust`, standard
    errors and χ² are those of normal theory. `beside`: another model of the same answers and design, which were made
    ready for it. Intervals by the delta method. Raises MethodError when the answers can't
    carry the model. With λ the loadings and θ the residual variances, ω = (Σλ)²φ / [(Σλ)²φ + Σθ] (McDonald 1999), the
    composite reliability the same from standardised loadings, AVE = mean λ² standardised (Fornell & Larcker 1981).
    """
    syntax = _identified(instrument)
    ready = beside.rows if beside is not None else None
    ready = ready if ready is not None and ready.items == syntax.items else None
    sample = _sample(responses, syntax, design) if ready is None else ready.sample
    solution, known = fit_maximum_likelihood(sample, syntax), None if ready is None else ready.without
    inference = robust_inference(solution, sample, without=known) if robust else None
    if inference is not None:
        solution = replace(solution, covariance=inference.covariance)
    loadings, quantile = standardised_loadings(solution), normal_quantile(confidence)
    return Confirmation(
        loadings=loadings_table(solution, loadings, quantile),
        constructs=_constructs(solution, quantile),
        pairs=_pairs(solution, quantile),
        indices=fit_indices(solution, inference),
        shared=float((loadings.estimate[: len(solution.structure.items)] ** 2).sum(axis=1).mean()),
        n=sample.n,
        converged=solution.converged,
        findings=find_faults(solution, path_effects(solution), loadings, independent=sample.independent),
        rows=Measured(syntax.items, sample, None if inference is None else inference.without),
    )


def confirm_single_factor(
    responses: pd.DataFrame,
    *,
    instrument: Instrument,
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    robust: bool = True,
    beside: Confirmation | None = None,
) -> Confirmation:
    """Fit one factor to all items, as if every answer came from one general impression; see `confirm_constructs`.

    When it fits no worse than the designed factors, the constructs may be a product of the method (Podsakoff et al.
    2003). `shared` is then the share of the items' variance that the one factor explains.
    """
    items = tuple(item for construct in instrument.constructs for item in construct.items)
    name = Text(zh="同一因子", en="common factor")
    alone = instrument.model_copy(
        update={"constructs": (Construct(key="common", role="other", name=name, items=items),)}
    )
    options: dict[str, Any] = {"design": design, "confidence": confidence, "robust": robust, "beside": beside}
    return confirm_constructs(responses, instrument=alone, **options)


def proper_solution(confirmation: Confirmation) -> Confirmation:
    """The model as it is; raises MethodError where its solution is improper and no number of it may be used."""
    if confirmation.improper:
        raise MethodError(
            "The solution of the measurement model is improper.",
            where=", ".join(dict.fromkeys(str(subject) for subject in confirmation.findings["subject"] if subject)),
            got=", ".join(dict.fromkeys(confirmation.findings["verdict"])),
            hint="look for too few items of a construct, items that repeat each other, or too small a sample",
        )
    return confirmation


def _identified(instrument: Instrument) -> ModelSyntax:
    """The measurement model of the instrument; raises MethodError where it has too few items to be estimated."""
    with contextlib.suppress(EditionError):
        syntax = check_model(measurement_model(instrument), instrument=instrument, where="measurement model")
        if len(syntax.items) > 1:
            return syntax
    raise MethodError(
        "The items are too few for a measurement model.",
        expected="three items to a construct, or two where constructs covary",
        got="; ".join(f"{one.key}: {len(one.items)}" for one in instrument.constructs),
    )


def measurement_model(instrument: Instrument) -> str:
    """The measurement part of the instrument in lavaan syntax."""
    return "\n".join(f"{c.key} =~ {' + '.join(item.key for item in c.items)}" for c in instrument.constructs)


def _sample(responses: pd.DataFrame, syntax: ModelSyntax, design: SurveyDesign | None) -> Sample:
    """Rows with at least one answer; raises MethodError when they can't carry the model."""
    sample = drawn_sample(answers_of(responses, syntax), design)
    complete = replace(sample.complete, weights=np.ones(sample.complete.n))
    needed = len(syntax.free) + len(syntax.items)
    if complete.n < needed:
        raise MethodError(
            "There are too few complete answers to fit the measurement model.",
            expected=f"at least {needed} rows with all {len(syntax.items)} items",
            got=f"{complete.n} of {sample.n}",
        )
    check_varied(sample.answers, syntax.items)
    spread = complete.patterns.spread[0]
    alike = np.ptp(complete.answers, axis=0).min() == 0 or np.linalg.eigvalsh(correlation_of(spread))[0] < 1e-10
    if alike:
        raise MethodError("Some items repeat each other exactly.", hint="remove one of them from the instrument")
    return sample.used(np.asarray((~np.isnan(sample.answers)).any(axis=1)))


def _constructs(solution: Solution, quantile: float) -> pd.DataFrame:
    import pandas as pd

    latents = list(solution.structure.syntax.latents)
    several = (solution.matrices.loadings != 0).sum(axis=0) > 1
    values = delta_method(solution, _composites)
    omega, cr, ave = values.estimate
    spread = quantile * values.se
    frame = pd.DataFrame(
        {
            "construct": latents,
            "omega": omega,
            "omega_low": omega - spread[0],
            "omega_high": omega + spread[0],
            "cr": cr,
            "ave": ave,
            "ave_low": ave - spread[2],
            "ave_high": ave + spread[2],
        }
    )
    frame.loc[~several, frame.columns[1:]] = np.nan
    return frame


def _composites(matrices: Matrices) -> Array:
    """ω, composite reliability and AVE of each construct, 3 × m, for items that measure one construct each."""
    belongs = (matrices.loadings.real != 0).astype(float)
    variance = np.diag(matrices.latent_covariance)
    loadings, residual = matrices.loadings * np.sqrt(variance), np.diag(matrices.residual)
    true = loadings.sum(axis=0) ** 2
    omega = true / (true + belongs.T @ residual)
    standard = loadings / np.sqrt((loadings**2).sum(axis=1) + residual)[:, None]
    squared = (standard**2).sum(axis=0)
    size = belongs.sum(axis=0)
    composite = standard.sum(axis=0) ** 2
    return np.stack([omega, composite / (composite + size - squared), squared / size])


def _pairs(solution: Solution, quantile: float) -> pd.DataFrame:
    import pandas as pd

    found = _correlations(solution)
    latents = solution.structure.syntax.latents
    rows = [
        {
            "construct": latents[i],
            "other": latents[j],
            "correlation": found.estimate[i, j],
            "corr_low": found.estimate[i, j] - quantile * found.se[i, j],
            "corr_high": found.estimate[i, j] + quantile * found.se[i, j],
        }
        for i, j in combinations(range(len(latents)), 2)
    ]
    return pd.DataFrame(rows, columns=["construct", "other", "correlation", "corr_low", "corr_high"])


def _correlations(solution: Solution) -> Derived:
    def correlations(matrices: Matrices) -> Array:
        covariance = matrices.latent_covariance
        deviations = np.sqrt(np.diag(covariance))
        return np.asarray(covariance / np.outer(deviations, deviations))

    return delta_method(solution, correlations)
