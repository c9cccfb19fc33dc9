"""Answers to the mixed survey, drawn at random, as cleaning and weighting leave them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from mixed_survey import mixed_edition
from small_survey import Survey

from analysis.edition import Edition
from analysis.outgoing.public_file import PublicFile, public_use_file


def answers(rows: int = 300, seed: int = 1) -> pd.DataFrame:
    """Responses in the form of the intake: reversed items are turned, routed ones blank and named in `not_asked`."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "respondent_id": [f"R-{number:06d}" for number in draw.permutation(rows)],
            "submitted_at": pd.Timestamp("2025-09-01") + pd.to_timedelta(draw.integers(0, 60 * 86400, rows), unit="s"),
            "duration_s": draw.integers(60, 900, rows).astype(float),
            "kind": draw.choice(["bank", "证券 公司", "o'ther"], rows, p=[0.5, 0.4, 0.1]),
            "age": draw.choice(["18-29", "30-59", "60+"], rows, p=[0.3, 0.6, 0.1]),
            "city": draw.choice(["北京", "上海", "=1+1"], rows),
            "q1": draw.integers(1, 6, rows).astype(float),
            "q2": draw.integers(1, 6, rows).astype(float),
            "q3": draw.integers(1, 6, rows).astype(float),
            "q4": draw.integers(1, 6, rows).astype(float),
            "s1": draw.integers(1, 6, rows).astype(float),
            "check": 4.0,
            "channels.app": draw.integers(0, 2, rows).astype(float),
            "channels.网 点": draw.integers(0, 2, rows).astype(float),
            "comment": ["请致电13812345678", "=SUM(A1)", None] * (rows // 3),
        }
    )
    frame.loc[draw.choice(rows, 20, replace=False), ["kind"]] = None
    frame.loc[draw.choice(rows, 20, replace=False), ["q1"]] = np.nan
    frame.loc[draw.choice(rows, 15, replace=False), ["channels.app", "channels.网 点"]] = np.nan
    asked = {
        "q3": frame["kind"].isin(["bank", "o'ther"]) & frame["age"].isin(["30-59", "60+"]),
        "q4": frame["kind"].eq("证券 公司"),
    }
    told = pd.Series("", index=frame.index)
    for key, mask in asked.items():
        frame[key] = frame[key].where(mask)
        told = told.where(mask, told + " " + key)
    return frame.assign(not_asked=told.str.strip())


def design(frame: pd.DataFrame) -> pd.DataFrame:
    """Weights that hang on the kind of institution, and sampling units."""
    kind = frame["kind"] if "kind" in frame else frame["q1"]
    weight = kind.map({"bank": 0.8, "证券 公司": 1.3}).fillna(1.1)
    units = [f"unit {number % 20}" for number in range(len(frame))]
    return pd.DataFrame(
        {"respondent_id": frame["respondent_id"], "psu": units, "weight": weight, "r0001": weight * 1.5}
    )


def release(
    survey: Survey, frame: pd.DataFrame | None = None, *, weights: bool = True, **sections: object
) -> tuple[Edition, PublicFile]:
    """The mixed edition and its public-use file."""
    edition = mixed_edition(survey, **sections)
    there = answers() if frame is None else frame
    drawn = design(there) if weights else design(there)[["respondent_id"]].assign(weight=1.0)
    return edition, public_use_file(there, drawn, edition)
