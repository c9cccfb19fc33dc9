"""Figures of the report: which there are, what each is drawn from, and how it becomes SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from analysis.publish.labels import Labels
from analysis.publish.specs import EDITION

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Draw = Callable[[Mapping[str, "pd.DataFrame"], Labels], "Figure"]


@dataclass(frozen=True)
class FigureSpec:
    """One figure: the step that publishes it, the tables it is drawn from, and the module that draws it."""

    name: str
    step: str
    tables: tuple[str, ...]
    module: str

    @property
    def draw(self) -> Draw:
        """The drawing function `draw_<name>` of the figure's module."""
        function: Draw = getattr(import_module(f"analysis.publish.figures.{self.module}"), f"draw_{self.name}")
        return function

    def svg(self, tables: Mapping[str, pd.DataFrame], labels: Labels) -> str:
        """The figure in one language as SVG text."""
        from analysis.publish.figures.style import figure_style, to_svg

        with figure_style():
            return to_svg(self.draw(tables, labels))


FIGURES: dict[str, FigureSpec] = {
    spec.name: spec
    for spec in (
        FigureSpec("allocation", "01_sampling", ("allocation",), "sampling"),
        FigureSpec("domain_precision", "01_sampling", ("domain_precision",), "fieldwork"),
        FigureSpec("response_rates", "02_fieldwork", ("response_channels",), "fieldwork"),
        FigureSpec("mode_index", "02_fieldwork", ("mode_index",), "fieldwork"),
        FigureSpec("exclusions", "03_cleaning", ("exclusion_log",), "cleaning"),
        FigureSpec("margins", "04_weighting", ("weighting_margins",), "sampling"),
        FigureSpec("weight_stages", "04_weighting", ("weighting_diagnostics",), "weighting"),
        FigureSpec("dimensions", "05_satisfaction", ("csi_dimensions", "csi_overall"), "satisfaction"),
        FigureSpec("segments", "05_satisfaction", ("csi_segments", "csi_overall"), "satisfaction"),
        FigureSpec("segment_dimensions", "05_satisfaction", ("segment_dimensions",), "satisfaction"),
        FigureSpec("construct_levels", "05_satisfaction", ("construct_levels",), "satisfaction"),
        FigureSpec("construct_map", "06_measurement", ("construct_pairs", "validity"), "measurement"),
        FigureSpec("scree", "06_measurement", ("eigenvalues",), "measurement"),
        FigureSpec("path_diagram", "07_structural", ("paths", "r_squared"), "structural"),
        FigureSpec("effects", "07_structural", ("effects",), "effects"),
        FigureSpec("trend", "09_trend", ("waves", "forecast", "arima_candidates"), "trend"),
        FigureSpec("service_process", EDITION, ("standards",), "standards"),
    )
}
"""Every figure of the report by name, in the order of the book."""


def figures_of(step: str) -> list[FigureSpec]:
    """Figures that `step` publishes."""
    return [spec for spec in FIGURES.values() if spec.step == step]


def draw_figures(step: str, tables: Mapping[str, pd.DataFrame], *, labels: Labels) -> dict[str, str]:
    """SVG text by name of every figure of `step` whose tables are there."""
    return {spec.name: spec.svg(tables, labels) for spec in figures_of(step) if set(spec.tables) <= set(tables)}
