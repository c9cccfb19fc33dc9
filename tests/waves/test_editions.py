"""What moved between two editions: parts that add up, what was planted, people in both, an independent reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.edition.sections.weighting import Weighting
from analysis.errors import MethodError
from analysis.satisfaction.index import score_respondents
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import drawn_design
from analysis.survey.weighting.stages import rake
from analysis.waves import editions
from analysis.waves.editions import PARTS, Moved, Published, compare_editions

NAME = {"zh": "问", "en": "Asked"}
KEYS = {"a": ("a1", "a2"), "b": ("b1", "b2")}
CONSTRUCTS = [
    {"key": key, "role": "dimension", "name": NAME, "items": [{"key": item, **NAME} for item in items]}
    for key, items in KEYS.items()
]
CONSTRUCTS.append({"key": "s", "role": "satisfaction", "name": NAME, "items": [{"key": "s1", **NAME}]})
ASKED: dict[str, Any] = {
    "name": NAME,
    "scale": {"min": 0, "max": 100, "continuous": True},
    "constructs": CONSTRUCTS,
    "profile": [
        {"key": "kind", "name": NAME, "question": NAME, "categories": ["bank", "fund"]},
        {"key": "age", "name": NAME, "question": NAME, "categories": ["old", "young"]},
    ],
}
INSTRUMENT = Instrument.model_validate(ASKED)
INDEX = Index.model_validate({"csat": {"construct": "s", "satisfied_from": 60}})
POPULATION = pd.DataFrame({"variable": "kind", "category": ["bank", "fund"], "population": [700, 300]})
GAP, REAL = 12.0, 2.0
"""Points by which banks are rated above funds, and by which everybody rates higher in the later edition."""


def _responses(rng: np.random.Generator, rows: int, *, banks: float, level: float, prefix: str) -> pd.DataFrame:
    kind = np.where(rng.random(rows) < banks, "bank", "fund")
    taste = rng.standard_normal((rows, 1)) * 6
    centre = level + np.where(kind == "bank", GAP, 0.0)[:, None]
    frame = pd.DataFrame(centre + taste + 5 * rng.standard_normal((rows, 5)), columns=INSTRUMENT.item_keys)
    frame = frame.clip(0, 100).assign(kind=kind, age=rng.choice(["old", "young"], rows))
    frame.insert(0, "respondent_id", [f"{prefix}-{row}" for row in range(rows)])
    return frame


def _published(
    responses: pd.DataFrame, label: str, instrument: Instrument = INSTRUMENT, rule: Weighting | None = None
) -> Published:
    rule = rule or Weighting()
    margins = {"kind": {"bank": 700.0, "fund": 300.0}} if rule.margins else {}
    weights = rake(responses, margins=margins, trim=rule.trimming).weights if margins else None
    design = drawn_design(responses, weighting=rule, weights=weights)
    scores = score_respondents(responses, instrument=instrument, index=INDEX)
    return Published(label, responses, scores, design, {"a": 0.5, "b": 0.5}, INDEX, instrument, rule)


def _pair(seed: int, rows: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    return (
        _responses(rng, rows, banks=0.4, level=50.0, prefix="A"),
        _responses(rng, rows, banks=0.6, level=50.0 + REAL, prefix="B"),
    )


def _compared(before: Published, now: Published, **options: Any) -> Moved:
    return compare_editions(before, now, **({"background": ["kind", "age"]} | options))


def _row(moved: Moved, measure: str = "csi") -> pd.Series[Any]:
    return moved.parts.set_index("measure").loc[measure]


def test_the_parts_add_up_whatever_is_different() -> None:
    then, since = _pair(1)
    worded = [dict(construct) for construct in CONSTRUCTS]
    worded[0] = {**worded[0], "items": [{"key": "a1", **NAME}, {"key": "a2", "zh": "旧", "en": "Old"}]}
    old = Instrument.model_validate({**ASKED, "constructs": worded})
    before = _published(then, "2024", old)
    now = _published(since, "2025", rule=Weighting.model_validate({"margins": ["kind"]}))
    moved = _compared(before, now, population=POPULATION)
    total = moved.parts[list(PARTS)].sum(axis=1)
    np.testing.assert_allclose(total, moved.parts["difference"], atol=1e-10)
    np.testing.assert_allclose(moved.headline["difference"], moved.headline["after"] - moved.headline["before"])
    assert moved.items[["item", "change"]].to_numpy().tolist() == [["a2", "reworded"]]
    assert not moved.aligned
    # Weighted by the rules of the edition before, which had none, the later one is its plain mean.
    alike = score_respondents(since.drop(columns="a2"), instrument=_without("a2"), index=INDEX)["csi"]
    expected = np.average(alike, weights=now.design.weights) - alike.mean()
    assert _row(moved)["weighting"] == pytest.approx(expected, rel=1e-9)


def _without(item: str) -> Instrument:
    parts = [{**one, "items": [asked for asked in one["items"] if asked["key"] != item]} for one in CONSTRUCTS]
    return Instrument.model_validate({**ASKED, "constructs": parts})


def test_what_is_asked_and_weighted_alike_changes_nothing() -> None:
    then, since = _pair(2)
    row = _row(_compared(_published(then, "2024"), _published(since, "2025")))
    for part in ("weighting", "instrument"):
        assert row[[part, f"{part}_low", f"{part}_high"]].tolist() == [0.0, 0.0, 0.0]


def test_composition_is_that_of_oaxaca_and_blinder() -> None:
    """Reweighting by linear calibration is the regression of the earlier edition at the means of the later one."""
    then, since = _pair(3)
    row = _row(_compared(_published(then, "2024"), _published(since, "2025")))
    told = [(np.ones(len(one)), one["kind"] == "fund", one["age"] == "young") for one in (then, since)]
    x = [np.column_stack(columns).astype(float) for columns in told]
    y = [score_respondents(one, instrument=INSTRUMENT, index=INDEX)["csi"].to_numpy() for one in (then, since)]
    slopes = np.linalg.lstsq(x[0], y[0], rcond=None)[0]
    assert row["composition"] == pytest.approx((x[1].mean(axis=0) - x[0].mean(axis=0)) @ slopes, rel=1e-9)
    assert row["real"] == pytest.approx(y[1].mean() - x[1].mean(axis=0) @ slopes, rel=1e-9)


def test_a_question_in_other_words_counts_as_instrument_and_not_as_change() -> None:
    then, since = _pair(4, rows=3000)
    then = then.assign(a2=then["a2"] - 8.0)
    worded = [dict(construct) for construct in CONSTRUCTS]
    worded[0] = {**worded[0], "items": [{"key": "a1", **NAME}, {"key": "a2", "zh": "旧", "en": "Old"}]}
    before = _published(then, "2024", Instrument.model_validate({**ASKED, "constructs": worded}))
    moved = _compared(before, _published(since, "2025"))
    row = _row(moved, "a")
    assert row["instrument_low"] < 4.0 < row["instrument_high"]
    assert row["real_low"] < REAL < row["real_high"]
    assert _row(moved, "b")["instrument"] == 0.0


def test_people_in_both_editions_make_a_change_surer() -> None:
    rng = np.random.default_rng(5)
    then = _responses(rng, 500, banks=0.5, level=50.0, prefix="P")
    since = then.copy()
    since[INSTRUMENT.item_keys] = (then[INSTRUMENT.item_keys] + REAL + rng.standard_normal((500, 5))).clip(0, 100)
    before, now = _published(then, "2024"), _published(since, "2025")
    apart, together = (_compared(before, now, panel=panel) for panel in (False, None))
    assert (apart.overlap, together.overlap) == (0, 1000)
    errors = [one.headline.set_index("measure").loc["csi", "se"] for one in (apart, together)]
    assert errors[1] < 0.3 * errors[0]


def test_a_background_that_one_edition_alone_has_is_not_held_alike() -> None:
    then, since = _pair(6)
    since.loc[since.index[:40], "age"] = "middle"
    moved = _compared(_published(then, "2024"), _published(since, "2025"), background=["kind", "age", "city"])
    assert moved.background == ("kind",)


def test_editions_without_a_question_in_common_are_not_compared() -> None:
    then, since = _pair(7)
    worded = [
        {**one, "items": [{"key": item["key"], "zh": "旧", "en": "Old"} for item in one["items"]]} for one in CONSTRUCTS
    ]
    before = _published(then, "2024", Instrument.model_validate({**ASKED, "constructs": worded}))
    with pytest.raises(MethodError, match="no question in common"):
        _compared(before, _published(since, "2025"))


def test_a_design_with_replicates_uses_them() -> None:
    then, since = _pair(8)
    before, now = _published(then, "2024"), _published(since, "2025")
    drawn = [
        replace(one, design=replace(one.design, replicates=bootstrap(one.design.weights, replicates=60, seed=seed)))
        for seed, one in enumerate((before, now))
    ]
    plain, replicated = _compared(before, now), _compared(*drawn)
    errors = [one.headline.set_index("measure").loc["csi", "se"] for one in (plain, replicated)]
    assert errors[0] != errors[1]
    assert errors[1] == pytest.approx(errors[0], rel=0.35)


@pytest.mark.simulation
def test_intervals_hold_what_was_planted_of_change_and_of_composition() -> None:
    """A fifth more banks bring 0.2·GAP by composition alone; everybody's rating rises by REAL."""
    truth = {"composition": 0.2 * GAP, "real": REAL, "difference": 0.2 * GAP + REAL}
    inside, rounds = dict.fromkeys(truth, 0), 150
    for seed in range(rounds):
        then, since = _pair(1000 + seed, rows=250)
        moved = _compared(_published(then, "2024"), _published(since, "2025"), seed=seed)
        row, head = _row(moved), moved.headline.set_index("measure").loc["csi"]
        for part in ("composition", "real"):
            inside[part] += bool(row[f"{part}_low"] <= truth[part] <= row[f"{part}_high"])
        inside["difference"] += bool(head["ci_low"] <= truth["difference"] <= head["ci_high"])
    for part, held in inside.items():
        assert 0.90 <= held / rounds <= 0.99, part


def test_replicates_are_gone_through_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = (_published(rows, name) for rows, name in zip(_pair(3, rows=90), "AB", strict=True))
    whole = _compared(before, now)
    monkeypatch.setattr(editions, "ROOM", 500)
    found = _compared(before, now)
    pd.testing.assert_frame_equal(found.parts, whole.parts, rtol=1e-10)
    pd.testing.assert_frame_equal(found.headline, whole.headline, rtol=1e-10)
