"""`make check` prints what became of the rows of every table, and every problem."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.pipeline import check
from analysis.pipeline.command import Call

ROWS = "".join(f"r{i},{i % 5 + 1},{i % 4 + 1},{i % 3 + 1},x\n" for i in range(98))


def _call(survey: Any, responses: str, **sections: Any) -> Call:
    (survey.folder / "responses.csv").write_text(f"respondent_id,q1,q2,s1,spare\n{responses}", encoding="utf-8")
    survey.edition({"responses": {"path": "responses.csv"}}, refused=0.05, **sections)
    return Call(survey.folder / "edition.yml", survey.folder / "out", argparse.Namespace())


def test_rows_read_and_refused_are_printed_with_their_reasons(survey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(_call(survey, f"{ROWS}r98,9,1,1,\nr99,满意!,1,1,\n\n,,,,\n")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "responses: 100 rows read, 98 accepted, 2 refused (2.0%), 2 blank"
    assert "    q1 is outside 1 to 5 (1 rows, such as row 100: '9')" in lines
    assert "    q1 is not a number or a known label (1 rows, such as row 101: '满意!')" in lines
    assert "    columns not used: spare" in lines


def test_too_many_refused_rows_end_the_check(survey: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(_call(survey, ROWS + "".join(f"s{i},满意!,1,1,\n" for i in range(20)))) == 1
    told = capsys.readouterr().err
    assert "20 of 118 rows (16.9%)" in told
    assert "(20 rows, such as row 100: '满意!')" in told
    assert "data.max_refused_share" in told


def test_nothing_is_written(survey: Any) -> None:
    call = _call(survey, ROWS)
    before = sorted(survey.folder.iterdir())
    check.main(call)
    assert sorted(survey.folder.iterdir()) == before
    assert not Path(call.output).exists()


def test_benchmarks_of_another_questionnaire_are_listed(
    survey: Any, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are quoted, and the check says which of them are compared with nothing."""
    assert check.main(_call(survey, ROWS, benchmarks=str(root / "params/benchmarks/guide.yml"))) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("benchmarks"))
    assert "quoted only: " in line
    assert {"efficiency_level", "trust_bank"} <= set(line.split(": ")[1].split(", "))
    assert "satisfaction_level_outlook" not in line, "the index is measured by every survey"


def test_a_section_that_the_report_does_not_have_is_told_before_anything_runs(
    survey: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call = _call(survey, ROWS)
    change = call.params.with_name("change.yml")
    change.write_text(f"extends: {call.params}\npublication: {{leave_out: [sec-drvers, sec-fair]}}\n", encoding="utf-8")
    assert check.main(replace(call, params=change)) == 1
    told = capsys.readouterr().err
    assert told.count("publication.leave_out") == 1, "once for both languages"
    assert "sec-drvers" in told
    assert "sec-drivers" in told


def test_own_prose_of_no_section_is_told_before_anything_runs(
    survey: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = _call(survey, ROWS)
    for lang in ("zh", "en"):
        shutil.copytree(root / "report" / lang, tmp_path / "report" / lang)
    own = tmp_path / "report" / "overlays" / "edition" / "en"
    own.mkdir(parents=True)
    (own / "sec-fiar.md").write_text("Our own words.\n", encoding="utf-8")
    monkeypatch.setattr(check, "ROOT", tmp_path)
    assert check.main(call) == 1
    told = capsys.readouterr().err
    assert "sec-fiar.md" in told
    assert "sec-fair" in told


def test_a_model_that_can_give_the_index_no_weights_is_told(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (root / "params/models/guide.lav").read_text(encoding="utf-8")
    (tmp_path / "short.lav").write_text(text.replace("satisfaction ~", "loyalty ~"), encoding="utf-8")
    lines = f"extends: {root / 'params/2025.yml'}\nmodel: short.lav\nindex: {{weights: model}}\n"
    (tmp_path / "weighed.yml").write_text(lines, encoding="utf-8")
    assert check.main(Call(tmp_path / "weighed.yml", tmp_path / "out", argparse.Namespace())) == 1
    told = capsys.readouterr().err
    assert "index.weights" in told
    assert "nothing explains satisfaction" in told


def test_a_year_that_the_calendar_does_not_know_is_told(root: Path) -> None:
    import pandas as pd

    from analysis.edition import load_edition
    from analysis.pipeline.check import calendar_faults

    edition = load_edition(root / "params" / "2025.yml")
    days = pd.to_datetime(["2043-03-01 09:00", "2043-03-05 09:00"])
    log = pd.DataFrame({"opened_at": days[:1], "completed_at": days[1:]})
    later = edition.model_copy(update={"service": edition.service.model_copy(update={"as_of": None})})
    assert [fault.got for fault in calendar_faults(later, log)] == ["2043"]
    assert calendar_faults(later, log - pd.Timedelta(days=365.25 * 18)) == []


def test_a_scale_whose_ends_nobody_used_and_values_left_out_are_told(
    survey: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"r{i},{i % 3 + 1},{i % 3 + 2},{i % 3 + 2},x\n" for i in range(60))
    assert check.main(_call(survey, rows)) == 0
    assert "answers reach from 1 to 4, the scale from 1 to 5" in capsys.readouterr().out
    (survey.folder / "responses.csv").write_text("kind,q1,q2,s1\n" + "bank,1,2,5\n" * 39 + "shop,2,1,1\n")
    assert check.main(Call(survey.folder / "edition.yml", survey.folder / "out", argparse.Namespace())) == 0
    told = capsys.readouterr().out
    assert "left out: kind is not one of bank, fund (1 rows, such as row 41: 'shop')" in told
    assert "is it the right one" not in told


def test_categories_of_few_are_told_before_they_take_a_large_one_with_them(
    survey: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two tiny neighbours of half of the sample: together still too few, so that a half would be withheld."""
    rows = "".join(
        f"r{i},{i % 5 + 1},{i % 4 + 1},{i % 3 + 1},{kind}\n" for i, kind in enumerate(["w", "m"] * 40 + ["d", "u"])
    )
    (survey.folder / "responses.csv").write_text(f"respondent_id,q1,q2,s1,city\n{rows}", encoding="utf-8")
    index = {"csat": {"construct": "overall", "satisfied_from": 4}, "segments": ["city"]}
    survey.edition({"responses": {"path": "responses.csv"}}, index=index, disclosure={"min_base": 30})
    assert check.main(Call(survey.folder / "edition.yml", survey.folder / "out", argparse.Namespace())) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("city: fewer"))
    assert "fewer than 30 interviews for d (1), u (1)" in line
    assert "they are withheld and w (40, 49% of all) with them" in line
    assert "data.merge.city joins categories, here to a larger one" in line
    assert "joined to each other they are 2, still too few" in line
