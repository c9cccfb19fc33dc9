"""Tables of the book: cells in the reader's language, intervals and bases shown, nothing broken by its content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysis.publish.step import publish_step

from analysis.edition import load_edition
from analysis.errors import ResultsError
from analysis.publish import formats
from analysis.publish.labels import Labels
from analysis.publish.specs import TABLES
from analysis.publish.tables import cells, escape, headings, markdown
from analysis.publish.workbook import write_workbook
from analysis.results import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def _dimensions() -> pd.DataFrame:
    row = {"construct": "efficiency", "score": 81.25, "se": 0.5, "ci_low": 80.27, "ci_high": 82.23}
    shares = {"satisfied_share": 0.876, "satisfied_low": 0.86, "satisfied_high": 0.89, "deff": 1.2}
    return pd.DataFrame([row | shares | {"n": 5400, "n_eff": 4500.0}])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_shows_score_interval_and_base(root: Path, lang: str) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), lang)
    (row,) = cells(TABLES["csi_dimensions"], _dimensions(), labels)
    assert row == [labels.construct("efficiency"), "81.2", "80.3–82.2", "87.6%", "86.0–89.0%", "5,400", "4,500"]
    assert len(headings(TABLES["csi_dimensions"], labels)) == len(row)
    text = markdown(TABLES["csi_dimensions"], _dimensions(), labels)
    assert "{#tbl-csi-dimensions}" in text


def test_characters_of_markdown_stay_characters() -> None:
    assert escape("a|b *c* [d] $e$") == r"a\|b \*c\* \[d\] \$e\$"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234.56, "1,234.6"), (-0.04, "0.0"), (-3.25, "−3.2"), (None, "—"), (float("nan"), "—")],
)
def test_numbers_are_written_as_readers_expect(value: float | None, shown: str) -> None:
    assert formats.number(value) == shown


def test_an_interval_with_a_negative_bound_has_a_word_between() -> None:
    assert formats.interval(-0.35, 0.12, "en", decimals=2).replace("\u00a0", " ") == "−0.35 to 0.12"


def test_a_step_publishes_its_tables_and_figures_and_removes_what_it_no_longer_makes(root: Path, store: Store) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    overall = pd.DataFrame(
        [
            {
                "measure": m,
                "estimate": v,
                "se": 0.1,
                "ci_low": v * 0.99,
                "ci_high": v * 1.01,
                "n": 900,
                "n_eff": 800.0,
                "deff": 1.1,
            }
            for m, v in (("csi", 82.0), ("csat", 0.87))
        ]
    )
    store.save_table("csi_segments", pd.DataFrame({"old": [1]}))
    shown = publish_step(
        "05_satisfaction", {"csi_overall": overall, "csi_dimensions": _dimensions()}, edition=edition, store=store
    )
    assert (store.root / "figures" / "zh" / "dimensions.svg").exists()
    assert (store.root / "figures" / "en" / "dimensions.svg").exists()
    assert not store.has_table("csi_segments")
    assert "81.2" in shown._repr_html_()


def test_a_table_that_lacks_columns_is_refused(root: Path, store: Store) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    with pytest.raises(ResultsError, match="satisfied_share"):
        publish_step(
            "05_satisfaction", {"csi_dimensions": _dimensions()[["construct", "score"]]}, edition=edition, store=store
        )


def test_an_unknown_step_or_table_is_refused_with_a_hint(root: Path, store: Store) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    with pytest.raises(ResultsError, match="05_satisfaction"):
        publish_step("05_satisfacton", {}, edition=edition, store=store)
    with pytest.raises(ResultsError, match="csi_dimensions"):
        publish_step("05_satisfaction", {"csi_dimension": _dimensions()}, edition=edition, store=store)


def test_the_workbook_is_the_same_bytes_twice_and_holds_unrounded_numbers(
    root: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.publish.book.content.edition_tables", lambda *_: {})  # they need every step
    edition = load_edition(root / "params" / "2025.yml")
    store.save_table("csi_dimensions", _dimensions())
    first = write_workbook(edition, store).read_bytes()
    assert write_workbook(edition, store).read_bytes() == first
    sheet = pd.read_excel(store.root / "tables" / "tables.xlsx", sheet_name="csi_dimensions", header=None)
    assert np.isclose(sheet.iloc[-1, 1], 81.25)
