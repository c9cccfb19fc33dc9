"""The disclosure statement answers every item from the run, and stops the build where a fact is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from printing import SPECS

from analysis.edition import Edition, load_edition
from analysis.edition.params import Text
from analysis.edition.sections.sampling import Sampling
from analysis.errors import BookError
from analysis.publish.parts.edition.statement import AAPOR_ITEMS, ISO_ITEMS, aapor_table, iso_table
from analysis.publish.tables.markdown import markdown
from analysis.publish.tables.printed import cells, printed
from analysis.publish.words.labels import Labels
from analysis.results import Store

NONRESPONSE = {"classes": 30, "cases": 16117, "min_factor": 2.4, "max_factor": 3.9, "collapsed": 1}
WEIGHTS = {"deff": 1.31, "n_eff": 4157.1, "trimmed": 0, "converged": True, "base_source": "given", "available": True}


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """What the steps of a full edition leave behind, as far as the statement reads it."""
    store = Store(tmp_path)
    for table in ("service_log", "feedback", "training", "customers", "waves", "population", "frame"):
        store.save_record("intake", table, {"available": True})
    store.save_record("intake", "dispositions", {"available": True})
    cases = pd.DataFrame({"channel": ["app", "app", "phone", None], "disposition": ["1.1", "2.1", "3.1", "2.1"]})
    store.save_frame("intake", "dispositions", cases)
    store.save_record("01_sampling", "sampling", {"n": 2623, "invitations": 7495, "population": 24_000_000})
    store.save_record("03_cleaning", "cleaning", {"raw": 6000, "quarantined": 18, "excluded": 526, "kept": 5456})
    store.save_record("04_weighting", "weighting", {**WEIGHTS, "nonresponse": NONRESPONSE})
    row = {"measure": "csi", "estimate": 82.4, "ci_low": 82.1, "ci_high": 82.8, "deff": 1.33}
    store.save_table("csi_overall", pd.DataFrame([row, {**row, "measure": "csat"}]))
    return store


def _bare(store: Store) -> None:
    """The run of an edition that has a table of responses and nothing else."""
    names = ("service_log", "feedback", "training", "customers", "waves", "population", "dispositions", "frame")
    for table in names:
        store.save_record("intake", table, {"available": False})
    store.save_record("01_sampling", "sampling", {"n": 2623, "invitations": 7495})
    plain = {"available": False, "base_source": "equal", "nonresponse": None}
    store.save_record("04_weighting", "weighting", {**WEIGHTS, **plain})


def _texts(edition: Edition, store: Store, lang: str) -> dict[str, str]:
    return aapor_table(edition, store).set_index("item")[f"statement_{lang}"].to_dict()


def _changed(edition: Edition, **publication: Any) -> Edition:
    return edition.model_copy(update={"publication": edition.publication.model_copy(update=publication)})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_eleven_items_are_answered_with_the_numbers_of_the_run(edition: Edition, store: Store, lang: str) -> None:
    texts = _texts(edition, store, lang)
    assert list(texts) == list(AAPOR_ITEMS)
    assert len(texts) == 11
    for item, fact in {
        "population": "24,000,000",
        "sample": "7,495",
        "mode": "66.7%",
        "precision": "82.1–82.8",
        "weighting": "16,117",
        "processing": "526",
    }.items():
        assert fact in texts[item], item
    assert edition.publication.institute[lang] in texts["sponsor"]
    labels = Labels(edition, lang)
    markdown_text = markdown(printed(SPECS["disclosure"], aapor_table(edition, store), labels, {}), labels)
    assert "@sec-method-weighting" in markdown_text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_an_edition_did_not_record_is_said(edition: Edition, store: Store, lang: str) -> None:
    full = _texts(edition, store, lang)
    _bare(store)
    bare, labels = _texts(edition, store, lang), Labels(edition, lang)
    assert all(bare.values())
    for item, key in {
        "strategy": "survey",
        "population": "unknown_size",
        "sample": "no_cases",
        "mode": "unrecorded",
        "weighting": "no_nonresponse",
        "limitations": "no_margins",
    }.items():
        sentence = labels.text(f"disclosure.{item}.{key}")
        assert sentence in bare[item]
        assert sentence not in full[item]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_the_params_never_said_is_not_claimed(edition: Edition, store: Store, lang: str) -> None:
    silent = _changed(edition, sponsor=None, mode=None).model_copy(update={"sampling": Sampling()})
    _bare(store)
    texts, labels = _texts(silent, store, lang), Labels(silent, lang)
    whole = " ".join(texts.values())
    assert not [fact for fact in ("2,623", "7,495", "35%") if fact in whole]
    assert (
        labels.text("disclosure.sponsor.unrecorded", institute=edition.publication.institute[lang]) == texts["sponsor"]
    )
    assert labels.text("disclosure.mode.unstated") in texts["mode"]
    assert ("看到结果" if lang == "zh" else "before the results") not in whole
    statuses = iso_table(silent, store).set_index("iso_item")["status"]
    assert statuses["sample_size"] == statuses["client"] == "partly"
    assert statuses["collection_method"] == "not_recorded"


def test_a_response_rate_is_told_once_the_fieldwork_step_has_computed_one(edition: Edition, store: Store) -> None:
    assert Labels(edition, "en").text("disclosure.precision.no_rate") in _texts(edition, store, "en")["precision"]
    rates = pd.DataFrame({"rate": ["RR1", "RR3"], "value": [0.31, 0.347]})
    store.save_table("response_rates", rates)
    assert "RR3): 34.7%" in _texts(edition, store, "en")["precision"]
    assert iso_table(edition, store).set_index("iso_item").loc["outcome_rates", "status"] == "given"


def test_sponsor_and_population_can_be_named(edition: Edition, store: Store) -> None:
    named = _changed(
        edition,
        sponsor=Text(zh="某协会", en="An association"),
        population=Text(zh="某行客户", en="Customers of one bank"),
    )
    texts = _texts(named, store, "en")
    assert "An association" in texts["sponsor"]
    assert texts["population"].startswith("Customers of one bank.")


def test_a_fact_that_is_missing_stops_the_build_and_is_named(edition: Edition, store: Store) -> None:
    nobody = _changed(edition, institute=Text(zh="研究组", en=" "))
    with pytest.raises(BookError, match=r"lacks an item.*\n.*item 2 \(sponsor\): institute"):
        aapor_table(nobody, store)
    store.save_record("01_sampling", "sampling", {"n": 2623, "invitations": None})
    with pytest.raises(BookError, match=r"item 5 \(sample\): invitations"):
        aapor_table(edition, store)


def test_an_item_without_a_sentence_stops_the_build(
    edition: Edition, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.publish.parts.edition import statement as disclosure_statement

    monkeypatch.setitem(disclosure_statement._STATEMENTS, "dates", lambda *_: [""])
    with pytest.raises(BookError, match=r"item 7 \(dates\)"):
        aapor_table(edition, store)


def test_a_withheld_index_is_no_missing_item(edition: Edition, store: Store) -> None:
    row = {"measure": "csi", "estimate": None, "ci_low": None, "ci_high": None, "deff": None}
    store.save_table("csi_overall", pd.DataFrame([row]))
    assert Labels(edition, "en").text("findings.withheld") in _texts(edition, store, "en")["precision"]


def test_the_iso_items_say_what_was_not_recorded_and_what_was_not_used(edition: Edition, store: Store) -> None:
    full = iso_table(edition, store).set_index("iso_item")["status"]
    assert list(full.index) == list(ISO_ITEMS)
    assert full["outcome_rates"] == "partly"
    assert full["weighting"] == full["frame"] == "given"
    _bare(store)
    bare = iso_table(edition.model_copy(update={"benchmarks": None}), store).set_index("iso_item")["status"]
    assert bare["outcome_rates"] == "not_recorded"
    assert bare["weighting"] == bare["other_sources"] == "not_applied"
    assert bare["sampling_method"] == bare["collection_method"] == "partly"
    written = cells(SPECS["iso_items"], iso_table(edition, store), Labels(edition, "en"))
    assert written[0] == ["Client and service provider", "@sec-disclosure", "given"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_section_that_the_tables_point_to_is_in_the_book(root: Path, lang: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (root / "report" / lang).rglob("*.qmd"))
    sections = {section for section in (*AAPOR_ITEMS.values(), *ISO_ITEMS.values()) if section}
    assert all(f"{{#{section}}}" in text for section in sections)
