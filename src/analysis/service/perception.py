"""Perception beside operation: what customers say of a step of the service and what its log says of the same step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.scales import aligned
from analysis.survey.estimation.differences import adjust_p_values, compare_estimates, estimate_jointly
from analysis.survey.estimation.estimates import proportions
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.index import Index
    from analysis.edition.standards import Benchmarks, Rating, Standards
    from analysis.service.compliance import Compliance
    from analysis.survey.design.survey_design import SurveyDesign

KIND = "institution_type"
STEP_COLUMNS = (
    *("scenario", "step", "step_zh", "step_en", "by", "group", "n_rated", "satisfied", "satisfied_low"),
    *("satisfied_high", "benchmark", "year", "gap", "p_adjusted", "place", "base", "on_time", "ci_low", "ci_high"),
)
KIND_COLUMNS = (
    *("category", "by", "n_rated", "satisfied", "satisfied_low", "satisfied_high", "rated_difference"),
    *("rated_p_adjusted", "due", "kept", "ci_low", "ci_high", "difference", "p_adjusted"),
)


@dataclass(frozen=True)
class Perception:
    """Satisfied customers beside promises kept.

    steps: every scenario (step: empty) and step that customers rate: by (items), group (whose answers count), n_rated,
    satisfied (share) with interval, benchmark (share of satisfied customers, 0–1), year, gap (points of a share) and
    p_adjusted against it; base and on_time of the log with interval (all cases of a scenario, due steps of a step).
    institutions: category, the share satisfied with all that rates a step with a limit, its difference from all other
    kinds with p_adjusted, and kept (cases within all their limits) with difference and p_adjusted of the log.
    """

    steps: pd.DataFrame
    institutions: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables to publish."""
        return {"service_perception": self.steps, "perception_institutions": self.institutions}

    def dissatisfaction(self, *, min_base: int = 0) -> dict[tuple[str, str], float]:
        """Share of customers who are not satisfied, by scenario (step: empty) and step, of at least so many of them."""
        rows = self.steps[self.steps["n_rated"] >= min_base][["scenario", "step", "satisfied"]].to_dict("records")
        return {(row["scenario"], row["step"]): 1 - row["satisfied"] for row in rows}


def compare_perception(
    responses: pd.DataFrame,
    *,
    compliance: Compliance,
    standards: Standards,
    instrument: Instrument,
    index: Index,
    benchmarks: Benchmarks | None = None,
    design: SurveyDesign | None = None,
) -> Perception:
    """Rate the steps of the standards by the answers of the customers (`responses`; nothing for those who are none).

    A customer is satisfied whose mean answer to the items of a rating is at or above `index.csat.satisfied_from`. What
    was not asked is left out.
    """
    options: dict[str, Any] = {"design": design, "confidence": index.confidence}
    ratings = {key: rating for key, rating in standards.ratings.items() if _items(rating, instrument, responses)}
    columns = pd.DataFrame(
        {place: _satisfied(rating, responses, instrument, index) for place, rating in enumerate(ratings.values())},
        index=responses.index,
    )
    used = [place for place in range(len(ratings)) if columns[place].notna().any()]
    steps = _steps(columns[used], [list(ratings.items())[place] for place in used], benchmarks, index, options)
    names = {(s.key, t.key): t.name for s in standards.scenarios for t in s.steps}
    for lang in ("zh", "en"):
        steps[f"step_{lang}"] = [
            names[key][lang] if key in names else "" for key in zip(steps["scenario"], steps["step"], strict=True)
        ]
    steps["by"] = [" ".join(_items(ratings[key], instrument, responses)) for key in _keys(steps)]
    return Perception(
        _with_log(steps, compliance), _kinds(responses, compliance, standards, instrument, index, options)
    )


def _keys(steps: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(steps["scenario"], steps["step"], strict=True))


def _items(rating: Rating, instrument: Instrument, responses: pd.DataFrame) -> list[str]:
    """Items of a rating, those of a construct one by one, as far as they were asked."""
    constructs = {construct.key: [item.key for item in construct.items] for construct in instrument.constructs}
    found = [item for key in rating.by for item in constructs.get(key, [key])]
    return [item for item in dict.fromkeys(found) if item in responses]


def _satisfied(rating: Rating, responses: pd.DataFrame, instrument: Instrument, index: Index) -> pd.Series[float]:
    """1 where the mean answer is at or above the bound, else 0; missing for who answered too little or is not asked."""
    found = _high(responses, _items(rating, instrument, responses), instrument, index)
    for question, codes in rating.among.items():
        known = responses[question] if question in responses else pd.Series(np.nan, index=responses.index)
        found = found.where(known.astype(object).isin(list(codes)))
    return found


def _high(responses: pd.DataFrame, items: list[str], instrument: Instrument, index: Index) -> pd.Series[float]:
    scales = instrument.scales
    answers = aligned(responses[items], {key: scales[key] for key in items}).astype(np.float64)
    enough = answers.notna().mean(axis=1) >= max(index.min_answered_share, 1e-9)
    high = answers.mean(axis=1) >= (index.high_answer(items[0], instrument) if items else np.inf) - 1e-9
    return high.astype(np.float64).where(enough)


