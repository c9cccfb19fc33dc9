"""Scores that mean the same in every wave: of the questions that each wave asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.satisfaction.customers import customers_only
from analysis.satisfaction.index import score_respondents, weighted_scores
from analysis.waves.prepared import with_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.edition.instrument import Construct, Instrument
    from analysis.edition.sections.index import Index
    from analysis.waves.prepared import Wave

CSI, CSAT = "csi", "csat"


@dataclass(frozen=True)
class Comparable:
    """What can be compared over the waves.

    items: those of each construct that every wave asked which asked any of it. dimensions: those of the index that
    every wave asked which asked any. left_out: items that the edition's own wave asked and the series does without.
    """

    items: Mapping[str, list[str]]
    dimensions: list[str]
    left_out: list[str]

    @property
    def whole(self) -> bool:
        """Whether the series has every question of the edition's own wave."""
        return not self.left_out


def comparable(waves: Sequence[Wave], instrument: Instrument) -> Comparable:
    """Which questions mean the same in every wave; the last of `waves` is the edition's own."""
    asked = [_asked(wave, instrument) for wave in waves]
    items = {construct.key: _common(construct, asked) for construct in instrument.constructs}
    measured = [{key for key, common in items.items() if common and set(common) <= one} for one in asked]
    names = [construct.key for construct in instrument.dimensions]
    dimensions = _in_all(names, measured)
    left_out = [key for construct in instrument.constructs for key in _keys(construct) if key in asked[-1]]
    left_out = [key for key in left_out if not any(key in common for common in items.values())]
    dropped = {name for name in names if items[name] and name not in dimensions}
    left_out += [key for name in names if name in dropped for key in items[name]]
    return Comparable({key: common for key, common in items.items() if common}, dimensions, left_out)


def _asked(wave: Wave, instrument: Instrument) -> set[str]:
    return {key for key in instrument.item_keys if key in wave.responses and wave.responses[key].notna().any()}


def _keys(construct: Construct) -> list[str]:
    return [item.key for item in construct.items]


def _common(construct: Construct, asked: Sequence[set[str]]) -> list[str]:
    return _in_all(_keys(construct), asked)


def _in_all(keys: Iterable[str], asked: Sequence[set[str]]) -> list[str]:
    """Those of `keys` that everybody asked who asked any of them."""
    wanted = list(keys)
    having = [one for one in asked if one & set(wanted)]
    return [key for key in wanted if having and all(key in one for one in having)]


def scores_of_waves(
    waves: Sequence[Wave],
    common: Comparable,
    *,
    instrument: Instrument,
    index: Index,
    weights: Mapping[str, float],
) -> pd.DataFrame:
    """One row per interview of all waves: wave, respondent_id, csi, csat (1 for satisfied, else 0), constructs.

    Scores on 0–100. `weights` of the dimensions in the index are those of the edition, in every wave. What a wave did
    not ask is missing, and so is everything of those who are no customers.
    """
    parts = [_scores(wave, common, instrument=instrument, index=index, weights=weights) for wave in waves]
    table = pd.concat(parts, ignore_index=True)
    order = [CSI, CSAT, *(construct.key for construct in instrument.constructs)]
    known = [name for name in order if name in table and table[name].notna().any()]
    labels = [wave.label for wave in waves]
    return table[["wave", "respondent_id", *known]].astype({"wave": pd.CategoricalDtype(labels)})


def _scores(
    wave: Wave, common: Comparable, *, instrument: Instrument, index: Index, weights: Mapping[str, float]
) -> pd.DataFrame:
    asked = _asked(wave, instrument)
    items = [key for keys in common.items.values() if set(keys) <= asked for key in keys]
    scored = wave.responses[["respondent_id"]].assign(csi=np.nan, satisfied=np.nan)
    if items:
        scored = score_respondents(wave.responses, instrument=with_items(instrument, items), index=index)
    if common.dimensions and set(common.dimensions) <= set(scored):
        given = np.array([weights.get(key, 1.0) for key in common.dimensions])
        scored[CSI] = weighted_scores(scored[common.dimensions].to_numpy(dtype=np.float64), given[None])[:, 0]
    else:
        scored[CSI] = np.nan
    scored = customers_only(wave.responses, scored, index=index)[1]
    return scored.assign(wave=wave.label, csat=scored["satisfied"]).drop(columns="satisfied")
