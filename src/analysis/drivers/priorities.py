"""Priorities: the dimensions that matter most for the final outcome of the model, and how well they are rated."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument


@dataclass(frozen=True)
class Priorities:
    """Dimensions by what they mean for `outcome`, each list in the order of the total effects.

    clear: effect away from zero. tied: those of them that can't be told from the first. act: at least the median
    effect, rated below the mean of the dimensions. keep: the same, rated above it.
    """

    outcome: str
    clear: tuple[str, ...]
    tied: tuple[str, ...]
    act: tuple[str, ...]
    keep: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Plain values by name."""
        return {"outcome": self.outcome} | {
            name: list(getattr(self, name)) for name in ("clear", "tied", "act", "keep")
        }


def final_outcome(effects: pd.DataFrame, instrument: Instrument) -> str:
    """The outcome that effects are told and drawn for: the last with the role loyalty, else the last."""
    outcomes = list(dict.fromkeys(effects["outcome"].astype(str)))
    loyal = {construct.key for construct in instrument.constructs if construct.role == "loyalty"}
    return ([key for key in outcomes if key in loyal] or outcomes)[-1]


def find_priorities(
    effects: pd.DataFrame, scores: pd.DataFrame, *, instrument: Instrument, confidence: float
) -> Priorities:
    """Set the total effects of the dimensions on the final outcome against their scores.

    Parameters
    ----------
    effects : outcome, predictor, effect, std, std_low, std_high (standardised, intervals at `confidence`).
    scores : construct, score, ci_low, ci_high on 0–100.

    A score counts as low or high when its interval lies on one side of the plain mean of the scores; effects are told
    apart by their intervals, all against the first (Bonferroni).
    """
    outcome = final_outcome(effects, instrument)
    keys = {construct.key for construct in instrument.dimensions}
    rows = effects[(effects["outcome"] == outcome) & (effects["effect"] == "total") & effects["predictor"].isin(keys)]
    totals = _estimates(rows, "predictor", "std", "std_low", "std_high")
    rated = {score.name: score for score in _estimates(scores, "construct", "score", "ci_low", "ci_high")}
    clear = [total for total in totals if total.low > 0 or total.high < 0]
    others = clear[1:]
    tied = [other for other in others if not differ(clear[0], other, confidence=confidence, pairs=len(others))]
    middle = median(total.value for total in totals) if totals else 0.0
    mean = sum(score.value for score in rated.values()) / max(len(rated), 1)
    matter = [total.name for total in totals if total.low > 0 and total.value >= middle and total.name in rated]
    return Priorities(
        outcome=outcome,
        clear=tuple(total.name for total in clear),
        tied=tuple(total.name for total in tied),
        act=tuple(name for name in matter if rated[name].high < mean),
        keep=tuple(name for name in matter if rated[name].low > mean),
    )


def _estimates(frame: pd.DataFrame, name: str, value: str, low: str, high: str) -> list[Estimate]:
    """Estimates with an interval, highest first."""
    known = frame.dropna(subset=[value, low, high]).sort_values(value, ascending=False, kind="stable")
    return [Estimate(str(r[name]), float(r[value]), float(r[low]), float(r[high])) for r in known.to_dict("records")]
