"""What cleaning did to the interviews of a part: the decisions are those of the whole, counted again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.survey.cleaning.rules import INTAKE_RULES


def recount_log(log: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """The exclusion log of the records in `decisions`, by the rules, actions and limits of `log` of the whole.

    Columns as in `CleaningResult.log`. It starts from accepted records: which part a refused one belongs to can't be
    told from a row that broke its contract. `flagged` of a rule on several flags counts those it excluded.
    """
    raw = len(decisions)
    rules = log[~log["rule"].isin(["raw", "kept", *INTAKE_RULES])].copy()
    excluded = [int((decisions["first_reason"] == rule).sum()) for rule in rules["rule"]]
    flagged = [
        int(decisions[rule].sum()) if rule in decisions else count
        for rule, count in zip(rules["rule"], excluded, strict=True)
    ]
    rules["flagged"], rules["excluded"] = flagged, excluded
    rules["remaining"] = raw - np.cumsum(excluded, dtype=np.int64)
    rules["share"] = rules["excluded"] / raw
    ends = log[log["rule"].isin(["raw", "kept"])].set_index("rule", drop=False)
    first = ends.loc[["raw"]].assign(remaining=raw, share=1.0)
    left = raw - sum(excluded)
    last = ends.loc[["kept"]].assign(remaining=left, share=left / raw)
    counted = pd.concat([first, rules.astype({"flagged": "Int64", "excluded": "Int64"}), last], ignore_index=True)
    return counted[list(log.columns)]
