"""The tracking series of earlier waves, and what became of every case that was sampled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data.simulation.drawing import Floats, Ints, draw_codes, generator, numbered, pick
from analysis.data.simulation.people import invited_shares, population_shares, response_rates
from analysis.data.simulation.planted import Callbacks, Planted, SatisfiedShare
from analysis.data.simulation.responses import Interviews
from analysis.edition import Edition

CALLBACK, NON_CONTACT = "phone", "2.2"
"""Channel of call-backs, and the disposition of a customer who was not reached."""


def draw_waves(edition: Edition, planted: Planted) -> pd.DataFrame:
    """Quarterly index up to the quarter in which fieldwork starts: trend, season, dips, AR(1), sampling error."""
    rng, series = generator(edition, "waves"), planted.waves
    last = pd.Period(edition.publication.fieldwork.start, freq="Q")
    quarters = pd.period_range(end=last, periods=series.count, freq="Q")
    level = np.linspace(series.first_level, series.last_level, series.count)
    shocks = rng.normal(0.0, series.innovation, series.count)
    drift = np.zeros(series.count)
    for i in range(series.count):
        drift[i] = (series.autocorrelation * drift[i - 1] if i else 0.0) + shocks[i]
    season = np.array([series.seasonal[quarter.quarter - 1] for quarter in quarters])
    dips = np.array([series.dips.get(str(quarter), 0.0) for quarter in quarters])
    n = rng.integers(*series.sample, size=series.count, endpoint=True)
    se = series.spread / np.sqrt(n)
    index = level + drift + season + dips + rng.normal(0.0, se)
    table = pd.DataFrame(
        {
            "wave": [str(quarter) for quarter in quarters],
            "date": [quarter.end_time.strftime("%Y-%m-%d") for quarter in quarters],
            "csi": index.round(2),
            "se": se.round(3),
            "n": n,
        }
    )
    return table if series.satisfied is None else table.assign(csat=_satisfied(edition, series.satisfied, index, n))


def _satisfied(edition: Edition, planted: SatisfiedShare, index: Floats, n: Ints) -> Floats:
    """Share of satisfied customers (percent) that goes with the index of each wave, with its own sampling error."""
    rng = generator(edition, "waves", stream=1)
    share = np.clip((planted.share + planted.slope * (index - planted.at)) / 100, 0.01, 0.99)
    return (100 * rng.binomial(n, share) / n).round(1)


def draw_dispositions(edition: Edition, planted: Planted, interviews: Interviews) -> pd.DataFrame:
    """One row per approach to a sampled customer: every interview (complete or broken off), and those that gave none.

    A stratum's number of cases is its interviews divided by its response rate. Interviews were asked for up to ten
    days before they were held; a customer is approached through the channel of main service, and some are called back
    by telephone.
    """
    rng, stratum_key = generator(edition, "dispositions"), planted.survey.design.stratum
    fieldwork = edition.publication.fieldwork
    start, end = np.datetime64(fieldwork.start), np.datetime64(fieldwork.end)
    held_on = interviews.submitted.astype("datetime64[D]")
    held = pd.DataFrame(
        {
            "stratum": interviews.profiles[stratum_key],
            "channel": interviews.profiles["channel"],
            "disposition": np.where(interviews.broken_off, "1.2", "1.1"),
            "contacted_on": np.maximum(held_on - rng.integers(0, 10, len(held_on)).astype("timedelta64[D]"), start),
        }
    )
    counts, rates = held["stratum"].value_counts(), response_rates(planted)
    silent = {code: round(int(counts.get(code, 0)) * (1 / rates[code] - 1)) for code in invited_shares(planted)}
    size = sum(silent.values())
    days = int((end - start).astype(int)) * 4 // 5 + 1
    without = pd.DataFrame(
        {
            "stratum": np.repeat(np.array(list(silent), dtype=object), list(silent.values())),
            "channel": draw_codes(rng, population_shares(planted)["channel"], size),
            "disposition": draw_codes(rng, planted.dispositions.nonresponse, size),
            "contacted_on": start + rng.integers(0, days, size).astype("timedelta64[D]"),
        }
    )
    cases = pd.concat([held, without], ignore_index=True)
    cases = cases.iloc[rng.permutation(len(cases))].sort_values("contacted_on", kind="stable", ignore_index=True)
    cases.insert(0, "customer_id", numbered("K", len(cases), width=max(6, len(str(len(cases))))))
    cases = _with_callbacks(rng, cases, planted.dispositions.callbacks, end=end)
    cases["contacted_on"] = cases["contacted_on"].dt.strftime("%Y-%m-%d")
    cases.insert(0, "case_id", numbered("C", len(cases), width=max(6, len(str(len(cases))))))
    return cases


def _with_callbacks(
    rng: np.random.Generator, cases: pd.DataFrame, planted: Callbacks, *, end: np.datetime64
) -> pd.DataFrame:
    """Add calls to customers who were not reached at first, and move some interviews to such a call.

    A call follows the first approach by one to nine days and stays inside the fieldwork. An interview that came of a
    call leaves a non-contact at the first approach.
    """
    elsewhere = cases["channel"] != CALLBACK
    held = np.flatnonzero(elsewhere & cases["disposition"].str.startswith("1."))
    silent = np.flatnonzero(elsewhere & (cases["disposition"] == NON_CONTACT))
    answered = held[pick(rng, len(held), planted.interviews)]
    refused = silent[pick(rng, len(silent), planted.after_silence)]
    again = refused[pick(rng, len(refused), planted.twice)]
    called = np.concatenate([answered, refused, again])
    calls = cases.iloc[called].assign(channel=CALLBACK)
    results = draw_codes(rng, planted.outcomes, len(refused) + len(again))
    calls["disposition"] = np.concatenate([cases["disposition"].to_numpy()[answered], results])
    later = rng.integers(1, 10, len(calls)).astype("timedelta64[D]")
    calls["contacted_on"] = np.minimum(calls["contacted_on"].to_numpy() + later, end)
    moved = np.isin(np.arange(len(cases)), answered)
    first = cases.assign(disposition=cases["disposition"].mask(moved, NON_CONTACT))
    return pd.concat([first, calls], ignore_index=True).sort_values("contacted_on", kind="stable", ignore_index=True)
