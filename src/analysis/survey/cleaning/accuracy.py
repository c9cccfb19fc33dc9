"""How well the cleaning rules find faults that are known, because the survey was simulated with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.edition.sections.cleaning import RULES
from analysis.survey.cleaning.rules import INTAKE_RULES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

TARGETS = {"duplicates": "copies", "near_duplicates": "copies", "missing": "broken_off"}
"""Fault that a rule looks for; every other rule looks for careless answering."""

CONDUCT = ("careless", "copies", "broken_off")
"""Faults of accepted interviews, all together the target of the decision."""


def rule_accuracy(decisions: pd.DataFrame, faults: Mapping[str, frozenset[str]]) -> pd.DataFrame:
    """Precision and recall of every rule that flagged anything, and of all together, against the planted faults.

    `decisions` are those of `clean`; `faults` the identifiers by kind (careless, copies, broken_off, out_of_range,
    contract). Columns: rule, target, planted, flagged, hits, precision (hits ÷ flagged), recall (hits ÷ planted, NaN
    where nothing was planted). The rows `excluded` and `excluded_or_flagged` hold the decision against every fault of
    conduct. A record set aside at intake counts only for the rules of the intake.
    """
    aside = (decisions["decision"] == "quarantined").to_numpy()
    identity = decisions["respondent_id"]
    planted = {kind: identity.isin(ids).to_numpy() for kind, ids in faults.items()}
    any_fault: Mask = np.logical_or.reduce([planted.get(kind, np.zeros(len(aside), dtype=bool)) for kind in CONDUCT])
    rows = []
    for rule in INTAKE_RULES:
        marked = aside & (decisions["first_reason"] == rule).to_numpy()
        rows.append(_row(rule, rule, marked, planted[rule] & aside))
    for rule in RULES:
        target = TARGETS.get(rule, "careless")
        rows.append(_row(rule, target, decisions[rule].to_numpy(dtype=bool) & ~aside, planted[target] & ~aside))
    excluded = (decisions["decision"] == "excluded").to_numpy()
    rows.append(_row("excluded", "any", excluded, any_fault & ~aside))
    flagged = excluded | (decisions["decision"] == "review").to_numpy()
    rows.append(_row("excluded_or_flagged", "any", flagged, any_fault & ~aside))
    return pd.DataFrame([row for row in rows if row["flagged"]])


def _row(rule: str, target: str, marked: Mask, planted: Mask) -> dict[str, object]:
    flagged, hits, there = int(marked.sum()), int((marked & planted).sum()), int(planted.sum())
    return {
        "rule": rule,
        "target": target,
        "planted": there,
        "flagged": flagged,
        "hits": hits,
        "precision": hits / flagged if flagged else np.nan,
        "recall": hits / there if there else np.nan,
    }
