"""The page on all cells of a grid, in one language: found by name, on a map, in a league with intervals.

It loads two files of its own and nothing else, and shows all it has without a script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.grid.league import UNTESTED
from analysis.publish.book.policy import POLICY, policy_tag
from analysis.publish.words import formats
from analysis.publish.words.escape import as_html
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.grid.league import League
    from analysis.publish.words.labels import Labels

SIGNS = {"higher": "▲", "lower": "▼", "same": "≈", UNTESTED: "·"}
WIDTH = 200
"""Units of the strip that an interval is drawn on."""


@dataclass(frozen=True)
class Shown:
    """What the page needs besides the league.

    names: of every cell, by name. links: address and downloads of each published one: report, pdf, tables. refused:
    reasons by name; whole: address of the report on all; languages: of the grid.
    """

    title: str
    names: Mapping[str, str]
    links: Mapping[str, Mapping[str, str]]
    refused: Mapping[str, str]
    whole: str
    languages: Sequence[str]


def page(league: League, shown: Shown, labels: Labels) -> str:
    """The page as HTML."""
    rows = [{str(key): value for key, value in row.items()} for row in league.table.to_dict("records")]
    edition = labels.edition
    notice = f'<p class="notice">{as_html(labels.text("text.simulated"))}</p>' if edition.simulated else ""
    level = formats.level(edition.index.confidence)
    lead = _say(
        labels,
        "published",
        n=len(rows),
        cells=len(shown.names),
        csi=formats.number(league.whole[0]),
        ci=formats.interval(*league.whole[1:], labels.lang),
        level=level,
    )
    adjustment = labels.text(f"adjustments.{edition.index.adjustment}")
    tiles = "".join(_tile(row, shown) for row in rows)
    legend = "".join(f'<li class="{key}">{sign} {_say(labels, key)}</li>' for key, sign in SIGNS.items())
    institute, date = edition.publication.institute[labels.lang], formats.date(edition.publication.date, labels.lang)
    body = (
        f"<header><h1>{as_html(shown.title)}</h1>\n"
        f'<p class="by">{as_html(institute)} · {as_html(date)}{_switch(shown, labels)}</p></header>\n'
        f'<main>\n{notice}<p>{lead} <a href="{as_html(shown.whole)}">{_say(labels, "whole")}</a></p>\n'
        f'<noscript><p class="quiet">{_say(labels, "without_script")}</p></noscript>\n{_search(labels)}'
        f'<section id="map"><h2>{_say(labels, "map")}</h2><p>{_say(labels, "map_lead")}</p>\n'
        f'<ul class="legend">{legend}</ul>\n<ul class="tiles">{tiles}</ul></section>\n'
        f'<section id="league"><h2>{_say(labels, "league")}</h2>\n'
        f"<p>{_say(labels, 'league_lead', n=league.tests, adjustment=adjustment)}</p>\n"
        f"{_table(rows, league, shown, labels, level)}\n"
        f'<p><a href="league.csv" download>{_say(labels, "download")}</a></p></section>\n'
        f"{_refused(shown, labels)}</main>\n"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{labels.lang}">\n<head>\n<meta charset="utf-8">\n{policy_tag(POLICY)}\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{as_html(shown.title)}</title>\n<link rel="stylesheet" href="grid.css">\n</head>\n'
        f'<body>\n{body}<script src="grid.js"></script>\n</body>\n</html>\n'
    )


def _search(labels: Labels) -> str:
    """The search, which its script shows."""
    found = _say(labels, "found", n="#")
    return (
        f'<form class="search" id="search" hidden role="search"><label for="query">{_say(labels, "search")}</label>\n'
        f'<input id="query" type="search" autocomplete="off" placeholder="{_say(labels, "search_for")}"> '
        f'<output id="found" data-say="{found}"></output></form>\n'
    )


def _say(labels: Labels, key: str, **values: object) -> str:
    return as_html(labels.text(f"grid.{key}", **values))


def _switch(shown: Shown, labels: Labels) -> str:
    named = {"zh": "中文", "en": "English"}
    others = [lang for lang in shown.languages if lang != labels.lang]
    return "".join(f' · <a href="{lang}.html" lang="{lang}" hreflang="{lang}">{named[lang]}</a>' for lang in others)


def _tile(row: Mapping[str, Any], shown: Shown) -> str:
    name = as_html(shown.names[row["cell"]])
    link, key = as_html(shown.links[row["cell"]]["report"]), row["verdict"]
    return (
        f'<li class="{key}" data-name="{name}"><a href="{link}"><span>{name}</span>'
        f"<b>{SIGNS[key]} {formats.number(row['csi'])}</b></a></li>"
    )


def _table(rows: Sequence[Mapping[str, Any]], league: League, shown: Shown, labels: Labels, level: str) -> str:
    heads = ("name", "index", "interval", "chart", "difference", "verdict", "differs", "base", "reports")
    head = "".join(f'<th scope="col">{_say(labels, key, level=level)}</th>' for key in heads)
    known = [row for row in rows if row["csi"] == row["csi"]]
    ends = [float(bound) for row in known for bound in (row["ci_low"], row["ci_high"])] + list(league.whole[1:])
    low, high = min(ends), max(ends)
    body = "".join(_row(row, shown, labels, league.whole[0], (low, high)) for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(row: Mapping[str, Any], shown: Shown, labels: Labels, whole: float, ends: tuple[float, float]) -> str:
    name, lang = as_html(shown.names[row["cell"]]), labels.lang
    ci = formats.interval(row["ci_low"], row["ci_high"], lang)
    gap = formats.interval(row["difference_low"], row["difference_high"], lang)
    links = shown.links[row["cell"]]
    there = [f'<a href="{as_html(links[key])}">{_say(labels, word)}</a>' for key, word in _LINKS if key in links]
    said = [
        f"{SIGNS[side]} {formats.listed([construct_inside(key, labels) for key in keys], lang)}"
        for side in ("higher", "lower")
        if (keys := str(row[f"{side}_in"]).split())
    ]
    differs = "<br>".join(map(as_html, said)) or formats.MISSING
    difference = f"{formats.signed(row['difference'])} ({gap})" if row["verdict"] != UNTESTED else formats.MISSING
    return (
        f'<tr class="{row["verdict"]}" data-name="{name}"><th scope="row">{name}</th>'
        f'<td class="num">{formats.number(row["csi"])}</td><td class="num">{ci}</td>'
        f"<td>{_strip(row, whole, ends, _say(labels, 'chart_of', csi=formats.number(row['csi']), ci=ci))}</td>"
        f'<td class="num">{as_html(difference)}</td>'
        f'<td class="said">{SIGNS[row["verdict"]]} {_say(labels, row["verdict"])}</td>'
        f'<td class="differs">{differs}</td>'
        f'<td class="num">{formats.count(row["n"])}</td><td class="links">{" ".join(there)}</td></tr>'
    )


_LINKS = (("report", "open"), ("pdf", "pdf"), ("tables", "tables"))


def _strip(row: Mapping[str, Any], whole: float, ends: tuple[float, float], told: str) -> str:
    """The interval as a line, the index as a dot, and the whole's index as a mark across."""
    if row["csi"] != row["csi"]:
        return ""

    def place(value: float) -> str:
        return f"{4 + (value - ends[0]) / max(ends[1] - ends[0], 1e-9) * (WIDTH - 8):.1f}"

    x, a, b, w = (place(float(value)) for value in (row["csi"], row["ci_low"], row["ci_high"], whole))
    return (
        f'<svg viewBox="0 0 {WIDTH} 20" role="img" aria-label="{told}">'
        f'<line class="all" x1="{w}" x2="{w}" y1="0" y2="20"/>'
        f'<line x1="{a}" x2="{b}" y1="10" y2="10"/><circle cx="{x}" cy="10" r="4"/></svg>'
    )


def _refused(shown: Shown, labels: Labels) -> str:
    if not shown.refused:
        return ""
    least = labels.edition.disclosure.min_base
    lines = [
        f'<li data-name="{as_html(shown.names[name])}"><b>{as_html(shown.names[name])}</b> '
        f"{_say(labels, f'reason.{reason}', min_base=least)}</li>"
        for name, reason in shown.refused.items()
    ]
    return f'<section id="refused"><h2>{_say(labels, "refused")}</h2><ul>{"".join(lines)}</ul></section>\n'
