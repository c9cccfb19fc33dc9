"""The codebook of the public-use file: every variable with its values, counted from the file, as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.outgoing.pages import name_of, page
from analysis.outgoing.wording import said
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.outgoing.public_file import PublicFile
    from analysis.outgoing.variables import Value, Variable


@dataclass(frozen=True)
class Tally:
    """One value of a variable: how many interviews have it, and its weighted share of the answers (no answer: None)."""

    value: Value
    count: int
    share: float | None


@dataclass(frozen=True)
class Summary:
    """A variable with what the file holds of it: its values, and weighted mean, lowest and highest of a number."""

    variable: Variable
    tallies: tuple[Tally, ...]
    answered: int
    mean: float | None = None
    lowest: float | None = None
    highest: float | None = None


def summaries(made: PublicFile) -> tuple[Summary, ...]:
    """Every variable of the file, counted from the file itself: what a reader of the file could count."""
    weights = made.numbers["weight"].to_numpy(dtype=float)
    return tuple(_summary(variable, made, weights) for variable in made.variables)


def _summary(variable: Variable, made: PublicFile, weights: Any) -> Summary:
    values = made.numbers[variable.name]
    if variable.kind == "text":
        return Summary(variable, (), int((values != "").sum()))
    numbers = values.to_numpy(dtype=float)
    given = np.isfinite(numbers) & ~np.isin(numbers, [value.code for value in variable.missing])
    total = weights[given].sum()
    tallies = [
        Tally(
            value,
            int((numbers == value.code).sum()),
            float(weights[numbers == value.code].sum() / total) if total else None,
        )
        for value in variable.answers
    ]
    blank = [Tally(value, int((numbers == value.code).sum()), None) for value in variable.missing]
    known = numbers[given]
    scaled = variable.kind == "rating" and len(known)
    return Summary(
        variable,
        (*tallies, *(tally for tally in blank if tally.count)),
        int(given.sum()),
        mean=float(known @ weights[given] / total) if scaled and total else None,
        lowest=float(known.min()) if len(known) else None,
        highest=float(known.max()) if len(known) else None,
    )


def codebook_page(made: PublicFile, found: tuple[Summary, ...], edition: Edition, lang: str) -> str:
    """The codebook as one HTML page that loads nothing."""
    rows = [_row(one, edition, lang, weighted=made.weighted) for one in found]
    return page("codebook.html", edition, lang, rows=rows, made=made)


def _row(one: Summary, edition: Edition, lang: str, *, weighted: bool) -> dict[str, Any]:
    """One variable as the template shows it."""
    variable = one.variable
    numbers = []
    if one.mean is not None:
        mean = "codebook.mean" if weighted else "codebook.plain_mean"
        numbers.append(said(mean, lang, value=formats.number(one.mean, 2)))
    if not one.tallies and one.lowest is not None and one.highest is not None:
        decimals = 0 if variable.whole else 3
        low, high = formats.number(one.lowest, decimals), formats.number(one.highest, decimals)
        numbers.append(said("codebook.range", lang, low=low, high=high))
    route = [
        said(
            "codebook.route",
            lang,
            question=name_of(key, edition, lang),
            answers=formats.listed([edition.instrument.question(key).label(code, lang) for code in codes], lang),
        )
        for key, codes in variable.route.items()
    ]
    return {
        "name": variable.name,
        "label": variable.label[lang],
        "question": variable.question[lang] if variable.question and variable.question != variable.label else "",
        "measure": said(f"codebook.{variable.measure}", lang),
        "route": route,
        "turned": said("codebook.turned", lang) if variable.turned is not None else "",
        "answered": formats.count(one.answered),
        "numbers": numbers,
        "tallies": [
            (
                tally.value.code,
                tally.value.text[lang],
                formats.count(tally.count),
                "" if tally.share is None else formats.percent(tally.share),
            )
            for tally in one.tallies
        ],
    }
