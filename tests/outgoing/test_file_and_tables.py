"""The public-use file and the published tables together: nothing that the tables withhold may follow from both.

The attacker knows every table, every row of the file and how it was made: which answers are withheld because the tables
withhold a group, and that more may be withheld to make rows alike. Unknown is only which of the answers that this
leaves possible stands behind each withheld one; linear programming bounds what that can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from small_survey import INSTRUMENT, Survey

from analysis.edition.sections.disclosure import Disclosure
from analysis.outgoing.coarsening import coarser
from analysis.outgoing.public_file import PublicFile, public_use_file
from analysis.publish.disclosure.tables import suppress, unpublished_groups
from analysis.publish.tables.columns import N, number
from analysis.publish.tables.spec import People, TableSpec

RULES = Disclosure()
CODES = {
    "region": ["east", "north", "south"],
    "sex": ["f", "m", "x"],
    "age": ["old", "mid", "young"],
    "job": ["yes", "no"],
}
SINGLE = TableSpec("single", (number("csi", 1), N), people=(People("question", "category"),))
PAIRS = list(combinations(CODES, 2))
CROSSED = {
    f"{a} {b}": TableSpec(f"{a} {b}", (number("csi", 1), N), people=(People(category="category"),)) for a, b in PAIRS
}
SPECS = {"single": SINGLE} | CROSSED
Group = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class _Case:
    frame: pd.DataFrame
    shown: dict[str, pd.DataFrame]
    withheld: set[Group]
    made: PublicFile


def _question(key: str) -> dict[str, Any]:
    return {"key": key, "name": {"zh": key, "en": key}, "question": {"zh": key, "en": key}, "categories": CODES[key]}


def _people(seed: int) -> pd.DataFrame:
    """Skewed groups; in every second survey so few of one sex that its number is withheld, and one other with it."""
    draw = np.random.default_rng(seed)
    rows = int(draw.integers(400, 1500))
    drawn = {
        key: draw.choice(codes, rows, p=draw.dirichlet(np.full(len(codes), draw.choice([0.7, 1.5, 4.0]))))
        for key, codes in CODES.items()
    }
    if seed % 2:
        drawn["sex"] = draw.choice(CODES["sex"], rows, p=[0.5, 0.485, 0.015])
    answers = {item: draw.integers(1, 6, rows).astype(float) for item in ("q1", "q2", "s1")}
    return pd.DataFrame({"respondent_id": [f"r{n}" for n in range(rows)], **drawn, **answers})


def _tables(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every question alone, and every two of them, as a report shows the index."""
    single = [
        {"question": key, "category": code, "csi": 80.0, "n": int((frame[key] == code).sum())}
        for key in CODES
        for code in CODES[key]
    ]
    tables = {"single": pd.DataFrame(single)}
    for a, b in PAIRS:
        cells = [((frame[a] == x) & (frame[b] == y), x, y) for x, y in product(CODES[a], CODES[b])]
        rows = [{"category": f"{a}={x}; {b}={y}", "csi": 80.0, "n": int(inside.sum())} for inside, x, y in cells]
        tables[f"{a} {b}"] = pd.DataFrame(rows)
    return tables


@cache
def _published(seed: int) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], set[Group]]:
    """People, the tables that are shown of them, and the groups that these withhold."""
    frame = _people(seed)
    shown = suppress(_tables(frame), SPECS, rules=RULES)
    return frame, shown, unpublished_groups(shown, SPECS)


_CASES: dict[str, _Case] = {}
"""Files that were made, by all they are made of: tests read them only."""


def _case(survey: Survey, seed: int, *, heeded: bool = True, **rules: Any) -> _Case:
    made_of = repr((seed, heeded, sorted(rules.items())))
    if made_of not in _CASES:
        instrument = INSTRUMENT | {"profile": [_question(key) for key in CODES]}
        edition = survey.edition({}, instrument=instrument, data_release={"max_withheld": 0.9, **rules})
        frame, shown, withheld = _published(seed)
        design = pd.DataFrame({"respondent_id": frame["respondent_id"], "weight": 1.0})
        made = public_use_file(frame, design, edition, unpublished=withheld if heeded else ())
        _CASES[made_of] = _Case(frame, shown, withheld, made)
    return _CASES[made_of]


