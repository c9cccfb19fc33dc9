"""All published cells beside each other: index with interval, difference from the whole, and what may be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.publish.comparison import verdict
from analysis.survey.estimation.differences import adjust_p_values

if TYPE_CHECKING:
    from analysis.edition.sections.index import Index
    from analysis.results import Store

COLUMNS = (
    *("cell", "csi", "ci_low", "ci_high", "n", "difference", "difference_low", "difference_high"),
    *("p", "p_adjusted", "verdict", "higher_in", "lower_in"),
)
UNTESTED = "untested"


@dataclass(frozen=True)
class League:
    """table: a row per cell, highest index first (`COLUMNS`); whole: index of all and its interval; tests: how many."""

    table: pd.DataFrame
    whole: tuple[float, float, float]
    tests: int


def league(stores: Sequence[tuple[str, Store]], whole: Store, *, index: Index) -> League:
    """Gather what the cells released of their index; p is adjusted over all cells by `index.adjustment`.

    Cells whose index was withheld stand last, without figures. `higher_in` and `lower_in` list the constructs that
    clearly differ from the whole, by the cell's own table, apart by spaces.
    """
    table = pd.DataFrame([_row(name, store, index) for name, store in stores], columns=[*COLUMNS[:9], *COLUMNS[11:]])
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=np.float64), method=index.adjustment)
    table["verdict"] = [
        UNTESTED if np.isnan(p) else verdict(float(d), float(p), confidence=index.confidence)
        for d, p in zip(table["difference"], table["p_adjusted"], strict=True)
    ]
    own: Any = whole.table("csi_overall").set_index("measure").loc["csi"]
    return League(
        table[list(COLUMNS)].sort_values("csi", ascending=False, kind="stable", ignore_index=True),
        (float(own["estimate"]), float(own["ci_low"]), float(own["ci_high"])),
        int(table["p"].notna().sum()),
    )


def _row(name: str, store: Store, index: Index) -> dict[str, Any]:
    own = store.table("csi_overall").set_index("measure").loc["csi"]
    row = {"cell": name, "csi": own["estimate"], "n": own["n"], **{key: own[key] for key in ("ci_low", "ci_high")}}
    nothing = dict.fromkeys(("difference", "difference_low", "difference_high", "p"), np.nan)
    if not store.has_table("against_whole") or pd.isna(own["estimate"]):
        return row | nothing | {"higher_in": "", "lower_in": ""}
    against: Any = store.table("against_whole").set_index("measure")
    row |= {key: against.loc["csi", key] if "csi" in against.index else np.nan for key in nothing}
    rated: Any = against.drop(index=["csi", "csat"], errors="ignore").dropna(subset=["difference", "p_adjusted"])
    found = {
        key: verdict(float(one["difference"]), float(one["p_adjusted"]), confidence=index.confidence)
        for key, one in rated.iterrows()
    }
    listed = {side: " ".join(str(key) for key, said in found.items() if said == side) for side in ("higher", "lower")}
    return row | {f"{side}_in": text for side, text in listed.items()}
