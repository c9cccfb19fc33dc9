"""The one gate before publication: only known tables with their columns pass, and small bases do not."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.errors import ResultsError
from analysis.publish.parts import all_parts
from analysis.publish.release import release


def _segments(bases: dict[str, int]) -> pd.DataFrame:
    row = {"csi": 80.0, "ci_low": 79.0, "ci_high": 81.0, "csat": 0.8, "csat_low": 0.7, "csat_high": 0.9, "n_eff": 9.0}
    return pd.DataFrame([{"segment": "grade", "category": code, "n": n, **row} for code, n in bases.items()])


def test_small_groups_are_blanked_and_stay_named() -> None:
    tables = {"csi_segments": _segments({"NA": 12, "02": 40, "b": 300, "c": 200})}
    shown = release(tables, all_parts(), min_base=30)["csi_segments"]
    assert shown["category"].tolist() == ["NA", "02", "b", "c"]
    assert shown["csi"].isna().tolist() == [True, True, False, False]
    assert shown["n"].isna().tolist() == [True, True, False, False]


def test_what_did_not_come_from_interviews_is_not_withheld() -> None:
    row = {"margin": "grade", "sample_share": 0.1, "weighted_share": 0.2, "target_share": 0.2}
    rows = [row | {"category": code, "n": n} for code, n in (("a", 5), ("b", 40), ("c", 300))]
    shown = release({"weighting_margins": pd.DataFrame(rows)}, all_parts(), min_base=30)["weighting_margins"]
    assert shown["target_share"].tolist() == [0.2] * 3
    assert shown["sample_share"].isna().tolist() == [True, True, False]


def test_a_table_that_lacks_columns_is_refused() -> None:
    with pytest.raises(ResultsError, match="satisfied_share"):
        release({"csi_dimensions": pd.DataFrame({"construct": ["a"], "n": [1]})}, all_parts(), min_base=30)


def test_a_table_that_no_part_knows_is_refused_with_a_hint() -> None:
    with pytest.raises(ResultsError, match="csi_dimensions"):
        release({"csi_dimension": pd.DataFrame({"n": [1]})}, all_parts(), min_base=30)
