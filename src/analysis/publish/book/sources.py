"""Where the sentences and numbers of the chapters come from: tables, notebook and cell, base, hash of the params."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analysis.publish.book.made import DATA, code_of, page_of, steps_of_tables
from analysis.publish.parts import all_parts
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown

if TYPE_CHECKING:
    from analysis.publish.book.made import Made
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LONGEST = 60
"""Characters of a sentence by which the list names it."""
SHOWN = 12
"""Digits of a hash that are printed; the manifest has them all."""
MOST_TABLES = 4
"""Tables of a sentence that are named."""
NUMBER = re.compile(r"(?<!\[)\{\{< var (?P<group>\w+)\.\w+ >\}\}")
NAMES = frozenset({"words", "edition", "run"})
"""Groups of variables that name things, and hold no result."""
NOT_PROSE = ("#", "|", "!", ":", "$", "<")


def marked(key: str, sentence: str, labels: Labels) -> str:
    """A finding with the mark that leads to its source, on pages alone."""
    told = as_markdown(labels.text("sources.mark"))
    link = f'[](#src-{_anchor(key)}){{.source-mark aria-label="{told}"}}'
    return f'{sentence}[{link}]{{.content-visible when-format="html" .web-only}}' if sentence else ""


def sourced(said: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The groups of variables whose source the list tells."""
    return frozenset(group for one in said for group in one["variables"]) - NAMES


def with_linked_numbers(text: str, groups: Collection[str]) -> str:
    """A chapter whose numbers lead to their sources: variables of these groups where they stand in prose."""

    def linked(found: re.Match[str]) -> str:
        group = found["group"]
        return f"[{found[0]}](#src-{_anchor(group)}-numbers){{.source}}" if group in groups else found[0]

    lines = (
        line if line.startswith(NOT_PROSE) or "](" in line else NUMBER.sub(linked, line) for line in text.split("\n")
    )
    return "\n".join(lines)


def sources_text(
    said: Sequence[Mapping[str, Any]],
    sentences: Mapping[str, str],
    made: Made,
    store: Store,
    labels: Labels,
) -> str:
    """Markdown of the list of sources: sentences, numbers, and the params that each step read.

    said: what each part says, in their order. sentences: the findings as told, by key.
    """
    of_steps = list(zip((part.step for part in all_parts()), said, strict=True))
    rows = [
        [f"[]{{#src-{_anchor(key)}}}{as_markdown(_short(sentences[key]))}", *_places(tables, step, made, store, labels)]
        for step, one in of_steps
        for key, tables in one["read"].items()
        if sentences.get(key)
    ]
    rows += [
        [f"[]{{#src-{_anchor(group)}-numbers}}{as_markdown(_numbers(values))}", *_places([], step, made, store, labels)]
        for step, one in of_steps
        for group, values in one["variables"].items()
        if group not in NAMES
    ]
    heads = [labels.text(f"sources.headings.{name}") for name in ("statement", "tables", "made", "base")]
    hashes = _hashes(store, labels)
    told = _table(heads, rows) if rows else ""
    return f"::: {{.web-only}}\n{told}\n{hashes}\n:::\n"


def _places(tables: Sequence[str], step: str, made: Made, store: Store, labels: Labels) -> list[str]:
    """Tables, cells and base of what was read from `tables`; the step where none was."""
    shown = list(tables)[:MOST_TABLES]
    files = [f"[{as_markdown(name)}.csv](../{DATA}/{name}.csv)" for name in shown if name in made.tables]
    steps = {name: steps_of_tables().get(name, step) for name in shown} or {"": step}
    links = [
        f"[{code}](../{page_of(of, name)})" if of in made.pages else code
        for name, of in steps.items()
        if (code := code_of(of, name, labels))
    ]
    bases = (store.table(name) for name in shown)
    largest = [frame["n"].max() for frame in bases if "n" in frame and frame["n"].dtype.kind in "if"]
    known = [n for n in largest if not formats.is_missing(n) and n >= labels.edition.disclosure.min_base]
    return [" ".join(files), " ".join(dict.fromkeys(links)), formats.count(max(known)) if known else formats.MISSING]


def _hashes(store: Store, labels: Labels) -> str:
    """The sections of the params that each step read, with the hashes that the manifest gives them."""
    rows = []
    for step, read in store.steps().items():
        paths = {name: store.root / "params" / f"{name}.json" for name in read.get("sections", ())}
        digests = {n: hashlib.sha256(p.read_bytes()).hexdigest()[:SHOWN] for n, p in paths.items() if p.exists()}
        if digests:
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
