"""How a number of things divides: only the kinds that there are, and one alone as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.edition import load_edition
from analysis.publish.words.divided import divided, kinds_of
from analysis.publish.words.labels import Labels

VERDICTS = "findings.actions.verdicts"


@pytest.fixture(scope="module")
def both(root: Path) -> tuple[Labels, Labels]:
    edition = load_edition(root / "params" / "2025.yml")
    return Labels(edition, "zh"), Labels(edition, "en")


def test_kinds_that_there_are_not_are_not_told(both: tuple[Labels, Labels]) -> None:
    counts = {"met": 5, "missed": 0, "on_the_way": 1, "unknown": 4}
    assert divided(VERDICTS, counts, both[0]) == "登记在册的 10 项措施中，5 项确已达到目标，1 项进行中，4 项尚难判定。"
    assert divided(VERDICTS, counts, both[1]) == (
        "Of the 10 measures in the register, 5 have surely reached their target, 1 is on the way"
        " and 4 can’t be judged yet."
    )
    assert kinds_of(VERDICTS, {"met": 0, "missed": 1}, both[1]) == ["1 has missed its target"]


def test_one_alone_is_no_number(both: tuple[Labels, Labels]) -> None:
    assert divided(VERDICTS, {"met": 0, "unknown": 1}, both[0]) == "登记在册的只有一项措施，尚难判定。"
    assert (
        divided(VERDICTS, {"met": 0, "missed": 1}, both[1]) == "The only measure in the register has missed its target."
    )


def test_of_none_nothing_is_told(both: tuple[Labels, Labels]) -> None:
    assert divided(VERDICTS, {"met": 0}, both[1]) == ""


@pytest.mark.parametrize("key", [VERDICTS, "findings.promises.outcomes"])
def test_every_kind_can_stand_alone_and_among_others(both: tuple[Labels, Labels], key: str) -> None:
    kinds = {
        VERDICTS: ("met", "missed", "on_the_way", "not_begun", "unknown"),
        "findings.promises.outcomes": ("kept", "under_way", "not_kept", "open", "no_measure"),
    }
    for labels in both:
        told = {divided(key, {kind: n}, labels) for kind in kinds[key] for n in (1, 2)}
        assert len(told) == 2 * len(kinds[key])
