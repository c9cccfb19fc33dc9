"""Nothing on too few interviews is published, nor what would give it away."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import ResultsError
from analysis.publish.disclosure import suppress


def _table(bases: list[int]) -> pd.DataFrame:
    rows = [{"segment": "region", "category": str(i), "csi": 80.0 + i, "n": n} for i, n in enumerate(bases)]
    return pd.DataFrame(rows)


def test_a_small_base_is_blanked_with_the_next_smallest() -> None:
    shown = suppress(_table([100, 12, 40, 80]), min_base=30, within=["segment"])
    assert shown["csi"].isna().tolist() == [False, True, True, False]
    assert shown["suppressed"].tolist()[1:3] == ["base", "secondary"]


def test_two_small_bases_protect_each_other() -> None:
    shown = suppress(_table([100, 12, 20, 80]), min_base=30, within=["segment"])
    assert shown["csi"].isna().tolist() == [False, True, True, False]


def test_a_table_with_enough_everywhere_is_left_alone() -> None:
    table = _table([100, 30])
    assert suppress(table, min_base=30, within=["segment"]) is table


def test_a_table_without_bases_is_refused() -> None:
    with pytest.raises(ResultsError, match="bases"):
        suppress(pd.DataFrame({"csi": [1.0]}), min_base=30)


@given(st.lists(st.integers(0, 200), min_size=2, max_size=8))
def test_a_blanked_cell_can_never_be_got_back_from_the_total(bases: list[int]) -> None:
    shown = suppress(_table(bases), min_base=30, within=["segment"])
    hidden = int(shown["csi"].isna().sum())
    assert hidden != 1
    assert (shown.loc[shown["csi"].notna(), "n"] >= 30).all()
