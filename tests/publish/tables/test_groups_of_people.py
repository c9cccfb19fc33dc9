"""Groups of people by what they answered: rows without an answer, cells of two questions, and what adds up to what."""

from __future__ import annotations

import pytest

from analysis.publish.disclosure.groups import ANY, group_of, margins_of, total_of
from analysis.publish.tables.spec import People

SEGMENTS = People(n="n", question="segment", category="category")
SPELLED = People(n="n", category="group")


def _group(people: People, **record: object) -> frozenset[tuple[str, str]]:
    return group_of(people, record, 4, names={"stratum": "kind"}, own="csi")


def test_the_same_answer_is_one_group_in_every_table() -> None:
    assert _group(SEGMENTS, segment="stratum", category="bank") == frozenset({("kind", "bank")})
    assert _group(People(n="n", question="=kind", category="category"), category="bank") == {("kind", "bank")}
    assert _group(SPELLED, group="stratum=bank") == {("kind", "bank")}


@pytest.mark.parametrize("category", [None, "", float("nan")])
def test_a_row_without_an_answer_is_a_group_of_its_own_table(category: object) -> None:
    assert _group(SEGMENTS, segment="kind", category=category) == frozenset({("csi#4", "")})


def test_a_table_that_stands_alone_shares_no_group() -> None:
    alone = People(n="n", question="segment", category="category", alone=True)
    assert _group(alone, segment="kind", category="bank") == frozenset({("csi.kind", "bank")})


def test_a_pooled_cell_holds_its_alternatives_and_is_marked_where_they_do_not_make_a_square() -> None:
    east = "region=east; age=60+"
    assert _group(SPELLED, group=east) == {("region", "east"), ("age", "60+")}
    assert _group(SPELLED, group=f"{east} | region=west; age=60+") == {("region", "east|west"), ("age", "60+")}
    assert ANY in _group(SPELLED, group=f"{east} | region=west; age=18-29")
    assert total_of(_group(SPELLED, group=f"{east} | region=west; age=18-29")) == {("region", "*"), ("age", "*")}


def test_a_cross_table_adds_up_over_all_and_by_each_question() -> None:
    cells = [_group(SPELLED, group=f"region={r}; age={a}") for r in ("east", "west") for a in ("old", "young")]
    found = {frozenset(next(iter(whole))): places for whole, places in margins_of(cells)}
    assert found[frozenset({("region", "*"), ("age", "*")})] == [0, 1, 2, 3]
    assert found[frozenset({("region", "east")})] == [0, 1]
    assert found[frozenset({("age", "young")})] == [1, 3]
    assert len(found) == 5


def test_joined_answers_add_up_together() -> None:
    cells = [_group(SPELLED, group=text) for text in ("r=a; q=x | r=b; q=x", "r=c; q=x", "r=b; q=y", "r=a; q=y")]
    sums = list(margins_of(cells))
    wholes = {tuple(sorted(code for one in whole for _, code in one)): places for whole, places in sums[1:]}
    assert wholes[("a", "b")] == [0, 2, 3]
    assert wholes[("c",)] == [1]


def test_groups_of_unlike_questions_add_up_over_all_only() -> None:
    assert list(margins_of([])) == []
    one, other = frozenset({("a", "1")}), frozenset({("b", "1")})
    assert [places for _, places in margins_of([one, other])] == [[0, 1]]