def _numbers(shown: dict[str, pd.DataFrame]) -> dict[Group, float]:
    """Every group that a table names, with its number of people (missing: withheld)."""
    single = {frozenset({(row["question"], row["category"])}): row["n"] for row in shown["single"].to_dict("records")}
    crossed = {
        frozenset(tuple(pair.split("=")) for pair in row["category"].split("; ")): row["n"]
        for name in CROSSED
        for row in shown[name].to_dict("records")
    }
    return single | crossed


@dataclass(frozen=True)
class _Possible:
    """Rows of the file that look alike, how many, and who each of them may be."""

    count: int
    people: list[dict[str, str]]


def _possible(case: _Case) -> list[_Possible]:
    keys, known = [*case.made.safety.keys, *case.made.safety.others], _numbers(case.shown)
    people = [dict(zip(CODES, combination, strict=True)) for combination in product(*CODES.values())]
    rows = case.made.frame[keys].astype(object)
    found = []
    for values, count in rows.where(rows.notna(), None).value_counts(dropna=False).items():
        visible = {key: value for key, value in zip(keys, values, strict=True) if isinstance(value, str)}
        likely = [one for one in people if all(one[key] in code.split("|") for key, code in visible.items())]
        found.append(
            _Possible(count, [one for one in likely if not visible.keys() & _hidden_for_the_tables(one, known)])
        )
    return found


def _bounds(case: _Case) -> dict[Group, float]:
    """How far the number of people in each withheld group stays open."""
    alike, known = _possible(case), _numbers(case.shown)
    unknown = [(number, one) for number, rows in enumerate(alike) for one in rows.people]
    equal = [[float(at == number) for at, _ in unknown] for number in range(len(alike))]
    total = [float(rows.count) for rows in alike]
    for group, n in known.items():
        if not np.isnan(n):
            equal.append([float(group <= set(one.items())) for _, one in unknown])
            total.append(float(n))
    widths = {}
    for group in (group for group, n in known.items() if np.isnan(n)):
        aim = np.array([float(group <= set(one.items())) for _, one in unknown])
        low, high = (linprog(sign * aim, A_eq=np.array(equal), b_eq=np.array(total)) for sign in (1, -1))
        assert (low.status, high.status) == (0, 0), "the truth must be possible"
        widths[group] = -high.fun - low.fun
    return widths


def _hidden_for_the_tables(one: dict[str, str], known: dict[Group, float]) -> set[str]:
    """Answers of such a person that the file withholds for the sake of the tables."""
    return {key for key, code in one.items() if np.isnan(known[frozenset({(key, code)})])}


@pytest.mark.parametrize("k", [2, 10])
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 7])
def test_the_number_of_people_that_the_tables_withhold_does_not_follow_from_the_file(
    survey: Survey, seed: int, k: int
) -> None:
    case = _case(survey, seed, k=k)
    assert case.withheld
    assert not seed % 2 or frozenset({("sex", "x")}) in case.withheld
    assert {group: width for group, width in _bounds(case).items() if width < RULES.width - 1e-6} == {}


@pytest.mark.parametrize("seed", range(12))
def test_of_nobody_in_a_group_that_the_tables_withhold_the_file_shows_the_answers(survey: Survey, seed: int) -> None:
    """Whatever rows a reader picks, they may as well be of people in other groups."""
    case = _case(survey, seed)
    for rows in _possible(case):
        for group in case.withheld:
            assert not all(group <= one.items() for one in rows.people), (group, rows)


def test_a_file_that_does_not_heed_the_tables_gives_them_away(survey: Survey) -> None:
    """The fault this closes: k alike are enough for a row, and far fewer than a table may show."""
    case = _case(survey, 0, heeded=False, k=2)
    assert case.withheld
    sure = [
        rows
        for rows in _possible(case)
        for group in case.withheld
        if all(group <= set(one.items()) for one in rows.people)
    ]
    assert sure


@pytest.mark.parametrize("seed", range(4))
def test_no_row_of_the_file_shows_a_group_that_no_table_shows(survey: Survey, seed: int) -> None:
    case = _case(survey, seed, keys=["sex", "job", "age", "region"])
    assert "sex" in case.made.frame
    for group in (group for group in case.withheld if {key for key, _ in group} <= set(case.made.frame)):
        inside = np.logical_and.reduce([case.made.frame[key].eq(code).to_numpy(bool) for key, code in group])
        assert not inside.any(), group
    assert (case.made.safety.unpublished > 0) == bool(seed % 2)


