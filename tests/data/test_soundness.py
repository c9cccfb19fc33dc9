"""What only whole tables show is told before anything runs: too few interviews, nothing that varies, odd margins."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.data.intake import check_tables

HEAD = "respondent_id,kind,city,q1,q2,s1"


def _responses(count: int = 60, **fixed: str) -> str:
    """Interviews with answers that vary, but for the columns named."""
    lines = [HEAD]
    for i in range(count):
        row = {
            "respondent_id": f"r{i}",
            "kind": "bank" if i % 3 else "fund",
            "city": f"c{i % 2}",
            "q1": str(i % 5 + 1),
            "q2": str(i % 4 + 1),
            "s1": str((i + 2) % 5 + 1),
        } | fixed
        lines.append(",".join(row.values()))
    return "\n".join(lines) + "\n"


def _told(survey: Any, responses: str, population: str = "", **sections: Any) -> str:
    (survey.folder / "responses.csv").write_text(responses, encoding="utf-8")
    tables = {"responses": {"path": "responses.csv"}}
    if population:
        (survey.folder / "population.csv").write_text(f"variable,category,population\n{population}", encoding="utf-8")
        tables["population"] = {"path": "population.csv"}
    edition = survey.edition(tables, **{"refused": 0.05, "disclosure": {"min_base": 30}} | sections)
    return "\n".join(str(problem) for problem in check_tables(edition)[1])


def test_a_sound_survey_has_no_problem(survey: Any) -> None:
    assert _told(survey, _responses()) == ""


@pytest.mark.parametrize("count", [1, 2, 25, 29])
def test_fewer_interviews_than_the_base_are_told(survey: Any, count: int) -> None:
    told = _told(survey, _responses(count))
    assert "at least 30 interviews (disclosure.min_base)" in told
    assert f"got: {count}" in told


def test_no_interview_is_told(survey: Any) -> None:
    assert "a header and no rows" in _told(survey, f"{HEAD}\n")


def test_as_many_interviews_as_the_base_are_enough(survey: Any) -> None:
    assert _told(survey, _responses(30)) == ""


@pytest.mark.parametrize("answer", ["1", "3", "5"])
def test_interviews_all_alike_are_told(survey: Any, answer: str) -> None:
    assert "All interviews answer alike" in _told(survey, _responses(q1=answer, q2=answer, s1=answer))


def test_one_item_that_varies_is_enough(survey: Any) -> None:
    assert _told(survey, _responses(q1="3", q2="3")) == ""


@pytest.mark.parametrize("item", ["q1", "q2", "s1"])
def test_an_item_that_nobody_answers_is_told(survey: Any, item: str) -> None:
    told = _told(survey, _responses(**{item: ""}))
    assert "Nobody has answered an item" in told
    assert f"responses.csv: {item}" in told


@pytest.mark.parametrize("weight", ["0", "-1", "0.0", "1e999"])
def test_weights_that_are_all_of_no_use_are_told(survey: Any, weight: str) -> None:
    lines = _responses().splitlines()
    told = _told(survey, "\n".join([f"{lines[0]},weight", *(f"{line},{weight}" for line in lines[1:])]) + "\n")
    assert "Not one of the 60 rows" in told
    assert f"'{weight}'" in told


MARGINS: dict[str, tuple[str, str]] = {
    "a negative one": ("kind,bank,100\nkind,fund,-5\n", "population is below 0 (1 rows, such as row 3: '-5')"),
    "a zero": ("kind,bank,100\nkind,fund,0\n", "'kind' has a population of zero"),
    "all zero": ("kind,bank,0\nkind,fund,0\n", "'kind' has a population of zero"),
    "a category that is absent": ("kind,bank,100\n", "'kind' has interviews and no population"),
    "a margin that is absent": ("city,c0,50\ncity,c1,50\n", "no rows for kind"),
    "half a person": ("kind,bank,100.5\nkind,fund,50\n", "is not a whole number"),
    "a share": ("kind,bank,0.6\nkind,fund,0.4\n", "is not a whole number"),
    "totals that differ": ("kind,bank,60\nkind,fund,40\ncity,c0,500\ncity,c1,400\n", "kind: 100, city: 900"),
    "a category given twice": ("kind,bank,60\nkind,bank,70\nkind,fund,40\n", "is used before, in row 2"),
    "a city without interviews": (
        "kind,bank,60\nkind,fund,40\ncity,c0,40\ncity,c1,40\ncity,c9,20\n",
        "city = c9 (n = 0)",
    ),
}


@pytest.mark.parametrize("name", MARGINS)
def test_margins_that_can_not_be_met_are_told(survey: Any, name: str) -> None:
    population, words = MARGINS[name]
    margins = ["kind", "city"] if "city" in population and "kind" in population else ["kind"]
    assert words in _told(survey, _responses(), population, weighting={"margins": margins})


def test_margins_that_differ_by_rounding_are_sound(survey: Any) -> None:
    population = "kind,bank,6000\nkind,fund,4000\ncity,c0,5001\ncity,c1,5000\n"
    assert _told(survey, _responses(), population, weighting={"margins": ["kind", "city"]}) == ""


@pytest.mark.parametrize(("odd", "most", "told"), [(3, 0.05, False), (4, 0.05, True), (4, 0.10, False), (1, 0.0, True)])
def test_a_share_of_refused_rows_stops_the_run(survey: Any, odd: int, most: float, told: bool) -> None:
    lines = _responses().splitlines()
    for place in range(odd):
        lines[place + 9] = lines[place + 9].rpartition(",")[0] + ",满意!"
    message = _told(survey, "\n".join(lines) + "\n", refused=most)
    assert bool(message) == told
    if told:
        assert f"{odd} of 60 rows" in message
        assert "s1 is not a number or a known label" in message
        assert "such as row 10: '满意!'" in message


@pytest.mark.parametrize("rows", [2, 3, 10])
@pytest.mark.parametrize("head", [1, 2])
def test_answers_counted_among_the_header_are_told(survey: Any, rows: int, head: int) -> None:
    (survey.folder / "responses.csv").write_text("title\n" * (head - 1) + _responses(), encoding="utf-8")
    source = {"path": "responses.csv", "header_rows": rows + head - 1 if rows < 10 else 10, "header_row": head}
    problems = check_tables(survey.edition({"responses": source}))[1]
    assert "holds answers: it would be lost" in str(problems[0])
    assert "header_rows" in str(problems[0])


@pytest.mark.parametrize(
    "second", ["Q0,Q1,Q2,Q3,Q4,Q5", "编号,类型,城市,速度,等候,总体", ",,,,,", "text,text,text,int,int,int"]
)
def test_a_second_row_of_names_is_no_answer(survey: Any, second: str) -> None:
    lines = _responses().splitlines()
    (survey.folder / "responses.csv").write_text("\n".join([lines[0], second, *lines[1:]]) + "\n", encoding="utf-8")
    tables, problems = check_tables(survey.edition({"responses": {"path": "responses.csv", "header_rows": 2}}))
    assert not problems
    assert tables["responses"].accepted == 60


WAVES = "wave,date,csi\n2024Q1,2024-03-31,80\n2024Q2,2024-06-30,81\n2024Q3,2024-09-30,82\n"


@pytest.mark.parametrize(("last", "told"), [("2024Q2", ""), ("2023Q4", "trend.last_edition: 2023Q4")])
def test_a_last_edition_that_is_no_wave_of_the_series_is_told(survey: Any, last: str, told: str) -> None:
    (survey.folder / "responses.csv").write_text(_responses(), encoding="utf-8")
    (survey.folder / "waves.csv").write_text(WAVES, encoding="utf-8")
    tables = {"responses": {"path": "responses.csv"}, "waves": {"path": "waves.csv"}}
    edition = survey.edition(tables, disclosure={"min_base": 30}, trend={"last_edition": last})
    found = "\n".join(str(problem) for problem in check_tables(edition)[1])
    assert (found == "") if not told else (told in found)
