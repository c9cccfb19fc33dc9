"""Who answered: the unweighted and weighted composition of the sample by profile question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def sample_profile(
    frame: pd.DataFrame, *, questions: Mapping[str, Sequence[str]], weights: NDArray[np.float64]
) -> pd.DataFrame:
    """Composition of the sample, one row per question and category.

    Parameters
    ----------
    frame : one row per interview with the profile columns; questions that are not in it are left out.
    questions : codes of the answers to every profile question, in the order of the questionnaire; other answers come
        last.
    weights : one weight per row of `frame`.

    Returns
    -------
    question, category, n (unweighted), share and weighted_share (0–1, of those who answered the question).
    """
    parts = []
    for question in (key for key in questions if key in frame.columns):
        answered = frame[question].notna()
        grouped = pd.DataFrame({"category": frame.loc[answered, question], "weight": weights[answered.to_numpy()]})
        table = grouped.groupby("category", sort=True)["weight"].agg(n="size", weighted="sum").reset_index()
        table = table.astype({"category": "str"})
        places = {code: place for place, code in enumerate(questions[question])}
        ranks = table["category"].map(lambda code, places=places: places.get(code, len(places)))
        table = table.iloc[ranks.argsort(kind="stable")]
        table.insert(0, "question", question)
        table["share"] = table["n"] / table["n"].sum()
        table["weighted_share"] = table["weighted"] / table["weighted"].sum()
        parts.append(table.drop(columns="weighted"))
    columns = ["question", "category", "n", "share", "weighted_share"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
