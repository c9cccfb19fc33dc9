"""Errors that a researcher can act on: what was expected, what came, where, what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import accumulate

_UNPRINTABLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
"""What a quoted name or file may hold and a terminal would obey or could not print."""


class SurveyReportError(Exception):
    """Base of every error this project raises on purpose.

    Parameters
    ----------
    problem : one sentence that names what is wrong.
    where : file, key, column or line concerned.
    expected, got : what the contract asks for and what came instead.
    hint : what the reader can do about it.
    """

    def __init__(
        self,
        problem: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.problem, self.where, self.expected, self.got, self.hint = problem, where, expected, got, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [
            (label, value)
            for label, value in (
                ("where", self.where),
                ("expected", self.expected),
                ("got", self.got),
                ("what to do", self.hint),
            )
            if value
        ]
        text = "\n".join([self.problem, *(f"  {label}: {value}" for label, value in parts)])
        return _UNPRINTABLE.sub("\ufffd", text)


class EditionError(SurveyReportError):
    """A params file (edition, instrument, model, standards, benchmarks) is not valid."""


class SourceError(SurveyReportError):
    """A raw data file can't be read as the edition describes it."""


class ContractError(SurveyReportError):
    """A table was read but can't meet its contract at all."""


class MethodError(SurveyReportError):
    """A statistical method can't be applied to the data it was given."""


class ResultsError(SurveyReportError):
    """A result of an earlier step is missing or unreadable."""


class BookError(SurveyReportError):
    """The staged book or its rendering is not publishable."""


class Problems(SurveyReportError):
    """Several independent problems, reported together."""

    def __init__(self, problems: Sequence[SurveyReportError]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problem(s) found")

    def __str__(self) -> str:
        problems: Sequence[SurveyReportError] = getattr(self, "problems", ())
        listed = [f"[{i}] {problem}" for i, problem in enumerate(problems, start=1)]
        return "\n\n".join([f"{len(problems)} problem(s) found", *listed])


LONGEST_GUESS = 80
"""Characters of a word for which a close one is looked for: the time grows with their square."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the closest known word, or None when nothing is close.

    What looks like the word and is another is told apart: by its case, or by characters that cannot be seen.
    """
    known = list(dict.fromkeys(name for name in known if name != word))
    for name in known:
        if _seen(name) == _seen(word):
            return f"did you mean {name!r}? It differs in case, width or characters that can't be seen"
    close = get_close_matches(word, known, n=1, cutoff=0.6) if len(word) <= LONGEST_GUESS else []
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {listing(sorted(known))}" if known else None


def _seen(word: str) -> str:
    """A word as the eye takes it: width, case and invisible characters left out."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(char for char in folded if unicodedata.category(char) not in {"Cf", "Zs", "Cc"})


WIDEST = 300
"""Characters of a list of names: the end of a longer one is left out."""


def listing(names: Sequence[str], *, most: int = 20, longest: int = 40) -> str:
    """Names after one another, long ones cut short, and how many there are where not all are told."""
    cut = [name if len(name) <= longest else name[: longest - 1] + "…" for name in names[:most]]
    ends = [end - 2 for end in accumulate(len(name) + 2 for name in cut)]
    kept = [name for name, end in zip(cut, ends, strict=True) if end <= WIDEST] or cut[:1]
    shown = ", ".join(kept)
    return f"{shown}, … ({len(names)})" if len(names) > len(kept) else shown
