"""Draws that every simulated table shares: shares that are met, durations within limits, files of fixed bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.drawing import (
    draw_codes,
    draw_positions,
    generator,
    hours_within,
    numbered,
    pick,
    stamps,
    working_moments,
    write_table,
)
from analysis.edition import Edition


def test_every_table_has_random_numbers_of_its_own(edition: Edition) -> None:
    one, again, other = (generator(edition, name).random(3).tolist() for name in ("waves", "waves", "frame"))
    assert one == again
    assert one != other


def test_positions_come_with_their_shares_whatever_these_add_up_to() -> None:
    drawn = draw_positions(np.random.default_rng(1), [1, 0, 3], 40_000)
    assert np.bincount(drawn, minlength=3) / 40_000 == pytest.approx([0.25, 0.0, 0.75], abs=0.01)


def test_codes_stay_what_they_are() -> None:
    drawn = draw_codes(np.random.default_rng(1), {"02": 0.5, "NA": 0.5}, 50)
    assert set(drawn) == {"02", "NA"}


@pytest.mark.parametrize(("size", "share", "count"), [(10, 0.25, 2), (10, 0.0, 0), (10, 1.0, 10)])
def test_a_share_of_the_positions_is_an_exact_number(size: int, share: float, count: int) -> None:
    chosen = pick(np.random.default_rng(1), size, share)
    assert len(set(chosen.tolist())) == count
    assert chosen.tolist() == sorted(chosen)


@pytest.mark.parametrize("on_time", [0.2, 0.5, 0.95])
def test_durations_keep_the_limit_as_often_as_planned(on_time: float) -> None:
    hours = hours_within(np.random.default_rng(1), 8.0, on_time, 40_000)
    assert (hours <= 8.0).mean() == pytest.approx(on_time, abs=0.01)
    assert hours.min() > 0


def test_moments_lie_at_waking_hours_of_the_days_named() -> None:
    moments = working_moments(np.random.default_rng(1), np.datetime64("2025-09-01"), 3, 5_000)
    frame = pd.Series(moments).dt
    assert set(frame.day) == {1, 2, 3}
    assert frame.hour.between(8, 22).all()


def test_stamps_are_hidden_where_they_should_be() -> None:
    times = np.array(["2025-09-01T08:30", "2025-09-02T00:00:01"], dtype="datetime64[s]")
    assert stamps(times).tolist() == ["2025-09-01 08:30:00", "2025-09-02 00:00:01"]
    assert stamps(times, shown=np.array([False, True])).tolist() == ["", "2025-09-02 00:00:01"]


def test_numbers_start_at_one_and_grow_beyond_their_width() -> None:
    assert numbered("R", 2).tolist() == ["R000001", "R000002"]
    assert numbered("R", 11, width=1)[-1] == "R11"


def test_a_file_is_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    path = write_table(pd.DataFrame({"名": ["甲"]}), tmp_path / "t.csv")
    assert path.read_bytes() == "名\n甲\n".encode()
