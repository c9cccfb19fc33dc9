"""A draft from several files of one survey, or from one with a column of waves: labels, people, parts that are none."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.intake import check_tables
from analysis.draft import draft_edition
from analysis.draft.sheet import read_sheet
from analysis.draft.wave_column import wave_column
from analysis.draft.waves import waves_of_files
from analysis.edition import load_edition
from analysis.errors import SourceError

TODAY = dt.date(2026, 3, 1)


def _answers(seed: int, rows: int = 60, **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(rows, 1)) + rng.normal(size=(rows, 5))
    frame = pd.DataFrame(np.clip(np.round(3 + level), 1, 5).astype(int), columns=[f"q{i}" for i in range(1, 6)])
    return frame.assign(region=rng.choice(["east", "west"], rows), **columns)


def _files(folder: Path, names: list[str], frames: list[pd.DataFrame]) -> list[Path]:
    paths = [folder / name for name in names]
    for path, frame in zip(paths, frames, strict=True):
        frame.to_csv(path, index=False)
    return paths


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["满意度2015年第二季度.csv", "满意度2015年第一季度.csv"], ["2015Q1", "2015Q2"]),
        (["csi_2016.csv", "csi_2015.csv"], ["2015", "2016"]),
        (["wave10_final.csv", "wave2_final.csv"], ["W2", "W10"]),
        (["export 2015-03-01.csv", "export 2014-12-15.csv"], ["2014-12-15", "2015-03-01"]),
    ],
)
def test_names_of_files_tell_the_waves_in_their_order(tmp_path: Path, names: list[str], labels: list[str]) -> None:
    found = waves_of_files(_files(tmp_path, names, [_answers(1), _answers(2)]))
    assert list(found.files) == labels
    assert found.latest.name == names[0]
    assert "names of the files" in found.evidence[0]


def test_time_stamps_tell_them_where_names_do_not_and_else_the_order_does(tmp_path: Path) -> None:
    days = [
        pd.date_range(start, periods=60, freq="D").strftime("%Y-%m-%d 10:00:00")
        for start in ("2025-07-01", "2025-01-01")
    ]
    frames = [_answers(i, submitted=day) for i, day in enumerate(days)]
    found = waves_of_files(_files(tmp_path, ["new.csv", "old.csv"], frames))
    assert [path.name for path in found.files.values()] == ["old.csv", "new.csv"]
    assert list(found.files) == ["2025-01", "2025-07"]
    assert "time stamps" in found.evidence[0]
    plain = waves_of_files(_files(tmp_path, ["x.csv", "y.csv"], [_answers(1), _answers(2)]))
    assert list(plain.files) == ["W1", "W2"]
    assert "order given" in plain.evidence[0]


def test_a_person_who_comes_back_is_asked_for_and_a_numbering_is_not(tmp_path: Path) -> None:
    frames = [_answers(i, card=[f"c{n}" for n in range(30 * i, 30 * i + 60)], no=range(1, 61)) for i in (0, 1)]
    found = waves_of_files(_files(tmp_path, ["2024.csv", "2025.csv"], frames))
    assert any("'card' say who answered" in question for question in found.evidence)
    assert not any("'no'" in question for question in found.evidence)


def test_files_of_other_questions_are_parts_and_no_waves(tmp_path: Path) -> None:
    other = _answers(2).rename(columns={f"q{i}": f"p{i}" for i in range(1, 6)})
    with pytest.raises(SourceError, match="parts of a survey") as told:
        waves_of_files(_files(tmp_path, ["2024.csv", "2025.csv"], [_answers(1), other]))
    assert "region" in (told.value.got or "")


def test_a_column_that_looks_like_a_wave_is_proposed(tmp_path: Path) -> None:
    whole = pd.concat([_answers(i, 调查期=f"2015年第{i}季度") for i in (1, 2, 3)])
    (path,) = _files(tmp_path, ["all.csv"], [whole])
    found = wave_column(read_sheet(path))
    assert found is not None
    assert found.name == "调查期"
    draft = draft_edition(path, name="mine", shown=str(path), today=TODAY)
    assert "        wave: 调查期\n" in draft.params
    assert (
        "does '调查期' (2015年第1季度, 2015年第2季度, 2015年第3季度) say the wave? if not, remove `wave`"
        in draft.params
    )
    (plain,) = _files(tmp_path, ["plain.csv"], [_answers(1, year=[str(1940 + i) for i in range(60)])])
    assert wave_column(read_sheet(plain)) is None


def test_the_draft_of_waves_is_valid_as_it_is(tmp_path: Path) -> None:
    paths = _files(tmp_path, ["2024.csv", "2025.csv"], [_answers(1).drop(columns="q5"), _answers(2)])
    found = waves_of_files(paths)
    named = {label: str(path) for label, path in found.files.items()}
    draft = draft_edition(
        found.latest, name="mine", shown=str(found.latest), today=TODAY, waves=named, evidence=found.evidence
    )
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "mine.yml").write_text(draft.instrument, encoding="utf-8")
    (tmp_path / "mine.yml").write_text(draft.params, encoding="utf-8")
    tables, problems = check_tables(load_edition(tmp_path / "mine.yml"))
    assert not problems
    assert len(tables["responses"].frame) == 60
    assert tables["earlier_waves"].frame["wave"].unique().tolist() == ["2024"]
    assert draft.decide == len(re.findall(r"(?m)^ *# decide: [^…]", f"{draft.params}\n{draft.instrument}"))
