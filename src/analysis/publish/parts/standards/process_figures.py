"""The flow as the log shows it, and what customers say beside what the log says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.figures.style import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    LINE_HEIGHT,
    ORANGE,
    PHONE,
    bare,
    for_phone,
    legend,
    name_rows,
    new_figure,
    wrapped,
)
from analysis.publish.parts.standards.cells import full_name, institution, span, step_name
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.publish.words.labels import Labels

HEAD, BOX, GAP, LEFT, ASIDE = 0.36, 0.46, 0.26, 0.5, 0.82
"""Inches: heights of a heading, of a step and of the gap in which an arrow stands; room at both sides of a step."""
PAGE = 5.6
"""Inches of width on a page."""
RARE, MOST = 0.02, 8
"""Share of the cases below which a way is not drawn, and steps of a scenario that are."""


def draw_service_flow(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Steps that follow each other from top to bottom, scenario by scenario; what goes back runs at the right.

    Scenarios and steps that nothing joins are drawn only where nothing is joined at all.
    """
    from matplotlib.figure import Figure

    cases, times = tables["service_cases"].dropna(subset=["n"]), tables["service_times"].dropna(subset=["n"])
    flows = tables["service_flows"].dropna(subset=["n"])
    flows = flows[flows["share"] >= RARE]
    every = [_Lane(row, times, flows, labels) for row in _ordered(cases, labels)]
    lanes = [lane for lane in every if lane.ways] or every
    height = sum(lane.height for lane in lanes) + 0.1
    figure = Figure(figsize=(_wide(), height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, _wide()), ylim=(0, height))
    axes.set_axis_off()
    top = height - 0.05
    for lane in lanes:
        lane.draw(axes, top)
        top -= lane.height
    return figure


def _wide() -> float:
    """Inches of the figure."""
    return PHONE if for_phone() else PAGE


def _ordered(cases: pd.DataFrame, labels: Labels) -> list[dict[Any, Any]]:
    """Scenarios in the order of the standards."""
    known = [s.key for s in labels.edition.standards.scenarios] if labels.edition.standards else []
    rows = cases.to_dict("records")
    return sorted(rows, key=lambda row: known.index(row["scenario"]) if row["scenario"] in known else len(known))


