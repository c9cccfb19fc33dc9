"""Looks of every figure: fonts, colours, sizes, and SVG that comes out the same byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.errors import BookError, ResultsError
from analysis.publish.figures.fonts import FAMILY, font_files
from analysis.publish.figures.svg import clean_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 7.2
"""Inches; the text block of the PDF is a little narrower."""
PHONE = 3.7
"""Inches of the drawing for a phone, which shows it a third larger than that: its text is read at 10 to 12 pixels."""
TALLER = 1.22
"""How much more height a drawing for a phone takes: what stands beside a mark on a page stands above it there."""

BLUE, ORANGE, TEAL, GREY, LIGHT, INK = "#1f4e79", "#ad560f", "#217a6f", "#8a94a0", "#e3e8ee", "#25303b"
PALE = "#a9c3dc"
MUTED = "#5b6775"
"""Of words beside a figure. INK, BLUE, TEAL, MUTED and ORANGE can be read on white; GREY, PALE, LIGHT are for marks."""
FONT_SIZE, PHONE_SIZE, SMALLEST = 11.0, 9.0, 7.5
"""Points of the text, on a page and on a phone, and of the smallest."""
LINE_HEIGHT = 0.33
"""Inches of height that one row of a dot plot takes."""
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""Behind a value, so that no line crosses it."""


_phone: ContextVar[bool] = ContextVar("phone", default=False)


def for_phone() -> bool:
    """Whether the figure that is being drawn is the one for a phone."""
    return _phone.get()


@contextmanager
def figure_style(*, phone: bool = False) -> Iterator[None]:
    """Apply the style while a figure is drawn and written; raises ResultsError when the fonts are missing."""
    import matplotlib as mpl

    _register_fonts()
    settings = {
        "font.family": FAMILY,
        "font.size": PHONE_SIZE if phone else FONT_SIZE,
        "axes.titlesize": PHONE_SIZE if phone else FONT_SIZE,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.8,
        "axes.axisbelow": True,
        "axes.titley": 1.0,
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
        "legend.fontsize": SMALLEST + 1 if phone else FONT_SIZE - 1,
        "svg.fonttype": "none",
        "svg.hashsalt": "figure",
        "figure.dpi": 100,
    }
    token = _phone.set(phone)
    try:
        with mpl.rc_context(settings):  # type: ignore[arg-type]
            yield
    finally:
        _phone.reset(token)


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
    height: float, *, columns: int = 1, rows: int = 1, ratios: Sequence[float] = ()
) -> tuple[Figure, list[Axes]]:
    """An empty figure of the common width, `height` inches high on a page, with its axes in reading order.

    On a phone panels that stand side by side stand below each other.
    """
    from matplotlib.figure import Figure

    if for_phone():
        height, rows, columns = height * TALLER * columns, rows * columns, 1
    figure = Figure(figsize=(PHONE if for_phone() else WIDTH, height), layout="constrained")
    grid = {"height_ratios": list(ratios)} if len(ratios) == rows else {}
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid)
    return figure, list(axes.flat)


def name_rows(
    axes: Axes, places: Sequence[float], names: Sequence[str], *, width: int = 30, lift: float = 0.42
) -> None:
    """The name of every row: at its left on a page, above its mark on a phone.

    width: half-width characters of a line on a page. lift: how far above, in rows.
    """
    if not for_phone():
        axes.set_yticks(list(places), [wrapped(name, width) for name in names])
        return
    axes.set_yticks(list(places), [""] * len(places))
    for place, name in zip(places, names, strict=True):
        at = {"xycoords": axes.get_yaxis_transform(), "va": "center", "ha": "left", "zorder": 5, "bbox": BEHIND}
        axes.annotate(wrapped(name, 50).replace("\n", " "), (0.0, place + lift), **at)  # type: ignore[arg-type]


def bar_height(height: float) -> float:
    """Height of a bar in rows: slim on a phone, where its name stands above it."""
    return height * 0.55 if for_phone() else height


def name_value(
    axes: Axes, text: str, bounds: tuple[float, float], place: float, *, left: bool, size: float = 10
) -> None:
    """A value beside its interval: at the right end or, where a line of the chart would run through it, the left."""
    at, offset, side = (bounds[0], -6, "right") if left else (bounds[1], 6, "left")
    given = {"va": "center", "ha": side, "size": size, "bbox": BEHIND, "zorder": 2}
    axes.annotate(text, (at, place), xytext=(offset, 0), textcoords="offset points", **given)  # type: ignore[arg-type]


def legend(figure: Figure, *, ncols: int = 2, **settings: Any) -> None:
    """What the marks mean, above the axes: in one line on a page, below each other on a phone."""
    figure.legend(loc="outside upper left", ncols=1 if for_phone() else ncols, **settings)


def ink_on(colour: Any) -> str:
    """Black or white, whichever can be read better on a colour: one of them always has a contrast of 4.58 or more."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, colour))


def contrast(one: Any, other: Any) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, success criterion 1.4.3: at least 4.5 for text)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Any) -> float:
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def to_svg(figure: Figure, name: str = "figure") -> str:
    """The figure as SVG text without a date, its text as text; `name` sets its ids apart from those of others.

    The canvas draws it once, laying it out on the way; `savefig` would draw all of it before, only to lay it out.
    """
    from analysis.publish.figures.canvas import drawing

    if for_phone():
        _fit_phone(figure)
    figure.set_facecolor("white")
    return clean_svg(drawing(figure), name)


def _fit_phone(figure: Figure) -> None:
    """Text of the size of a phone, and titles and names of axes in lines that fit there."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontsize(min(max(float(text.get_fontsize()), SMALLEST), PHONE_SIZE))
    for axes in figure.axes:
        for told in (axes.xaxis.label, axes.title, axes._left_title):  # type: ignore[attr-defined]
            told.set_text(wrapped(told.get_text().replace("\n", " "), 46))
    for named in (figure._supxlabel, figure._suptitle):  # type: ignore[attr-defined]
        if named is not None:
            named.set_text(wrapped(named.get_text().replace("\n", " "), 52))


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
    """Lines of Chinese, the first the shorter: a word of two or three characters rarely ends with one of its own."""
    parts = -(-len(text) // max(size, 1))
    length = -(-len(text) // parts)
    first = len(text) - length * (parts - 1)
    return "\n".join([text[:first], *(text[start : start + length] for start in range(first, len(text), length))])
