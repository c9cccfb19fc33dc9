"""The outcome that a model leads to, and the dimensions whose effect on it stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument


@dataclass(frozen=True)
class LeadingEffects:
    """Dimensions by their total effect on `outcome`, largest first: clear of zero, and tied with the first of them."""

    outcome: str
    clear: tuple[str, ...]
    tied: tuple[str, ...]

    def record(self) -> dict[str, str | list[str]]:
        """Plain values by name."""
        return {"outcome": self.outcome, "clear": list(self.clear), "tied": list(self.tied)}


def final_outcome(effects: pd.DataFrame, instrument: Instrument) -> str:
    """The outcome that effects are told and drawn for: the last with the role loyalty, else the last."""
    outcomes = list(dict.fromkeys(effects["outcome"].astype(str)))
    loyal = {construct.key for construct in instrument.constructs if construct.role == "loyalty"}
    return ([key for key in outcomes if key in loyal] or outcomes)[-1]


def leading_effects(effects: pd.DataFrame, *, instrument: Instrument, confidence: float) -> LeadingEffects:
    """Which total effects of dimensions on the final outcome are clear of zero, and which can't be told from the first.

    `effects`: outcome, predictor, effect, std, std_low, std_high (standardised, intervals at `confidence`). Effects are
    told apart by their intervals, all against the first (Bonferroni).
    """
    outcome = final_outcome(effects, instrument)
    keys = {construct.key for construct in instrument.dimensions}
    rows = effects[(effects["outcome"] == outcome) & (effects["effect"] == "total") & effects["predictor"].isin(keys)]
    known = rows.dropna(subset=["std", "std_low", "std_high"]).sort_values("std", ascending=False, kind="stable")
    columns = [known[name].tolist() for name in ("predictor", "std", "std_low", "std_high")]
    clear = [one for one in map(Estimate, *columns) if one.low > 0 or one.high < 0]
    others = clear[1:]
    tied = [other for other in others if not differ(clear[0], other, confidence=confidence, pairs=len(others))]
    return LeadingEffects(outcome, tuple(one.name for one in clear), tuple(one.name for one in tied))
