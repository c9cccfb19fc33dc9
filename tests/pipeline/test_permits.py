"""Real records of a service by params alone: permits as a log of events, complaints without their end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lxml.html
import pandas as pd
import pytest
from running import edition_arguments

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def permits(root: Path, shared: Path, build: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert (shared / "data" / "eventlog" / "receipt.csv").exists()
    output = tmp_path_factory.mktemp("permits") / "out"
    build("report", "LANGS=en", "FORMATS=html", *edition_arguments(root / "tests" / "editions" / "permits.yml", output))
    return output


def _page(output: Path, name: str) -> str:
    page = lxml.html.parse(output / "report" / "en" / "chapters" / f"{name}.html").getroot()
    return " ".join(page.find(".//main").text_content().split())


def test_throughput_variants_and_punctuality_are_those_of_the_file(permits: Path, shared: Path) -> None:
    raw = pd.read_csv(shared / "data" / "eventlog" / "receipt.csv")
    raw["at"] = pd.to_datetime(raw["time:timestamp"].str[:19])
    cases = raw.sort_values(["case:concept:name", "at"], kind="stable").groupby("case:concept:name")
    days = (cases["at"].max() - cases["at"].min()).dt.total_seconds() / 86400
    ways = cases["concept:name"].agg(" → ".join).value_counts()
    (row,) = pd.read_csv(permits / "tables" / "service_cases.csv").to_dict("records")
    assert row["n"] == raw["case:concept:name"].nunique()
    assert row["p90"] == pytest.approx(days.quantile(0.9), rel=0.02)
    variants = pd.read_csv(permits / "tables" / "service_variants.csv")
    assert variants["n"].tolist()[:3] == ways.tolist()[:3]
    assert variants["path"].iloc[0] == ways.index[0]
    due = pd.to_datetime(cases["case:deadline"].first().str[:19])
    passed = due < raw["at"].max().normalize() + pd.Timedelta(days=1)
    kept = (cases["at"].max() <= due)[passed]
    assert (row["due"], row["on_time"]) == (len(kept), pytest.approx(kept.mean(), abs=5e-4))


def test_what_nobody_wrote_down_is_not_told_as_open_or_late(permits: Path) -> None:
    assert not (permits / "tables" / "ticket_closing.csv").exists()
    assert not (permits / "tables" / "ticket_backlog.csv").exists()
    page = _page(permits, "04-feedback")
    assert "A ticket is closed after" not in page
    assert "were open" not in page


def test_one_scenario_is_no_superlative(permits: Path) -> None:
    page = _page(permits, "02-standards")
    assert "half of the cases of permits are done in" in page
    for superlative in ("takes longest", "most frequent in permits"):
        assert superlative not in page
