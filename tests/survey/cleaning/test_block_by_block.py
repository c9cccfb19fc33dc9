"""Rules that judge an interview by itself take some interviews at a time: the same verdicts, in little memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.edition import Edition, load_edition
from analysis.survey.cleaning import checks, missingness
from analysis.survey.cleaning.missingness import missing_data
from analysis.survey.cleaning.rules import clean


@pytest.fixture(scope="module")
def edition(root: Path) -> Edition:
    return load_edition(root / "params" / "2025.yml")


def _responses(edition: Edition, rows: int) -> pd.DataFrame:
    """Answers around each person's own level, some left open, some straight through, a few copied."""
    rng, items = np.random.default_rng(4), edition.instrument.item_keys
    level = rng.normal(3.5, 0.8, (rows, 1)) + rng.normal(0, 0.7, (rows, len(items)))
    answers = np.clip(np.round(level), 1, 5).astype(np.float32)
    answers[rng.random(answers.shape) < 0.02] = np.nan
    answers[: rows // 50] = 4
    answers[rows // 2 : rows // 2 + 9] = answers[-9:]
    frame = pd.DataFrame(answers, columns=items, copy=False)
    profile = {key: rng.choice(["a", "b", "c"], rows) for key in edition.instrument.profile_keys}
    for values in profile.values():
        values[rows // 2 : rows // 2 + 9] = values[-9:]
    told = {key: pd.Categorical(values) for key, values in profile.items()}
    seconds = rng.lognormal(6, 0.6, rows)
    names = pd.Series([f"r{number}" for number in range(rows)], dtype="str")
    return frame.assign(respondent_id=names, duration_s=seconds, attention_item=4.0, **told)


def test_verdicts_do_not_depend_on_the_blocks(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    responses, asked = _responses(edition, 1500), {"instrument": edition.instrument, "cleaning": edition.cleaning}
    whole = clean(responses, **asked)
    gaps = missing_data(responses, items=edition.instrument.item_keys, kept=whole.is_kept)
    for module in (checks, missingness):
        monkeypatch.setattr(module, "BLOCK", 97)
    parted = clean(responses, **asked)
    assert (whole.log["flagged"] > 0).sum() >= 6  # several rules have something to say
    pd.testing.assert_frame_equal(parted.decisions, whole.decisions)
    pd.testing.assert_frame_equal(parted.log, whole.log)
    pd.testing.assert_frame_equal(parted.flags, whole.flags, rtol=1e-10)
    again = missing_data(responses, items=edition.instrument.item_keys, kept=whole.is_kept)
    of_kept = missing_data(whole.kept, items=edition.instrument.item_keys)
    for one in (again, of_kept):
        pd.testing.assert_frame_equal(one.items, gaps.items)
        pd.testing.assert_frame_equal(one.patterns, gaps.patterns)
        pd.testing.assert_frame_equal(one.summary, gaps.summary, rtol=1e-9)


def test_cleaning_holds_little_more_than_the_answers_in_double_precision(edition: Edition) -> None:
    rows, keys = 60_000, edition.instrument.item_keys
    responses = _responses(edition, rows)
    rules = edition.cleaning.model_copy(
        update={"max_longstring_share": None}
    )  # simulates as many people for any survey
    tracemalloc.start()
    cleaned = clean(responses, instrument=edition.instrument, cleaning=rules)
    missing_data(responses, items=keys, kept=cleaned.is_kept)
    peak = tracemalloc.get_traced_memory()[1] / rows
    tracemalloc.stop()
    assert peak < 8 * len(keys) + 300
