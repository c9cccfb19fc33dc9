"""What became of the sample: outcomes of the cases, and response, cooperation, refusal and contact rates.

Dispositions are final codes of the AAPOR Standard Definitions (10th edition, 2023): 1.1 complete (I), 1.2 partial (P),
2.1 refusal and break-off (R), 2.2 non-contact (NC), 2.3 and other 2.x (O), 3.1 and other 3.x unknown (UH, UO), 4.x not
eligible (NE). A code's first decimal decides; 1 stands for 1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

OUTCOMES = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
"""Groups of dispositions, as AAPOR's formulas name them."""
PRIORITY = ("I", "P", "R", "O", "NE", "NC", "UH", "UO")
"""Which outcome stands for a customer approached more than once: what is learnt first counts most."""
_GROUPS = {"2.1": "R", "2.2": "NC", "3.1": "UH"}
_FIRST = {"1": "I", "2": "O", "3": "UO", "4": "NE"}

RATES: dict[str, tuple[str, str]] = {
    "RR1": ("I", "I P R NC O U"),
    "RR2": ("I P", "I P R NC O U"),
    "RR3": ("I", "I P R NC O eU"),
    "RR4": ("I P", "I P R NC O eU"),
    "RR5": ("I", "I P R NC O"),
    "RR6": ("I P", "I P R NC O"),
    "COOP1": ("I", "I P R O"),
    "COOP2": ("I P", "I P R O"),
    "COOP3": ("I", "I P R"),
    "COOP4": ("I P", "I P R"),
    "REF1": ("R", "I P R NC O U"),
    "REF2": ("R", "I P R NC O eU"),
    "REF3": ("R", "I P R NC O"),
    "CON1": ("I P R O", "I P R O NC U"),
    "CON2": ("I P R O", "I P R O NC eU"),
    "CON3": ("I P R O", "I P R O NC"),
}
"""Every rate as (numerator, denominator); U = UH + UO, eU the share of it taken to be eligible."""


def classify(codes: pd.Series[str]) -> pd.Series[str]:
    """Outcome group of every disposition code; raises MethodError for a code outside 1–4."""
    text = codes.astype(str)
    groups = text.str.slice(0, 1).map(_FIRST)
    fine = text.str.slice(0, 3).map(_GROUPS)
    groups = fine.where(fine.notna(), groups)
    groups = groups.mask(text.str.startswith("1.2"), "P")
    if groups.isna().any():
        raise MethodError(
            "A disposition is not an AAPOR code.", expected="1.x to 4.x", got=str(text[groups.isna()].iloc[0])
        )
    return groups.rename("outcome")


def approaches(dispositions: pd.DataFrame) -> pd.DataFrame:
    """The table with customer and outcome of every approach, in the order in which they were made.

    A table without customer_id has one approach per customer; without contacted_on its own order counts.
    """
    cases = dispositions.reset_index(drop=True)
    named = cases["customer_id"] if "customer_id" in cases else pd.Series(pd.NA, index=cases.index, dtype=object)
    if named.isna().any():
        own = pd.Series([f"#{i}" for i in range(len(cases))], index=cases.index, dtype=object)
        named = named.astype(object).where(named.notna(), own)
    cases = cases.assign(customer=named, outcome=classify(cases["disposition"]))
    return cases.sort_values("contacted_on", kind="stable") if "contacted_on" in cases else cases


def final_outcomes(cases: pd.DataFrame) -> pd.DataFrame:
    """One row per customer of `approaches`: customer, outcome, stratum and first_channel (where the table has them).

    The outcome is the most informative one in the order of PRIORITY: an interview by a later call is an interview.
    """
    codes, names = pd.factorize(cases["customer"])
    rank = pd.Categorical(cases["outcome"], categories=PRIORITY).codes
    best, first = np.full(len(names), len(PRIORITY), dtype=rank.dtype), np.empty(len(names), dtype=np.int64)
    np.minimum.at(best, codes, rank)
    first[codes[::-1]] = np.arange(len(cases))[::-1]
    final = pd.DataFrame({"customer": names, "outcome": np.array(PRIORITY, dtype=object)[best]})
    for name, source in (("stratum", "stratum"), ("first_channel", "channel")):
        if source in cases:
            final[name] = cases[source].iloc[first].reset_index(drop=True)
    return final


def outcome_counts(cases: pd.DataFrame, *, by: str | None = None, weights: ArrayLike | None = None) -> pd.DataFrame:
    """Cases of every outcome: columns category, cases, base_factor and one per outcome, (weighted) numbers of cases.

    Weights are scaled to the number of cases; base_factor is Kish's (Σw)²/(n·Σw²), by which they make a base smaller.
    Cases without a value of `by` are left out.
    """
    w = np.ones(len(cases)) if weights is None else np.asarray(weights, dtype=np.float64)
    group = pd.Series("", index=cases.index) if by is None else cases[by]
    table = pd.DataFrame({"category": group.to_numpy(), "outcome": cases["outcome"].to_numpy(), "w": w})
    table = table[table["category"].notna()]
    wide = table.pivot_table(index="category", columns="outcome", values="w", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=list(OUTCOMES), fill_value=0.0).astype(np.float64)
    summed = table.assign(square=table["w"] ** 2).groupby("category")
    n, total, square = summed.size(), summed["w"].sum(), summed["square"].sum()
    counts = wide.mul(n / total, axis=0)
    counts.insert(0, "base_factor", total**2 / (n * square))
    counts.insert(0, "cases", n)
    counts.columns.name = None
    return counts.reset_index().astype({"category": object})


