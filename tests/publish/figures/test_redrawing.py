"""A figure is drawn again when anything changed that it is made of, and only then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from analysis.edition import Edition, load_edition
from analysis.publish.figures import redrawing
from analysis.publish.figures.redrawing import draw_figure
from analysis.publish.figures.style import for_phone, new_figure
from analysis.publish.part import Figure
from analysis.publish.words import labels as words
from analysis.publish.words.labels import Labels
from analysis.results import Store

TEMPLATE = "figures.trend.prediction"


class Pen:
    """A figure of one bar that counts how often a page had it drawn; it asks for a wording and a section of params."""

    def __init__(self, answer: Callable[[Labels], str]) -> None:
        self.drawn, self._answer = 0, answer
        self.figure = Figure("bar", ("levels",), self._draw)

    def _draw(self, tables: Mapping[str, pd.DataFrame], labels: Labels) -> object:
        self.drawn += not for_phone()
        figure, (axes,) = new_figure(2)
        axes.bar(["a"], tables["levels"]["level"])
        axes.set_title(self._answer(labels))
        return figure


def _title(labels: Labels) -> str:
    return f"{labels.text(TEMPLATE, level='80 %')} {labels.edition.trend.horizon}"


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.save_table("levels", pd.DataFrame({"level": [3.0]}))
    return store


def _draw(pen: Pen, store: Store, edition: Edition, lang: str = "en") -> str:
    draw_figure(pen.figure, store, Labels(edition, lang))
    return store.figure("bar", lang).read_text(encoding="utf-8")


def test_nothing_is_drawn_again_when_nothing_changed(store: Store, edition: Edition) -> None:
    pen = Pen(_title)
    first = _draw(pen, store, edition)
    assert _draw(pen, store, edition) == first
    assert pen.drawn == 1


def test_each_language_is_drawn_for_itself(store: Store, edition: Edition) -> None:
    pen = Pen(_title)
    assert _draw(pen, store, edition, "en") != _draw(pen, store, edition, "zh")
    assert pen.drawn == 2


def _with(edition: Edition, **trend: object) -> Edition:
    return edition.model_copy(update={"trend": edition.trend.model_copy(update=trend)})


def test_a_changed_section_that_it_reads_draws_it_again_and_another_does_not(store: Store, edition: Edition) -> None:
    pen = Pen(_title)
    _draw(pen, store, edition)
    _draw(pen, store, edition.model_copy(update={"seed": edition.seed + 1}))
    assert pen.drawn == 1
    _draw(pen, store, _with(edition, horizon=edition.trend.horizon + 1))
    assert pen.drawn == 2


@pytest.mark.parametrize(("key", "times"), [(TEMPLATE, 2), ("columns.asked", 1)])
def test_a_changed_wording_draws_it_again_where_it_stands(
    store: Store, edition: Edition, monkeypatch: pytest.MonkeyPatch, key: str, times: int
) -> None:
    pen = Pen(_title)
    before = _draw(pen, store, edition)
    catalogue = words.catalogue()
    assert key in catalogue
    changed = catalogue | {key: catalogue[key].model_copy(update={"en": "in other words"})}
    monkeypatch.setattr(words, "catalogue", lambda: changed)
    assert (_draw(pen, store, edition) == before) == (times == 1)
    assert pen.drawn == times


def test_a_changed_table_or_changed_code_draws_it_again(
    store: Store, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    pen = Pen(_title)
    before = _draw(pen, store, edition)
    store.save_table("levels", pd.DataFrame({"level": [4.0]}))
    assert _draw(pen, store, edition) != before
    monkeypatch.setattr(redrawing, "code_digest", lambda: "another version")
    _draw(pen, store, edition)
    assert pen.drawn == 3


def test_a_picture_that_was_lost_or_damaged_is_drawn_again(store: Store, edition: Edition) -> None:
    pen = Pen(_title)
    before = _draw(pen, store, edition)
    store.figure("bar", "en").write_text("<svg/>", encoding="utf-8")
    assert _draw(pen, store, edition) == before
    store.figure("bar", "en").unlink()
    assert _draw(pen, store, edition) == before
    assert pen.drawn == 3


def test_what_can_not_be_asked_again_is_drawn_every_time(store: Store, edition: Edition) -> None:
    pen = Pen(lambda labels: labels.text(TEMPLATE, level=Path("80")))
    _draw(pen, store, edition)
    _draw(pen, store, edition)
    assert pen.drawn == 2
