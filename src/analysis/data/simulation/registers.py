"""The register of measures that an institution keeps."""

from __future__ import annotations

import datetime as dt

import pandas as pd

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
        }
        for number, action in enumerate(texts.actions, start=1)
    ]
    return pd.DataFrame(rows)
