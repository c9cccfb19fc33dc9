"""Which answers give none, and why."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.draft.declined import why_declined, without_declined
from analysis.draft.sheet import Column


def _column(*answers: str, **labels: str) -> Column:
    return Column(0, "q", "q", pd.Series(answers), labels={code[1:]: text for code, text in labels.items()})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        *(("Refused", "refused"), ("Prefer not to say", "refused"), ("拒答", "refused"), ("98. 不愿透露", "refused")),
        *(("Don't know", "dont_know"), ("无所谓/说不清", "dont_know"), ("不知道", "dont_know")),
        *(("产品条款不清楚", None), ("Refused a loan", None), ("无所谓", None), ("East", None)),
    ],
)
def test_only_what_says_nothing_else_is_no_answer(answer: str, reason: str | None) -> None:
    assert why_declined(answer, _column(answer)) == reason


def test_the_label_of_a_code_says_it_too() -> None:
    assert why_declined("9", _column("9", c9="Refused")) == "refused"


def test_a_question_keeps_two_answers() -> None:
    assert without_declined(_column(), ["a", "b", "不知道"]) == ["a", "b"]
    assert without_declined(_column(), ["知道", "不知道"]) == ["知道", "不知道"]
