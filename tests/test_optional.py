"""A value or the reason: what an edition lacks is said, and what is wrong with the code is raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.optional import Optional, absent, attempt, given


@dataclass(frozen=True)
class _Result:
    total: int

    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"total": [self.total]})

    def record(self) -> dict[str, Any]:
        return {"total": self.total}


def _sum(values: list[int], *, start: int = 0) -> _Result:
    if not values:
        raise MethodError("There is nothing to add.", where="values")
    return _Result(sum(values, start))


def test_a_value_gives_its_parts_and_its_record() -> None:
    found = attempt(_sum, [1, 2], start=3)
    assert found
    assert found.value == _Result(6)
    assert (found.get("total"), found.shown("total"), found.reason) == (6, 6, "")
    assert found.shown() is found.value
    assert found.record() == {"available": True, "total": 6}


def test_a_method_among_the_parts_is_called() -> None:
    found = attempt(_sum, [1, 2])
    assert found.get("table")["total"].tolist() == [3]
    assert found.shown("table")["total"].tolist() == [3]


def test_what_the_data_cannot_carry_is_absent_with_the_text_of_the_error() -> None:
    found = attempt(_sum, [])
    assert not found
    assert "nothing to add" in found.reason
    assert found.shown("total") == found.shown() == found.reason
    assert found.get("total") is None
    assert found.record() == {"available": False, "reason": found.reason}


def test_an_absent_argument_makes_the_result_absent_for_the_same_reason() -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError

    assert attempt(never, absent("no waves"), 1) == absent("no waves")
    assert attempt(never, given([1], "no numbers"), start=absent("no start")).reason == "no start"
    assert attempt(never, absent("first"), start=absent("second")).reason == "first"


def test_an_optional_argument_that_is_there_is_handed_over_bare() -> None:
    assert attempt(_sum, given([1], "no numbers"), start=given(4, "no start")).value == _Result(5)


def test_a_faulty_call_is_raised_not_explained() -> None:
    with pytest.raises(TypeError):
        attempt(_sum, [1], begin=3)
    with pytest.raises(AttributeError):
        attempt(_sum, [1]).get("sum")


def test_values_that_count_for_nothing_are_values_all_the_same() -> None:
    for value in (0, "", [], False):
        assert given(value, "none")
        assert given(value, "none").shown() == value


def test_a_table_without_a_record_of_its_own_is_available() -> None:
    frame = pd.DataFrame({"a": [1]})
    assert given(frame, "no table").record() == {"available": True}
    assert Optional(frame).get("a").tolist() == [1]


def test_what_follows_is_done_with_the_value_and_its_errors_are_raised() -> None:
    assert given([1, 2], "no numbers").then(_sum, start=1).value == _Result(4)
    assert absent("no numbers").then(_sum) == absent("no numbers")
    with pytest.raises(MethodError, match="nothing to add"):
        given([], "no numbers").then(_sum)
