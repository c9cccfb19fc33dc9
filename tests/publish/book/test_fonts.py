"""The static Chinese fonts: family, weights, coverage, and the error when they are missing."""

import importlib
import re
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from analysis.errors import BookError
from analysis.publish.figures import fonts


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> fonts.FontFiles:
    characters = frozenset(map(ord, "Aa1满意度“”，"))
    return fonts.make_fonts(tmp_path_factory.mktemp("fonts"), characters=characters)


def test_both_weights_carry_the_family_name_that_figures_and_pdf_ask_for(small: fonts.FontFiles) -> None:
    for path, style, weight in ((small.regular, "Regular", 400), (small.bold, "Bold", 700)):
        with TTFont(path) as font:
            assert font["name"].getDebugName(1) == fonts.FAMILY
            assert font["name"].getDebugName(2) == style
            assert font["OS/2"].usWeightClass == weight


def test_the_fonts_are_static(small: fonts.FontFiles) -> None:
    for path in (small.regular, small.bold):
        with TTFont(path) as font:
            assert "fvar" not in font


def test_the_weights_draw_different_strokes(small: fonts.FontFiles) -> None:
    outlines = []
    for path in (small.regular, small.bold):
        with TTFont(path) as font:
            outlines.append(font["glyf"][font.getBestCmap()[ord("满")]].compile(font["glyf"]))
    assert outlines[0] != outlines[1]


def test_making_them_again_changes_nothing_and_the_same_input_gives_the_same_bytes(
    small: fonts.FontFiles, tmp_path: Path
) -> None:
    before = small.regular.read_bytes()
    assert fonts.make_fonts(small.regular.parent) == small
    again = fonts.make_fonts(tmp_path, characters=frozenset(map(ord, "Aa1满意度“”，")))
    assert again.regular.read_bytes() == before


def test_the_repertoire_holds_gbk_and_the_signs_of_a_statistical_report() -> None:
    kept = fonts.publishing_characters()
    assert all(ord(char) in kept for char in "客户满意度調查①②㈱±×≤≥χ²αβ→—…“”《》％é•")


def test_missing_fonts_are_an_error_that_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(BookError) as error:
        fonts.font_files(tmp_path)
    command = re.search(r"`(\S+) -m (\S+)`", str(error.value))
    assert command is not None
    assert command[1] == sys.executable
    assert importlib.import_module(command[2]).main is fonts.main


def test_the_fonts_of_this_environment_draw_every_gbk_hanzi() -> None:
    with TTFont(fonts.font_files().regular, lazy=True) as font:
        cmap = font.getBestCmap()
    hanzi = {ord(char) for char in fonts.gbk_characters() if "\u4e00" <= char <= "\u9fff"}
    assert len(hanzi - cmap.keys()) < 5
