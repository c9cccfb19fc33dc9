"""The body of the explorer's page: what its script fills, and the same figures as tables for who runs none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.publish.book.explorer.data import WORDS, ExplorerData, Told, as_script, explorer_data
from analysis.publish.words import formats
from analysis.publish.words.escape import as_html
from analysis.publish.words.phrases import question_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from analysis.publish.book.explorer.estimates import Estimate
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LARGEST_TABLES = 160_000
"""Bytes of the tables on the page; what is beyond them is in the workbook."""
_LEFT_BY_RENDERERS = re.compile(r"[*{}?@:$]")


def explorer(labels: Labels, store: Store) -> dict[str, str]:
    """What makes the page, by the fields of `Explorer`; empty where the edition has nothing to explore."""
    data = explorer_data(labels, store)
    if data is None:
        return {}
    names = {key: labels.text(f"{WORDS}{word}") for key, word in (("name", "link"), ("title", "title"))}
    return {**names, "body": _body(data), "script": as_script(data)}


def _text(text: str) -> str:
    """Text for the page, with no characters that a check takes for what a renderer left behind."""
    return _LEFT_BY_RENDERERS.sub(lambda found: f"&#{ord(found[0])};", as_html(text))


def _body(data: ExplorerData) -> str:
    labels = data.labels
    level = formats.level(labels.edition.index.confidence)

    def word(key: str, **values: object) -> str:
        return _text(labels.text(f"{WORDS}{key}", **values))

    left = f"<p>{word('left_out', n=data.left_out)}</p>\n" if data.left_out else ""
    return (
        f'<section id="explore" class="level1 unnumbered">\n<h1>{word("title")}</h1>\n'
        f"<p>{word('lead')}</p>\n{left}"
        f'<noscript><p class="explorer-missing">{word("without_script")}</p></noscript>\n'
        f'<div class="explorer" id="explorer"></div>\n'
        f'<p class="explorer-caution">{word("caution", level=level)}</p>\n'
        f'<section id="compare" class="level2 unnumbered explorer-scripted" hidden>\n<h2>{word("compare.title")}</h2>\n'
        f'<p>{word("compare.lead")}</p>\n<div class="explorer" id="explorer-compare"></div>\n</section>\n'
        f'<section id="all-figures" class="level2 unnumbered">\n<h2>{word("tables.title")}</h2>\n'
        f"<p>{word('tables.lead')}</p>\n{_tables(data)}</section>\n</section>"
    )


def _tables(data: ExplorerData) -> str:
    """Every family of measures by everybody, by each question, then by two, as far as there is room."""
    labels = data.labels
    families: dict[str, list[Told]] = {}
    for one in data.measures:
        families.setdefault(one.family, []).append(one)
    wanted = [
        (asked, family)
        for family, members in families.items()
        for asked in dict.fromkeys(asked for one in members for asked in one.source.blocks)
    ]
    wanted.sort(key=lambda one: len(one[0]))
    shown, size, left = [], 0, 0
    for asked, family in wanted:
        table = _table(data, family, families[family], asked)
        size += len(table.encode())
        if size > LARGEST_TABLES:
            left += 1
        else:
            shown.append(table)
    more = f"<p>{_text(labels.text(f'{WORDS}tables.more', n=formats.count(left)))}</p>\n" if left else ""
    return "".join(shown) + more


def _table(data: ExplorerData, family: str, members: Sequence[Told], asked: tuple[str, ...]) -> str:
    """One family by the same questions, folded: groups in rows or, where there are fewer of them, in columns."""
    labels = data.labels
    own = [one for one in members if asked in one.source.blocks]
    groups = list(dict.fromkeys(code for one in own for code in _in_order(data, one, asked)))
    rows = [[_cell(one, one.source.blocks[asked].rows.get(group), labels) for one in own] for group in groups]
    heads, sides = [one.name for one in own], [_group(labels, asked, group) for group in groups]
    if len(own) > len(groups):
        heads, sides, rows = sides, heads, [list(row) for row in zip(*rows, strict=True)]
    title = family
    if asked:
        title = labels.text(f"{WORDS}tables.by", family=family, groups=_groups(labels, asked))
    head = "".join(f'<th scope="col">{_text(one)}</th>' for one in heads)
    lines = "\n".join(
        f'<tr><th scope="row">{_text(side)}</th>{"".join(f"<td>{cell}</td>" for cell in row)}</tr>'
        for side, row in zip(sides, rows, strict=True)
    )
    return (
        f"<details><summary>{_text(title)}</summary>\n"
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{_text(title)}"><table>\n'
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table></div></details>\n"
    )


def _in_order(data: ExplorerData, one: Told, asked: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    places: list[Mapping[str, int]] = [{code: i for i, code in enumerate(data.answers(key))} for key in asked]
    rows = one.source.blocks[asked].rows
    yield from sorted(rows, key=lambda codes: [place[code] for place, code in zip(places, codes, strict=True)])


def _group(labels: Labels, asked: Sequence[str], codes: Sequence[str]) -> str:
    if not asked:
        return labels.text(f"{WORDS}everybody")
    return " · ".join(labels.category(key, code) for key, code in zip(asked, codes, strict=True))


def _groups(labels: Labels, asked: Sequence[str]) -> str:
    names = [question_inside(key, labels) for key in asked]
    return names[0] if len(names) == 1 else labels.text(f"{WORDS}crossed", one=names[0], other=names[1])


def _cell(one: Told, estimate: Estimate | None, labels: Labels) -> str:
    if estimate is None:
        return formats.MISSING
    if estimate.value is None:
        return _text(labels.text(f"{WORDS}withheld"))
    return _text(f"{one.write(estimate)} ({one.interval(estimate, labels.lang)}; {formats.count(estimate.n)})")
