"""Waves of the responses: by files and by a column, told apart, put in order, each read by the one contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.data.intake import Intake, check_tables, load_table
from analysis.data.waves import split_waves
from analysis.edition.sections.data import EARLIER
from analysis.errors import ContractError, EditionError, SourceError, SurveyReportError

COLUMNS = ["id", "kind", "q1", "q2", "s1"]


def _rows(seed: int, count: int = 12, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 6, (count, 3)), columns=["q1", "q2", "s1"])
    frame.insert(0, "kind", rng.choice(["bank", "fund"], count))
    frame.insert(0, "id", [f"p{seed}-{i}" for i in range(count)])
    return frame.assign(**columns)


class Waves:
    """Writes the files of waves beside each other, and reads the edition that names them."""

    def __init__(self, survey: Any) -> None:
        self.survey = survey

    def write(self, name: str, frame: pd.DataFrame | str) -> str:
        text = frame if isinstance(frame, str) else frame.to_csv(index=False)
        (self.survey.folder / name).write_text(text, encoding="utf-8")
        return str(self.survey.folder / name)

    def edition(self, **source: Any) -> Any:
        source.setdefault("columns", {}).setdefault("respondent_id", "id")
        if "path" in source:
            return self.survey.edition({"responses": source})
        edition = self.survey.edition({"population": {"path": "none.csv"}})
        tables = {"responses": type(edition.data.tables["population"]).model_validate(source)}
        return edition.model_copy(update={"data": edition.data.model_copy(update={"tables": tables})})

    def load(self, **source: Any) -> tuple[Intake, Intake | None]:
        edition = self.edition(**source)
        own = load_table(edition, "responses")
        assert own is not None
        return own, load_table(edition, EARLIER)


@pytest.fixture
def waves(survey: Any) -> Waves:
    return Waves(survey)


def _by_wave(intake: Intake | None) -> dict[str, list[str]]:
    assert intake is not None
    return {str(label): rows["respondent_id"].tolist() for label, rows in intake.frame.groupby("wave", sort=False)}


def test_files_are_waves_and_the_latest_is_the_edition_s_own(waves: Waves) -> None:
    files = {"2015-Q1": _rows(1), "2015年第三季度": _rows(3), "Q2 2015": _rows(2)}
    own, earlier = waves.load(waves={name: waves.write(f"{i}.csv", f) for i, (name, f) in enumerate(files.items())})
    assert own.frame["respondent_id"].tolist() == files["2015年第三季度"]["id"].tolist()
    assert _by_wave(earlier) == {"2015Q1": files["2015-Q1"]["id"].tolist(), "2015Q2": files["Q2 2015"]["id"].tolist()}
    assert earlier is not None
    assert earlier.wave == "2015Q3"
    assert (earlier.read, earlier.accepted) == (24, 24)
    assert "wave" not in own.frame


def test_a_column_tells_the_waves_of_one_file_and_its_rows_are_those_of_files(waves: Waves) -> None:
    parts = {"第1期": _rows(1), "第2期": _rows(2), "第10期": _rows(3)}
    whole = pd.concat([frame.assign(when=name) for name, frame in parts.items()]).sample(frac=1, random_state=1)
    own, earlier = waves.load(path=waves.write("all.csv", whole), columns={"wave": "when"})
    files = {name: waves.write(f"{i}.csv", frame) for i, (name, frame) in enumerate(parts.items())}
    own_too, earlier_too = waves.load(waves=files)
    key = "respondent_id"
    for one, other in ((own.frame, own_too.frame), (earlier.frame, earlier_too.frame)):  # type: ignore[union-attr]
        pd.testing.assert_frame_equal(*(f.sort_values(key, ignore_index=True)[sorted(f)] for f in (one, other)))
    assert own.read == 12
    assert set(_by_wave(earlier)) == {"W1", "W2"}


def test_another_wave_can_be_the_edition_s_own_and_later_ones_stay_out(waves: Waves) -> None:
    files = {name: waves.write(f"{name}.csv", _rows(i)) for i, name in enumerate(("2021", "2022", "2023"))}
    own, earlier = waves.load(waves=files, wave=2022)
    assert own.frame["respondent_id"].iloc[0] == "p1-0"
    assert set(_by_wave(earlier)) == {"2021"}
    whole = pd.concat([_rows(i, year=2021 + i) for i in range(3)])
    own, earlier = waves.load(path=waves.write("all.csv", whole), columns={"wave": "year"}, wave="2022")
    assert own.frame["respondent_id"].iloc[0] == "p1-0"
    assert set(_by_wave(earlier)) == {"2021"}


def test_the_same_people_in_two_waves_are_no_copies(waves: Waves) -> None:
    whole = pd.concat([_rows(1, when="W1"), _rows(1, when="W2")])
    own, earlier = waves.load(path=waves.write("all.csv", whole), columns={"wave": "when"})
    assert own.quarantined == 0
    assert earlier is not None
    assert earlier.quarantined == 0
    assert own.frame["respondent_id"].tolist() == earlier.frame["respondent_id"].tolist()


def test_an_earlier_wave_may_lack_a_question_a_category_and_an_order_of_its_own(waves: Waves) -> None:
    first = _rows(1, kind="bank").drop(columns="q2")[["s1", "kind", "id", "q1"]]
    own, earlier = waves.load(waves={"2024": waves.write("a.csv", first), "2025": waves.write("b.csv", _rows(2))})
    assert earlier is not None
    assert "q2" not in earlier.frame
    assert earlier.frame["q1"].tolist() == first["q1"].tolist()
    assert "2024: not asked in this wave: q2, city" in earlier.notes
    assert own.accepted == 12


def test_a_question_that_one_wave_left_blank_was_not_asked_in_it(waves: Waves) -> None:
    whole = pd.concat([_rows(1, when="2024", q2=""), _rows(2, when="2025")])
    _, earlier = waves.load(path=waves.write("all.csv", whole), columns={"wave": "when"})
    assert earlier is not None
    assert "q2" not in earlier.frame


def test_the_own_wave_must_have_every_question(waves: Waves) -> None:
    files = {"2024": waves.write("a.csv", _rows(1)), "2025": waves.write("b.csv", _rows(2).drop(columns="q2"))}
    with pytest.raises(ContractError, match="lacks 1 column"):
        waves.load(waves=files)


def test_keys_are_shared_and_a_wave_may_have_its_own(waves: Waves) -> None:
    words = {1: "bad", 2: "poor", 3: "fair", 4: "good", 5: "great"}
    old = _rows(1).rename(columns={"q1": "Question one"}).assign(s1=lambda frame: frame["s1"].map(words))
    new = _rows(2).rename(columns={"q1": "F1"})
    own, earlier = waves.load(
        waves={
            "2024": {
                "path": waves.write("a.csv", old.to_csv(index=False, sep=";")),
                "columns": {"q1": "Question one"},
                "values": {"s1": {word: code for code, word in words.items()}},
                "delimiter": ";",
            },
            "2025": waves.write("b.csv", new),
        },
        columns={"q1": "F1"},
    )
    assert own.frame["q1"].tolist() == new["F1"].tolist()
    assert earlier is not None
    assert earlier.frame["q1"].tolist() == old["Question one"].tolist()
    assert earlier.frame["s1"].between(1, 5).all()


def test_a_position_that_means_another_column_in_another_wave_is_refused(waves: Waves) -> None:
    files = {
        "2024": waves.write("a.csv", _rows(1)[["id", "kind", "q2", "q1", "s1"]]),
        "2025": waves.write("b.csv", _rows(2)[COLUMNS]),
    }
    with pytest.raises(ContractError, match="another one in this wave") as told:
        waves.load(waves=files, columns={"q1": 3})
    assert (told.value.expected, told.value.got) == ("'q1'", "'q2'")


def test_rules_of_a_bad_row_are_those_of_the_own_wave(waves: Waves) -> None:
    old = _rows(1)
    old.loc[3, "q1"] = 9
    _, earlier = waves.load(waves={"2024": waves.write("a.csv", old), "2025": waves.write("b.csv", _rows(2))})
    assert earlier is not None
    assert (earlier.accepted, earlier.quarantined) == (11, 1)
    assert earlier.quarantine["wave"].tolist() == ["2024"]


def test_rows_without_a_wave_are_refused_with_the_own_one(waves: Waves) -> None:
    whole = pd.concat([_rows(1, when="2024"), _rows(2, when="2025"), _rows(3, count=2, when="")])
    own, _ = waves.load(path=waves.write("all.csv", whole), columns={"wave": "when"})
    assert (own.accepted, own.quarantined) == (12, 2)
    assert own.quarantine["reason"].str.contains("wave has no value").all()


def test_texts_of_the_column_can_be_mapped_and_filters_come_first(waves: Waves) -> None:
    whole = pd.concat([_rows(1, when="alt"), _rows(2, when="neu"), _rows(3, when="Test")])
    own, earlier = waves.load(
        path=waves.write("all.csv", whole),
        columns={"wave": "when"},
        values={"wave": {"alt": "2024Q4", "neu": "2025Q1"}},
        filters=[{"column": "when", "drop": ["Test"]}],
    )
    assert own.frame["respondent_id"].iloc[0] == "p2-0"
    assert set(_by_wave(earlier)) == {"2024Q4"}


def test_one_wave_alone_has_no_earlier_ones(waves: Waves) -> None:
    own, earlier = waves.load(path=waves.write("all.csv", _rows(1, when="2025")), columns={"wave": "when"})
    assert own.accepted == 12
    assert earlier is None
    own, earlier = waves.load(waves={"2025": waves.write("one.csv", _rows(1))})
    assert earlier is None


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["2024", "neu"], "not recognised"),
        (["2024", "2025Q1"], "different kinds"),
        (["2024-01", "2024-13"], "not recognised"),
    ],
)
def test_labels_that_are_none_or_of_two_kinds_are_told_with_the_column(
    waves: Waves, names: list[str], problem: str
) -> None:
    whole = pd.concat([_rows(i, when=name) for i, name in enumerate(names)])
    with pytest.raises(ContractError, match=problem) as told:
        waves.load(path=waves.write("all.csv", whole), columns={"wave": "when"})
    assert "all.csv, column 'when'" in (told.value.where or "")
    assert "values.wave" in (told.value.hint or "")


def test_a_column_of_moments_is_no_column_of_waves(waves: Waves) -> None:
    days = pd.date_range("2020-01-01", periods=450).strftime("%Y-%m-%d")
    with pytest.raises(ContractError, match="too many"):
        waves.load(path=waves.write("all.csv", _rows(1, count=450, when=days)), columns={"wave": "when"})


def test_an_own_wave_that_is_not_in_the_file_is_told(waves: Waves) -> None:
    path = waves.write("all.csv", pd.concat([_rows(1, when="2024"), _rows(2, when="2025")]))
    with pytest.raises(ContractError, match="own wave is not in the file"):
        waves.load(path=path, columns={"wave": "when"}, wave="2026")


@pytest.mark.parametrize("content", ["", "id,kind,q1,q2,s1\n"])
def test_a_wave_with_an_empty_file_names_the_file(waves: Waves, content: str) -> None:
    edition = waves.edition(waves={"2024": waves.write("old.csv", content), "2025": waves.write("b.csv", _rows(2))})
    with pytest.raises(SourceError, match=r"empty|no rows") as told:
        load_table(edition, EARLIER)
    assert "old.csv" in (told.value.where or "")
    _, problems = check_tables(edition)
    assert any("old.csv" in (problem.where or "") for problem in problems)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"waves": {"2024": "a.csv", "next": "b.csv"}}, "next"),
        ({"waves": {"2024": "a.csv", "2025Q1": "b.csv"}}, "different kinds"),
        ({"waves": {"2024q1": "a.csv", "2024-Q1": "b.csv"}}, "one wave"),
        ({"waves": {"2024": "a.csv"}, "path": "c.csv"}, "not both"),
        ({"waves": {"2024": "a.csv"}, "columns": {"wave": "w"}}, "either by their files"),
        ({"waves": {"2024": "a.csv"}, "wave": "2026"}, "none of those there are: 2024"),
        ({"path": "a.csv", "wave": "2026"}, "names one of several"),
        ({}, "needs the `path`"),
        ({"waves": {"2024": {"path": "a.csv", "waves": {"2023": "b.csv"}}}}, "path"),
    ],
)
def test_what_the_params_say_of_waves_must_make_sense(source: dict[str, Any], told: str) -> None:
    from pydantic import ValidationError

    from analysis.edition.sections.data import TableSource

    with pytest.raises(ValidationError, match=told):
        TableSource.model_validate(source)


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"population": {"path": "a.csv", "columns": {"wave": "w"}}}, "only the responses"),
        (
            {"responses": {"path": "a.csv", "columns": {"wave": "w"}}, "waves": {"path": "b.csv"}},
            "or from the table `waves`",
        ),
    ],
)
def test_only_responses_have_waves_and_there_is_one_series(survey: Any, tables: dict[str, Any], told: str) -> None:
    with pytest.raises(SurveyReportError, match=told):
        survey.edition(tables)


def test_a_key_of_no_column_is_still_a_fault(waves: Waves) -> None:
    files = {"2024": waves.write("a.csv", _rows(1)), "2025": waves.write("b.csv", _rows(2))}
    with pytest.raises(EditionError, match="'q9' is not a column"):
        waves.load(waves=files, columns={"q9": "q1"})


def test_rows_are_split_up_to_the_own_wave_only(waves: Waves) -> None:
    """The function alone: labels in order of time, whatever the order of the rows."""
    from analysis.data.rawtable import RawTable
    from analysis.data.waves import Reading
    from analysis.edition.sections.data import TableSource

    frame = pd.DataFrame({0: ["2025", "2023", "2024", "2023"], 1: list("abcd")}, dtype="str")
    raw = RawTable(waves.survey.folder / "x.csv", ("when", "q1"), frame, np.arange(2, 6), 0)
    reading = Reading(raw, raw, {"wave": 0, "q1": 1}, {"wave": {}})
    found = split_waves(reading, TableSource(path="x.csv", columns={"wave": "when"}, wave="2024"))
    assert {label: part.raw.frame[1].tolist() for label, part in found.items()} == {"2023": ["b", "d"], "2024": ["c"]}
    assert found["2023"].raw.rows.tolist() == [3, 5]
