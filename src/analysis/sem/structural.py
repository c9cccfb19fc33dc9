"""The structural model of an edition: paths, effects, fit and everything that speaks against the solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.edition import Structural
from analysis.errors import MethodError
from analysis.instrument import Instrument
from analysis.sem.effects import Derived, Effects, causes, parameter_errors, path_effects, standardised_loadings
from analysis.sem.estimate import Solution, fit_maximum_likelihood
from analysis.sem.fit import FitIndices, fit_indices
from analysis.sem.model import ModelSyntax, check_model

if TYPE_CHECKING:
    import pandas as pd

MIN_ROWS = 50
"""Fewer complete answers than this are never fitted."""
MAX_INFLATION = 10.0
"""Variance inflation of a predictor above which its path can't be told from those beside it."""


@dataclass(frozen=True)
class StructuralResult:
    """Structural model of one edition.

    `paths`, `effects`, `loadings`, `r_squared` and `fit` are tidy tables with unrounded numbers; `n` complete rows were
    fitted, `dropped` rows had a gap. `verdicts` holds the codes of what speaks against the solution, `findings` the
    construct, item or path and the value behind each code. A fixed estimate has no standard error (NaN).
    """

    paths: pd.DataFrame
    effects: pd.DataFrame
    loadings: pd.DataFrame
    r_squared: pd.DataFrame
    fit: pd.DataFrame
    indices: FitIndices
    n: int
    dropped: int
    converged: bool
    verdicts: tuple[str, ...]
    findings: pd.DataFrame

    def record(self) -> dict[str, Any]:
        """The plain values that later steps and the report read."""
        indices = ("chi2", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
        return {
            "available": True,
            "n": self.n,
            "dropped": self.dropped,
            **{name: getattr(self.indices, name) for name in indices},
            "converged": self.converged,
            "verdicts": list(self.verdicts),
        }


def fit_structural(
    responses: pd.DataFrame, *, model: str, instrument: Instrument, structural: Structural
) -> StructuralResult:
    """Fit the model (lavaan syntax over the instrument's constructs and items) to `responses` by maximum likelihood.

    Complete rows only, unweighted, standard errors from the expected information. Outcomes of the effects are the
    endogenous constructs with the role satisfaction or loyalty, else the last endogenous construct. Raises EditionError
    (or Problems) for a faulty model and MethodError when the data can't carry it. Source: Bollen (1989).
    """
    syntax = check_model(model, instrument=instrument, where="model")
    complete = _complete_rows(responses, syntax)
    solution = fit_maximum_likelihood(complete, syntax)
    indices = fit_indices(solution)
    effects, loadings = path_effects(solution), standardised_loadings(solution)
    findings = _findings(solution, effects, loadings)
    quantile = _normal_quantile(structural.confidence)
    return StructuralResult(
        paths=_paths_table(syntax, solution, effects, quantile),
        effects=_effects_table(syntax, solution, effects, instrument, quantile),
        loadings=_loadings_table(solution, loadings, quantile),
        r_squared=_r_squared_table(solution),
        fit=_fit_table(indices, structural),
        indices=indices,
        n=indices.n,
        dropped=len(responses) - len(complete),
        converged=solution.converged,
        verdicts=tuple(dict.fromkeys(findings["verdict"])),
        findings=findings,
    )


def _complete_rows(responses: pd.DataFrame, syntax: ModelSyntax) -> pd.DataFrame:
    """Rows with an answer to every item of the model; raises MethodError when they can't carry the model."""
    items = list(syntax.items)
    absent = [item for item in items if item not in responses.columns]
    if absent:
        raise MethodError(
            "Items of the structural model are not in the responses.", expected=", ".join(items), got=f"no {absent}"
        )
    complete = responses[items].dropna()
    needed = max(MIN_ROWS, len(syntax.free))
    if len(complete) < needed:
        raise MethodError(
            "There are too few complete answers to fit the structural model.",
            expected=f"at least {needed} rows with all {len(items)} items ({len(syntax.free)} parameters)",
            got=f"{len(complete)} of {len(responses)} rows",
            hint="use a simpler model, or collect more answers",
        )
    values = complete.to_numpy(dtype=float)
    constant = [item for item, column in zip(items, values.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise MethodError(
            "Items of the structural model have the same answer in every row.",
            got=", ".join(constant),
            hint="remove them from the model",
        )
    correlation = np.corrcoef(values, rowvar=False)
    smallest, direction = (part[..., 0] for part in np.linalg.eigh(correlation))
    if smallest < 1e-10:
        repeated = [item for item, weight in zip(items, direction, strict=True) if abs(weight) > 0.1]
        raise MethodError(
            "Some items of the structural model repeat each other exactly.",
            got=", ".join(repeated),
            hint="remove one of them from the model",
        )
    return complete


def _normal_quantile(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def _inference(raw: Derived, std: Derived, cell: tuple[int, int], quantile: float) -> dict[str, float]:
    """Estimate, interval, p-value and standardised interval of one cell."""
    from scipy.special import ndtr

    estimate, se = float(raw.estimate[cell]), float(raw.se[cell])
    std_estimate, std_se = float(std.estimate[cell]), float(std.se[cell])
    se = se if se > 0 else float("nan")
    return {
        "estimate": estimate,
        "se": se,
        "ci_low": estimate - quantile * se,
        "ci_high": estimate + quantile * se,
        "pvalue": float(2 * ndtr(-abs(estimate / se))),
        "std": std_estimate,
        "std_low": std_estimate - quantile * std_se,
        "std_high": std_estimate + quantile * std_se,
    }


_INFERENCE = ["estimate", "se", "ci_low", "ci_high", "pvalue", "std", "std_low", "std_high"]


def _paths_table(syntax: ModelSyntax, solution: Solution, effects: Effects, quantile: float) -> pd.DataFrame:
    import pandas as pd

    position = solution.structure.latents
    rows = [
        {
            "outcome": outcome,
            "predictor": predictor,
            **_inference(effects.direct, effects.std_direct, (position[outcome], position[predictor]), quantile),
        }
        for outcome, predictor in syntax.regressions
    ]
    return pd.DataFrame(rows, columns=["outcome", "predictor", *_INFERENCE])


def _effects_table(
    syntax: ModelSyntax, solution: Solution, effects: Effects, instrument: Instrument, quantile: float
) -> pd.DataFrame:
    """Rows for the effects that the model has: a construct without a direct path has no row `direct`."""
    import pandas as pd

    position = solution.structure.latents
    rows: list[dict[str, str | float]] = []
    for outcome in _outcomes(syntax, instrument):
        for predictor, (has_direct, has_indirect) in causes(syntax, outcome).items():
            cell = (position[outcome], position[predictor])
            kinds = (
                ("direct", has_direct, effects.direct, effects.std_direct),
                ("indirect", has_indirect, effects.indirect, effects.std_indirect),
                ("total", True, effects.total, effects.std_total),
            )
            rows.extend(
                {"predictor": predictor, "outcome": outcome, "effect": kind, **_inference(raw, std, cell, quantile)}
                for kind, exists, raw, std in kinds
                if exists
            )
    return pd.DataFrame(rows, columns=["predictor", "outcome", "effect", *_INFERENCE])


def _outcomes(syntax: ModelSyntax, instrument: Instrument) -> tuple[str, ...]:
    """Constructs whose causes are reported, in causal order."""
    named = tuple(key for key in syntax.endogenous if instrument.find(key).role in {"satisfaction", "loyalty"})
    return named or syntax.endogenous[-1:]


def _loadings_table(solution: Solution, standardised: Derived, quantile: float) -> pd.DataFrame:
    import pandas as pd

    structure, errors = solution.structure, parameter_errors(solution).loadings
    rows = []
    for parameter in structure.syntax.parameters:
        if parameter.op == "=~":
            cell = structure.items[parameter.rhs], structure.latents[parameter.lhs]
            std, std_se = float(standardised.estimate[cell]), float(standardised.se[cell])
            rows.append(
                {
                    "construct": parameter.lhs,
                    "item": parameter.rhs,
                    "estimate": float(solution.matrices.loadings[cell]),
                    "se": float(errors[cell]) if parameter.name is not None else float("nan"),
                    "std": std,
                    "std_low": std - quantile * std_se,
                    "std_high": std + quantile * std_se,
                }
            )
    return pd.DataFrame(rows)


def _r_squared_table(solution: Solution) -> pd.DataFrame:
    import pandas as pd

    endogenous = solution.structure.syntax.endogenous
    explained = _explained(solution)
    values = [explained[solution.structure.latents[name]] for name in endogenous]
    return pd.DataFrame({"construct": list(endogenous), "r_squared": values}).astype({"r_squared": float})


def _explained(solution: Solution) -> NDArray[Any]:
    """R² of each construct: one minus residual over implied variance."""
    matrices = solution.matrices
    return np.asarray(1.0 - np.diag(matrices.latent) / np.diag(matrices.latent_covariance))


def _fit_table(indices: FitIndices, structural: Structural) -> pd.DataFrame:
    """One row per index; `met` is empty where no threshold applies."""
    import pandas as pd

    low, high, threshold = ({"rmsea": indices.rmsea_low}, {"rmsea": indices.rmsea_high}, _thresholds(structural))
    names = ["n", "chi2", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    met = [
        None if name not in threshold else _meets(name, float(getattr(indices, name)), threshold[name])
        for name in names
    ]
    return pd.DataFrame(
        {
            "index": names,
            "value": [float(getattr(indices, name)) for name in names],
            "low": [low.get(name, float("nan")) for name in names],
            "high": [high.get(name, float("nan")) for name in names],
            "threshold": [threshold.get(name, float("nan")) for name in names],
            "met": pd.array(met, dtype="boolean"),
        }
    )


def _thresholds(structural: Structural) -> dict[str, float]:
    return {
        "cfi": structural.min_cfi,
        "tli": structural.min_tli,
        "rmsea": structural.max_rmsea,
        "srmr": structural.max_srmr,
    }


def _meets(name: str, value: float, threshold: float) -> bool:
    return value >= threshold if name in {"cfi", "tli"} else value <= threshold


def _findings(solution: Solution, effects: Effects, loadings: Derived) -> pd.DataFrame:
    """What speaks against the solution: verdict (code), subject (construct, item or path) and the value behind it."""
    import pandas as pd

    rows: list[tuple[str, str, float]] = []
    if not solution.converged:
        rows.append(("not_converged", "", float("nan")))
    if solution.singular:
        rows.append(("singular_information", "", float("nan")))
    matrices, syntax = solution.matrices, solution.structure.syntax
    variances = np.concatenate([np.diag(matrices.residual), np.diag(matrices.latent)])
    rows += [
        ("negative_variance", name, float(value))
        for name, value in zip((*syntax.items, *syntax.latents), variances, strict=True)
        if value < 0
    ]
    implied = matrices.latent_covariance
    smallest = float(np.linalg.eigvalsh(implied)[0])
    if smallest <= 1e-10 * float(np.abs(np.diag(implied)).max()):
        rows.append(("latent_covariance_not_pd", "", smallest))
    rows += _large_coefficients(solution, effects, loadings)
    rows += _collinear_predictors(solution)
    return pd.DataFrame(rows, columns=["verdict", "subject", "value"])


def _large_coefficients(solution: Solution, effects: Effects, loadings: Derived) -> list[tuple[str, str, float]]:
    """Standardised loadings and paths beyond one."""
    structure = solution.structure
    rows: list[tuple[str, str, float]] = []
    for parameter in structure.syntax.parameters:
        if parameter.op == "=~":
            value = float(loadings.estimate[structure.items[parameter.rhs], structure.latents[parameter.lhs]])
            code = "std_loading_above_one"
        elif parameter.op == "~":
            value = float(
                effects.std_direct.estimate[structure.latents[parameter.lhs], structure.latents[parameter.rhs]]
            )
            code = "std_path_above_one"
        else:
            continue
        if abs(value) > 1 + 1e-9:
            rows.append((code, f"{parameter.lhs} {parameter.op} {parameter.rhs}", value))
    return rows


def _collinear_predictors(solution: Solution) -> list[tuple[str, str, float]]:
    """Predictors whose variance inflation beside the other predictors of the same outcome exceeds the limit."""
    structure, implied = solution.structure, solution.matrices.latent_covariance
    rows = []
    for outcome in structure.syntax.endogenous:
        names = [predictor for effect, predictor in structure.syntax.regressions if effect == outcome]
        positions = [structure.latents[name] for name in names]
        block = implied[np.ix_(positions, positions)]
        if np.linalg.eigvalsh(block)[0] <= 0:
            continue
        inflation = np.diag(block) * np.diag(np.linalg.inv(block))
        rows += [
            ("collinear", f"{outcome} ~ {name}", float(value))
            for name, value in zip(names, inflation, strict=True)
            if value > MAX_INFLATION
        ]
    return rows
