"""What the service steps publish of a small simulated edition: every sentence and figure, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.simulation.relationships import draw_customers
from analysis.data.simulation.service import draw_feedback, draw_service_log
from analysis.data.simulation.staff import draw_training
from analysis.data.simulation.texts import load_texts
from analysis.edition import Edition, load_edition
from analysis.project import ROOT
from analysis.publish.part import Part
from analysis.publish.parts.feedback import PART as FEEDBACK
from analysis.publish.parts.relationships import PART as RELATIONSHIPS
from analysis.publish.parts.standards import PART as STANDARDS
from analysis.publish.parts.training import PART as TRAINING
from analysis.publish.release import release
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.service.compliance import measure_compliance
from analysis.service.delivery import delivery
from analysis.service.norms import measure_norms
from analysis.service.process import measure_process
from analysis.service.relationships import study_relationships
from analysis.service.tickets import measure_tickets
from analysis.service.training import course_of_effect, effect_of_hours, tables_of, training_effects
from analysis.service.weak_links import rank_weak_links
from bench.coverage import SIZES, typed

EDITION = load_edition(ROOT / "params" / "2025.yml").model_copy(update={"seed": 11})
RULES: dict[str, Any] = {"standards": EDITION.standards, "service": EDITION.service}
PARTS = {"standards": STANDARDS, "training": TRAINING, "relationships": RELATIONSHIPS, "feedback": FEEDBACK}
NUMBER = re.compile(r"\d+(?:,\d{3})*\.\d+|\d{1,3}(?:,\d{3})+|\d{2,}")
DATE = re.compile(r"20\d\d年\d+月(?:\d+日)?|(?:\d{1,2} )?[A-Z][a-z]+ 20\d\d")


def _small(edition: Edition) -> Planted:
    planted = load_planted(edition)
    sized = {name: getattr(planted, name).model_copy(update=sizes) for name, sizes in SIZES.items()}
    return planted.model_copy(update=sized)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Tables of the four steps as they are saved, not yet released."""
    planted = _small(EDITION)
    assert EDITION.standards is not None
    log = typed("service_log", draw_service_log(EDITION, planted, EDITION.standards), EDITION)
    staff = typed("training", draw_training(EDITION, planted), EDITION)
    customers = typed("customers", draw_customers(EDITION, planted), EDITION)
    tickets, truth = draw_feedback(EDITION, planted, load_texts(planted))
    feedback = typed("feedback", tickets, EDITION)
    feedback["triage_class"] = [truth[number]["class"] for number in feedback["ticket_id"]]
    kept = measure_compliance(log, **RULES)
    norms = measure_norms(log, decided=kept.decided, min_n=30, **RULES)
    found = {**kept.tables(), **measure_process(log, service=EDITION.service).tables(), **norms.tables()}
    found["weak_links"] = rank_weak_links(kept.steps, {})
    found |= tables_of(training_effects(staff))
    found |= {"training_delivery": delivery(staff), "training_dose": effect_of_hours(staff)}
    found["training_course"] = course_of_effect(staff)[0]
    found |= study_relationships(customers, as_of=EDITION.service.as_of).tables()
    return found | measure_tickets(feedback, classes=EDITION.dictionary.classes, **RULES).tables()


@pytest.fixture(scope="module")
def shown(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return release(tables, list(PARTS.values()), rules=EDITION.disclosure)


@pytest.fixture(scope="module")
def store(shown: Mapping[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("service"))
    for name, table in shown.items():
        store.save_table(name, table)
    cases = {"first": "2024-11-01", "as_of": "2025-10-31", "cases": 1700, "open": 30, "overdue": 12}
    store.save_record("11_standards", "standards", cases)
    store.save_record("11_standards", "process", {"cases": 1700, "open": 30, "told_apart": True, "later": 0})
    store.save_record("11_standards", "norms", {"slow": 30, "branches": 24, "few": 0})
    store.save_record("12_training", "training", {"parallel": {"knowledge": 0.4, "communication": 0.001}})
    counts = {"as_of": "2025-10-31", "horizon": 13.0, "balance": "grows", "available": True}
    store.save_record("13_relationships", "relationships", counts)
    texts = {"available": True, "texts": 800, "unclassified": 40, "several": 0}
    flow = {"as_of": "2025-10-31", "tickets": 800, "open": 30, "weeks": 8, "received": 120, "closed": 118}
    store.save_record("10_feedback", "feedback", {**flow, "flow": "steady", "texts": {"tickets": texts}})
    return store


@pytest.mark.parametrize("name", PARTS)
def test_both_languages_tell_the_same_with_the_same_numbers(
    store: Store, shown: Mapping[str, pd.DataFrame], name: str
) -> None:
    zh, en = (PARTS[name].told(store, Labels(EDITION, lang)) for lang in ("zh", "en"))
    assert set(zh) == set(en)
    assert len(zh) >= 2
    for key, text in zh.items():
        assert not re.search(r"nan|\{|None", f"{text} {en[key]}"), key
        numbers = [set(NUMBER.findall(DATE.sub(" ", one))) for one in (text, en[key])]
        assert (numbers[0] ^ numbers[1]) - {"100"} == set(), key


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PARTS)
def test_every_figure_whose_tables_are_there_is_drawn(shown: Mapping[str, pd.DataFrame], name: str, lang: str) -> None:
    part: Part = PARTS[name]
    drawn = part.drawn(shown, Labels(EDITION, lang))
    assert set(drawn) == {figure.name for figure in part.figures if set(figure.tables) <= set(shown)}
    assert all(text.lstrip().startswith("<") and "</svg>" in text for text in drawn.values())


def test_the_worst_step_and_the_slow_branches_are_those_of_the_tables(
    store: Store, shown: Mapping[str, pd.DataFrame]
) -> None:
    told = STANDARDS.told(store, Labels(EDITION, "en"))
    steps = shown["service_steps"].dropna(subset=["on_time"])
    worst = steps.loc[steps["on_time"].idxmin()]
    text = " ".join(told.values())
    assert f"{100 * worst['on_time']:.1f}%" in text
    assert str(worst["step_en"]).lower() in text.lower()
    assert "12" in text, "open although their time has run out"


def test_the_effect_of_training_is_told_as_it_was_found(store: Store, shown: Mapping[str, pd.DataFrame]) -> None:
    effects = shown["training_effects"]
    row = effects[effects["measure"] == "knowledge"].iloc[0]
    for lang in ("zh", "en"):
        told = TRAINING.told(store, Labels(EDITION, lang))
        assert f"{row['effect']:.1f}" in told["training"]
        assert told["training_course"] != ""
