"""Blocks of items on scales of their own: which items are on which, and what the draft says of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from analysis.data.intake import Intake, check_tables
from analysis.draft import draft_edition
from analysis.draft.scales import find_rated
from analysis.draft.sheet import read_sheet
from analysis.edition import Edition, load_edition

ROWS = 300
TODAY = dt.date(2026, 3, 1)


def _drafted(folder: Path, path: Path) -> tuple[str, Edition, Intake]:
    draft = draft_edition(path, name="mine", shown=str(path), today=TODAY)
    (folder / "instruments").mkdir()
    (folder / "instruments" / "mine.yml").write_text(draft.instrument, encoding="utf-8")
    (folder / "mine.yml").write_text(draft.params, encoding="utf-8")
    edition = load_edition(folder / "mine.yml")
    tables, problems = check_tables(edition)
    assert not problems
    return draft.params, edition, tables["responses"]


def _answers(low: int, high: int, columns: int, *, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    random = np.random.default_rng(seed)
    level = 0.5 + 0.6 * random.normal(size=(ROWS, 1)) + 0.8 * random.normal(size=(ROWS, columns))
    return np.clip(np.round((low + high) / 2 + level * (high - low) / 4), low, high).astype(int)


def _ends(edition: Edition) -> dict[str, tuple[int, int]]:
    return {key: scale.ends for key, scale in edition.instrument.scales.items()}


def test_items_of_one_name_on_several_scales_are_told_apart(tmp_path: Path) -> None:
    frame = pd.DataFrame(_answers(1, 10, 4, seed=1), columns=["q1", "q2", "q3", "q4"])
    frame["q5"] = np.clip(10 * frame["q1"] + np.random.default_rng(2).integers(-15, 5, ROWS), 0, 100)
    frame["q6"] = _answers(1, 5, 1, seed=3)[:, 0]
    frame.to_csv(tmp_path / "own.csv", index=False)
    _, edition, intake = _drafted(tmp_path, tmp_path / "own.csv")
    assert _ends(edition) == dict.fromkeys(["q1", "q2", "q3", "q4"], (1, 10)) | {"q5": (0, 100), "q6": (1, 5)}
    assert intake.frame[["q5", "q6"]].max().tolist() == [100, 5]


def test_a_code_of_one_block_is_an_answer_of_another(tmp_path: Path) -> None:
    frame = pd.DataFrame(_answers(1, 5, 3, seed=4), columns=["care1", "care2", "care3"])
    frame.iloc[:30, 0] = 9
    frame["recommend"] = _answers(0, 10, 1, seed=5)[:, 0]
    frame.to_csv(tmp_path / "codes.csv", index=False)
    params, edition, intake = _drafted(tmp_path, tmp_path / "codes.csv")
    assert _ends(edition) == {**dict.fromkeys(["care1", "care2", "care3"], (1, 5)), "recommend": (0, 10)}
    assert "codes for no answer? 9 (30 times)" in params
    assert intake.frame["care1"].isna().sum() == 30
    assert (intake.frame["recommend"] == 9).sum() == (frame["recommend"] == 9).sum() > 0


def test_items_that_nobody_answers_at_an_end_go_with_the_others_of_their_name(tmp_path: Path) -> None:
    frame = pd.DataFrame(_answers(0, 10, 4, seed=6), columns=["a1", "a2", "a3", "a4"])
    frame["a3"] = frame["a3"].where(frame["a3"] > 1, 4)
    frame["a4"] = frame["a4"].where(frame["a4"] < 9, 7)
    frame.to_csv(tmp_path / "ends.csv", index=False)
    rated = find_rated(read_sheet(tmp_path / "ends.csv").columns)
    (block,) = rated.blocks
    assert (block.low, block.high, len(block.columns)) == (0, 10, 4)


def test_two_sets_of_words_are_two_scales(tmp_path: Path) -> None:
    agree = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    rate = ["Very poor", "Poor", "Fair", "Good"]
    frame = pd.DataFrame()
    for place, column in enumerate(_answers(0, 4, 3, seed=7).T):
        frame[f"Say how far you agree. [part {place}]"] = [agree[code] for code in column]
    for place, column in enumerate(_answers(0, 3, 2, seed=8).T):
        frame[f"How would you rate it? [part {place}]"] = [rate[code] for code in column]
    frame.to_csv(tmp_path / "words.csv", index=False)
    _, edition, intake = _drafted(tmp_path, tmp_path / "words.csv")
    assert sorted(_ends(edition).values()) == [(1, 4)] * 2 + [(1, 5)] * 3
    assert edition.instrument.scale.labels[5]["en"] == "Strongly agree"
    (other,) = {str(scale.labels) for scale in edition.instrument.scales.values() if scale.ends == (1, 4)}
    assert "Very poor" in other
    assert intake.frame[edition.instrument.item_keys].notna().all().all()


def test_labels_of_spss_tell_the_ends_and_the_codes(tmp_path: Path) -> None:
    frame = pd.DataFrame(_answers(1, 7, 4, seed=9), columns=["v1", "v2", "v3", "v4"]).clip(3, 5).astype(float)
    frame.iloc[:20, 0], frame.iloc[:10, 1] = 8.0, 9.0
    ends = {1.0: "Not at all satisfied", 7.0: "Completely satisfied", 8.0: "Don't know", 9.0: "Refused"}
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "labels.sav"),
        variable_value_labels=dict.fromkeys(frame.columns, ends),
        missing_ranges={"v1": [9]},
    )
    params, edition, intake = _drafted(tmp_path, tmp_path / "labels.sav")
    assert set(_ends(edition).values()) == {(1, 7)}
    assert "Answers reach from 3 to 5 only" in (tmp_path / "instruments" / "mine.yml").read_text()
    assert intake.frame[["v1", "v2"]].isna().sum().tolist() == [20, 10]
    assert all(f"({count} times)" in params for count in (20, 10))


def test_pages_are_made_of_rated_units_and_not_of_kinds_of_people(tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    frame = pd.DataFrame(_answers(1, 5, 4, seed=12), columns=["care1", "care2", "info1", "info2"])
    frame["sex"] = random.choice(["f", "m"], ROWS)
    frame["place"] = random.choice(["town", "country"], ROWS)
    for name, units in (("place", ()), ("ward", ("ward",))):
        folder = tmp_path / name
        folder.mkdir()
        frame.rename(columns={"place": name}).to_csv(folder / "own.csv", index=False)
        _, edition, _ = _drafted(folder, folder / "own.csv")
        assert edition.publication.profiles == units


@pytest.mark.parametrize("asked", ["test_score", "satisfaction_score"])
def test_scores_that_nothing_shows_to_be_ratings_make_no_index(tmp_path: Path, asked: str) -> None:
    random = np.random.default_rng(10)
    names = [f"{asked}_{place}" for place in range(1, 5)]
    frame = pd.DataFrame(random.uniform(0, 9, (ROWS, 4)).round(2), columns=names)
    frame["school"] = random.choice(["east", "west"], ROWS)
    frame.to_csv(tmp_path / "scores.csv", index=False)
    _, edition, _ = _drafted(tmp_path, tmp_path / "scores.csv")
    assert edition.indexed == (asked != "test_score")
