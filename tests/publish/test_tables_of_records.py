"""Tables and sentences of an edition without interviews, and rows that hold nothing to tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from records_alone import write_edition

from analysis.edition import Edition, load_edition
from analysis.publish.parts import all_parts
from analysis.publish.parts.relationships.findings import lifetimes
from analysis.publish.release import release
from analysis.publish.tables.printed import printed
from analysis.publish.words.labels import Labels
from analysis.results import Store

SPECS = {spec.name: spec for part in all_parts() for spec in part.tables}


@pytest.fixture
def records(tmp_path: Path) -> Edition:
    return load_edition(write_edition(tmp_path, "customers")[0])


def _stages() -> pd.DataFrame:
    frame = pd.DataFrame({"stage": ["new", "lost"], "n": [400, 500], "share": [0.4, 0.6], "joined": [0, 0]})
    frame["group"] = "joined.stage=" + frame["stage"]
    return frame.assign(**dict.fromkeys(("csi", "ci_low", "ci_high", "difference", "p_adjusted"), np.nan))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_columns_and_notes_of_a_survey_are_not_printed(records: Edition, root: Path, lang: str) -> None:
    spec, values = SPECS["relationship_stages"], {"level": "95%"}
    alone = printed(spec, _stages(), Labels(records, lang), values)
    asked = printed(spec, _stages(), Labels(load_edition(root / "params" / "2025.yml"), lang), values)
    assert len(alone.headings) == len(alone.rows[0]) == 3
    assert len(asked.headings) == len(spec.columns)
    assert "index" in asked.note or "指数" in asked.note
    assert "index" not in alone.note
    assert "指数" not in alone.note


def _flows(told: int, withheld: int) -> pd.DataFrame:
    rows = told + withheld
    frame = pd.DataFrame({source: [np.nan] * rows for source in SPECS["service_flows"].sources})
    figures = [name for name in frame if name not in SPECS["service_flows"].keys]
    frame["scenario"] = "permits"
    for name in SPECS["service_flows"].keys - {"scenario"}:
        frame[name] = [f"s{place}" for place in range(rows)]
    frame.loc[: told - 1, figures] = 50.0
    return frame


@pytest.mark.parametrize(("withheld", "printed_rows"), [(10, 15), (11, 5)])
def test_many_rows_without_a_figure_are_counted_and_not_listed(
    records: Edition, withheld: int, printed_rows: int
) -> None:
    table = printed(SPECS["service_flows"], _flows(5, withheld), Labels(records, "en"), {"level": "95%"})
    assert len(table.rows) == printed_rows
    assert ("Left out are 11 rows" in table.note) == (printed_rows == 5)
    assert table.rows[0][0] == "permits"
    assert {row[0] for row in table.rows[1:]} == {""}


def test_a_table_of_records_without_any_figure_is_none_and_one_of_a_survey_says_so(records: Edition) -> None:
    empty = _stages().assign(n=np.nan, share=np.nan, joined=np.nan)
    rules = records.disclosure
    kept = release({"relationship_stages": _stages()}, all_parts(), rules=rules, withheld=False)
    assert list(kept) == ["relationship_stages"]
    assert not release({"relationship_stages": empty}, all_parts(), rules=rules, withheld=False)
    assert list(release({"relationship_stages": empty}, all_parts(), rules=rules)) == ["relationship_stages"]


@pytest.mark.parametrize(("lang", "told"), [("en", "Over the 6 years"), ("zh", "在名册覆盖的 6 年内")])
def test_a_mean_beyond_the_register_does_not_lead(records: Edition, tmp_path: Path, lang: str, told: str) -> None:
    store = Store(tmp_path)
    row = {"question": "", "category": "", "n": 700.0, "median": np.nan, "restricted": 4.5, "restricted_low": 4.4}
    row |= {"restricted_high": 4.6, "mean": 25.4, "mean_low": 22.2, "mean_high": 29.1, "ended_mean": 1.5}
    store.save_table("relationship_lifetimes", pd.DataFrame([row]))
    store.save_record("13_relationships", "relationships", {"horizon": 6.0})
    text = lifetimes(store, Labels(records, lang))
    assert text.startswith(told)
    assert text.index("4.5") < text.index("25.4")
    store.save_table("relationship_lifetimes", pd.DataFrame([row | {"median": 3.0}]))
    assert not lifetimes(store, Labels(records, lang)).startswith(told)
