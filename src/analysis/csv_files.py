"""csv files that people open in a spreadsheet: no text in them is run as a formula."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_FORMULA = re.compile(r"['=@\t\r＝＋－＠]|[-+](?![0-9]+(?:\.[0-9]+)?\Z)")
"""Beginnings of a text that a spreadsheet takes for a formula (OWASP: CSV injection), and the mark against it."""


def csv_text(text: str) -> str:
    """`text` for a cell of a csv file: one that a spreadsheet would take for a formula has an apostrophe before it.

    So has one that begins with an apostrophe itself: without the first apostrophe every text is what it was. Numbers
    stay as they are.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def text_of_csv(cell: str) -> str:
    """The text that `csv_text` wrote as `cell`."""
    return cell.removeprefix("'")


def write_csv(frame: pd.DataFrame, path: Path, encoding: str = "utf-8") -> None:
    """Write a frame for people; texts and names of columns as `csv_text` has them."""
    import numpy as np

    written = frame.rename(columns=lambda name: csv_text(str(name)))
    texts = list(written.columns)
    for place, kind in enumerate(written.dtypes):
        if kind.kind not in "biufM":
            told = [csv_text(one) if isinstance(one, str) else one for one in frame.iloc[:, place]]
            written.isetitem(place, np.array(told, dtype=object))
            texts += {one for one in told if isinstance(one, str)}
    returns = any("\r" in text for text in texts)  # which the csv module leaves bare, as the end of a line
    quoting: Literal[0, 2] = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    written.to_csv(path, index=False, encoding=encoding, lineterminator="\n", quoting=quoting)
