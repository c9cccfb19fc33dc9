"""The banner book: every planned table as rows of one frame, a row for each line and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import MethodError
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.concentration import TOP
from analysis.survey.estimation.estimates import figures
from analysis.survey.estimation.quantiles import quantiles
from analysis.survey.tabulation.columns import estimate_columns, higher_than
from analysis.survey.tabulation.plan import columns_of
from analysis.survey.tabulation.questions import blocks_of, codes_of, ratio_block
from analysis.survey.tabulation.sums import Layout, sum_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.survey.estimation.differences import Adjustment
    from analysis.survey.tabulation.columns import Columns
    from analysis.survey.tabulation.plan import PlannedTable
    from analysis.survey.tabulation.questions import Block, Line

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

NO_ANSWER = "no_answer"
"""Category of those who gave no answer to the question of the banner: nobody's column, but part of the total."""
LARGEST = ("largest_1", "largest_2")
"""Columns of the share of an amount that lies with its one, and two, largest."""
CELL_COLUMNS = (
    *("table", "question", "statistic", "answer", "banner", "category", "letter"),
    *("estimate", "se", "ci_low", "ci_high", "n", "n_eff", "deff", "higher_than"),
    *("rule", "measured", "group", "domain", "whole", "largest", *TOP, *LARGEST),
)
EVERYBODY = "everybody"
"""Group of the column of all."""
CROSSED = " crossed"
"""Ends the rule of a line in columns of two crossed questions."""
ALL_ASKED = 0.95
"""Share of the interviews whose answers make a question one that all were asked: its columns are the same people."""


@dataclass(frozen=True)
class Tabulated:
    """The tables of an edition.

    cells: one row for each line (question, statistic, answer) and column (banner, category) of every table:
    `CELL_COLUMNS`. banner: the background question, two with a blank between where they are crossed, "" for the column
    of all; category: the answer, "a | b" of two; letter: the column's name within its banner. Shares on 0–1, balances
    in points. higher_than: letters of the columns of the same banner that the estimate is higher than, with blanks
    between. rule: how the estimate is told; the columns from measured on serve disclosure.
    left_out: table, question, banner and the reason, of what could not be tabulated.
    """

    cells: pd.DataFrame
    left_out: pd.DataFrame