class _Lane:
    """One scenario: its steps in order, the arrows between them, and the room that they take."""

    def __init__(self, row: dict[Any, Any], times: pd.DataFrame, flows: pd.DataFrame, labels: Labels) -> None:
        self.row, self.labels, scenario = row, labels, str(row["scenario"])
        own = times[times["scenario"] == scenario].nlargest(MOST, "n").to_dict("records")
        standards = labels.edition.standards
        steps = [t.key for s in (standards.scenarios if standards else ()) if s.key == scenario for t in s.steps]
        self.steps = sorted(own, key=lambda one: steps.index(one["step"]) if one["step"] in steps else one["place"])
        names = [str(one["step"]) for one in self.steps]
        inside = flows[(flows["scenario"] == scenario) & flows["source"].isin(names) & flows["target"].isin(names)]
        if len(inside):
            joined = {*inside["source"].astype(str), *inside["target"].astype(str)}
            self.steps = [one for one in self.steps if str(one["step"]) in joined]
        place = {str(one["step"]): number for number, one in enumerate(self.steps)}
        self.ways = [(place[w["source"]], place[w["target"]], w["n"]) for w in inside.to_dict("records")]
        self.joined = {source for source, target, _ in self.ways if target == source + 1}
        self.height = HEAD + sum(BOX + (GAP if n in self.joined else 0.07) for n in range(len(self.steps))) + 0.1

    def draw(self, axes: Axes, top: float) -> None:
        """Draw the lane below `top`."""
        row, labels = self.row, self.labels
        median = span(row["median"] * 24, labels)
        head = labels.text(
            "figures.flow.head",
            scenario=labels.scenario(str(row["scenario"])),
            n=formats.count(row["n"]),
            median=median,
        )
        size = 8 if for_phone() else 10
        axes.text(0.08, top - HEAD / 2, head, va="center", size=size, weight="bold", color=BLUE)
        floors, low = [], top - HEAD
        for number, step in enumerate(self.steps):
            low -= BOX
            floors.append(low)
            self._step(axes, low, step)
            low -= GAP if number in self.joined else 0.07
        for source, target, n in self.ways:
            self._way(axes, floors, source, target, n)

    def _step(self, axes: Axes, low: float, step: dict[Any, Any]) -> None:
        from matplotlib.patches import Rectangle

        labels = self.labels
        axes.add_patch(
            Rectangle(
                (LEFT, low), _wide() - ASIDE - LEFT, BOX, facecolor="white", edgecolor=BLUE, linewidth=1, zorder=2
            )
        )
        name = step_name(str(step["scenario"]), str(step["step"]), labels)
        axes.text(LEFT + 0.1, low + BOX * 0.68, name, va="center", size=9.5, weight="bold", zorder=3)
        told = not formats.is_missing(step["working"])
        values = {"n": formats.count(step["n"]), "waiting": span(step["waiting"], labels)}
        text = labels.text(
            f"figures.flow.{'times' if told else 'between'}", **values, working=span(step["working"], labels)
        )
        axes.text(LEFT + 0.1, low + BOX * 0.27, text, va="center", size=8.5, color=INK, zorder=3)

    def _way(self, axes: Axes, floors: list[float], source: int, target: int, n: float) -> None:
        """An arrow down to the next step, around those between at the left, or back at the right."""
        middle = [floor + BOX / 2 for floor in floors]
        arrow: dict[str, Any] = {"arrowstyle": "-|>", "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9}
        volume = self.labels.text("figures.flow.volume", n=formats.count(n))
        if target == source + 1:
            begin, end = (LEFT + 0.4, floors[source]), (LEFT + 0.4, floors[target] + BOX)
            axes.annotate("", xy=end, xytext=begin, arrowprops=arrow | {"color": BLUE}, zorder=3)
            axes.text(LEFT + 0.52, (begin[1] + end[1]) / 2, volume, va="center", size=8.5, color=BLUE)
        elif target > source:
            bend = arrow | {"color": GREY, "connectionstyle": "arc3,rad=0.35"}
            axes.annotate("", xy=(LEFT, middle[target]), xytext=(LEFT, middle[source]), arrowprops=bend, zorder=1)
            axes.text(0.04, (middle[source] + middle[target]) / 2, volume, va="center", size=8, color=INK)
        else:
            self._back(axes, middle[source], middle[target], n)

    def _back(self, axes: Axes, begin: float, end: float, n: float) -> None:
        """The way back to a step that was done before, or to the same one again."""
        shift = 0.0 if end > begin else 0.12
        arrow = {
            "arrowstyle": "-|>",
            "color": ORANGE,
            "linewidth": 1.3,
            "mutation_scale": 9,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        right, turn = _wide() - ASIDE, begin - shift
        edge = right + 0.16
        axes.plot([right, edge, edge], [turn, turn, end + shift], color=ORANGE, linewidth=1.3, zorder=1)
        axes.annotate("", xy=(right, end + shift), xytext=(edge, end + shift), arrowprops=arrow, zorder=3)
        text = wrapped(self.labels.text("figures.flow.again", n=formats.count(n)), 9)
        axes.text(edge + 0.06, (turn + end + shift) / 2, text, va="center", size=8.5, color=ORANGE)


def draw_perception(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """Steps that are timed and rated: customers satisfied and cases on time, each with its interval."""
    frame = tables["service_perception"].dropna(subset=["satisfied", "on_time"])
    frame = frame.sort_values("satisfied", ascending=False, kind="stable")
    names = [full_name(str(row["scenario"]), str(row["step"] or ""), labels) for row in frame.to_dict("records")]
    kept = ("on_time", "ci_low", "ci_high")
    return _beside(frame, names, kept, labels, benchmark=True)


def draw_perception_of_kinds(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Figure:
    """The same of kinds of institution."""
    frame = tables["perception_institutions"].dropna(subset=["satisfied", "kept"])
    frame = frame.sort_values("satisfied", ascending=False, kind="stable")
    names = [institution(str(code), labels) for code in frame["category"]]
    return _beside(frame, names, ("kept", "ci_low", "ci_high"), labels, benchmark=False)


def _beside(
    frame: pd.DataFrame, names: list[str], kept: tuple[str, str, str], labels: Labels, *, benchmark: bool
) -> Figure:
    figure, (axes,) = new_figure(1.1 + LINE_HEIGHT * (1.3 if for_phone() else 0.95) * max(len(frame), 1))
    rated = ("satisfied", "satisfied_low", "satisfied_high")
    for columns, colour, shift, key in ((rated, ORANGE, 0.14, "satisfied"), (kept, BLUE, -0.14, "kept")):
        value, low, high = (frame[name] * 100 for name in columns)
        places = [place + shift for place in range(len(frame))]
        axes.hlines(places, low, high, color=colour, linewidth=2, alpha=0.55)
        axes.scatter(value, places, s=36, color=colour, zorder=3, label=labels.text(f"figures.perception.{key}"))
    if benchmark and frame["benchmark"].notna().any():
        places = [place + 0.14 for place in range(len(frame))]
        text = labels.text("figures.perception.benchmark")
        axes.scatter(frame["benchmark"] * 100, places, s=60, marker="|", color=INK, linewidth=1.8, zorder=4, label=text)
    name_rows(axes, range(len(frame)), names, width=44, lift=0.46)
    axes.set_ylim(-0.6, len(frame) - 0.3)
    axes.set_xlabel(labels.text("figures.perception.axis"))
    for place in range(0, len(frame), 2):
        shift = 0.16 if for_phone() else 0.0
        axes.axhspan(place - 0.5 + shift, place + 0.5 + shift, color=LIGHT, alpha=0.4, zorder=0)
    legend(figure, ncols=3)
    bare(axes)
    return figure
