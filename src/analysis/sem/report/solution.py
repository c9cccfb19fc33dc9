"""Tidy tables of a solution: paths, effects, loadings, R² and fit, unrounded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.assess.indices import FitIndices
from analysis.sem.inference.bootstrap import Replicates, bootstrap_intervals
from analysis.sem.inference.effects import (
    Derived,
    Effects,
    all_effects,
    causes,
    loading_place,
    loadings,
    parameter_errors,
)
from analysis.sem.model.structure import Fitted
from analysis.sem.model.syntax import ModelSyntax

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.structural import Structural


def normal_quantile(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def inference(raw: Derived, std: Derived, cell: tuple[int, ...], quantile: float) -> dict[str, float]:
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


INFERENCE = ["estimate", "se", "ci_low", "ci_high", "pvalue", "std", "std_low", "std_high"]


def paths_table(syntax: ModelSyntax, solution: Fitted, effects: Effects, quantile: float) -> pd.DataFrame:
    import pandas as pd

    position = solution.structure.latents
    rows = [
        {
            "outcome": outcome,
            "predictor": predictor,
            **inference(effects.direct, effects.std_direct, (position[outcome], position[predictor]), quantile),
        }
        for outcome, predictor in syntax.regressions
    ]
    return pd.DataFrame(rows, columns=["outcome", "predictor", *INFERENCE])


def effects_table(
    syntax: ModelSyntax, solution: Fitted, effects: Effects, instrument: Instrument, quantile: float
) -> pd.DataFrame:
    """Rows for the effects that the model has: a construct without a direct path has no row `direct`."""
    import pandas as pd

    position = solution.structure.latents
    rows: list[dict[str, str | float]] = []
    for outcome in outcomes(syntax, instrument):
        for predictor, (has_direct, has_indirect) in causes(syntax, outcome).items():
            cell = (position[outcome], position[predictor])
            kinds = (
                ("direct", has_direct, effects.direct, effects.std_direct),
                ("indirect", has_indirect, effects.indirect, effects.std_indirect),
                ("total", True, effects.total, effects.std_total),
            )
            rows.extend(
                {"predictor": predictor, "outcome": outcome, "effect": kind, **inference(raw, std, cell, quantile)}
                for kind, exists, raw, std in kinds
                if exists
            )
    return pd.DataFrame(rows, columns=["predictor", "outcome", "effect", *INFERENCE])


def bootstrap_table(
    syntax: ModelSyntax, drawn: Replicates, instrument: Instrument, *, n: int, confidence: float
) -> pd.DataFrame:
    """Standardised indirect and total effects of the complete rows with percentile and BCa intervals."""
    import pandas as pd

    position, estimate = drawn.solution.structure.latents, all_effects(drawn.solution.matrices)
    intervals = bootstrap_intervals(drawn, all_effects, confidence=confidence)
    rows: list[dict[str, str | float]] = []
    for outcome in outcomes(syntax, instrument):
        for predictor, (_, has_indirect) in causes(syntax, outcome).items():
            for kind, place in (("indirect", 4), ("total", 5)):
                if kind == "indirect" and not has_indirect:
                    continue
                cell = place, position[outcome], position[predictor]
                ends = [float(end[cell]) for pair in (intervals.percentile, intervals.bca) for end in pair]
                names = ("percentile_low", "percentile_high", "bca_low", "bca_high")
                own: dict[str, str | float] = {"predictor": predictor, "outcome": outcome, "effect": kind}
                own["std"] = float(estimate[cell])
                counts = {"n": n, "replicates": len(drawn.theta), "failed": drawn.failed}
                rows.append(own | dict(zip(names, ends, strict=True)) | counts)
    return pd.DataFrame(rows)


def outcomes(syntax: ModelSyntax, instrument: Instrument) -> tuple[str, ...]:
    """Constructs whose causes are reported, in causal order."""
    leading = {construct.key for construct in instrument.constructs if construct.role in {"satisfaction", "loyalty"}}
    named = tuple(key for key in syntax.endogenous if key in leading)
    return named or syntax.endogenous[-1:]


def loadings_table(solution: Fitted, standardised: Derived, quantile: float) -> pd.DataFrame:
    import pandas as pd

    structure, errors = solution.structure, loadings(parameter_errors(solution))
    rows = []
    for parameter in structure.syntax.parameters:
        if parameter.op == "=~":
            cell = loading_place(structure, parameter)
            std, std_se = float(standardised.estimate[cell]), float(standardised.se[cell])
            rows.append(
                {
                    "construct": parameter.lhs,
                    "item": parameter.rhs,
                    "estimate": float(loadings(solution.matrices)[cell]),
                    "se": float(errors[cell]) if parameter.name is not None else float("nan"),
                    "std": std,
                    "std_low": std - quantile * std_se,
                    "std_high": std + quantile * std_se,
                }
            )
    return pd.DataFrame(rows)


def r_squared_table(solution: Fitted) -> pd.DataFrame:
    import pandas as pd

    endogenous = solution.structure.syntax.endogenous
    explained = _explained(solution)
    values = [explained[solution.structure.latents[name]] for name in endogenous]
    return pd.DataFrame({"construct": list(endogenous), "r_squared": values}).astype({"r_squared": float})


def _explained(solution: Fitted) -> NDArray[Any]:
    """R² of each construct: one minus residual over implied variance."""
    matrices = solution.matrices
    return np.asarray(1.0 - np.diag(matrices.latent) / np.diag(matrices.latent_covariance))


def fit_table(indices: FitIndices, structural: Structural) -> pd.DataFrame:
    """One row per index that the estimator has, robust where there is one; `met` is empty without a threshold."""
    import pandas as pd

    threshold, robust = _thresholds(structural), indices.robust
    values = {name: float(getattr(indices, name)) for name in ("n", "chi2", "df", "pvalue", "cfi", "tli", "rmsea")}
    low, high, close = indices.rmsea_low, indices.rmsea_high, indices.rmsea_pvalue
    if robust is not None:
        scaled = {"n": values["n"], "chi2": values["chi2"], "chi2_scaled": robust.chi2}
        own = {name: getattr(robust, name) for name in ("pvalue", "cfi", "tli", "rmsea")}
        values = scaled | {"df": values["df"]} | own
        low, high, close = robust.rmsea_low, robust.rmsea_high, robust.rmsea_pvalue
    values["rmsea_pvalue"] = close
    others = {name: float(getattr(indices, name)) for name in ("srmr", "gfi", "logl", "aic", "bic")}
    values |= {name: value for name, value in others.items() if not math.isnan(value)}
    met = [None if name not in threshold else _meets(name, value, threshold[name]) for name, value in values.items()]
    return pd.DataFrame(
        {
            "index": list(values),
            "value": list(values.values()),
            "low": [low if name == "rmsea" else float("nan") for name in values],
            "high": [high if name == "rmsea" else float("nan") for name in values],
            "threshold": [threshold.get(name, float("nan")) for name in values],
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


def _meets(name: str, value: float, threshold: float) -> bool | None:
    if math.isnan(value):
        return None
    return value >= threshold if name in {"cfi", "tli"} else value <= threshold
