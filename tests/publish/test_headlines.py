"""Titles of figures name who differs, and say so where nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.base import Base, largest, total
from analysis.publish.code_cells import cell_of
from analysis.publish.headlines import highest_and_lowest, independent
from analysis.publish.parts import all_parts
from analysis.publish.words.labels import Labels, catalogue
from analysis.results import Store
from analysis.survey.estimation.overlap import Estimate


@pytest.fixture(scope="module")
def labels(root: Path) -> Labels:
    return Labels(load_edition(root / "params" / "2025.yml"), "en")


def _told(values: Sequence[float], labels: Labels, half: float = 0.5) -> str:
    found = [Estimate(f"group {place}", value, value - half, value + half) for place, value in enumerate(values)]
    return highest_and_lowest("lifetimes", found, labels, apart=independent(found, 0.95), name=lambda name: name)


def test_both_ends_are_named_where_they_stand_apart(labels: Labels) -> None:
    assert "longest for group 0 (90.0 years), shortest for group 2 (70.0)" in _told([90, 80, 70], labels)


def test_nobody_is_named_where_nobody_differs(labels: Labels) -> None:
    assert _told([81.2, 81.1, 81.0], labels) == "Lifetimes are about the same, from 81.0 to 81.2 years"


def test_an_end_that_many_share_is_not_listed(labels: Labels) -> None:
    text = _told([90, 80, 80, 80, 80, 80], labels)
    assert "group 0" in text
    assert "group 4" not in text


def test_a_title_names_at_most_four(labels: Labels) -> None:
    text = _told([90, 90, 90, 80, 70, 70, 70], labels)
    assert text.count("group") == 3


def test_one_group_alone_has_no_title(labels: Labels) -> None:
    assert _told([80.0], labels) == ""


def test_every_figure_has_a_title_a_subtitle_a_description_and_a_base() -> None:
    figures = [figure for part in all_parts() for figure in part.figures]
    assert len(figures) >= 38
    assert [one.name for one in figures if one.headline is None or one.base is None] == []
    wanted = {f"{kind}.{one.name}" for one in figures for kind in ("captions", "alts")}
    wanted |= {f"sources.kinds.{one.base.kind}" for one in figures if one.base}
    wanted |= {f"sources.bases.{one.base.kind}" for one in figures if one.base}
    assert wanted <= set(catalogue())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.save_table("parts", pd.DataFrame({"n": [300.0, 200.0]}))
    store.save_table("withheld", pd.DataFrame({"n": [300.0, None]}))
    store.save_record("04_weighting", "weighting", {"available": True, "base_source": "strata"})
    return store


def test_a_source_line_has_base_weighting_and_year(store: Store, labels: Labels) -> None:
    assert (
        largest("survey", "parts").line(store, labels)
        == "Source: customer survey, 2025; base 300 interviews; weighted."
    )
    assert total("tickets", "parts").line(store, labels) == "Source: service tickets, 2025; base 500 tickets."


def test_a_base_that_is_withheld_or_too_small_is_not_told(store: Store, labels: Labels) -> None:
    assert total("tickets", "withheld").line(store, labels) == "Source: service tickets, 2025."
    assert Base("tickets", lambda _: 3.0).line(store, labels) == "Source: service tickets, 2025."


def test_the_cell_of_a_table_names_it_or_saves_the_tables_of_its_step(root: Path) -> None:
    for part in all_parts():
        for spec in part.tables:
            cell = cell_of(part.step, spec.name)
            assert bool(cell) == (root / "notebooks" / f"{part.step}.ipynb").exists(), spec.name
    assert cell_of("01_sampling", "domain_precision") == cell_of("01_sampling", "allocation") != ""
    assert cell_of("01_sampling", "no_such_table") == cell_of("01_sampling")
