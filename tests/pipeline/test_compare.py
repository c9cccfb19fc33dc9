"""`make compare`: two editions as their steps left them, and tables of what may be published."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition import Edition, load_edition
from analysis.edition.load import snapshot
from analysis.pipeline.command import Call
from analysis.pipeline.compare import main
from analysis.results import Store
from analysis.satisfaction.index import score_respondents
from analysis.survey.design.survey_design import drawn_design

ROWS, HIGHER = 900, 0.4
"""Interviews of each edition, and by how much the answers of the later one are higher on 1–5."""


def _left(root: Path, edition: Edition, *, level: float, seed: int) -> Store:
    """What steps 03 to 05 leave of a survey whose answers are drawn around `level`."""
    rng, store, instrument = np.random.default_rng(seed), Store(root), edition.instrument
    keys = instrument.item_keys
    answers = np.clip(np.rint(level + rng.standard_normal((ROWS, 1)) + rng.standard_normal((ROWS, len(keys)))), 1, 5)
    responses = pd.DataFrame(answers, columns=keys)
    responses.insert(0, "respondent_id", [f"{seed}-{row}" for row in range(ROWS)])
    for question in instrument.profile:
        codes = [category.code for category in question.categories if category.code != "practitioner"]
        responses[question.key] = rng.choice(codes, ROWS)
    design = drawn_design(responses, weighting=edition.weighting)
    scores = score_respondents(responses, instrument=instrument, index=edition.index)
    store.save_frame("03_cleaning", "responses", responses)
    store.save_frame("04_weighting", "design", responses[["respondent_id"]].join(design.frame()))
    store.save_record("04_weighting", "design", design.record())
    store.save_frame("05_satisfaction", "scores", scores)
    weights = {construct.key: 1.0 for construct in instrument.dimensions}
    store.save_record("05_satisfaction", "satisfaction", {"weights": weights})
    for table in ("dispositions", "population"):
        store.save_record("intake", table, {"available": False})
    (root / "edition.json").write_text(json.dumps(snapshot(edition), ensure_ascii=False), encoding="utf-8")
    return store


def test_two_editions_are_compared_as_they_were_published(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, now = (load_edition(root / "params" / f"{year}.yml") for year in (2024, 2025))
    _left(tmp_path / "2024", before, level=3.2, seed=1)
    _left(tmp_path / "2025", now, level=3.2 + HIGHER, seed=2)
    folders = argparse.Namespace(before=tmp_path / "2024", now=tmp_path / "2025")
    target = tmp_path / "compare" / "2024-2025"
    main(Call(params=root / "params/2025.yml", output=target, options=folders))
    told = capsys.readouterr().out
    assert "与2024年版相比，满意度指数上升" in told
    assert "Since the 2024 edition the satisfaction index has risen by" in told
    assert "﷐" not in told
    tables = {path.stem for path in (target / "tables").glob("*.csv")}
    assert tables == {"headline_changes", "change_parts", "instrument_changes", "param_changes"}
    changes = pd.read_csv(target / "tables" / "headline_changes.csv").set_index("measure")
    assert 4 < changes.loc["csi", "difference"] < 13  # less than 10: answers are cut at the ends of the scale
    assert changes.loc["csi", "n_before"] == ROWS
