"""Whether tickets are about other things than half a year before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.service.shares import shares_of_groups
from analysis.survey.estimation.differences import Adjustment, adjust_p_values

if TYPE_CHECKING:
    from collections.abc import Sequence

CHANGE_COLUMNS = (
    *("category", "period", "before", "n", "n_before", "share", "share_before"),
    *("difference", "ci_low", "ci_high"),
)
MONTHS = 6


def theme_changes(
    theme: pd.Series[Any],
    at: pd.Series[Any],
    categories: Sequence[str],
    *,
    confidence: float,
    adjustment: Adjustment = "holm",
) -> pd.DataFrame | None:
    """Share of each theme among the texts of the last six months against the six months before.

    Newcombe's interval of each difference, p_adjusted of the score test over all themes. None where the texts do not
    reach back so far.
    """
    last = at.max()
    middle = last - pd.DateOffset(months=MONTHS)
    first = middle - pd.DateOffset(months=MONTHS)
    inside = ((at > first) & at.notna()).to_numpy()
    lately = (at[inside] > middle).to_numpy()
    if not 0 < lately.sum() < len(lately) or at[inside].min() > middle - pd.DateOffset(months=MONTHS - 1):
        return None
    side = pd.Series(lately).map({True: "late", False: "early"})
    rows, said = [], theme[inside].to_numpy(dtype=object)
    names = {"period": f"{middle:%Y-%m-%d}", "before": f"{first:%Y-%m-%d}"}
    for category in categories:
        found = shares_of_groups(side, said == category, confidence=confidence).set_index("category").loc["late"]
        counts = {"n": int(lately.sum()), "n_before": int((~lately).sum())}
        bounds = {"ci_low": found["difference_low"], "ci_high": found["difference_high"], "p": found["p"]}
        shares = {"share": found["share"], "share_before": found["others"], "difference": found["difference"]}
        rows.append({"category": category, **names, **counts, **shares, **bounds})
    table = pd.DataFrame(rows)
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    return table[[*CHANGE_COLUMNS, "p_adjusted"]]
