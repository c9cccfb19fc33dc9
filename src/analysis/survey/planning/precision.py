"""What a planned sample will be able to say: precision of every domain, and the allocations side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.survey.planning.sample_size import Allocation, allocate, normal_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.sampling import Sampling

    Floats = NDArray[np.float64]

RULES: tuple[Literal["proportional", "neyman", "power", "equal"], ...] = ("proportional", "neyman", "power", "equal")
DOMAIN_COLUMNS = ("question", "category", "share", "expected_n", "needed_n", "width", "met")
RULE_COLUMNS = ("rule", "chosen", "n", "smallest", "largest", "margin", "width", "met", "cost")


def domain_precision(
    population: pd.DataFrame,
    *,
    questions: Sequence[str],
    n: int,
    sampling: Sampling,
    allocation: Allocation | None = None,
) -> pd.DataFrame:
    """Expected width of the index's interval in every category of `questions`, and whether it keeps to the rule.

    Parameters
    ----------
    population : variable, category, population (persons), as the population table holds it.
    questions : profile questions to plan for; the question `sampling.stratum` takes its n from `allocation`.
    n : interviews planned.

    Returns
    -------
    question, category, share (of the population), expected_n, needed_n, width (points), met. A domain that is not a
    stratum is expected to be met in its share of the population, n_d = n·N_d/N, the same in every stratum. width =
    2·z·S·√(deff/n_d·(1 − n_d/N_d)); met when width ≤ 2·`stratum_margin`. needed_n is the smallest n_d that meets it.
    Source: Cochran 1977, §2.12 (domains), §4.6.
    """
    parts = []
    for question in questions:
        rows = population[population["variable"].astype(str) == question]
        sizes = rows["population"].to_numpy(dtype=np.float64)
        if not len(rows) or sizes.sum() <= 0:
            continue
        names = rows["category"].astype(str).tolist()
        expected = np.minimum(n * sizes / sizes.sum(), sizes)
        spread = np.full(len(names), sampling.standard_deviation)
        if question == sampling.stratum and allocation is not None:
            planned = allocation.strata.set_index("category")["n"]
            expected = planned.reindex(names).to_numpy(dtype=np.float64)
            spread = np.array([sampling.stratum_deviation.get(name, sampling.standard_deviation) for name in names])
        table = pd.DataFrame({"question": question, "category": names, "share": sizes / sizes.sum()})
        parts.append(table.assign(**_precision(expected, sizes, spread, sampling)))
    columns = list(DOMAIN_COLUMNS)
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _precision(expected: Floats, sizes: Floats, spread: Floats, sampling: Sampling) -> dict[str, NDArray[Any]]:
    z, widest = normal_quantile(sampling.confidence), 2 * sampling.stratum_margin
    with np.errstate(divide="ignore"):
        variance = sampling.design_effect / expected * np.maximum(1 - expected / sizes, 0.0)
    width = 2 * z * spread * np.sqrt(variance)
    infinite = (z * spread / sampling.stratum_margin) ** 2 * sampling.design_effect
    needed = np.minimum(np.ceil(infinite / (1 + infinite / sizes) - 1e-9), sizes)
    return {"expected_n": expected, "needed_n": needed, "width": width, "met": width <= widest + 1e-9}


def compare_allocations(population: pd.DataFrame, *, n: int, sampling: Sampling) -> pd.DataFrame:
    """The same `n` allocated by every rule: what each costs, and what it gives the total and the worst stratum.

    `population` has the columns category, population. Returns rule, chosen, n (larger than asked where the minima of
    the strata need it), smallest and largest stratum (interviews), margin (half width of the overall index), width
    (of the widest stratum), met (no stratum wider than 2·`stratum_margin`), cost (missing when none is given).
    margin = z·√(deff·Σ W_h²·S_h²/n_h·(1 − n_h/N_h)) (Cochran 1977, §5.3, eq. 5.7, times the design effect).
    """
    rows = []
    for rule in RULES:
        found = allocate(population, n=n, sampling=sampling.model_copy(update={"allocation": rule}))
        strata = found.strata
        variance = float(((strata["share"] * strata["margin"]) ** 2).sum())
        rows.append(
            {
                "rule": rule,
                "chosen": rule == sampling.allocation,
                "n": found.n,
                "smallest": int(strata["n"].min()),
                "largest": int(strata["n"].max()),
                "margin": math.sqrt(variance),
                "width": 2 * float(strata["margin"].max()),
                "met": bool((strata["margin"] <= sampling.stratum_margin + 1e-9).all()),
                "cost": float(strata["cost"].sum(skipna=False)),
            }
        )
    return pd.DataFrame(rows, columns=list(RULE_COLUMNS))
