"""This edition against published levels: each with the same quantity of ours, a share with a share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from analysis.edition.quantity import Quantity
from analysis.satisfaction.customers import customers_only
from analysis.satisfaction.index import ROUNDING, at_least
from analysis.survey.estimation.differences import adjust_p_values
from analysis.survey.estimation.fixed import compare_with_fixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.instrument import Instrument
    from analysis.edition.quantity import Unit
    from analysis.edition.sections.index import Index
    from analysis.edition.standards import Benchmark, Measure
    from analysis.survey.design.survey_design import SurveyDesign

BENCHMARK_COLUMNS = (
    *("key", "measure", "quantity", "question", "category", "measured_zh", "measured_en"),
    *("benchmark", "unit", "year", "section"),
    *("value", "ci_low", "ci_high", "gap", "gap_unit", "p", "p_adjusted", "n", "n_eff"),
)


def compare_with_benchmarks(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    benchmarks: Sequence[Benchmark],
    *,
    instrument: Instrument,
    index: Index,
    design: SurveyDesign | None = None,
) -> pd.DataFrame:
    """Compare every benchmark that has a measure with that quantity of the edition; the others are left out.

    Columns: key, measure (the same where two benchmarks meet one quantity of ours), quantity (what other tables call
    it, whoever it is of), question and category (of whom; empty: of all), measured_zh, measured_en, benchmark, unit,
    year (text, empty where none is given), section, value, ci_low, ci_high (in `unit`), gap (value −
    benchmark, in `gap_unit`), p and p_adjusted (two-sided, over all rows by `index.adjustment`), n, n_eff. A measure in
    a category of a question that was not asked is left out. The benchmark is taken as it is: its own error is not
    known. Raises MethodError for unlike units, and when rows of responses, scores and design do not belong together.
    """
    responses, scores = customers_only(responses, scores, index=index)
    if design is not None and "csi" in design.estimated:
        own = {b.key: design.estimated["csi"] for b in benchmarks if b.measure and b.measure.kind == "csi"}
        design = replace(design, estimated={**design.estimated, **own})
    found = {b.key: _values(b.measure, responses, scores, instrument, index) for b in benchmarks if b.measure}
    values = {key: column for key, column in found.items() if column is not None}
    compared = [b for b in benchmarks if b.key in values]
    parts, units = [], tuple(dict.fromkeys(b.measure.unit for b in compared if b.measure))
    for unit in units:
        rows = [b for b in compared if b.measure is not None and b.measure.unit == unit]
        if rows:
            columns = pd.concat([values[b.key].rename(b.key) for b in rows], axis=1)
            parts.append(_compared(rows, columns, unit=unit, index=index, design=design))
    if not parts:
        return pd.DataFrame(columns=list(BENCHMARK_COLUMNS))
    place = {b.key: number for number, b in enumerate(benchmarks)}
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values("key", key=lambda keys: keys.map(place), kind="stable", ignore_index=True)
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=index.adjustment)
    return table[list(BENCHMARK_COLUMNS)]


def _compared(
    rows: Sequence[Benchmark], columns: pd.DataFrame, *, unit: Unit, index: Index, design: SurveyDesign | None
) -> pd.DataFrame:
    """Benchmarks whose measures have one unit beside the estimates of their columns."""
    shares = unit == "percent"
    scale = 100.0 if shares else 1.0
    fixed = np.array([b.value for b in rows]) / scale
    found = compare_with_fixed(columns, fixed, shares=shares, design=design, confidence=index.confidence)
    return pd.DataFrame(
        [_row(b, row, unit, scale) for b, row in zip(rows, found.to_dict("records"), strict=True)],
    )


def _row(benchmark: Benchmark, found: dict[Any, Any], unit: Unit, scale: float) -> dict[str, Any]:
    gap = Quantity(found["estimate"] * scale, unit) - benchmark.quantity
    measure = cast("Measure", benchmark.measure)
    return {
        "key": benchmark.key,
        "measure": measure.name,
        "quantity": _quantity(measure),
        "question": measure.segment or "",
        "category": measure.category or "",
        "measured_zh": benchmark.name.zh,
        "measured_en": benchmark.name.en,
        "benchmark": benchmark.value,
        "unit": benchmark.unit,
        "year": "" if benchmark.year is None else str(benchmark.year),
        "section": benchmark.section,
        "value": found["estimate"] * scale,
        "ci_low": found["ci_low"] * scale,
        "ci_high": found["ci_high"] * scale,
        "gap": gap.value,
        "gap_unit": gap.unit,
        **{name: found[name] for name in ("p", "n", "n_eff")},
    }


def _quantity(measure: Measure) -> str:
    """What the tables of disclosure call a measure: csi, csat, score or high share of a construct or an item."""
    of = measure.construct_key or measure.item
    return f"{'score' if measure.unit == 'score' else 'high'} {of}" if of else measure.kind


def _values(
    measure: Measure, responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, index: Index
) -> pd.Series[float] | None:
    """What is averaged for a measure, missing outside its category; None where nobody was asked that."""
    wanted = [measure.item, measure.segment] if measure.construct_key is None else [measure.segment]
    if any(name is not None and name not in responses for name in wanted):
        return None
    if measure.construct_key is not None and measure.construct_key not in scores:
        return None
    if measure.kind == "item_share":
        answers = responses[str(measure.item)].astype(np.float64)
        bound = index.high_answer(str(measure.item), instrument) - ROUNDING
        found = (answers >= bound).astype(np.float64).where(answers.notna())
    elif measure.kind in {"csi", "csat"}:
        found = scores["csi" if measure.kind == "csi" else "satisfied"].astype(np.float64)
    else:
        found = scores[str(measure.construct_key)].astype(np.float64)
        if measure.kind == "construct_share":
            key = str(measure.construct_key)
            share = at_least(np.asarray(found, dtype=np.float64), key, instrument, index)
            found = pd.Series(share, index=found.index)
    if measure.segment is not None:
        found = found.where(responses[measure.segment].astype(object) == measure.category)
    return found if found.notna().any() else None
