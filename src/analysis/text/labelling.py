"""What a person says of some texts: drawn by what the rules say of them, with known chances, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.text.sentiment import UNASSIGNED
from analysis.text.shares import Labelled
from analysis.text.themes import NO_THEME
from analysis.text.triage import UNCLASSIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SHEET_COLUMNS = ("text_id", "source", "stratum", "probability", "text", "tone", "triage_class", "theme")
STRATA = {"tickets": "triage_class", "answers": "tone"}
"""What the texts of each source are drawn by."""
SAID = {
    "tone": {"neutral": UNASSIGNED},
    "triage_class": {"none": UNCLASSIFIED},
    "theme": {"none": NO_THEME},
}
"""What a label is called among the results of the rules, where that is another word."""


def draw_for_labelling(texts: Mapping[str, pd.DataFrame], *, size: int, seed: int) -> pd.DataFrame:
    """A sheet of about `size` texts to be labelled; SHEET_COLUMNS, the last three empty.

    texts: by source, with text_id, text, tone and triage_class. Every source has its part, and within it every stratum
    the same number as far as it goes; within a stratum all have the same chance (probability).
    """
    rng, parts = np.random.default_rng([seed, 79]), []
    for source, frame in texts.items():
        stratum = frame[STRATA[source]].astype(str)
        for name, own in frame.groupby(stratum, sort=True):
            wanted = max(round(size / len(texts) / stratum.nunique()), 2)
            count = min(wanted, len(own))
            drawn = own.iloc[np.sort(rng.choice(len(own), count, replace=False))]
            chance = count / len(own)
            parts.append(drawn[["text_id", "text"]].assign(source=source, stratum=str(name), probability=chance))
    sheet = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["text_id", "text"])
    order: NDArray[np.int64] = rng.permutation(len(sheet))  # who labels shall not see what the rules said
    return sheet.iloc[order].reset_index(drop=True).reindex(columns=list(SHEET_COLUMNS))


def labelled_texts(labels: pd.DataFrame | None, read: pd.DataFrame, source: str, what: str) -> Labelled | None:
    """The labels `what` (tone, triage_class, theme) of a source; None where nobody labelled any.

    read: the texts as the rules read them, with text_id. Raises MethodError where the sheet was drawn by other rules:
    its chances are not known any more.
    """
    if labels is None:
        return None
    own = labels[(labels["source"] == source).to_numpy() & labels[what].notna().to_numpy()]
    places = pd.Series(read.index, index=read["text_id"].astype(str))
    own = own[own["text_id"].astype(str).isin(places.index)]
    if not len(own):
        return None
    index = places.loc[own["text_id"].astype(str)].to_numpy()
    strata = read[STRATA[source]].astype(str)
    drawn = own["stratum"].astype(str).to_numpy()
    strange = int((strata.loc[index].to_numpy() != drawn).sum())
    if strange:
        raise MethodError(
            "The labelled sheet was drawn by other rules than those of this run.",
            where="data.tables.labels: stratum",
            expected="strata as the dictionary gives them now",
            got=f"{strange} of {len(own)} texts in another stratum",
            hint="label a new sheet (`make label-sample`), or go back to the dictionary that it was drawn by",
        )
    truth = own[what].astype(object).map(lambda said: SAID[what].get(str(said), str(said)))
    return Labelled(pd.Series(truth.to_numpy(dtype=object), index=index), strata)
