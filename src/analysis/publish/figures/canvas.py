"""Draws a figure as SVG: matplotlib's own renderer, which measures a text once and not for every figure anew.

Whatever the size of a text, matplotlib measures it at one size and scales what it finds; and the height of a line is
that of the face. So both are the same for all figures, on a page and on a phone.
"""

from __future__ import annotations

from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import TextToPath

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 72
"""Of an inch: the unit of the drawing."""


def drawing(figure: Figure) -> str:
    """The figure as matplotlib writes it, without date and maker; it is laid out and drawn once."""
    buffer = StringIO()
    figure.dpi = POINTS
    width, height = figure.get_size_inches() * POINTS
    renderer = cast("Any", _Renderer)(width, height, buffer, metadata={"Date": None, "Creator": None})
    _Canvas(figure).renderer = renderer
    figure.draw(renderer)
    renderer.finalize()
    return buffer.getvalue()


class _Canvas(FigureCanvasSVG):
    """Lays out with the renderer that draws."""

    renderer: Any = None

    def get_renderer(self) -> Any:
        return self.renderer


class _Renderer(RendererSVG):
    """Takes sizes of texts and heights of lines from what was measured before, whichever figure asked."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        scale = prop.get_size_in_points() / TextToPath.FONT_SCALE
        width, height, descent = _measured(s, _face(prop), ismath)
        return width * scale, height * scale, descent * scale

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        """Ascent, descent and gap of lines, in points: what matplotlib reads out of the font again for every text."""
        units, ascent, descent, gap = _line(_face(prop))
        scale = 1 / units * prop.get_size_in_points() * POINTS / POINTS
        return ascent * scale, -descent * scale, gap * scale


def _face(prop: FontProperties) -> FontProperties:
    """The font, at the size that matplotlib measures at."""
    face = prop.copy()
    face.set_size(TextToPath.FONT_SCALE)
    return face


@cache
def _measured(text: str, face: FontProperties, ismath: Any) -> tuple[float, float, float]:
    """Width, height and descent of a line of text."""
    return TextToPath().get_text_width_height_descent(text, face, ismath)


@cache
def _line(face: FontProperties) -> tuple[int, int, int, int]:
    """Units of an em, and ascent, descent and gap of lines in them."""
    font: Any = get_font(findfont(face))
    units, line = font.get_sfnt_table("head")["unitsPerEm"], font.get_sfnt_table("OS/2")
    return units, line["sTypoAscender"], line["sTypoDescender"], line["sTypoLineGap"]
