"""Figures as drawn: text that is text, a drawing for a phone, contrast, rows named where a reader looks for them."""

from __future__ import annotations

import re
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_svg import FigureCanvasSVG

from analysis.publish.figures import pictures, style
from analysis.publish.figures.canvas import drawing
from analysis.publish.figures.grid import Field, draw_grid, shade
from analysis.publish.figures.pictures import draw_pictures
from analysis.publish.figures.svg import clean_svg
from analysis.results import Store

LEAST = 4.5
"""Contrast ratio of text that WCAG 2.2 asks for."""


def _bars(*, phone: bool) -> str:
    with style.figure_style(phone=phone):
        figure, (axes,) = style.new_figure(2.0)
        axes.barh([0, 1], [3.0, 4.0], height=style.bar_height(0.6))
        style.name_rows(axes, [0, 1], ["Wealth management", "银行"])
        axes.set_xlabel("Points that a rather long name of an axis takes up in a drawing for a phone")
        return style.to_svg(figure, "bars.phone" if phone else "bars")


@pytest.mark.parametrize("phone", [False, True])
def test_sizes_of_texts_measured_once_are_those_that_matplotlib_measures_for_every_figure(phone: bool) -> None:
    with style.figure_style(phone=phone):
        figure, (axes,) = style.new_figure(2.0)
        axes.set_yticks([0, 1], ["财富管理\nWealth management", "g"], size=8.5, weight="bold")
        axes.set_title("Ångström 满意度", loc="left", weight="bold", rotation=4)
        axes.annotate("3.9\n[3.7, 4.1]", (1.0, 0.5), size=9.25, bbox=style.BEHIND)
        ours, theirs = drawing(figure), StringIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(theirs, metadata={"Date": None, "Creator": None})
    assert ours == theirs.getvalue()


@pytest.mark.parametrize("phone", [False, True])
def test_text_is_text_and_nothing_of_it_needs_a_style_sheet(phone: bool) -> None:
    svg = _bars(phone=phone)
    assert re.search(r"<text[^>]*>银行</text>", svg)
    assert "<style" not in svg
    assert "style=" not in svg
    assert svg.startswith("<svg ")


def test_a_drawing_for_a_phone_is_narrow_and_its_text_as_large_as_a_reader_needs() -> None:
    page, phone = _bars(phone=False), _bars(phone=True)
    width = [float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]) for svg in (page, phone)]  # type: ignore[index]
    assert width[1] < 0.6 * width[0]
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', phone)]
    assert min(sizes) * 346 / width[1] >= 9.0  # the width that a page of 390 pixels leaves


def test_on_a_phone_the_name_of_an_axis_takes_several_lines() -> None:
    text = "Points that a rather long name of an axis takes up in a drawing for a phone"
    assert f">{text}<" in _bars(phone=False)
    assert f">{text}<" not in _bars(phone=True)


def test_two_drawings_in_one_page_share_no_id() -> None:
    ids = [set(re.findall(r' id="([^"]+)"', _bars(phone=phone))) for phone in (False, True)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_an_id_that_nothing_points_to_is_dropped_and_the_others_are_named_after_the_figure() -> None:
    text = '<svg width="1"><g id="axes_1"><path id="m12" d="M 0.123456 1"/></g><use xlink:href="#m12"/></svg>'
    assert clean_svg(text, "scores").count("id=") == 1
    assert 'id="scores-1" d="M 0.12 1"' in clean_svg(text, "scores")
    assert 'href="#scores-1"' in clean_svg(text, "scores")


@pytest.mark.parametrize("colour", ["INK", "BLUE", "TEAL", "MUTED", "ORANGE"])
def test_colours_of_words_can_be_read_on_white(colour: str) -> None:
    assert style.contrast(getattr(style, colour), "#ffffff") >= LEAST


def test_what_is_written_in_a_grid_can_be_read_on_every_shade() -> None:
    shades = [shade(step / 100, 0.0, 1.0) for step in range(101)]
    shades += [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in product(range(0, 256, 51), repeat=3)]
    assert min(style.contrast(style.ink_on(colour), colour) for colour in shades) >= LEAST


def test_a_grid_writes_every_field_once_under_the_head_of_its_column() -> None:
    fields = {(0, 0): Field("81.2", "#1f4e79"), (1, 0): Field("77.0", "#f1f5f9")}
    with style.figure_style():
        svg = style.to_svg(draw_grid(["Banks", "Insurers"], ["Security"], fields, slanted=False), "grid")
    assert [svg.count(f">{text}<") for text in ("81.2", "77.0", "Banks", "Insurers", "Security")] == [1] * 5


def test_a_picture_is_drawn_from_the_drawing_of_a_page_and_again_only_when_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.save_figure("bars", "en", _bars(phone=False))
    draw_pictures(store, "en", ["bars", "lacking"])
    assert store.picture("bars", "en").read_bytes().startswith(b"\x89PNG")
    asked: list[list[str]] = []
    monkeypatch.setattr(pictures, "drawn", lambda _folder, names: asked.append(list(names)) or {})
    draw_pictures(store, "en", ["bars"])
    store.save_figure("bars", "en", _bars(phone=True))
    draw_pictures(store, "en", ["bars"])
    assert asked == [[], ["bars"]]
