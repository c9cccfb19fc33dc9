"""Responses that are taken in by partitions come to what they come to as a whole, wherever the file is cut."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.data.intake import Intake, load_table
from analysis.data.partitions import PartedIntake, load_partitions
from analysis.data.used_keys import UsedKeys
from analysis.errors import ContractError, EditionError, SourceError
from analysis.pipeline import check

HEADER = "respondent_id,submitted_at,duration_s,kind,city,q1,q2,s1,comment\n"


def _rows(count: int) -> str:
    """Answers with what files have: quotes, line breaks in texts, blanks, refused rows, and identifiers used twice."""
    rng = np.random.default_rng(7)
    lines = []
    for row in range(count):
        kind, city = ("bank", "银行", "fund", "Fund")[row % 4], ("上海", "Paris", "", "a,b")[row % 4]
        q1, q2, s1 = rng.integers(1, 6, 3)
        key = f"r{row}" if row % 17 else f"r{row // 2}"
        comment = ('"said ""well""\nand more"', "", "很好", '"a,b"')[rng.integers(4)]
        duration = ("2 min 3 s", "x?", "95")[row % 3] if row % 11 == 0 else "80"
        answer = "9" if row % 23 == 5 else "(跳过)" if row == count - 3 else str(q1)
        lines.append(
            f'{key},2025-09-{1 + row % 30:02d} 10:00:00,{duration},{kind},"{city}",{answer},{q2},{s1},{comment}\n'
        )
        lines += ["\n", ",,,,,,,,\n"] if row % 29 == 4 else []
    return "".join(lines)


def _both(survey: Any, text: str | bytes, rows: int, **source: Any) -> tuple[Intake, PartedIntake, pd.DataFrame]:
    path: Path = survey.folder / "responses.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    edition = survey.edition({"responses": {"path": "responses.csv"} | source}, refused=source.pop("refused", 1.0))
    whole = load_table(edition, "responses")
    assert whole is not None
    parted = survey.edition({"responses": {"path": "responses.csv"} | source}, partitions=rows)
    assert parted.data.partitions is not None
    taken = load_partitions(parted, parted.data.partitions, survey.folder / "taken.parquet")
    return whole, taken, pd.read_parquet(survey.folder / "taken.parquet")


@pytest.mark.parametrize("rows", [1, 7, 40, 149, 10_000])
def test_partitions_of_any_size_come_to_the_rows_and_counts_of_the_whole(survey: Any, rows: int) -> None:
    filters = [{"column": "q2", "drop": [5]}]
    whole, taken, frame = _both(survey, HEADER + _rows(150), rows, filters=filters)
    pd.testing.assert_frame_equal(frame, whole.frame, check_exact=True)
    pd.testing.assert_frame_equal(taken.quarantine, whole.quarantine)
    for name in ("read", "filtered", "blank", "accepted", "quarantined", "sha256", "ignored", "source"):
        assert getattr(taken, name) == getattr(whole, name), name
    assert dict(taken.filled) == dict(whole.filled)
    assert {str(fault) for fault in taken.faults} == {str(fault) for fault in whole.faults}
    assert {str(fault) for fault in taken.lost} == {str(fault) for fault in whole.lost}
    assert any("used before" in fault.reason for fault in taken.faults)
    assert "not_asked" in frame


def test_what_only_one_partition_has_is_in_the_file_of_all(survey: Any) -> None:
    rows = "".join(f"r{row},,,bank,{'Rome' if row == 6 else 'Oslo'},{1 + row % 5},2,3,\n" for row in range(7))
    whole, _, frame = _both(survey, HEADER + rows, 3)
    pd.testing.assert_frame_equal(frame, whole.frame)
    assert frame["city"].tolist() == ["Oslo"] * 6 + ["Rome"]


def test_every_partition_is_a_row_group(survey: Any) -> None:
    from pyarrow.parquet import ParquetFile

    rows = "".join(f"r{row},,,bank,,{1 + row % 5},2,3,\n" for row in range(7))
    _both(survey, HEADER + rows, 3)
    with ParquetFile(survey.folder / "taken.parquet") as file:
        assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [3, 3, 1]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [(b"\xef\xbb\xbf", "utf-8"), (b"sep=;\n", "utf-8"), (b"", "gb18030"), (b"sep=;\r\n", "gb18030")],
)
def test_encodings_and_delimiters_are_those_of_the_whole_file(survey: Any, head: bytes, encoding: str) -> None:
    lines = [f"r{row};;;银行;上海;{1 + row % 5};2;3;很好" for row in range(9)]
    text = "\r\n".join([HEADER.strip().replace(",", ";"), *lines])
    whole, taken, frame = _both(survey, head + text.encode(encoding), 4, encoding=encoding)
    pd.testing.assert_frame_equal(frame, whole.frame)
    assert taken.accepted == 9


def test_what_a_whole_column_would_tell_is_refused_unless_the_params_tell_it(survey: Any) -> None:
    lines = [f"r{row},{day},80,bank,,{1 + row % 5},2,3,\n" for row, day in enumerate(["01/02/2025", "25/02/2025"] * 3)]
    whole, taken, _ = _both(survey, HEADER + "".join(lines), 1)
    assert whole.lost == ()
    assert sum(fault.count for fault in taken.lost) == 6
    assert "give `dates`" in taken.lost[0].reason
    whole, taken, frame = _both(survey, HEADER + "".join(lines), 1, dates="day_first")
    assert taken.lost == ()
    pd.testing.assert_frame_equal(frame, whole.frame)


def test_shares_of_refused_rows_are_those_of_the_whole_file(survey: Any) -> None:
    good = "".join(f"r{row},,,bank,,{1 + row % 5},2,3,\n" for row in range(90))
    bad = "".join(f"s{row},,,bank,,8,2,3,\n" for row in range(10))
    (survey.folder / "responses.csv").write_text(HEADER + good + bad, encoding="utf-8")
    edition = survey.edition({"responses": {"path": "responses.csv"}}, refused=0.1, partitions=10)
    assert load_partitions(edition, edition.data.partitions, survey.folder / "taken").accepted == 90
    edition = survey.edition({"responses": {"path": "responses.csv"}}, refused=0.09, partitions=10)
    with pytest.raises(ContractError, match=r"10 of 100 rows \(10.0%\)"):
        load_partitions(edition, edition.data.partitions, survey.folder / "taken")


def test_a_fault_of_the_file_is_told_with_the_part_it_stands_in(survey: Any) -> None:
    rows = [f"r{row},,,bank,,{1 + row % 5},2,3,\n" for row in range(7)]
    (survey.folder / "responses.csv").write_text(HEADER + "".join([*rows[:5], "r5,1\n", rows[6]]), encoding="utf-8")
    edition = survey.edition({"responses": {"path": "responses.csv"}}, partitions=4)
    with pytest.raises(SourceError, match=r"row 3 .* part that begins with row 6 "):
        load_partitions(edition, edition.data.partitions, survey.folder / "taken")
    assert sorted(path.name for path in survey.folder.glob("*taken*")) == []


@pytest.mark.parametrize(("name", "content"), [("a.parquet", b"PAR1"), ("a.csv", "x\n1\n".encode("utf-16"))])
def test_files_that_can_only_be_read_whole_are_refused(survey: Any, name: str, content: bytes) -> None:
    (survey.folder / name).write_bytes(content)
    edition = survey.edition({"responses": {"path": name}}, partitions=4)
    with pytest.raises(SourceError, match="read by partitions"):
        load_partitions(edition, edition.data.partitions, survey.folder / "taken")


def test_params_that_need_all_rows_are_refused(survey: Any) -> None:
    with pytest.raises(EditionError, match="needs all rows of the file at once"):
        survey.edition({"responses": {"path": "a.csv", "derive": {"city": "kind"}}}, partitions=4)


def test_more_interviews_than_fit_into_memory_end_the_check(survey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from analysis.pipeline.command import Call

    rows = "".join(f"r{row},,,bank,,{1 + row % 5},{1 + row % 4},3,\n" for row in range(9))
    (survey.folder / "responses.csv").write_text(HEADER + rows, encoding="utf-8")
    call = Call(survey.folder / "edition.yml", survey.folder / "out", argparse.Namespace())
    survey.edition({"responses": {"path": "responses.csv"}}, partitions={"rows": 4, "in_memory": 9})
    assert check.main(call) == 0
    assert "responses: 9 rows read, 9 accepted" in capsys.readouterr().out
    survey.edition({"responses": {"path": "responses.csv"}}, partitions={"rows": 4, "in_memory": 8})
    assert check.main(call) == 1
    told = capsys.readouterr().err
    assert "at most 8 interviews" in told
    assert "cleaning (03)" in told


def test_the_stage_writes_what_it_writes_of_the_whole(survey: Any) -> None:
    from analysis.pipeline import intake, prepare
    from analysis.pipeline.command import Call

    (survey.folder / "responses.csv").write_text(HEADER + _rows(60), encoding="utf-8")
    found = []
    for partitions in (None, 25):
        edition = survey.edition({"responses": {"path": "responses.csv"}}, partitions=partitions)
        out = survey.folder / f"out{partitions}"
        call = Call(survey.folder / "edition.yml", out, argparse.Namespace(table="responses"))
        for name, content in prepare.stamps(edition, renderer="auto", langs="en").items():
            prepare.write_if_changed(out / "params" / f"{name}.json", content)
        prepare.write_if_changed(call.snapshot, prepare.snapshot(edition))
        intake.main(call)
        results = out / "results" / "intake"
        record = json.loads((results / "responses.json").read_text(encoding="utf-8"))
        found.append(
            (
                record,
                (out / "quarantine" / "responses.csv").read_bytes(),
                pd.read_parquet(results / "responses.parquet"),
            )
        )
        assert [path.name for path in results.iterdir() if path.name.startswith(".")] == []
    assert found[0][:2] == found[1][:2]
    pd.testing.assert_frame_equal(found[0][2], found[1][2])


def test_a_key_is_found_in_whatever_part_it_was_used() -> None:
    used = UsedKeys()
    used.add(pd.Series(["b", "a"], dtype="str"), np.array([2, 3]))
    used.add(pd.Series(["c"], dtype="str"), np.array([9]))
    assert used.first_rows(pd.Series(["c", "d", "a", "b"], dtype="str")).tolist() == [9, 0, 3, 2]
    assert used.first_rows(pd.Series([], dtype="str")).tolist() == []
