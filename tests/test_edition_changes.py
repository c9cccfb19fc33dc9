"""What two editions ask and do otherwise, and how one names the one before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.edition import load_edition
from analysis.edition.changed_params import changed_params
from analysis.edition.instrument import load_instrument
from analysis.edition.item_changes import changed_items
from analysis.edition.load import predecessor_of
from analysis.errors import EditionError


def test_items_are_new_gone_in_other_words_or_on_another_scale(root: Path) -> None:
    now = load_instrument(root / "params" / "instruments" / "guide.yml")
    before = load_instrument(root / "params" / "instruments" / "guide-2024.yml")
    rows: list[dict[str, Any]] = changed_items(before, now)
    assert [(row["item"], row["change"]) for row in rows] == [("eff4", "reworded"), ("con4", "new")]
    assert rows[0]["before_en"] != rows[0]["after_en"]
    assert rows[1]["before_zh"] is None
    assert [row["change"] for row in changed_items(now, before)] == ["reworded", "dropped"]
    assert changed_items(now, now) == []
    constructs = list(now.constructs)
    item = constructs[0].items[0].model_copy(update={"scale": now.scale.model_copy(update={"max": 10, "labels": {}})})
    other = constructs[0].model_copy(update={"items": (item, *constructs[0].items[1:])})
    rescaled = now.model_copy(update={"constructs": (other, *constructs[1:])})
    assert [row["change"] for row in changed_items(rescaled, now)] == ["rescaled"]
    blanks = item.model_copy(update={"scale": None, "en": "  ".join(constructs[0].items[0].en.split(" "))})
    other = constructs[0].model_copy(update={"items": (blanks, *constructs[0].items[1:])})
    assert changed_items(now.model_copy(update={"constructs": (other, *constructs[1:])}), now) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("items: {eff9: null}", "no item 'eff9'"),
        ("scale: {min: 1, max: 5}\nitems: {}", "what is different in its items"),
        ("items: [eff1]", "what is different in its items"),
    ],
)
def test_an_instrument_that_extends_another_names_its_items(
    root: Path, tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(f"extends: {root / 'params/instruments/guide.yml'}\n{text}\n", encoding="utf-8")
    with pytest.raises(EditionError, match=problem):
        load_instrument(path)


def test_params_that_results_depend_on_are_told_with_both_values(root: Path) -> None:
    before, now = (load_edition(root / "params" / f"{year}.yml") for year in (2024, 2025))
    rows = changed_params(before, now)
    assert [(row["section"], row["key"]) for row in rows] == [("weighting", "margins")]
    assert rows[0]["before"] == '["institution_type", "region", "age"]'
    assert changed_params(now, now) == []
    renamed = now.drivers.effect.model_copy(update={"name": None})
    other = now.model_copy(update={"drivers": now.drivers.model_copy(update={"effect": renamed})})
    assert changed_params(now, other) == [], "what something is called is no change of method"


def test_a_predecessor_is_named_by_the_file_itself_and_not_taken_over(root: Path, tmp_path: Path) -> None:
    params = root / "params"
    assert predecessor_of(params / "2025.yml") == params / "2024.yml"
    assert load_edition(params / "2025.yml").predecessor == "2024"
    assert predecessor_of(params / "2024.yml") is None
    path = tmp_path / "2026.yml"
    path.write_text(f"extends: {params / '2025.yml'}\n", encoding="utf-8")
    assert predecessor_of(path) is None
    assert load_edition(path).predecessor is None
    path.write_text(f"extends: {params / '2025.yml'}\npublication: {{predecessor: '2025'}}\n", encoding="utf-8")
    assert predecessor_of(path) == tmp_path / "2025.yml"
    assert predecessor_of(tmp_path / "nothing.yml") is None


def test_a_simulation_may_plant_another_truth(root: Path) -> None:
    from analysis.data.simulation.planted import load_planted

    before, now = (load_planted(load_edition(root / "params" / f"{year}.yml")) for year in (2024, 2025))
    assert before.constructs["innovation"].level < now.constructs["innovation"].level
    assert len(before.constructs["continuity"].loadings) == 3
    assert before.survey.profile["age"].shares != now.survey.profile["age"].shares
    assert before.structure == now.structure
