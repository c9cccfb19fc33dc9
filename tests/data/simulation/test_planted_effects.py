"""What was planted for comparisons: in points, as people drawn from the population show it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.answers import answer_items, bend_variance, draw_latents
from analysis.data.simulation.effects import digital_effects, unit_differences
from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.truth import planted_differences, planted_effects, planted_kinds
from analysis.edition import Edition, load_edition
from analysis.errors import SurveyReportError

DRAWN = 60_000


def _mean_scores(planted: Planted, edition: Edition, people: pd.DataFrame) -> dict[str, float]:
    rng, scale = np.random.default_rng(5), edition.instrument.scale
    answers = answer_items(rng, draw_latents(rng, planted, people), planted=planted, instrument=edition.instrument)
    return {key: 100 * (float(a.mean()) - scale.min) / (scale.max - scale.min) for key, a in answers.items()}


@pytest.mark.parametrize("age", [None, "18-29", "60+"])
@pytest.mark.simulation
def test_digital_effects_are_those_of_people_drawn_with_and_without(
    planted: Planted, edition: Edition, draw_people: Callable[..., pd.DataFrame], age: str | None
) -> None:
    fixed = {} if age is None else {"age": age}
    one, other = (_mean_scores(planted, edition, draw_people(DRAWN, 3, served=side, **fixed)) for side in (True, False))
    table = digital_effects(planted, ["satisfaction", "loyalty"], instrument=edition.instrument)
    for outcome in ("satisfaction", "loyalty"):
        rows = table[
            (table["outcome"] == outcome) & (table["category"].isna() if age is None else table["category"] == age)
        ]
        assert rows["planted"].item() == pytest.approx(one[outcome] - other[outcome], abs=0.25)
    assert table["planted"].abs().max() > 2


@pytest.mark.simulation
def test_unit_differences_are_those_of_people_drawn_from_each(
    planted: Planted, edition: Edition, draw_people: Callable[..., pd.DataFrame]
) -> None:
    measures = ["efficiency", "security", "satisfaction"]
    table = unit_differences(planted, "institution_type", measures, instrument=edition.instrument)
    whole = {
        code: _mean_scores(planted, edition, draw_people(DRAWN, 3, served=True, institution_type=code))
        for code in ("bank", "internet")
    }
    for measure in measures:
        rows = table[table["measure"] == measure].set_index("category")["planted"]
        apart = whole["bank"][measure] - whole["internet"][measure]
        assert rows["bank"] - rows["internet"] == pytest.approx(apart, abs=0.3)


def test_bends_make_a_path_steeper_on_one_side_and_leave_variances_alone(
    planted: Planted, draw_people: Callable[..., pd.DataFrame]
) -> None:
    people = draw_people(DRAWN, 3, served=True)
    plain = planted.model_copy(update={"shifts": {}, "digital": None})
    latents = draw_latents(np.random.default_rng(1), plain, people)
    bends, paths = plain.structure.bends["satisfaction"], plain.structure.paths["satisfaction"]
    sides = [np.minimum(latents[key], 0) for key in paths] + [np.maximum(latents[key], 0) for key in paths]
    x = np.column_stack([np.ones(DRAWN), *sides])
    slopes = np.linalg.lstsq(x, latents["satisfaction"], rcond=None)[0][1:].reshape(2, -1)
    for place, (key, path) in enumerate(paths.items()):
        assert slopes[:, place] == pytest.approx(bends.get(key, (path, path)), abs=0.03)
    assert np.var(latents["satisfaction"]) == pytest.approx(1, abs=0.03)
    assert abs(bend_variance(plain, "satisfaction")) < 0.02
    assert bend_variance(plain, "loyalty") == 0


def test_the_kinds_of_factors_follow_the_bends(edition: Edition) -> None:
    table = planted_kinds(edition, "satisfaction", ["results", "attitude", "security"])
    assert table is not None
    assert table["planted"].tolist() == ["basic", "excitement", "performance"]


def test_only_what_was_planted_is_told(edition: Edition, root: Path) -> None:
    real = load_edition(root / "tests" / "editions" / "csibank.yml")
    assert planted_effects(edition, "channel", ["app"], ["satisfaction"]) is None
    assert planted_effects(real, "channel", ["app", "web", "social"], ["SAT"]) is None
    assert planted_differences(real, "Region", ["SAT"]) is None
    assert planted_kinds(real, "SAT", ["IMAG"]) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"digital": {"question": "channel", "answers": ("fax",), "effect": {}}}, "no answer fax"),
        ({"digital": {"question": "telex", "answers": ("app",), "effect": {}}}, "'telex'"),
        ({"digital": {"question": "channel", "answers": ("app",), "effect": {"joy": {}}}}, "'joy'"),
        (
            {"digital": {"question": "channel", "answers": ("app",), "effect": {"loyalty": {"90+": 1.0}}}},
            "no answer 90+",
        ),
        ({"structure": {"correlation": 0.5, "paths": {}, "bends": {"loyalty": {"trust": [0.1, 0.2]}}}}, "'trust'"),
    ],
)
def test_what_does_not_fit_the_questionnaire_is_named(
    edition: Edition, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], told: str
) -> None:
    from analysis.data.simulation import planted as module

    content = module.read_yaml(module.PLANTED_FILE) | change
    monkeypatch.setattr(module, "read_yaml", lambda _: content)
    with pytest.raises(SurveyReportError, match=told):
        load_planted(edition)
