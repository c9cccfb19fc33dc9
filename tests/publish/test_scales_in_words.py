"""What readers are told of scales: nothing where there is one, and each item's own where there are several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_survey import INSTRUMENT, Survey

from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import scale_values


def _labels(folder: Path, lang: str, *, mixed: bool, index: Any = None) -> Labels:
    service, overall = INSTRUMENT["constructs"]
    first, second = service["items"]
    slider = {"min": -50, "max": 50, "continuous": True}
    constructs = [service | {"items": [first, second | {"scale": slider}]}, overall]
    sections = {"index": {"csat": {"construct": "overall", "satisfied_from": 4}} | (index or {})}
    if mixed:
        sections["instrument"] = {"constructs": constructs}
    return Labels(Survey(folder).edition({}, **sections), lang)


@pytest.mark.parametrize(("lang", "told"), [("zh", "等候太久（−50 至 50）"), ("en", "Waited too long (−50 to 50)")])
def test_an_item_bears_its_scale_only_beside_others(tmp_path: Path, lang: str, told: str) -> None:
    assert _labels(tmp_path, lang, mixed=True).item_on_scale("q2").replace("\N{NO-BREAK SPACE}", " ") == told
    plain = _labels(tmp_path, lang, mixed=False)
    assert plain.item_on_scale("q2") == plain.item("q2")


def test_a_threshold_says_on_which_scale_it_is_meant(tmp_path: Path) -> None:
    index = {"high_from": {"q2": 30.0}}
    assert scale_values(_labels(tmp_path, "en", mixed=False))["satisfied_from"] == "4.0"
    assert scale_values(_labels(tmp_path, "en", mixed=True, index=index)) == {
        "min": "1",
        "max": "5",
        "satisfied_from": "4.0 (on the scale from 1 to 5; other scales: at the same place; Waited too long: 30.0)",
        "on_scale": "on the scale of each item, which stands behind it",
    }
    zh = scale_values(_labels(tmp_path, "zh", mixed=True, index=index))["satisfied_from"]
    assert zh == "4.0（量表 1 至 5；其他量表取相同位置；等候太久为 30.0）"


def test_every_item_of_a_questionnaire_with_several_scales_bears_its_own(tmp_path: Path) -> None:
    labels = _labels(tmp_path, "en", mixed=True)
    told = [labels.item_on_scale(key).replace("\N{NO-BREAK SPACE}", " ") for key in labels.edition.instrument.item_keys]
    assert told == ["Speed (1–5)", "Waited too long (−50 to 50)", "Satisfied overall (1–5)"]
