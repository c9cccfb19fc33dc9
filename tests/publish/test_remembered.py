"""What a part says is made again when anything changed that it was made of, and only then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import Edition, load_edition
from analysis.publish import remembered as module
from analysis.publish.remembered import remembered
from analysis.publish.words.labels import Labels
from analysis.publish.words.noted import NotedLabels, same_answers, same_sections
from analysis.results import ResultsError, Store

CHANGES: dict[str, Callable[[Store], object]] = {
    "a table": lambda store: store.save_table("levels", pd.DataFrame({"level": [4.0]})),
    "a record": lambda store: store.save_record("09_trend", "trend", {"waves": 13}),
    "a table that was not there": lambda store: store.save_table("changes", pd.DataFrame({"change": [1.0]})),
    "a frame": lambda store: store.save_frame("09_trend", "series", pd.DataFrame({"wave": ["2025"]})),
    "a lost table": lambda store: store.keep_tables(()),
}
APART: dict[str, Callable[[Store], object]] = {
    "another table": lambda store: store.save_table("other", pd.DataFrame({"level": [4.0]})),
    "another record": lambda store: store.save_record("09_trend", "other", {"waves": 13}),
    "the same table": lambda store: store.save_table("levels", pd.DataFrame({"level": [3.0]})),
}


class Author:
    """Says what the store and the params hold, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, store: Store, labels: Labels) -> dict[str, Any]:
        self.asked += 1
        series = store.frame("09_trend", "series") if store.has("09_trend", "series.parquet") else pd.DataFrame()
        return {
            "level": float(store.table("levels")["level"].sum()) if store.has_table("levels") else None,
            "changes": store.has_table("changes"),
            "waves": store.record("09_trend", "trend")["waves"],
            "series": len(series),
            "words": labels.text("columns.overall"),
            "dimension": labels.construct("satisfaction"),
            "horizon": labels.edition.trend.horizon,
        }


@pytest.fixture
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.save_table("levels", pd.DataFrame({"level": [3.0]}))
    store.save_record("09_trend", "trend", {"waves": 12})
    return store


def _say(author: Author, edition: Edition, store: Store, lang: str = "en") -> dict[str, Any]:
    return remembered("09_trend.said", edition, Store(store.root), lang, author)


@pytest.mark.parametrize("change", CHANGES)
def test_what_it_read_or_looked_for_in_vain_is_noticed(change: str, edition: Edition, store: Store) -> None:
    author = Author()
    before = _say(author, edition, store)
    assert _say(author, edition, store) == before
    assert author.asked == 1
    CHANGES[change](store)
    assert _say(author, edition, store) != before
    assert author.asked == 2


@pytest.mark.parametrize("change", APART)
def test_what_it_did_not_read_is_not(change: str, edition: Edition, store: Store) -> None:
    author = Author()
    before = _say(author, edition, store)
    APART[change](store)
    assert _say(author, edition, store) == before
    assert author.asked == 1


def test_a_section_that_it_reads_itself_or_through_its_labels(edition: Edition, store: Store) -> None:
    author = Author()
    _say(author, edition, store)
    _say(author, edition.model_copy(update={"seed": edition.seed + 1}), store)
    assert author.asked == 1
    longer = edition.trend.model_copy(update={"horizon": edition.trend.horizon + 1})
    assert _say(author, edition.model_copy(update={"trend": longer}), store)["horizon"] == longer.horizon
    first, *others = edition.instrument.constructs
    named = first.model_copy(update={"name": first.name.model_copy(update={"en": "Another"})})
    instrument = edition.instrument.model_copy(update={"constructs": (named, *others)})
    _say(author, edition.model_copy(update={"instrument": instrument}), store)
    assert author.asked == 3


def test_labels_note_what_they_answer_and_what_cannot_be_asked_again(edition: Edition) -> None:
    labels = Labels(edition, "en")
    noted = NotedLabels(labels)
    assert noted.text("columns.overall") == labels.text("columns.overall")
    assert noted.edition.trend.horizon == edition.trend.horizon
    assert same_answers(noted.asked, labels)
    assert not same_answers(noted.asked, Labels(edition, "zh"))
    assert list(noted.edition.read) == ["trend.horizon"]
    assert noted.edition.publication.year == edition.publication.year
    assert noted.edition.publication.states("year")
    assert list(noted.edition.read) == ["trend.horizon", "publication.year", "publication"]
    assert same_sections(noted.edition.read, edition)
    longer = edition.trend.model_copy(update={"horizon": edition.trend.horizon + 1})
    assert not same_sections(noted.edition.read, edition.model_copy(update={"trend": longer}))
    another = edition.trend.model_copy(update={"origins": edition.trend.origins + 1})
    assert same_sections(
        {"trend.horizon": noted.edition.read["trend.horizon"]}, edition.model_copy(update={"trend": another})
    )
    assert noted.repeatable
    noted.text("columns.overall", level=object())
    assert not noted.repeatable


def test_each_language_says_its_own(edition: Edition, store: Store) -> None:
    author = Author()
    assert _say(author, edition, store)["words"] != _say(author, edition, store, "zh")["words"]


def test_other_words_or_other_code(edition: Edition, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    author = Author()
    _say(author, edition, store)
    for name in ("code_digest", "_words_digest"):
        monkeypatch.setattr(module, name, lambda name=name: f"another {name}")
        _say(author, edition, store)
    assert author.asked == 3


def test_an_error_leaves_nothing_behind(edition: Edition, store: Store) -> None:
    def fail(store: Store, labels: Labels) -> dict[str, Any]:
        return {labels.lang: store.record("09_trend", "nothing")}

    with pytest.raises(ResultsError):
        remembered("09_trend.said", edition, store, "en", fail)
    author = Author()
    _say(author, edition, store)
    assert author.asked == 1


def test_what_was_said_before_has_the_order_in_which_it_was_said(edition: Edition, store: Store) -> None:
    """A list that is printed in the order of a mapping reads the same after the second run."""
    said = [list(_say(Author(), edition, store)) for _ in range(2)]
    assert said[0] == said[1] != sorted(said[0])
