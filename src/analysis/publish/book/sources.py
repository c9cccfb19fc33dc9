"""Where the sentences and numbers of the chapters come from: tables, notebook and cell, base, hash of the params."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, TypedDict

from analysis.publish.book.made import DATA, PAPER, WEB, code_of, page_of, steps_of_tables
from analysis.publish.parts import all_parts
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.publish.book.made import Made
    from analysis.publish.part import Part
    from analysis.publish.tables.spec import TableSpec
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LONGEST = 60
"""Characters of a sentence by which the list names it."""
SHOWN = 8
"""Digits of a hash that are printed; the manifest has them all. Ten decimal digits in a row would pass for a phone."""
MOST_TABLES = 4
"""Tables of a sentence that are named."""
NUMBER = re.compile(r"(?<!\[)\{\{< var (?P<group>\w+)\.\w+ >\}\}")
NAMES = frozenset({"words", "edition", "run"})
"""Groups of variables that name things, and hold no result."""
MARK = re.compile(r"\[\[\]\(#src-[^)]*\)\{\.source-mark[^}]*\}\]" + re.escape(WEB))
"""The mark behind a finding."""


class Rest(TypedDict):
    """What the figures of a table rest on: its largest base, if known, and its smallest and largest standard error."""

    n: float | None
    errors: list[float]


LIST = "tables/_sources.md"
"""What a chapter includes that holds the list."""
NOT_PROSE = ("#", "|", "!", ":", "$", "<")


def marked(key: str, sentence: str, labels: Labels) -> str:
    """A finding with the mark that leads to its source, on pages alone."""
    told = as_markdown(labels.text("sources.mark"))
    link = f'[](#src-{_anchor(key)}){{.source-mark aria-label="{told}"}}'
    return f"{sentence}[{link}]{WEB}" if sentence else ""


def sourced(said: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The groups of variables whose source the list tells."""
    return frozenset(group for one in said for group in one["variables"]) - NAMES


def with_linked_numbers(text: str, groups: Collection[str]) -> str:
    """A chapter whose numbers lead to their sources, on pages alone: variables of these groups as they stand in prose.

    A PDF lacks the list, and Quarto's would not be set for a link to what is not there.
    """

    def linked(found: re.Match[str]) -> str:
        if found["group"] not in groups:
            return found[0]
        link = f"[{found[0]}](#src-{_anchor(found['group'])}-numbers){{.source}}"
        return f"[{link}]{WEB}[{found[0]}]{PAPER}"

    lines = (
        line if line.startswith(NOT_PROSE) or "](" in line else NUMBER.sub(linked, line) for line in text.split("\n")
    )
    return "\n".join(lines)


def list_of_sources(texts: Mapping[str, str]) -> str:
    """Name of the chapter that holds the list; empty where it was left out."""
    return next((name for name, text in texts.items() if LIST in text), "")


def to_the_list(text: str, chapter: str, home: str) -> str:
    """The text of a chapter whose links lead to the list in the chapter `home`; without marks where there is none.

    Quarto finds an id without a file on its own page only.
    """
    if not home:
        return MARK.sub("", text)
    here, there = PurePosixPath(chapter), PurePosixPath(home)
    file = "" if here == there else there.name if here.parent == there.parent else home
    return text.replace("](#src-", f"]({file}#src-")


def sources_text(
    said: Sequence[Mapping[str, Any]],
    sentences: Mapping[str, str],
    rests: Mapping[str, Rest],
    made: Made,
    store: Store,
    labels: Labels,
) -> str:
    """Markdown of the list of sources: sentences, numbers, and the params that each step read.

    said: what each part says, in their order. sentences: the findings as told, by key. rests: of `rests_of_tables`.
    """
    of_steps = list(zip((part.step for part in all_parts()), said, strict=True))
    rows = [
        [f"[]{{#src-{_anchor(key)}}}{as_markdown(_short(sentences[key]))}", *_places(tables, step, rests, made, labels)]
        for step, one in of_steps
        for key, tables in one["read"].items()
        if sentences.get(key)
    ]
    rows += [
        [
            f"[]{{#src-{_anchor(group)}-numbers}}{as_markdown(_numbers(values))}",
            *_places(one["numbers_from"], step, rests, made, labels),
        ]
        for step, one in of_steps
        for group, values in one["variables"].items()
        if group not in NAMES
    ]
    heads = [labels.text(f"sources.headings.{name}") for name in ("statement", "tables", "made", "base", "error")]
    hashes = _hashes(store, labels)
    told = _table(heads, rows) if rows else ""
    return f"::: {WEB}\n{told}\n{hashes}\n:::\n"


