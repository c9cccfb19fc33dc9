"""How loyal customers are, by what they are worth and by the stage of their relationship.

The register knows value and stage, the survey loyalty and the index. Where an interview names its customer the two are
joined; those who can be joined are a domain of the survey, with its weights and design.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.service.relationships import spans_of
from analysis.survey.estimation.differences import compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import means, proportions
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    import datetime

    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.survey.estimation.differences import Adjustment

LEVELS = ("highly", "loyal", "other")
STAGES = ("new", "established", "at_risk", "lost")
LEVEL_COLUMNS = ("level", "n", "share", "ci_low", "ci_high", "benchmark", "year", "p")
MATRIX_COLUMNS = ("question", "category", "level", "n", "share", "ci_low", "ci_high", "action", "group")
STAGE_COLUMNS = ("stage", "n", "share", "joined", "csi", "ci_low", "ci_high", "difference", "p_adjusted", "group")


def stage_of(
    customers: pd.DataFrame,
    *,
    as_of: datetime.date | None = None,
    probability: pd.Series[float] | None = None,
    at_risk: float = 0.2,
) -> pd.Series[Any]:
    """Stage of each relationship on the last day; None where it ended more than a year before, or was not yet open.

    new: opened within the last year and running; lost: ended within it; at_risk: of the established ones whose
    `probability` to leave is known, the share `at_risk` with the highest; established: the others.
    """
    known, _, end = spans_of(customers, as_of)
    start, closed = end - pd.Timedelta(days=365), known["closed_on"]
    stage = pd.Series(None, index=customers.index, dtype=object)
    stage[known.index[closed.isna() & (known["opened_on"] > start)]] = "new"
    stage[known.index[closed.isna() & (known["opened_on"] <= start)]] = "established"
    stage[known.index[closed > start]] = "lost"
    if probability is not None:
        chances = probability[(stage == "established") & probability.notna()]
        likely = chances.sort_values(ascending=False, kind="stable").index[: round(at_risk * len(chances))]
        stage[likely] = "at_risk"
    return stage


def joined(responses: pd.DataFrame, customers: pd.DataFrame, values: pd.Series[Any]) -> pd.Series[Any] | None:
    """For each interview the value of its customer (one per row of `customers`); None where no interview names one."""
    if "customer_id" not in responses or "customer_id" not in customers:
        return None
    by_customer = pd.Series(values.to_numpy(), index=customers["customer_id"].astype(str))
    found = responses["customer_id"].astype(object).map(by_customer)
    return found if found.notna().any() else None


def loyalty_indicators(score: pd.Series[Any], *, loyal: float, highly: float) -> pd.DataFrame:
    """Whether each interview (score 0–100, or missing) is of each level: 1, 0 or missing, a column each."""
    values = score.astype(float)
    shares = {
        "highly": values >= highly,
        "loyal": (values >= loyal) & (values < highly),
        "other": (values < loyal) & (values < highly),
    }
    return pd.DataFrame({name: flag.astype(float).where(values.notna()) for name, flag in shares.items()})


def loyalty_levels(
    levels: pd.DataFrame, *, design: SurveyDesign, benchmark: tuple[float, int | None] | None, confidence: float
) -> pd.DataFrame:
    """Share of customers on each level, the highly loyal beside a published percentage (value, year).

    `levels` as `loyalty_indicators`. Columns: level, n, share with interval, benchmark (share of 0–1; missing), year
    (text), p of the difference.
    """
    table = proportions(levels, design=design, confidence=confidence).rename(
        columns={"variable": "level", "estimate": "share"}
    )
    table["benchmark"], table["year"], table["p"] = np.nan, "", np.nan
    if benchmark is not None:
        value, year = benchmark
        held = compare_with_fixed(levels[["highly"]], [value / 100], shares=True, design=design, confidence=confidence)
        row = table["level"] == "highly"
        table.loc[row, "benchmark"], table.loc[row, "p"] = value / 100, float(held["p"].iloc[0])
        table.loc[row, "year"] = "" if year is None else str(year)
    return table[list(LEVEL_COLUMNS)]


def value_by_loyalty(
    levels: pd.DataFrame,
    group: pd.Series[Any],
    *,
    question: str,
    top: str,
    of_register: bool,
    design: SurveyDesign,
    confidence: float,
) -> pd.DataFrame:
    """Share of each level of loyalty among the interviews of each answer of `group`, with what to do about it.

    `of_register`: the group is a trait of the joined customers, else an answer to `question`. action: top or rest
    (customers of the tier `top`, or others) with the level; empty where the group says nothing of value.
    """
    table = proportions(levels, domain=group, design=design, confidence=confidence)
    table = table.rename(columns={"variable": "level", "estimate": "share"}).assign(question=question)
    place = np.where(table["category"] == top, "top", "rest")
    table["action"] = [f"{one}_{level}" for one, level in zip(place, table["level"], strict=True)]
    if question != "value_tier":
        table["action"] = ""
    prefix = "joined." if of_register else ""
    table["group"] = prefix + question + "=" + table["category"].astype(str)
    order = {level: number for number, level in enumerate(LEVELS)}
    table = table.assign(place=table["level"].map(order)).sort_values(["category", "place"], kind="stable")
    return table.reset_index(drop=True)[list(MATRIX_COLUMNS)]


def index_by_stage(
    stage: pd.Series[Any],
    asked: pd.Series[Any] | None,
    csi: pd.DataFrame | None,
    *,
    design: SurveyDesign | None,
    confidence: float,
    adjustment: Adjustment,
) -> pd.DataFrame:
    """Number and share of the relationships in each stage, and the index of those who were interviewed.

    `stage` of every relationship, `asked` of every interview (None: none can be joined), `csi` (one column) of every
    interview. difference and p_adjusted: against the established customers.
    """
    counts = stage.value_counts()
    table = pd.DataFrame({"stage": [name for name in STAGES if counts.get(name, 0)]}, dtype=object)
    table["n"] = table["stage"].map(counts).astype(int)
    table["share"] = table["n"] / table["n"].sum()
    table["group"] = "joined.stage=" + table["stage"]
    empty = dict.fromkeys(STAGE_COLUMNS[4:9], np.nan)
    table = table.assign(joined=0, **empty)
    if asked is None or csi is None or design is None or table.empty:
        return table[list(STAGE_COLUMNS)]
    domain = pd.Series(pd.Categorical(asked, categories=list(table["stage"])), index=csi.index).cat
    inside = domain.remove_unused_categories()
    found = means(csi, domain=inside, design=design, confidence=confidence).set_index("category")
    for name, source in (("csi", "estimate"), ("ci_low", "ci_low"), ("ci_high", "ci_high")):
        table[name] = table["stage"].map(found[source])
    table["joined"] = table["stage"].map(found["n"]).fillna(0).astype(int)
    names = list(found.index)
    if "established" in names and len(names) > 1:
        base = names.index("established")
        pairs = [(place, base) for place in range(len(names)) if place != base]
        joint = estimate_jointly(csi, domain=inside, design=design)
        against = compare_estimates(joint, pairs=pairs, adjustment=adjustment, confidence=confidence)
        against = against.set_index("category_a")
        table["difference"] = table["stage"].map(against["difference"])
        table["p_adjusted"] = table["stage"].map(against["p_adjusted"])
    return table[list(STAGE_COLUMNS)]
