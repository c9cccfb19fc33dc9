"""The register of measures that an institution keeps."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from analysis.data.simulation.drawing import generator
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.planted_service import PlantedIndicator
from analysis.data.simulation.texts import Texts
from analysis.edition import Edition


def action_register(edition: Edition, texts: Texts) -> pd.DataFrame:
    """The improvement measures, with due dates counted from the end of the fieldwork."""
    end = edition.publication.fieldwork.end
    rows = [
        {
            "action_id": f"A{number:02d}",
            "measure_zh": action.measure.zh,
            "measure_en": action.measure.en,
            "indicator": action.indicator,
            "dimension": action.dimension,
            "owner_zh": action.owner.zh,
            "owner_en": action.owner.en,
            "baseline": action.baseline,
            "target": action.target,
            "actual": action.actual,
            "due": (end + dt.timedelta(days=action.due_in_days)).isoformat(),
            **{name: getattr(action, name) for name in ("baseline_n", "actual_n", "baseline_se", "actual_se")},
            "unit": action.unit,
            "recommendation": action.recommendation,
        }
        for number, action in enumerate(texts.actions, start=1)
    ]
    counted = dict.fromkeys(("baseline_n", "actual_n"), "Int64")
    return pd.DataFrame(rows).astype(counted)


def promise_register(edition: Edition, texts: Texts) -> pd.DataFrame:
    """What the last edition recommended, with due dates counted from the end of the fieldwork."""
    end = edition.publication.fieldwork.end
    rows = [
        {
            "recommendation_id": promise.id,
            "recommendation_zh": promise.text.zh,
            "recommendation_en": promise.text.en,
            "construct": promise.dimension,
            "indicator": promise.indicator,
            "target": promise.target,
            "due": (end + dt.timedelta(days=promise.due_in_days)).isoformat(),
        }
        for promise in texts.promises
    ]
    return pd.DataFrame(rows)


def draw_indicators(edition: Edition, planted: Planted) -> pd.DataFrame:
    """Figures that the house keeps itself, month by month or quarter by quarter, with their special causes."""
    rng, fieldwork = generator(edition, "indicators"), edition.publication.fieldwork
    tables = []
    for key, plan in planted.indicators.items():
        frequency = "M" if plan.every == "month" else "Q"
        last = pd.Period(fieldwork.end if plan.every == "month" else fieldwork.start, freq=frequency)
        labels = [str(period) for period in pd.period_range(end=last, periods=plan.count, freq=frequency)]
        level = np.array([plan.level + _added(plan, label) for label in labels])
        table = pd.DataFrame({"indicator": key, "period": labels})
        if plan.counted is None:
            table["value"] = (level + (plan.spread or 0.0) * rng.standard_normal(plan.count)).round(2)
        else:
            asked = rng.integers(round(0.9 * plan.counted), round(1.1 * plan.counted), plan.count)
            table["numerator"], table["denominator"] = rng.binomial(asked, np.clip(level / 100, 0, 1)), asked
        tables.append(table)
    columns = ["indicator", "period", "value", "numerator", "denominator"]
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return whole.reindex(columns=columns).astype({"numerator": "Int64", "denominator": "Int64"})


def _added(plan: PlantedIndicator, label: str) -> float:
    """What the special causes of a period add; labels of one kind are in order of time as text."""
    return sum(size for since, size in plan.steps.items() if since <= label) + plan.spikes.get(label, 0.0)