@dataclass(frozen=True)
class _Header:
    """The columns of one crossing: names of their categories, and the layout of the rows."""

    banner: str
    questions: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    layout: Layout

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Which columns are compared with each other: those of an answer."""
        return np.array([bool(codes) and NO_ANSWER not in codes for codes in self.codes])

    @property
    def letters(self) -> NDArray[Any]:
        """A, B, … Z, AA, … of the columns that are compared; empty for the others."""
        place = np.cumsum(self.compared) - 1
        named = zip(self.compared, place, strict=True)
        return np.array([letter_of(int(number)) if own else "" for own, number in named], dtype=object)

    @cached_property
    def held(self) -> Floats:
        """Share of the weight of each column that lies with its one, and two, largest, where all answered."""
        return self.layout.largest(self.layout.design.weights)

    @cached_property
    def domain(self) -> pd.Series[Any]:
        """Column of each row as a number, for what is estimated from the rows."""
        place, count = self.layout.column, self.layout.count
        names = pd.Index([str(number) for number in range(count)])
        return pd.Series(pd.Categorical.from_codes(np.where(place < count, place, -1), names))


@dataclass
class _Rows:
    """Rows of the frame as they are found, a piece for each block and header."""

    pieces: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in CELL_COLUMNS})
    left_out: list[dict[str, str]] = field(default_factory=list)

    def frame(self) -> pd.DataFrame:
        """All pieces, one after another."""
        return pd.DataFrame({name: np.concatenate(found) if found else [] for name, found in self.pieces.items()})


def tabulate(
    responses: pd.DataFrame,
    plan: Sequence[PlannedTable],
    *,
    instrument: Instrument,
    design: SurveyDesign | None = None,
    confidence: float = 0.95,
    adjustment: Adjustment = "holm",
    min_base: int = 1,
) -> Tabulated:
    """Estimate every line of every planned table in every column of its banner, and for all.

    `responses` have the rows of `design` (none: a simple random sample); nobody's missing answer counts, and every
    column is a domain of the whole draw. Columns of fewer than `min_base` answers are not compared. A question that
    nobody answered, and a banner of which only one answer was given, are left out with the reason.
    Raises MethodError for a design of other rows, and for one with calibrated weights.
    """
    drawn = design_of(design, len(responses))
    if drawn.calibration is not None:
        raise MethodError("Banner tables need replicate weights where the weights are calibrated.")
    rules = _Rules(drawn, drawn.limit, confidence, adjustment, min_base)
    rows = _Rows()
    headers: dict[tuple[str, ...], _Header | None] = {}
    for table in plan:
        for questions, blocks in _lines(table, responses, instrument, rows):
            for crossing in ((), *columns_of(table, questions)):
                if crossing not in headers:
                    headers[crossing] = _header(crossing, responses, instrument, drawn)
                header = headers[crossing]
                if header is None:
                    rows.left_out.append(_reason(table.key, questions, crossing, "fewer than two answers were given"))
                    continue
                for block in blocks:
                    _tabulate(rows, table.key, block, header, rules)
    left = pd.DataFrame(rows.left_out, columns=["table", "question", "banner", "reason"]).drop_duplicates()
    return Tabulated(rows.frame(), left.reset_index(drop=True))


@dataclass(frozen=True)
class _Rules:
    """What every table of a call shares."""

    design: SurveyDesign
    limit: float
    confidence: float
    adjustment: Adjustment
    min_base: int


def _lines(
    table: PlannedTable, responses: pd.DataFrame, instrument: Instrument, rows: _Rows
) -> Iterator[tuple[str, list[Block]]]:
    """The questions of a table with their blocks."""
    asked = table.asked
    if asked is not None and asked.ratio is not None:
        yield "", [ratio_block(asked.ratio, responses)]
    for key in table.questions:
        statistics, net = (asked.statistics, asked.net) if asked is not None else ((), None)
        blocks = list(blocks_of(key, responses, instrument=instrument, statistics=statistics, net=net))
        if not blocks:
            rows.left_out.append(_reason(table.key, key, (), "nobody answered it"))
        yield key, blocks


def _reason(table: str, question: str, crossing: Sequence[str], reason: str) -> dict[str, str]:
    return {"table": table, "question": question, "banner": " ".join(crossing), "reason": reason}


def _header(
    crossing: tuple[str, ...], responses: pd.DataFrame, instrument: Instrument, design: SurveyDesign
) -> _Header | None:
    """The columns of a crossing with anybody in them; those without an answer to it make a last one."""
    rows = len(responses)
    if not crossing:
        return _Header("", (), ((),), Layout.of(design, np.zeros(rows, dtype=np.int64), 1))
    if any(key not in responses for key in crossing):
        return None
    given = [codes_of(instrument.question(key), responses[key]) for key in crossing]
    if any(len(names) < 2 for _, names in given):
        return None
    place, known = np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=bool)
    for codes, names in given:
        place, known = place * len(names) + np.maximum(codes, 0), known & (codes >= 0)
    joint = list(product(*(names for _, names in given)))
    used = np.flatnonzero(np.bincount(place[known], minlength=len(joint)))
    moved = np.full(len(joint), -1, dtype=np.int64)
    moved[used] = np.arange(len(used))
    nobody = [(NO_ANSWER,) * len(crossing)] * bool((~known).any())
    column = np.where(known, moved[place], len(used))
    shown = (*(joint[number] for number in used), *nobody)
    return _Header(" ".join(crossing), crossing, shown, Layout.of(design, column, len(shown)))


def _tabulate(rows: _Rows, table: str, block: Block, header: _Header, rules: _Rules) -> None:
    """The rows of one block in the columns of one header."""
    sums, layout = sum_cells(block.features, header.layout), header.layout
    held = header.held if block.complete else layout.largest(rules.design.weights * block.present)
    largest = np.zeros((layout.count, 2))
    if block.amounts is not None:
        largest = layout.largest(rules.design.weights * block.amounts)
    base = {"top": held, "largest": largest, "n": sums.n}
    if block.lines:
        found = estimate_columns(sums, block.coefficients, block.features.one, rules.design)
        _add(rows, table, block.lines, header, _figures(found, block.lines, rules), base)
        rows.pieces["higher_than"].append(_compared(found, header, sums.n, rules))
    if block.quantiles:
        _add_quantiles(rows, table, block, header, rules, base)


def _figures(found: Columns, lines: Sequence[Line], rules: _Rules) -> dict[str, Floats]:
    """Figures of every line and column (lines × columns); shares on the logit scale, all else by t."""
    share = np.array([line.rule in {"share", "category"} for line in lines])[:, None]
    sides = [figures(found.estimates, interval=kind, confidence=rules.confidence) for kind in ("t", "logit")]
    return {name: np.where(share, sides[1][name].T, sides[0][name].T) for name in sides[0]}


def _compared(found: Columns, header: _Header, n: Floats, rules: _Rules) -> NDArray[Any]:
    """Names of the columns that each line and column is higher than: one text each, line after line."""
    tested = header.compared & (n >= max(rules.min_base, 2))
    options: dict[str, Any] = {"limit": rules.limit, "confidence": rules.confidence}
    lower = higher_than(found, tested=tested, **options, adjustment=rules.adjustment)
    letters = header.letters
    texts = [" ".join(letters[sorted(column)]) for line in lower for column in line]
    return np.array(texts, dtype=object)


def letter_of(place: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    above, own = divmod(place, 26)
    return (letter_of(above - 1) if above else "") + chr(ord("A") + own)


def _add(
    rows: _Rows,
    table: str,
    lines: Sequence[Line],
    header: _Header,
    values: dict[str, Floats],
    base: dict[str, Floats],
) -> None:
    """Rows of lines × columns, but for what is higher than what."""
    count, size = header.layout.count, len(lines) * header.layout.count
    all_asked = base["n"].sum() >= ALL_ASKED * len(header.layout.order)
    named = {"table": table, "banner": header.banner} | _groups(
        header, "" if all_asked else f" among {lines[0].question}"
    )
    for name, text in named.items():
        rows.pieces[name].append(np.tile(text, len(lines)) if isinstance(text, np.ndarray) else _filled(text, size))
    suffix = CROSSED if len(header.questions) > 1 else ""
    told = {name: [getattr(line, name) for line in lines] for name in ("question", "statistic", "answer", "measured")}
    for name, texts in (told | {"rule": [line.rule + suffix for line in lines]}).items():
        rows.pieces[name].append(np.repeat(np.array(texts, dtype=object), count))
    for name, value in values.items():
        rows.pieces[name].append(value.ravel())
    largest = np.nan_to_num(np.abs(values["estimate"])).max(axis=1, keepdims=True)
    rows.pieces["largest"].append(np.repeat(np.maximum(largest, 1e-300), count))
    for names, key in ((TOP, "top"), (LARGEST, "largest")):
        for place, name in enumerate(names):
            rows.pieces[name].append(np.tile(base[key][:, place], len(lines)))


def _groups(header: _Header, among: str) -> dict[str, Any]:
    """Category and letter of every column, and the group as disclosure names it; None for the column of all.

    `among`: ends the name of a question where its columns hold those alone who were asked another.
    """
    category = [" | ".join(codes) if codes else None for codes in header.codes]
    spelled = [
        "; ".join(f"{key}{among}={code}" for key, code in zip(header.questions, codes, strict=True)) or None
        for codes in header.codes
    ]
    return {
        "category": np.array(category, dtype=object),
        "letter": header.letters,
        "domain": np.array(spelled, dtype=object),
        "group": f"{header.banner or EVERYBODY}{among}",
        "whole": f"{EVERYBODY}{among}",
    }


def _filled(text: str, size: int) -> NDArray[Any]:
    return np.full(size, text, dtype=object)


def _add_quantiles(
    rows: _Rows, table: str, block: Block, header: _Header, rules: _Rules, base: dict[str, Floats]
) -> None:
    """Quantiles with Woodruff intervals; they are not compared."""
    lines = [line for line, _ in block.quantiles]
    found = quantiles(
        pd.DataFrame({"value": block.numbers}),
        [probability for _, probability in block.quantiles],
        design=rules.design,
        domain=header.domain,
        ascending=[block.ascending],
        confidence=rules.confidence,
    )
    shape = (header.layout.count, len(lines))
    there = np.zeros(header.layout.count, dtype=bool)
    there[found["category"].astype(int).unique()] = True
    values = {}
    for name in ("estimate", "se", "ci_low", "ci_high"):
        whole = np.full(shape, np.nan)
        whole[there] = found[name].to_numpy().reshape(-1, len(lines))
        values[name] = whole.T
    values["n"] = np.broadcast_to(base["n"], values["se"].shape)
    values |= {name: np.full(shape[::-1], np.nan) for name in ("n_eff", "deff")}
    _add(rows, table, lines, header, values, base)
    rows.pieces["higher_than"].append(_filled("", shape[0] * shape[1]))
