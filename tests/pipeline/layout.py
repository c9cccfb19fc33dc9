"""How the pages of a PDF are filled, and what stands at their edges: what a reader sees, measured."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from pypdf import PdfReader

RESOLUTION = 72
TOP, BOTTOM = 2.5 / 29.7, 2.2 / 29.7
"""Heights of the running head and the foot, as shares of the page."""
WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*)</word>')
NOTE = re.compile(r"(?:Note|Source): |(?:注|来源)：")
"""How the line below a table or a figure begins."""
CAPTION = re.compile(r"(?:Figure|图) (?P<chapter>\w+)\.(?P<number>\d+)")
"""How the title of a figure begins."""
RIGHT = 300.0
"""Where the right half of a page begins, in points."""
RUNNING = 10.0
"""Points of the running text, or a little less."""
HEADING = 11.2
"""Points from which on a line is higher than one of the running text."""
PUNCTUATION = set("，。、；：！？“”‘’（）《》—…·")
"""Set narrower than its box in Chinese."""


@dataclass(frozen=True)
class Word:
    """A word with its box in points from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Sheet:
    """One page of a PDF: its number from 1 on, its words between head and foot, and the largest empty part of it."""

    number: int
    words: tuple[Word, ...]
    empty: float
    opens: bool

    @property
    def lines(self) -> list[list[Word]]:
        """Words by line, from the top."""
        found: list[list[Word]] = []
        for word in sorted(self.words, key=lambda one: (one.bottom, one.left)):
            if found and abs(found[-1][0].bottom - word.bottom) < 3:
                found[-1].append(word)
            else:
                found.append([word])
        return found


@cache
def sheets(pdf: Path) -> list[Sheet]:
    """The pages of a PDF from its first chapter on."""
    reader = PdfReader(pdf)
    starts = {reader.get_destination_page_number(entry) for entry in reader.outline if not isinstance(entry, list)}
    pictures, texts = _pictures(pdf), _words(pdf)
    shown = range(min(starts), len(reader.pages))
    return [Sheet(at + 1, texts[at], _empty(pictures[at]), at in starts) for at in shown]


def hollow(pages: list[Sheet]) -> list[str]:
    """Pages more than half empty, but for the last of a chapter."""
    following = [*[page.opens for page in pages[1:]], True]
    return [
        f"page {page.number}: {page.empty:.0%} empty"
        for page, ends in zip(pages, following, strict=True)
        if page.empty > 0.5 and not ends
    ]


def stranded_headings(pages: list[Sheet]) -> list[str]:
    """Headings that are the last line of their page."""
    last = [(page, page.lines[-1]) for page in pages if page.lines]
    return [
        f"page {page.number}: {' '.join(word.text for word in line)}"
        for page, line in last
        if min(word.bottom - word.top for word in line) > HEADING
    ]


def stranded_notes(pages: list[Sheet]) -> list[str]:
    """Notes of a table or sources of a figure at the head of a page, apart from what they belong to."""
    first = [(page, " ".join(word.text for word in page.lines[0])) for page in pages if page.lines]
    return [f"page {page.number}: {text}" for page, text in first if NOTE.match(text)]


def remainders(pages: list[Sheet]) -> list[str]:
    """Tables of which a single row went over to the next page, below the repeated header."""
    found = []
    for before, page in pairwise(pages):
        head = len(_repeated(before, page))
        if head and _rows(page.lines[head:]) == 1:
            found.append(f"page {page.number}: {' '.join(word.text for word in page.lines[head])}")
    return found


