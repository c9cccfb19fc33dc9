"""Direct, indirect and total effects on the outcome that the model leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.drivers.leading import final_outcome
from analysis.publish.figures.style import BLUE, GREY, ORANGE, TEAL, bare, legend, name_rows, new_figure
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

MARKS = {"total": (BLUE, "o", 0.0, 7.0), "direct": (ORANGE, "D", -0.24, 5.0), "indirect": (TEAL, "s", 0.24, 5.0)}


def draw_effects(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Standardised effects with intervals of every construct on the final outcome, largest total first."""
    effects = tables["effects"]
    outcome = final_outcome(effects, labels.edition.instrument)
    frame = effects[effects["outcome"] == outcome]
    totals = frame[frame["effect"] == "total"].sort_values("std", ascending=False, kind="stable")
    predictors = totals["predictor"].tolist()
    place = {predictor: len(predictors) - 1 - position for position, predictor in enumerate(predictors)}
    figure, (axes,) = new_figure(1.3 + 0.58 * len(predictors))
    _draw_marks(axes, frame, place, labels)
    for predictor, high, value in zip(predictors, totals["std_high"], totals["std"], strict=True):
        at, text = (high, place[predictor]), formats.number(value, 2)
        axes.annotate(text, at, xytext=(6, 0), textcoords="offset points", va="center", size=10, weight="bold")
    axes.axvline(0, color=GREY, linewidth=1)
    name_rows(axes, [place[key] for key in predictors], [labels.construct(str(key)) for key in predictors], lift=0.48)
    axes.set_ylim(-0.7, len(predictors) - 0.3)
    low, high = float(frame["std_low"].min()), float(frame["std_high"].max())
    axes.set_xlim(min(low, 0) - 0.02, high + (high - min(low, 0)) * 0.12)
    axes.set_xlabel(labels.text("figures.effects.axis", outcome=labels.construct(outcome)))
    legend(figure, ncols=3)
    bare(axes)
    return figure


def _draw_marks(axes: Axes, frame: pd.DataFrame, place: Mapping[str, int], labels: Labels) -> None:
    """Total effects with their intervals, and the direct and the indirect part of those that have both."""
    both = frame[frame["effect"] != "total"].groupby("predictor")["effect"].nunique()
    parted = set(both.index[both > 1])
    for effect, (colour, marker, shift, size) in MARKS.items():
        rows = frame[frame["effect"] == effect]
        rows = rows if effect == "total" else rows[rows["predictor"].isin(parted)]
        if rows.empty:
            continue
        axes.errorbar(
            rows["std"].tolist(),
            [place[predictor] - shift for predictor in rows["predictor"]],
            xerr=[(rows["std"] - rows["std_low"]).tolist(), (rows["std_high"] - rows["std"]).tolist()],
            fmt=marker,
            color=colour,
            elinewidth=1.8,
            capsize=2.5,
            markersize=size,
            label=labels.text(f"effects.{effect}"),
        )