def _group(rating: Rating) -> str:
    """Who is asked, as disclosure spells a group."""
    cells = [""]
    for question, codes in rating.among.items():
        cells = [f"{cell}; {question}={code}".removeprefix("; ") for cell in cells for code in codes]
    return " | ".join(cells)


def _steps(
    columns: pd.DataFrame,
    ratings: list[tuple[tuple[str, str], Rating]],
    benchmarks: Benchmarks | None,
    index: Index,
    options: dict[str, Any],
) -> pd.DataFrame:
    """Share satisfied of every rating, beside its benchmark where that is a share."""
    if not ratings:
        return pd.DataFrame(columns=list(STEP_COLUMNS))
    published = {one.key: one for one in (benchmarks.benchmarks if benchmarks else ()) if one.unit == "percent"}
    beside = [published.get(rating.benchmark or "") for _, rating in ratings]
    level = np.array([one.value / 100 if one else np.nan for one in beside])
    found = proportions(columns, **options)
    table = pd.DataFrame([key for key, _ in ratings], columns=["scenario", "step"])
    names = {"n": "n_rated", "estimate": "satisfied", "ci_low": "satisfied_low", "ci_high": "satisfied_high"}
    table = pd.concat([table, found[list(names)].rename(columns=names).reset_index(drop=True)], axis=1)
    held = np.flatnonzero(~np.isnan(level))
    p = np.full(len(table), np.nan)
    if len(held):
        tested = compare_with_fixed(columns.iloc[:, held], level[held], shares=True, **options)
        p[held] = adjust_p_values(tested["p"].to_numpy(dtype=np.float64), method=index.adjustment)
    return table.assign(
        group=[_group(rating) for _, rating in ratings],
        benchmark=level,
        year=["" if one is None or one.year is None else str(one.year) for one in beside],
        gap=table["satisfied"] - level,
        p_adjusted=p,
    )


def _with_log(steps: pd.DataFrame, compliance: Compliance) -> pd.DataFrame:
    """The shares of the log beside those of the customers."""
    own = compliance.steps.assign(base=compliance.steps["due"])
    whole = compliance.scenarios.rename(columns={"due": "base", "kept": "on_time"}).assign(step="")
    columns = ["scenario", "step", "base", "on_time", "ci_low", "ci_high"]
    parts = [part[columns] for part in (own, whole) if len(part)]
    log = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    log["base"] = log["base"].astype(np.float64)
    table = steps.merge(log[log["on_time"].notna()], on=["scenario", "step"], how="left")
    table["place"] = table["scenario"] + np.where(table["step"] == "", "", "." + table["step"])
    return table.reindex(columns=list(STEP_COLUMNS))


def _kinds(
    responses: pd.DataFrame,
    compliance: Compliance,
    standards: Standards,
    instrument: Instrument,
    index: Index,
    options: dict[str, Any],
) -> pd.DataFrame:
    """Kinds of institution by what their customers say of the steps with a limit, and by the promises they keep."""
    log = compliance.institutions[compliance.institutions["scenario"] == ""]
    timed = {(s.key, t.key) for s in standards.scenarios for t in s.steps if t.limit}
    rated = [item for key, r in standards.ratings.items() if key in timed for item in _items(r, instrument, responses)]
    items = list(dict.fromkeys(rated))
    if not items or KIND not in responses or not len(log):
        return pd.DataFrame(columns=list(KIND_COLUMNS))
    high = _high(responses, items, instrument, index).to_frame("satisfied")
    kinds = responses[KIND].astype(object)
    found = proportions(high, domain=kinds, **options).dropna(subset=["estimate"])
    rows = [{"category": str(kind), **_against_others(high, kinds, kind, options)} for kind in found["category"]]
    names = {"n": "n_rated", "estimate": "satisfied", "ci_low": "satisfied_low", "ci_high": "satisfied_high"}
    table = found[["category", *names]].rename(columns=names).astype({"category": str}).merge(pd.DataFrame(rows))
    table["rated_p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=np.float64), method=index.adjustment)
    own = log[["category", "due", "kept", "ci_low", "ci_high", "difference", "p_adjusted"]]
    merged = table.drop(columns="p").merge(own, on="category", how="left").assign(by=" ".join(items))
    return merged.reindex(columns=list(KIND_COLUMNS))


def _against_others(
    high: pd.DataFrame, kinds: pd.Series[Any], kind: object, options: dict[str, Any]
) -> dict[str, float]:
    """Difference of one kind from all others together."""
    side = pd.Series("others", index=kinds.index, dtype=object).where(kinds.notna()).mask(kinds == kind, "own")
    domain = side.astype(pd.CategoricalDtype(["own", "others"]))
    joint = estimate_jointly(high, domain=domain, design=options["design"])
    found = compare_estimates(joint, adjustment="none", confidence=options["confidence"])
    if not len(found):
        return {"rated_difference": np.nan, "p": np.nan}
    return {"rated_difference": float(found["difference"].iloc[0]), "p": float(found["p"].iloc[0])}
