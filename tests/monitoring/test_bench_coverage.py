"""The bench of coverage: every planted quantity of an edition is among its figures, and coverage by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.data.truth import planted_service, planted_texts
from analysis.edition import load_edition
from analysis.project import ROOT
from analysis.service import churn
from bench.coverage import KEYS, found_again, summary


def test_every_planted_quantity_of_an_edition_has_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(churn, "REPLICATES", 2)  # of the revenue at risk, which is not planted
    edition = load_edition(ROOT / "params" / "2025.yml")
    found = found_again("params/2025.yml", 3)
    service, texts = planted_service(edition), planted_texts(edition)
    assert service is not None
    assert texts is not None
    wanted = {tuple(row) for row in service[KEYS].to_numpy()}
    wanted |= {("10_feedback", what, name) for what, name in texts[["what", "category"]].to_numpy()}
    assert wanted <= {tuple(row) for row in found[KEYS].to_numpy()}
    assert (found["ci_low"] < found["ci_high"]).all()
    assert found["inside"].mean() > 0.8


def test_coverage_is_counted_with_its_own_interval() -> None:
    rng = np.random.default_rng(4)
    estimate = 2.0 + 0.1 + rng.normal(0, 0.5, 400)
    table = pd.DataFrame({"step": "s", "quantity": "q", "subject": "x", "planted": 2.0, "estimate": estimate})
    half = 1.959964 * 0.5
    table = table.assign(ci_low=estimate - half, ci_high=estimate + half)
    table["inside"] = (table["ci_low"] <= 2.0) & (table["ci_high"] >= 2.0)
    row = summary(table).iloc[0]
    assert row["coverage"] == pytest.approx((np.abs(estimate - 2.0) <= half).mean())
    assert row["low"] < row["coverage"] < row["high"]
    assert row["high"] - row["low"] == pytest.approx(
        4 * np.sqrt(row["coverage"] * (1 - row["coverage"]) / 400), rel=0.1
    )
    assert row["bias"] == pytest.approx((estimate.mean() - 2.0) / half)
    assert row["ratio"] == pytest.approx(0.5 / estimate.std(ddof=1))
