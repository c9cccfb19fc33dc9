"""The banner book as one table of rows, on whom its figures rest, and what goes with what is withheld."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from analysis.publish.tables.cells import COUNT, TEXT
from analysis.publish.tables.columns import N
from analysis.publish.tables.spec import Column, Kind, Measure, People, Row, TableSpec
from analysis.publish.words.labels import Labels
from analysis.survey.tabulation.book import CROSSED, LARGEST

if TYPE_CHECKING:
    import pandas as pd

SPREAD = ("se", "ci_low", "ci_high", "n_eff", "deff", "higher_than")
ALIKE = ("table", "question", "statistic", "banner", "category")
"""Columns in which the answers of one question in one column agree."""
INTERNAL = ("measured", "group", "domain", "whole", "largest", *LARGEST)
"""Columns that only disclosure reads."""
MEASURES = {
    "share": Measure("estimate", SPREAD, "{measured}"),
    "category": Measure("estimate", SPREAD, "{measured}", shares_out=ALIKE),
    "people": Measure("estimate", SPREAD, "{measured}", follows=True, digits=True),
    "points": Measure("estimate", SPREAD, "{measured}", top=100, top_of="largest"),
    "rating": Measure("estimate", SPREAD, "{measured}", top=inf, top_of="largest"),
    "amount": Measure("estimate", SPREAD, "{measured}", top=inf, top_of="largest", held=LARGEST, digits=True),
}
"""How each rule of a line is protected and rounded."""


def _plain(row: Row, column: Column, labels: Labels) -> str:  # noqa: ARG001
    return str(row[column.sources[0]] or "")


KEY = Kind(_plain, names=True, same_people=True)
NAME = Kind(_plain, names=True)


def _people() -> tuple[People, ...]:
    """Whose answers the lines of each rule rest on, by one question and by two."""
    found = []
    for rule, measure in MEASURES.items():
        one = People("group", "category", rows=("rule", (rule,)), measures=(measure,), whole="whole")
        crossed = People("", "domain", rows=("rule", (f"{rule}{CROSSED}",)), measures=(measure,), whole="whole")
        found += [one, crossed]
    return tuple(found)


def settle(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the letters of columns that are withheld, and without what only disclosure reads."""
    told = frame.drop(columns=[name for name in INTERNAL if name in frame])
    keys = ["table", "question", "statistic", "answer", "banner"]
    gone = told[told["estimate"].isna() & (told["letter"] != "")]
    letters = gone.groupby(keys, sort=False)["letter"].agg(set).to_dict()
    if not letters:
        return told
    lines = list(told[keys].itertuples(index=False, name=None))
    kept = [
        " ".join(letter for letter in str(said).split() if letter not in letters.get(line, ())) if said else said
        for line, said in zip(lines, told["higher_than"].fillna(""), strict=True)
    ]
    return told.assign(higher_than=np.array(kept, dtype=object))


TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "tabulation",
        (
            Column("tabulated", ("table",), KEY),
            *(Column(name, (name,), KEY) for name in ("question", "statistic", "answer", "banner")),
            *(Column(name, (name,), NAME) for name in ("category", "letter", "rule")),
            *(Column(name, (name,), TEXT) for name in ("estimate", "se", "ci_low", "ci_high")),
            N,
            Column("n_eff", ("n_eff",), COUNT),
            Column("higher_than", ("higher_than",), TEXT),
        ),
        people=_people(),
        in_book=False,
        settle=settle,
        laid_out=True,
    ),
)
"""In the order in which they are published."""
