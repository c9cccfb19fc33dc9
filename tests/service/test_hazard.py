"""Cox's model: equal to R survival on public and made-up data, and intervals that hold the planted ratio."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.service.hazard import concordance, fit_cox

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "service_cox.json").read_text(encoding="utf-8"))
SUBSCRIBERS = Path(__file__).parents[3] / "shared" / "data" / "churn" / "telco.csv"
DURATION, ENDED = np.array(GOLDEN["duration"], dtype=float), np.array(GOLDEN["ended"]) == 1
X, ENTRY = np.column_stack([GOLDEN["group"], GOLDEN["x"]]), np.array(GOLDEN["entry"], dtype=float)


def test_ties_are_those_of_r() -> None:
    found = fit_cox(DURATION, ENDED, X)
    assert found.coefficients == pytest.approx(GOLDEN["plain"], abs=1e-8)
    assert found.se == pytest.approx(GOLDEN["plain_se"], abs=1e-8)
    assert [found.null, found.loglik] == pytest.approx(GOLDEN["loglik"])
    assert concordance(DURATION, ENDED, found.risk(X)) == pytest.approx(GOLDEN["concordance"])


def test_late_entry_is_that_of_r() -> None:
    found = fit_cox(DURATION, ENDED, X, entry=ENTRY)
    assert found.coefficients == pytest.approx(GOLDEN["late"], abs=1e-8)
    assert found.se == pytest.approx(GOLDEN["late_se"], abs=1e-8)
    late = concordance(DURATION, ENDED, found.risk(X), entry=ENTRY)
    assert late == pytest.approx(GOLDEN["late_concordance"])


def test_weights_are_those_of_r() -> None:
    found = fit_cox(DURATION, ENDED, X, weights=np.array(GOLDEN["weight"], dtype=float))
    assert found.coefficients == pytest.approx(GOLDEN["weighted"], abs=1e-8)
    assert found.se == pytest.approx(GOLDEN["weighted_se"], abs=1e-8)


def test_the_baseline_hazard_is_that_of_r() -> None:
    found = fit_cox(DURATION, ENDED, X)
    at = np.array(GOLDEN["times"], dtype=float)
    zero = np.zeros((len(at), 2))
    ends = found.ends_between(zero, np.zeros(len(at)), at)
    seen = at <= found.times[-1]
    assert -np.log1p(-ends[seen]) == pytest.approx(np.array(GOLDEN["hazard"])[seen], rel=1e-8)


def test_the_hazard_goes_on_beyond_the_last_end() -> None:
    """At the mean rate of the last fifth: nobody becomes immortal where the register ends."""
    rng = np.random.default_rng(6)
    life = rng.exponential(5, 20_000)
    found = fit_cox(np.minimum(life, 10), life <= 10, rng.standard_normal((20_000, 1)))
    ends = found.ends_between(np.zeros((1, 1)), np.array([10.0]), np.array([11.0]))
    assert ends == pytest.approx(1 - np.exp(-1 / 5), abs=0.03)


def test_concordance_counts_the_pairs_one_by_one() -> None:
    rng = np.random.default_rng(4)
    time, ended, risk = rng.integers(1, 9, 80), rng.random(80) < 0.6, rng.integers(0, 6, 80).astype(float)
    entry = np.minimum(rng.integers(0, 4, 80), time - 1).astype(float)
    right = pairs = 0.0
    for i in np.flatnonzero(ended):
        for j in range(80):
            later = time[j] > time[i] or (time[j] == time[i] and not ended[j])
            if later and entry[j] < time[i]:
                pairs += 1
                right += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0
    assert concordance(time.astype(float), ended, risk, entry=entry) == pytest.approx(right / pairs)


@pytest.mark.skipif(not SUBSCRIBERS.exists(), reason="the public file of subscribers is not at hand")
def test_the_public_file_of_subscribers_gives_the_model_of_r() -> None:
    frame = pd.read_csv(SUBSCRIBERS)
    frame = frame[frame["tenure"] > 0]
    contract = frame["Contract"].to_numpy()
    x = np.column_stack(
        [frame["MonthlyCharges"], contract == "One year", contract == "Two year", frame["SeniorCitizen"]]
    ).astype(float)
    duration, ended = frame["tenure"].to_numpy(dtype=float), (frame["Churn"] == "Yes").to_numpy()
    found = fit_cox(duration, ended, x)
    assert found.coefficients == pytest.approx([0.0001343, -2.1871048, -4.2174382, 0.0227686], abs=1e-6)
    assert found.se == pytest.approx([0.0009178, 0.0838663, 0.1572571, 0.0548816], abs=1e-6)
    assert concordance(duration, ended, found.risk(x)) == pytest.approx(0.763, abs=5e-4)


def test_intervals_hold_the_planted_ratio() -> None:
    """400 small registers with late entry and ties of a month: 93 to 97 in 100 of the 95 % intervals hold the truth."""
    rng, held, truth = np.random.default_rng(21), 0, np.array([0.6, -0.4])
    for _ in range(400):
        x = np.column_stack([rng.random(160) < 0.4, rng.standard_normal(160)]).astype(float)
        life = 4 * (rng.exponential(1, 160) / np.exp(x @ truth)) ** (1 / 1.15)
        entry, open_until = rng.uniform(0, 1.5, 160) * (rng.random(160) < 0.5), rng.uniform(2, 9, 160)
        duration = np.ceil(12 * np.minimum(life, open_until)) / 12
        seen = duration > entry
        found = fit_cox(duration[seen], (life <= open_until)[seen], x[seen], entry=entry[seen])
        held += int((np.abs(found.coefficients - truth) < 1.96 * found.se).sum())
    assert 0.93 <= held / 800 <= 0.97


def test_nobody_has_left_and_a_trait_that_tells_who_left_are_errors() -> None:
    with pytest.raises(MethodError, match="Nobody has left"):
        fit_cox(DURATION, np.zeros(len(ENDED), dtype=bool), X)
    with pytest.raises(MethodError, match="told apart"):
        fit_cox(DURATION, ENDED, np.column_stack([X[:, 0], 2 * X[:, 0]]))