def _places(tables: Sequence[str], step: str, rests: Mapping[str, Rest], made: Made, labels: Labels) -> list[str]:
    """Tables, cells, base and standard errors of what was read from `tables`; the step where none was."""
    shown = list(tables)[:MOST_TABLES]
    files = [f"[{as_markdown(name)}.csv](../{DATA}/{name}.csv)" for name in shown if name in made.tables]
    steps = {name: steps_of_tables().get(name, step) for name in shown} or {"": step}
    links = [
        f"[{code}](../{page_of(of, name)})" if of in made.pages else code
        for name, of in steps.items()
        if (code := code_of(of, name, labels))
    ]
    known = [rests[name] for name in shown]
    bases = [rest["n"] for rest in known if rest["n"]]
    return [
        " ".join(files),
        " ".join(dict.fromkeys(links)),
        formats.count(max(bases)) if bases else formats.MISSING,
        standard_errors(known),
    ]


def standard_errors(rests: Iterable[Rest]) -> str:
    """The smallest and the largest standard error of the estimates in some tables, in the units of their csv."""
    known = sorted(error for rest in rests for error in rest["errors"])
    ends = [_two_digits(error) for error in (known[:1] + known[-1:])]
    return "–".join(dict.fromkeys(ends)) if ends else formats.MISSING


def rests_of_tables(store: Store, labels: Labels) -> dict[str, Rest]:
    """What the figures of every published table rest on, by its name."""
    parts = {spec.name: (spec, part) for part in all_parts() for spec in part.tables}
    return {
        name: rest_of(frame, labels.edition, *parts.get(name, (None, None)))
        for name, frame in store.published().items()
    }


def rest_of(frame: pd.DataFrame, edition: Edition, spec: TableSpec | None, part: Part | None) -> Rest:
    """The largest base of a table (None where that may not be told), and its smallest and largest standard error.

    A table that has no column of them has intervals: half of one over the normal quantile of its level.
    """
    largest = float(frame["n"].max()) if "n" in frame and frame["n"].dtype.kind in "if" else math.nan
    errors = _errors(spec, frame, part.confidence(edition)) if spec and part else []
    known = [error for error in errors if 0 < error < math.inf]
    return {
        "n": largest if largest >= edition.disclosure.min_base else None,
        "errors": sorted({min(known), max(known)}) if known else [],
    }


def _errors(spec: TableSpec, frame: pd.DataFrame, level: float) -> list[float]:
    from analysis.publish.tables.cells import INTERVAL, PERCENT_INTERVAL

    if "se" in frame and frame["se"].dtype.kind == "f":
        return [float(error) for error in frame["se"]]
    quantile = NormalDist().inv_cdf(0.5 + level / 2)
    bounds = [
        frame[list(column.sources)].dropna().astype(float).to_numpy()
        for column in spec.columns
        if column.kind in {INTERVAL, PERCENT_INTERVAL} and set(column.sources) <= set(frame)
    ]
    return [float(high - low) / (2 * quantile) for pairs in bounds for low, high in pairs]


def _two_digits(error: float) -> str:
    """With two digits that count, at most four decimals."""
    return formats.number(error, min(max(1 - math.floor(math.log10(error)), 0), 4))


def _hashes(store: Store, labels: Labels) -> str:
    """The sections of the params that each step read, with the hashes that the manifest gives them.

    Where gaps are not told, of the steps that found something, as in the table of steps.
    """
    rows, all_steps = [], labels.edition.indexed and labels.edition.tells_gaps
    for step, read in store.steps().items():
        paths = {name: store.root / "params" / f"{name}.json" for name in read.get("sections", ())}
        digests = {n: hashlib.sha256(p.read_bytes()).hexdigest()[:SHOWN] for n, p in paths.items() if p.exists()}
        if digests and (all_steps or store.has_tables(step)):
            told = "; ".join(f"{as_markdown(name)} {digest}" for name, digest in digests.items())
            rows.append([as_markdown(step), told])
    heads = [labels.text(f"sources.headings.{name}") for name in ("step", "params")]
    return _table(heads, rows) if rows else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, [":---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST].rstrip()}…"


def _numbers(values: Mapping[str, str]) -> str:
    """The first few numbers of a group, by which a reader knows it."""
    return _short(", ".join(str(value) for value in values.values() if value))


def _anchor(name: str) -> str:
    return name.replace("_", "-")
