"""Texts that say nearly the same are found, as comparing each with each finds them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from analysis.service.near_copies import ALIKE, near_copies


def _pieces(text: str, size: int) -> set[str]:
    return {text[place : place + size] for place in range(len(text) - size + 1)}


def _joined(pairs: list[tuple[int, int]], count: int) -> list[int]:
    """The smallest member that each is joined with, directly or through others."""
    root = list(range(count))
    for _ in range(count):
        for one, other in pairs:
            root[one] = root[other] = min(root[one], root[other])
    return root


@pytest.mark.parametrize(
    ("letters", "size", "first"), [("abcdefghijklmnop", 5, 0), ("办理存取转账查询开户销户等候", 2, 1)]
)
def test_the_same_groups_as_by_comparing_each_with_each(letters: str, size: int, first: int) -> None:
    rng = np.random.default_rng(first)
    texts = []
    for _ in range(40):
        text = list(rng.choice(list(letters), 60))
        for _ in range(4):
            for place in rng.integers(0, 60, rng.integers(0, 4)):
                text[place] = str(rng.choice(list(letters)))
            texts.append("".join(text))
    sets = [_pieces(text, size) for text in texts]
    near = [
        (a, b)
        for a, b in itertools.combinations(range(len(texts)), 2)
        if len(sets[a] & sets[b]) >= ALIKE * len(sets[a] | sets[b])
    ]
    expected = _joined(near, len(texts))
    found = near_copies(texts)
    assert near, "nothing to be found"
    assert len(set(expected)) > 40, "everything is alike"
    first_of = {code: place for place, code in reversed(list(enumerate(found.tolist())))}
    assert [first_of[code] for code in found.tolist()] == expected


def test_texts_without_letters_and_a_single_text_are_no_trouble() -> None:
    assert len(set(near_copies(["", "", "甲"]).tolist())) == 2
    assert near_copies(["only one"]).tolist() == [0]
    assert near_copies([]).tolist() == []
