"""How much of the weight of a group lies with one or two of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.survey.design.codes import domain_codes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

TOP = ("top_1", "top_2")
"""Columns of a table of estimates: share (0–1) of the weight of its largest, and of its two largest, people."""


def concentration(values: pd.DataFrame, *, design: SurveyDesign | None, domain: pd.Series[Any] | None = None) -> Floats:
    """Shares `TOP` of the weight of those who answered, one row per variable and domain in the order of `means`.

    A negative weight counts by its size. A group of one has 1 and 1, an empty one 0 and 0. Read by the rules of
    disclosure: dominance (n, k) and p %.
    Source: Hundepool et al. 2012, Statistical Disclosure Control, §4.2.2.
    """
    weights = np.ones(len(values)) if design is None else np.abs(np.asarray(design.weights, dtype=np.float64))
    part = domain_codes(domain, len(values))
    answered = values.notna().to_numpy()
    order = np.argsort(-weights, kind="stable")
    sorted_weights, codes = weights[order], part.codes[order]
    members = [np.flatnonzero(codes == place) for place in range(part.count)]
    shares = np.zeros((values.shape[1] * part.count, 2))
    for line in range(len(shares)):
        column, place = divmod(line, part.count)
        rows = members[place]
        own = sorted_weights[rows[answered[order[rows], column]]]
        total = own.sum()
        if total > 0:
            shares[line] = own[0] / total, own[:2].sum() / total
    return shares
