"""How much of the weight of a group lies with one or two of its people."""

from __future__ import annotations

from itertools import pairwise
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
    order = np.argsort(part.codes, kind="stable")
    edges = np.searchsorted(part.codes[order], np.arange(part.count + 1))
    sorted_weights, shares = weights[order], np.zeros((values.shape[1] * part.count, 2))
    for column, name in enumerate(values.columns):
        own = np.where(values[name].notna().to_numpy()[order], sorted_weights, 0.0)
        for place, (start, end) in enumerate(pairwise(edges)):
            group = own[start:end]
            total = group.sum()
            if total > 0:
                top = np.partition(group, -2)[-2:] if len(group) > 1 else np.append(0.0, group)
                shares[column * part.count + place] = top[1] / total, top.sum() / total
    return shares