def overprinted(pages: list[Sheet]) -> list[str]:
    """Words of one line and size that share more than a hair's breadth; Chinese punctuation may, in its box."""
    found = []
    for page in pages:
        for line in page.lines:
            for one, other in pairwise(sorted(line, key=lambda word: word.left)):
                alike = abs((one.bottom - one.top) - (other.bottom - other.top)) < 1 and abs(one.top - other.top) < 2
                marks = one.text[-1:] in PUNCTUATION or other.text[:1] in PUNCTUATION
                both = one.text[-1:] in PUNCTUATION and other.text[:1] in PUNCTUATION
                allowed = (1.1 if both else 0.75) * (one.bottom - one.top) if marks else 2
                accents = any(unicodedata.combining(char) for char in one.text + other.text)  # hats of a formula
                long = len(one.text) > 1 and len(other.text) > 1 and one.text != other.text
                if alike and long and not accents and min(one.right, other.right) - other.left > allowed:
                    found.append(f"page {page.number}: {one.text} over {other.text}")
    return found


def out_of_order(pages: list[Sheet]) -> list[str]:
    """Figures that stand before one with a lower number in the same chapter."""
    found = []
    small = [(page, line) for page in pages for line in page.lines if line[0].bottom - line[0].top < RUNNING]
    lines = [(page, " ".join(word.text for word in line)) for page, line in small]
    captions = [(page, match) for page, text in lines if (match := CAPTION.match(text))]
    for (earlier, before), (page, here) in pairwise(captions):
        if (
            earlier.number < page.number
            and before["chapter"] == here["chapter"]
            and int(here["number"]) < int(before["number"])
        ):
            found.append(f"page {page.number}: {here[0]} after {before[0]}")
    return found


def _repeated(before: Sheet, page: Sheet) -> list[str]:
    """The lines at the head of a page that stand on the one before it as well, one below the other."""
    earlier, here = (["".join(word.text for word in line) for line in one.lines] for one in (before, page))
    if page.opens or not here or here[0] not in earlier:
        return []
    start = len(earlier) - 1 - earlier[::-1].index(here[0])
    same = [one == other for one, other in zip(earlier[start:], here, strict=False)]
    return here[: same.index(False) if False in same else len(same)]


def _rows(lines: list[list[Word]]) -> int:
    """Rows of a table that goes on with these lines: rows stand further apart than lines of one, and end at a gap.

    A name that reaches into the rows below it stands between their lines, on the left.
    """
    rows, last = 0, -1000.0
    for before, line in pairwise([lines[:1] and lines[0], *lines]):
        size, here = min(word.bottom - word.top for word in line), line[0].bottom
        if here - before[0].bottom > 3.2 * size or NOTE.match(" ".join(word.text for word in line)):
            break
        if max(word.right for word in line) > RIGHT:
            rows, last = rows + (here - last > 1.5 * size), here
    return rows


def _pictures(pdf: Path) -> list[np.ndarray]:
    """Every page in shades of grey, 255 where it is white."""
    command = ["pdftoppm", "-r", str(RESOLUTION), "-gray", str(pdf)]
    found = subprocess.run(command, capture_output=True, check=True).stdout
    pages: list[np.ndarray] = []
    start, size = re.compile(rb"P5\s(\d+)\s(\d+)\s255\s"), 0
    while head := start.match(found, size):
        width, height = int(head[1]), int(head[2])
        pages.append(np.frombuffer(found, np.uint8, width * height, head.end()).reshape(height, width))
        size = head.end() + width * height
    assert size == len(found)
    return pages


def _empty(picture: np.ndarray) -> float:
    """The largest part of the height between head and foot without a mark."""
    height = len(picture)
    shown = picture[round(TOP * height) : round((1 - BOTTOM) * height)]
    rows = np.flatnonzero((shown < 200).any(axis=1))
    return float(np.diff([-1, *rows, len(shown)]).max() / len(shown))


def _words(pdf: Path) -> list[tuple[Word, ...]]:
    """The words of every page between head and foot."""
    found = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    pages = []
    for page in found.split("<page ")[1:]:
        boxes = [Word(*(float(edge) for edge in one[:4]), one[4]) for one in WORD.findall(page)]
        pages.append(tuple(word for word in boxes if word.top > 842 * TOP and word.bottom < 842 * (1 - BOTTOM)))
    return pages
