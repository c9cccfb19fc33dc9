"""Who is surveyed: the population's margins, the sampling frame, and respondents drawn from it as planned."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.data.simulation.drawing import draw_codes, generator, numbered
from analysis.data.simulation.planted import Planted
from analysis.edition import Edition


def population_shares(planted: Planted) -> dict[str, dict[str, float]]:
    """Population share of every answer to every profile question."""
    shares = {key: dict(margin.shares) for key, margin in planted.survey.profile.items() if margin.shares}
    for key, margin in planted.survey.profile.items():
        if margin.given:
            shares[key] = {
                code: sum(shares[margin.given][group] * within[code] for group, within in margin.by.items())
                for code in next(iter(margin.by.values()))
            }
    return {key: shares[key] for key in planted.survey.profile}


def population_table(planted: Planted) -> pd.DataFrame:
    """Margins of the population in persons; every question adds up to the same total."""
    total = planted.survey.population
    rows: list[tuple[str, str, int]] = []
    for key, shares in population_shares(planted).items():
        counts = {code: round(total * share) for code, share in shares.items()}
        largest = max(counts, key=lambda code: counts[code])
        counts[largest] += total - sum(counts.values())
        rows += [(key, code, count) for code, count in counts.items()]
    return pd.DataFrame(rows, columns=["variable", "category", "population"])


def invited_shares(planted: Planted) -> dict[str, float]:
    """Share of the invited in each stratum: population ** power."""
    design = planted.survey.design
    sizes = {code: share**design.power for code, share in population_shares(planted)[design.stratum].items()}
    return {code: size / sum(sizes.values()) for code, size in sizes.items()}


def response_rates(planted: Planted) -> dict[str, float]:
    """Response rate of each stratum; over all the invited they average to the planted rate."""
    invited = invited_shares(planted)
    factors = planted.survey.response.get(planted.survey.design.stratum, {})
    mean = sum(share * factors.get(code, 1.0) for code, share in invited.items())
    return {code: planted.survey.response_rate * factors.get(code, 1.0) / mean for code in invited}


def draw_profiles(rng: np.random.Generator, planted: Planted, size: int) -> pd.DataFrame:
    """Profile of `size` respondents: population shares, distorted by the design and by willingness to answer."""
    survey = planted.survey
    drawn: dict[str, object] = {}
    for key, margin in survey.profile.items():
        if margin.given:
            continue
        shares = invited_shares(planted) if key == survey.design.stratum else margin.shares
        drawn[key] = draw_codes(rng, _reweighted(shares, survey.response.get(key, {})), size)
    for key, margin in survey.profile.items():
        if margin.given:
            groups, answers = np.asarray(drawn[margin.given]), np.empty(size, dtype=object)
            for group, shares in margin.by.items():
                members = np.flatnonzero(groups == group)
                answers[members] = draw_codes(rng, shares, len(members))
            drawn[key] = answers
    return pd.DataFrame({key: drawn[key] for key in survey.profile})


def base_weights(planted: Planted, profiles: pd.DataFrame) -> pd.Series:
    """Persons of the stratum per invited case, given that `profiles` are all who answered."""
    stratum = profiles[planted.survey.design.stratum]
    shares, rates = population_shares(planted)[planted.survey.design.stratum], response_rates(planted)
    invited = invited_shares(planted)
    cases = len(profiles) / sum(invited[code] * rates[code] for code in invited)
    weights = {code: planted.survey.population * shares[code] / (cases * invited[code]) for code in shares}
    return stratum.map(weights).astype(float).round(4)


def _reweighted(shares: Mapping[str, float], factors: Mapping[str, float]) -> dict[str, float]:
    return {code: share * factors.get(code, 1.0) for code, share in shares.items()}


def draw_frame(edition: Edition, planted: Planted) -> pd.DataFrame:
    """The sampling frame: one row per customer list with its stratum, region and number of customers.

    The lists of a stratum together hold the planted share of its customers; lists per stratum grow with the root of
    its size, and every region that has customers has lists.
    """
    rng, design = generator(edition, "frame"), planted.frame
    shares = population_shares(planted)
    strata, regions = shares[planted.survey.design.stratum], shares["region"]
    roots = {code: share**0.5 for code, share in strata.items()}
    parts = []
    for code, share in strata.items():
        units = max(12, round(design.units * roots[code] / sum(roots.values())))
        listed = round(planted.survey.population * share * design.coverage.get(code, 1.0))
        claims = np.exp(design.spread * rng.standard_normal(units))
        sizes = np.maximum(1, np.floor(listed * claims / claims.sum())).astype(np.int64)
        sizes[int(sizes.argmax())] += listed - int(sizes.sum())
        parts.append(pd.DataFrame({"stratum": code, "region": draw_codes(rng, regions, units), "size": sizes}))
    frame = pd.concat(parts, ignore_index=True)
    frame.insert(0, "unit_id", numbered("U", len(frame), width=5))
    return frame
