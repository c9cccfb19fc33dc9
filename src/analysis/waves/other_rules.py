"""An edition weighted by the rules of another, to see what the rules themselves changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.survey.weighting.nonresponse import adjust_nonresponse
from analysis.survey.weighting.stages import base_weights, rake
from analysis.waves.prepared import usable_margins

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.waves.editions import Published

    Floats = NDArray[np.float64]


def weights_by_rules_of(
    before: Published, now: Published, population: pd.DataFrame | None, cases: pd.DataFrame | None
) -> Floats | None:
    """Weights of `now` by the rules of `before`, relative to those it has; None where the rules are the same."""
    apart = {"stratum", "psu", "fpc", "singleton", "replicates"}
    rules = [one.weighting.model_dump(exclude=apart) for one in (before, now)]
    if rules[0] == rules[1]:
        return None
    draw = {name: getattr(now.weighting, name) for name in apart}
    rule = before.weighting.model_copy(update=draw)
    responses = now.responses
    base = base_weights(responses, stratum=rule.stratum, population=population, cases=cases).weights
    known = cases is not None and rule.nonresponse is not None
    options: dict[str, Any] = {"base": base, "rule": rule.nonresponse, "stratum": rule.stratum}
    nonresponse = adjust_nonresponse(responses, cases, **options) if known and cases is not None else None
    made = rake(
        responses,
        margins=usable_margins(responses, rule, population),
        base=base,
        nonresponse=nonresponse,
        max_iterations=rule.max_iterations,
        tolerance=rule.tolerance,
        calibration=rule.calibration,
        trim=rule.trimming,
    )
    return np.asarray(made.weights.to_numpy() / now.design.weights, dtype=np.float64)
