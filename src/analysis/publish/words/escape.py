"""Text from data and params is text everywhere: how it is written for each target that would read it as commands.

A category, a name, a title or an answer goes through exactly one of these functions on its way out (into a csv file
through `csv_files.csv_text`), whatever characters it holds. What no target can show (control characters, halves of
surrogate pairs, noncharacters) becomes U+FFFD, line breaks become spaces, and what is no text is dropped: soft hyphens,
and controls that reorder the text around them.
"""

from __future__ import annotations

import html
import re

_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_NO_TEXT = frozenset("\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NONCHARACTERS = "".join(chr((plane << 16) | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_UNSHOWN = re.compile(
    f"[\\x00-\\x1f\\x7f-\\x9f\u00ad\u2028\u2029\u202a-\u202e\u2066-\u2069\\ud800-\\udfff\ufdd0-\ufdef{_NONCHARACTERS}]"
)
REPLACEMENT = "\ufffd"

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
"""Noncharacters, which no data hold after `plain`, around the key of a reference that a wording of ours makes."""
_WRITTEN_REFERENCE = re.compile(r"@((?:fig|tbl|sec|eq)-[A-Za-z0-9-]*[A-Za-z0-9])")
_REFERENCE = re.compile(f"{_OPEN}((?:fig|tbl|sec|eq)-[A-Za-z0-9-]+){_CLOSE}")

_MARKUP = re.compile(r"""[\\`*_{}\[\]<>#$@~^|&"']|-{2,}|\.{2,}|:{2,}|={2,}|\+{2,}|\?(?=\w)""")
_OPENING = re.compile(r"[-+=:%(]")
_MARKER = re.compile(r"(\(?\w*)([.):])")
"""A word that begins a list or a caption: 1., (a), iv), Table:."""


_XLSX_CHARACTER = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
CELL_LIMIT = 32_767


def plain(text: str) -> str:
    """`text` without what no target can show; the same text where there is nothing of the kind."""
    return _UNSHOWN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SPACES:
        return " "
    return "" if char in _NO_TEXT else REPLACEMENT


def with_references(wording: str) -> str:
    """A wording of ours whose `@tbl-name` are references; the same characters in data stay characters."""
    return _WRITTEN_REFERENCE.sub(f"{_OPEN}\\1{_CLOSE}", wording)


def as_markdown(text: str) -> str:
    """`text` for Quarto's and pandoc's markdown, in prose, in a cell or in metadata.

    What markdown would read as its own becomes a character reference, which no preprocessor takes for anything else,
    and which means the same in a quoted attribute. References of our own wordings stay references.
    """
    pieces = _REFERENCE.split(text)
    pieces[::2] = [_MARKUP.sub(_referenced, plain(piece)) for piece in pieces[::2]]
    pieces[1::2] = [f"@{key}" for key in pieces[1::2]]
    written = "".join(pieces).strip(" ")
    first, space, rest = written.partition(" ")
    return f"{_first_word(first)}{space}{rest}"


def _referenced(match: re.Match[str]) -> str:
    return "".join(f"&#{ord(char)};" for char in match[0])


def _first_word(word: str) -> str:
    """The word that begins a block, without the marks of lists, rules, captions and definitions."""
    marker = _MARKER.fullmatch(word)
    word = f"{marker[1]}&#{ord(marker[2])};" if marker else word
    return _OPENING.sub(_referenced, word[:1]) + word[1:]


def as_line(text: str) -> str:
    """`text` for a terminal; a reference by its name."""
    pieces = _REFERENCE.split(text)
    pieces[1::2] = [f"@{key}" for key in pieces[1::2]]
    return plain("".join(pieces))


def as_html(text: str) -> str:
    """`text` for HTML, between tags or in a quoted attribute."""
    return html.escape(plain(text))


def as_typst_string(text: str) -> str:
    """`text` as a string of typst's, quotation marks included."""
    inside = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inside}"'


def as_cell(text: str) -> str:
    """`text` for a cell of a workbook; whoever writes it says besides that the cell holds text.

    Excel reads _x0041_ as a character and takes 32,767 of them at most.
    """
    return _XLSX_CHARACTER.sub("_x005F_", plain(text))[:CELL_LIMIT]


def as_file_name(text: str) -> str:
    """`text` as part of a file name on every system and of an address: other characters become hyphens."""
    return re.sub(r"[^\w.-]+", "-", plain(text)).strip(".-") or "edition"