def outcome_rates(counts: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Every rate of every row of `counts`: category, rate, value, base (its denominator), ci_low, ci_high, e.

    e = (I + P + R + NC + O)/(I + P + R + NC + O + NE), the share of eligible among the cases whose eligibility is
    known (the proportional, or CASRO, allocation), in the same category. A rate without a denominator is missing.
    The interval is Wilson's for the base times base_factor: it holds for cases that differ by chance alone.
    Source: AAPOR 2023, Standard Definitions, 10th ed.; Wilson 1927.
    """
    parts = {outcome: counts[outcome].to_numpy(dtype=np.float64) for outcome in OUTCOMES}
    known = sum(parts[part] for part in ("I", "P", "R", "NC", "O"))
    with np.errstate(invalid="ignore", divide="ignore"):
        e = known / (known + parts["NE"])
        parts["U"] = parts["UH"] + parts["UO"]
        parts["eU"] = np.where(parts["U"] > 0, e * parts["U"], 0.0)
        above, below = (
            np.stack([sum(parts[part] for part in pair[side].split()) for pair in RATES.values()]) for side in (0, 1)
        )
        value = above / below
    low, high = wilson(value, below * counts["base_factor"].to_numpy(dtype=np.float64), confidence=confidence)
    figures = {"value": value, "base": below, "ci_low": low, "ci_high": high, "e": np.tile(e, (len(RATES), 1))}
    head = {
        "category": pd.concat([counts["category"]] * len(RATES), ignore_index=True),
        "rate": np.repeat(list(RATES), len(counts)),
    }
    return pd.DataFrame(head | {name: figure.ravel() for name, figure in figures.items()})


def wilson(share: Floats, n: Floats, *, confidence: float) -> tuple[Floats, Floats]:
    """Wilson's interval of a share on n cases (n need not be whole); missing where n is 0."""
    from scipy.special import ndtri

    z = float(ndtri(0.5 + confidence / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def rates_by(cases: pd.DataFrame, by: str, *, confidence: float = 0.95) -> pd.DataFrame:
    """Main rates of every category of `by`.

    Columns category, n (cases), rr1 with ci_low and ci_high, rr3, cooperation_rate (COOP1), refusal_rate (REF1),
    contact_rate (CON1).
    """
    counts = outcome_counts(cases, by=by)
    rates = outcome_rates(counts, confidence=confidence)
    wide = rates.pivot_table(index="category", columns="rate", values="value", sort=False, dropna=False)
    bounds = rates[rates["rate"] == "RR1"].set_index("category")[["ci_low", "ci_high"]]
    table = counts[["category", "cases"]].rename(columns={"cases": "n"}).set_index("category")
    table = table.assign(rr1=wide["RR1"], ci_low=bounds["ci_low"], ci_high=bounds["ci_high"])
    named = {"rr3": "RR3", "cooperation_rate": "COOP1", "refusal_rate": "REF1", "contact_rate": "CON1"}
    return table.assign(**{name: wide[rate] for name, rate in named.items()}).reset_index()


def overall_rates(customers: pd.DataFrame, *, weights: ArrayLike | None, confidence: float = 0.95) -> pd.DataFrame:
    """All sixteen rates over customers: rate, value, ci_low, ci_high, base, weighted (missing without weights)."""
    plain = outcome_rates(outcome_counts(customers), confidence=confidence)
    table = plain[["rate", "value", "ci_low", "ci_high", "base", "e"]].assign(weighted=np.nan)
    if weights is not None:
        weighted = outcome_rates(outcome_counts(customers, weights=weights), confidence=confidence)
        table["weighted"] = weighted["value"].to_numpy()
    return table


def outcome_table(cases: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Cases by outcome: outcome, approaches, customers, share (of customers); one row per outcome."""
    made, final = (frame["outcome"].value_counts().reindex(OUTCOMES, fill_value=0) for frame in (cases, customers))
    return pd.DataFrame(
        {
            "outcome": list(OUTCOMES),
            "approaches": made.to_numpy(),
            "customers": final.to_numpy(),
            "share": final.to_numpy() / max(len(customers), 1),
        }
    )


def stratum_weights(customers: pd.DataFrame, population: pd.DataFrame | None) -> Floats | None:
    """Persons of the stratum per sampled customer, or None without margins or strata (columns category, population).

    Raises MethodError for a stratum of the dispositions that the population does not have.
    """
    if population is None or "stratum" not in customers or customers["stratum"].isna().any():
        return None
    sizes = population.set_index(population["category"].astype(str))["population"].astype(float)
    strata = customers["stratum"].astype(str)
    unknown = sorted(set(strata) - set(sizes.index))
    if unknown:
        raise MethodError(
            "A stratum of the dispositions is not in the population table.",
            expected=", ".join(sizes.index),
            got=", ".join(unknown),
        )
    return np.asarray(strata.map(sizes / strata.value_counts()), dtype=np.float64)
