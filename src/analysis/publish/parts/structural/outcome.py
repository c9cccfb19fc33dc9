"""The construct that the effects of the model are told and drawn for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels


def final_outcome(effects: pd.DataFrame, labels: Labels) -> str:
    """The outcome shown: the one with the role loyalty, else the last."""
    outcomes = list(dict.fromkeys(effects["outcome"].astype(str)))
    roles = {construct.key: construct.role for construct in labels.edition.instrument.constructs}
    loyal = [key for key in outcomes if roles.get(key) == "loyalty"]
    return (loyal or outcomes)[-1]
