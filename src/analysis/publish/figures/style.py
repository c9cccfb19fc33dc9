"""Looks of every figure: fonts, colours, sizes, and SVG that comes out the same byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO
from typing import TYPE_CHECKING, Any

from analysis.errors import BookError, ResultsError
from analysis.publish.figures.fonts import FAMILY, font_files

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.2
"""Inches; the text block of the PDF is a little narrower, a phone about half."""
NARROW = 5.0
"""Inches of a figure whose text stays readable on a phone; the PDF shows it at its own size."""

BLUE, ORANGE, TEAL, GREY, LIGHT, INK = "#1f4e79", "#c8702a", "#2f8f83", "#8a94a0", "#e3e8ee", "#25303b"
PALE = "#a9c3dc"
FONT_SIZE = 11.0
LINE_HEIGHT = 0.33
"""Inches of height that one row of a dot plot takes."""


@contextmanager
def figure_style() -> Iterator[None]:
    """Apply the style while a figure is drawn and written; raises ResultsError when the fonts are missing."""
    import matplotlib as mpl

    _register_fonts()
    settings = {
        "font.family": FAMILY,
        "font.size": FONT_SIZE,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.8,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "grid.color": LIGHT,
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "legend.fontsize": FONT_SIZE - 1,
        "svg.fonttype": "path",
        "svg.hashsalt": "figure",
        "figure.dpi": 100,
    }
    with mpl.rc_context(settings):  # type: ignore[arg-type]
        yield


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    from matplotlib import font_manager

    try:
        files = font_files()
    except BookError as error:
        raise ResultsError(
            "Figures can't be drawn without the Chinese fonts.",
            where=error.where,
            expected=error.expected,
            hint=error.hint,
        ) from None
    for path in (files.regular, files.bold):
        font_manager.fontManager.addfont(path)


def new_figure(
    height: float, *, columns: int = 1, rows: int = 1, ratios: Sequence[float] = (), width: float = WIDTH
) -> tuple[Figure, list[Axes]]:
    """An empty figure of the common width, `height` inches high, with its axes in reading order."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    grid = {"height_ratios": list(ratios)} if ratios else {}
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid)
    return figure, list(axes.flat)


def to_svg(figure: Figure) -> str:
    """The figure as SVG text without a date.

    The canvas draws it once, laying it out on the way; `savefig` would draw all of it before, only to lay it out.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    figure.set_facecolor("white")
    buffer = StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def bare(axes: Axes, *, grid: str = "x") -> None:
    """Take away the frame but the bottom line, and lay grid lines along one axis."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if grid in {"x", "y", "both"}:
        axes.grid(visible=True, axis=grid)  # type: ignore[arg-type]


def wrapped(text: str, width: int) -> str:
    """`text` in lines of at most about `width` Latin characters (Chinese ones count two); words stay whole."""
    from analysis.publish.tables.markdown import display_width

    if display_width(text) <= width:
        return text
    if " " not in text.strip() and not text.isascii():
        return _cut(text, width // 2)
    lines = [""]
    for word in text.split(" "):
        candidate = f"{lines[-1]} {word}".strip()
        if lines[-1] and display_width(candidate) > width:
            lines.append(word)
        else:
            lines[-1] = candidate
    return "\n".join(lines)


def _cut(text: str, size: int) -> str:
    parts = -(-len(text) // max(size, 1))
    length = -(-len(text) // parts)
    return "\n".join(text[start : start + length] for start in range(0, len(text), length))
