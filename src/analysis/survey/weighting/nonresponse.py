"""Nonresponse adjustment: the interviews of a class take over the weights of its cases that gave none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from analysis.errors import MethodError, did_you_mean
from analysis.survey.design.codes import text_codes
from analysis.survey.estimation.sandwich import sum_rows
from analysis.survey.weighting.response_classes import Tally, collapse, propensity_strata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.sections.weighting import Nonresponse
    from analysis.survey.weighting.raking import Codes, Floats

INTERVIEW, UNKNOWN, INELIGIBLE = "1", "3", "4"
"""First digit of an AAPOR disposition code; 2 is an eligible case without interview."""

TELLING = ("1.1", "1", "2.1", "2.3", "4", "2", "3")
"""Starts of disposition codes, the outcome that tells most of a customer first."""

UNMATCHED = 0.05
"""Share of the interviews that may lack a case on record before the two tables are held not to belong together."""

CLASS_COLUMNS = ("category", "cases", "n", "response_rate", "factor")


@dataclass(frozen=True)
class NonresponseResult:
    """Adjustment of each interview, and what is needed to redo it within a replicate.

    factors: one per interview, Σ d over the eligible cases of its class ÷ Σ d over the interviews of its class.
    groups, silent_groups: class of each interview and of each case without interview; silent: the design columns
    of those cases; silent_weights: their base weight × the share of them that is eligible.
    classes: category (members of the class), cases (eligible), n (interviews), response_rate (weighted), factor.
    eligible: share e of the cases of unknown eligibility that is taken for eligible; unmatched: interviews without a
    case on record; collapsed: number of cells put together with others.
    """

    factors: Floats
    groups: Codes
    silent_groups: Codes
    silent_weights: Floats
    silent: pd.DataFrame
    classes: pd.DataFrame
    eligible: float
    unmatched: int
    collapsed: int

    def record(self) -> dict[str, float | int | None]:
        """What the report says of the stage, by name."""
        return {
            "cases": round(len(self.groups) + float(self.silent["share"].sum())),
            "eligible_share": self.eligible,
            "classes": len(self.classes),
            "collapsed": self.collapsed,
            "unmatched": self.unmatched,
            "min_factor": float(self.factors.min()),
            "max_factor": float(self.factors.max()),
            "response_rate": len(self.groups) / (len(self.groups) + float(self.silent["share"].sum())),
        }


def sampled_cases(dispositions: pd.DataFrame, *, stratum: str | None) -> pd.DataFrame:
    """One row per sampled customer, the column `stratum` under the name that the responses know it by.

    A customer approached more than once (the same `customer_id`) keeps the place of the first approach and has the
    outcome that tells most: an interview by a later call is an interview.
    """
    cases = dispositions.rename(columns={"stratum": stratum}) if stratum is not None else dispositions
    if "customer_id" not in cases or not cases["customer_id"].notna().any():
        return cases
    if "contacted_on" in cases:
        cases = cases.sort_values("contacted_on", kind="stable")
    outcome, codes = text_codes(cases["disposition"])
    rank = np.array([next((at for at, start in enumerate(TELLING) if code.startswith(start)), 9) for code in codes])
    rows = np.arange(len(cases))
    known = pd.factorize(cases["customer_id"])[0]
    customer, _ = pd.factorize(np.where(known < 0, len(cases) + rows, known))  # numbered as they come
    ordered = np.lexsort((rows, rank[outcome], customer))
    best = ordered[np.diff(customer[ordered], prepend=-1) > 0]
    first = np.zeros(len(best), dtype=np.int64)
    first[customer[::-1]] = rows[::-1]
    told = pd.Categorical.from_codes(outcome[best], pd.Index(codes)).astype("str")
    return cases.drop(columns="disposition").iloc[first].reset_index(drop=True).assign(disposition=told)


def adjust_nonresponse(
    frame: pd.DataFrame,
    cases: pd.DataFrame,
    *,
    base: NDArray[np.float64],
    rule: Nonresponse,
    stratum: str | None = None,
) -> NonresponseResult:
    """Factor of every interview in `frame` so that its class stands for all eligible cases of the class.

    Parameters
    ----------
    frame : one row per kept interview, with the columns `rule.variables` (and `stratum`).
    cases : one row per sampled case: disposition (AAPOR code) and the same columns. Interviews and cases are not
        linked; an interview on record that was not kept counts as a case without interview.
    base : design weight of each interview; a case without interview has the mean weight of its stratum.
    rule : classes are the cells of the variables, or strata of the response propensity (logistic regression on
        them), put together until each holds `min_class` interviews and no factor exceeds `max_factor` times the
        overall one.

    A case of unknown eligibility counts with the share of eligible ones among the known (AAPOR's e, CASRO
    method); ineligible cases drop out. Raises MethodError for variables that one of the tables lacks, and when
    the interviews can't be those of the cases. Source: Valliant, Dever & Kreuter 2018, Practical Tools for
    Designing and Weighting Survey Samples, ch. 13; Brick 2013 (classes and propensity strata).
    """
    eligible = _eligible_share(cases)
    placed = [stratum] if stratum is not None and stratum in cases else []
    keys = list(dict.fromkeys([*rule.variables, *placed]))
    kept, sampled = _table(frame, keys, "the interviews"), _table(cases, keys, "the table of dispositions")
    silent, unmatched = _without_interview(kept, sampled, cases["disposition"].str[0], eligible)
    if unmatched > UNMATCHED * len(frame):
        raise MethodError(
            "The interviews are not those of the sampled cases.",
            where=f"{unmatched} of {len(frame)} interviews have no case with the same {', '.join(keys)}",
            expected="columns that say the same in responses and dispositions",
            hint="correct weighting.nonresponse.variables, or set weighting.nonresponse to null",
        )
    weights = silent["share"].to_numpy() * _case_weights(frame, silent, base, stratum)
    cells, members = _cells(_joined(kept[list(rule.variables)], silent[list(rule.variables)]), rule.variables)
    tally = Tally.count(cells, len(frame), np.concatenate([base, weights]), silent["share"].to_numpy())
    start = propensity_strata(members, tally, rule.groups) if rule.method == "propensity" else None
    grouped = collapse(tally, members, start=start, min_class=rule.min_class, max_factor=rule.max_factor)
    groups = grouped[cells]
    others = sum_by_class(groups[len(frame) :], weights, int(groups.max()) + 1)
    factors = class_factors(groups[: len(frame)], base[:, None], others)[:, 0]
    return NonresponseResult(
        factors=factors[groups[: len(frame)]],
        groups=groups[: len(frame)],
        silent_groups=groups[len(frame) :],
        silent_weights=weights,
        silent=silent,
        classes=_class_table(members, grouped, tally, factors, named=rule.method == "classes"),
        eligible=eligible,
        unmatched=unmatched,
        collapsed=len(set(start if start is not None else range(len(members)))) - len(factors),
    )


def sum_by_class(groups: Codes, weights: Floats, classes: int) -> Floats:
    """Classes × 1: sums of weights."""
    return np.asarray(np.bincount(groups, weights, classes)[:, None], dtype=np.float64)


def class_factors(groups: Codes, kept: Floats, silent: Floats) -> Floats:
    """Classes × columns: 1 + `silent` ÷ Σ `kept`, 1 where a class has no interview.

    kept: weights of the interviews, rows × columns; silent: those of the cases without one, summed by class.
    """
    interviews = sum_rows(kept, None, groups, len(silent))
    others = np.broadcast_to(silent, interviews.shape)
    return np.asarray(1 + np.divide(others, interviews, out=np.zeros_like(interviews), where=interviews > 0))


def _eligible_share(cases: pd.DataFrame) -> float:
    """e: eligible cases among those whose eligibility is known."""
    kinds = cases["disposition"].str[0]
    eligible, ineligible = int(kinds.isin([INTERVIEW, "2"]).sum()), int((kinds == INELIGIBLE).sum())
    if eligible == 0:
        raise MethodError("The table of dispositions has no eligible case.", expected="codes 1.x or 2.x")
    return eligible / (eligible + ineligible)


def _table(frame: pd.DataFrame, keys: Sequence[str], where: str) -> pd.DataFrame:
    """The key columns as categories in sorted order, a missing answer being one of its own ("")."""
    for key in keys:
        if key not in frame or not frame[key].notna().any():
            raise MethodError(
                f"Nonresponse can't be adjusted by {key!r}.",
                where=where,
                expected="a column with values",
                hint=did_you_mean(key, [str(name) for name in frame.columns]),
            )
    columns: dict[str, pd.Categorical[str]] = {}
    for key in keys:
        codes, texts = text_codes(frame[key])
        names = sorted({"", *texts})
        places = np.array([*(names.index(text) for text in texts), names.index("")], dtype=np.int64)
        columns[key] = pd.Categorical.from_codes(places[codes], pd.Index(names))
    return pd.DataFrame(columns)


def _without_interview(
    kept: pd.DataFrame, sampled: pd.DataFrame, kinds: pd.Series[str], eligible: float
) -> tuple[pd.DataFrame, int]:
    """Eligible cases without a kept interview (with their share of eligibility), and interviews without a case."""
    outcome = kinds.to_numpy()
    cells, members = _cells(_joined(kept, sampled), [str(name) for name in sampled])
    used = np.bincount(cells[: len(kept)], minlength=len(members))
    held = np.bincount(cells[len(kept) :][outcome == INTERVIEW], minlength=len(members))
    spare = held - used
    excluded = members.take(np.repeat(np.arange(len(members)), np.maximum(spare, 0)))
    parts = [sampled[outcome == "2"], sampled[outcome == UNKNOWN], excluded]
    shares = np.repeat([1.0, eligible, 1.0], [len(part) for part in parts])
    return _joined(*parts).assign(share=shares), int(-spare[spare < 0].sum())


def _joined(*tables: pd.DataFrame) -> pd.DataFrame:
    """Tables of categories one below another, their categories in sorted order."""
    return pd.DataFrame(
        {name: union_categoricals([table[name] for table in tables], sort_categories=True) for name in tables[0]}
    )


def _case_weights(frame: pd.DataFrame, silent: pd.DataFrame, base: Floats, stratum: str | None) -> Floats:
    """Design weight of the cases without interview: the mean of their stratum, or of all interviews."""
    overall = float(base.mean())
    if stratum is None or stratum not in silent:
        return np.full(len(silent), overall)
    means = pd.Series(base).groupby(frame[stratum].astype(str).to_numpy()).mean()
    own = np.array([means.get(name, overall) for name in silent[stratum].cat.categories])
    return np.asarray(own[silent[stratum].cat.codes], dtype=np.float64)


def _cells(both: pd.DataFrame, variables: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Cell of each row, and the categories of each cell in sorted order."""
    coded = [both[name].cat for name in variables]
    place, shape = np.zeros(len(both), dtype=np.int64), [len(column.categories) for column in coded]
    for column, size in zip(coded, shape, strict=True):
        place = place * size + column.codes.to_numpy()
    found, cells = np.unique(place, return_inverse=True)
    columns = zip(variables, coded, np.unravel_index(found, shape), strict=True)
    members = {name: pd.Categorical.from_codes(at, column.categories) for name, column, at in columns}
    return cells.astype(np.int64), pd.DataFrame(members)


def _class_table(members: pd.DataFrame, grouped: Codes, tally: Tally, factors: Floats, *, named: bool) -> pd.DataFrame:
    """One row per class; its members as `variable=value` joined by ; and | (propensity strata are numbered)."""
    texts = ["; ".join(f"{name}={value}" for name, value in row.items()) for row in members.to_dict("records")]
    rows = []
    for group, factor in enumerate(factors):
        cells = np.flatnonzero(grouped == group)
        members_text = " | ".join(texts[cell] for cell in cells)
        rows.append(
            {
                "category": members_text if named else f"propensity={group + 1}",
                "cases": float((tally.interviews + tally.silent)[cells].sum()),
                "n": int(tally.interviews[cells].sum()),
                "response_rate": 1 / factor,
                "factor": factor,
                "members": members_text,
            }
        )
    return pd.DataFrame(rows, columns=[*CLASS_COLUMNS, "members"])
