"""The interviews on their way into the file: exact numbers of faults, each told in the truth, none in the columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation import responses as module
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.responses import MISSING, StoredInterviews, attention_check, write_responses
from analysis.edition import Edition
from analysis.errors import EditionError


@pytest.fixture(scope="module")
def written(stored: StoredInterviews, simulated: Edition, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = write_responses(stored, simulated.instrument, tmp_path_factory.mktemp("raw") / "responses.csv")
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def test_the_file_has_as_many_rows_as_the_edition_asks_for(written: pd.DataFrame, simulated: Edition) -> None:
    assert len(written) == simulated.simulation.responses
    assert list(written.columns[:4]) == ["respondent_id", "submitted_at", "duration_s", "weight"]


def test_blocks_join_without_a_seam(
    stored: StoredInterviews, simulated: Edition, written: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 97)
    path = write_responses(stored, simulated.instrument, tmp_path / "responses.csv")
    pd.testing.assert_frame_equal(pd.read_csv(path, dtype="str", keep_default_na=False), written)


def test_careless_interviews_are_an_exact_share_and_answer_as_their_kind_does(
    stored: StoredInterviews, simulated: Edition, truth: Planted
) -> None:
    held = stored.interviews
    assert (held.careless != "").sum() == round(len(held.careless) * simulated.simulation.careless_share)
    lines = held.answers[held.careless == "straightline"]
    given = np.where(lines == MISSING, -1, lines)
    spread = [len(set(row[row >= 0])) for row in given]
    assert set(spread) == {1}
    fast = np.median(held.seconds[held.careless == "speeder"])
    assert fast < np.median(held.seconds[held.careless == ""]) / 2
    assert truth.faults.careless["speeder"].minutes < truth.interview.minutes


def test_broken_off_interviews_have_nothing_after_the_point_where_they_ended(stored: StoredInterviews) -> None:
    rows = stored.interviews.answers[stored.interviews.broken_off]
    items = rows.shape[1]
    assert len(rows)
    assert (rows[:, -(items // 3) :] == MISSING).all()
    assert not (rows[:, : items // 4] == MISSING).all(axis=1).any()
    assert (stored.interviews.careless[stored.interviews.broken_off] == "").all()


def test_copies_repeat_their_interview_under_a_number_of_their_own(
    stored: StoredInterviews, written: pd.DataFrame
) -> None:
    by_id = written.drop_duplicates("respondent_id").set_index("respondent_id").drop(columns="weight")
    spoiled = {stored.ids[row] for row, _ in stored.cells}
    pairs = [(copy, first) for copy, first in stored.truth["duplicates"].items() if not {copy, first} & spoiled]
    assert pairs
    for copy, first in pairs:
        assert copy != first
        assert by_id.loc[copy].tolist() == by_id.loc[first].tolist()


def test_numbers_used_twice_are_told(stored: StoredInterviews, written: pd.DataFrame) -> None:
    counts = written["respondent_id"].value_counts()
    assert set(counts[counts > 1].index) == set(stored.truth["repeated_ids"])


def test_every_spoiled_cell_is_told_and_breaks_the_contract(
    stored: StoredInterviews, simulated: Edition, written: pd.DataFrame
) -> None:
    scale = simulated.instrument.scale
    items = written[list(simulated.instrument.item_keys)]
    codes = items.apply(pd.to_numeric, errors="coerce")
    outside = ((codes < scale.min) | (codes > scale.max)).any(axis=1)
    assert set(written.loc[outside, "respondent_id"]) == set(stored.truth["out_of_range"])
    for (row, column), text in stored.cells.items():
        assert written.loc[row, column] == text
    assert len(stored.cells) == len(stored.truth["out_of_range"]) + len(stored.truth["unreadable"])


def test_interviews_stand_in_the_order_of_their_dates_within_the_fieldwork(
    stored: StoredInterviews, simulated: Edition
) -> None:
    moments = pd.Series(stored.interviews.submitted)
    fieldwork = simulated.publication.fieldwork
    assert moments.is_monotonic_increasing
    assert moments.iloc[0] >= pd.Timestamp(fieldwork.start)
    assert moments.iloc[-1] < pd.Timestamp(fieldwork.end) + pd.Timedelta(days=1)


def test_an_instrument_without_an_attention_check_can_not_be_simulated(simulated: Edition) -> None:
    without = simulated.instrument.model_copy(update={"attention": None})
    with pytest.raises(EditionError, match="attention check"):
        attention_check(without)