@pytest.mark.parametrize("k", [5, 30])
def test_every_combination_of_background_answers_stands_k_times(survey: Survey, k: int) -> None:
    """By counting each of the rows of the file against all others."""
    for seed in range(3):
        made = _case(survey, seed, k=k).made
        rows = made.numbers[[key for key in CODES if key in made.numbers]].to_numpy().tolist()
        assert min(rows.count(row) for row in rows) >= k


def test_of_two_questions_with_groups_that_no_table_shows_the_one_wanted_less_is_left_out(survey: Survey) -> None:
    for keys in (["region", "sex", "age", "job"], ["job", "age", "sex", "region"]):
        case = _case(survey, 0, keys=keys, coarsen=False)
        crossed = [{question for question, _ in group} for group in case.withheld if len(group) == 2]
        assert not [pair for pair in crossed if pair <= set(case.made.frame)]
        left = [one.key for one in case.made.safety.left_out if one.reason == "unpublished"]
        assert left
        for key in left:
            before = [other for other in keys[: keys.index(key)] if other in case.made.frame]
            assert any({key, other} in crossed for other in before), key


def test_a_question_that_cannot_go_out_as_it_is_goes_out_coarser(survey: Survey) -> None:
    """More questions than without, and of whom the tables withhold the number the file does not show it."""
    more = 0
    for seed in range(8):
        fine, case = (_case(survey, seed, k=2, coarsen=coarsen) for coarsen in (False, True))
        kept = [{key for key in CODES if key in one.made.frame} for one in (fine, case)]
        assert kept[0] <= kept[1]
        assert set(case.made.safety.joined) == kept[1] - kept[0]
        more += len(kept[1] - kept[0])
        for key, classes in case.made.safety.joined.items():
            assert [code for one in classes for code in one] == CODES[key]
            assert set(case.made.frame[key].dropna()) <= {"|".join(one) for one in classes}
        assert {group: width for group, width in _bounds(case).items() if width < RULES.width - 1e-6} == {}
    assert more >= 2


def test_joining_one_withheld_answer_with_shown_ones_would_tell_it(survey: Survey) -> None:
    """Why the classes are audited: the sum less what the tables show is the number that they withhold."""
    case = next(
        case for case in (_case(survey, seed, k=2, coarsen=False) for seed in range(8)) if case.made.safety.left_out
    )
    groups = [group for group in case.withheld if len(group) == 2]
    for group in groups:
        for key, code in group:
            others = [(name, told) for name, told in group if name != key]
            hidden = {told for one in groups if set(others) <= one for name, told in one if name == key}
            shown = [told for told in CODES[key] if told not in hidden]
            if shown and len(hidden) > 1:
                there = case.frame[[others[0][0], key]]
                joined = ((code, shown[0]), *((told,) for told in CODES[key] if told not in {code, shown[0]}))
                options: dict[str, Any] = {
                    "width": RULES.width,
                    "fits": lambda classes, joined=joined: classes == joined,
                }
                assert coarser(there, key, [one for own in joined for one in own], [group], **options) is None
                return
    pytest.fail("no withheld group beside a shown one")


def test_groups_of_questions_that_are_not_in_the_file_cost_nothing(survey: Survey) -> None:
    case = _case(survey, 0, drop=["region", "sex", "age"])
    assert "job" in case.made.frame
    assert case.made.safety.touched == 0


@pytest.mark.parametrize("seed", range(6))
def test_without_keys_the_most_questions_that_can_go_together_go_out(survey: Survey, seed: int) -> None:
    case = _case(survey, seed, k=2, coarsen=False)
    crossed = [{question for question, _ in group} for group in case.withheld if len(group) == 2]
    free = [
        chosen
        for count in range(1, len(CODES) + 1)
        for chosen in combinations(CODES, count)
        if not any(pair <= set(chosen) for pair in crossed)
    ]
    assert len([key for key in CODES if key in case.made.frame]) == len(free[-1])
