"""The copies of the notebooks that go out with the report: code and prose, and results as they passed disclosure.

An executed notebook shows whole frames, groups of six people among them, and stays with the institute.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import TYPE_CHECKING

from analysis.project import ROOT, code_digest
from analysis.publish.book.policy import POLICY, policy_tag
from analysis.publish.figures.pictures import phone_name
from analysis.publish.notebook_source import RESULTS, in_language, page_title
from analysis.publish.parts import all_parts
from analysis.publish.tables.html import html_table
from analysis.publish.words.escape import as_html
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analysis.edition import Edition
    from analysis.publish.part import Part
    from analysis.publish.tables.printed import Printed
    from analysis.results import Store

STYLES = ROOT / "report" / "assets" / "embedded" / "notebook.css"
"""Stands in every page, which thereby can be handed on alone."""
TAGS = {"zh": "zh-CN", "en": "en"}


def publish_notebooks(edition: Edition, store: Store, lang: str, *, printed: Mapping[str, Printed]) -> None:
    """Write one page for every part whose notebook has a page in the store; one that would be the same is left alone.

    Without interviews, only the steps that found something in the records have a page.

    printed: the tables in this language, by name.
    """
    labels = Labels(edition, lang)
    for part in all_parts():
        page, target = store.page(part.step), store.notebook_copy(part.step, lang)
        if not page.exists():
            continue
        if not (edition.interviewed or _tables(part, printed) or _pictures(part, store, labels)):
            target.unlink(missing_ok=True)
            continue
        source = page.read_text(encoding="utf-8")
        frame = _frame(part.step, page_title(source, lang), labels)
        mark = _mark(source + frame, part, store, labels, printed)
        if not target.exists() or mark not in target.read_text(encoding="utf-8")[-len(mark) - 10 :]:
            body = in_language(source, lang).replace(RESULTS, _results(part, store, labels, printed))
            store.save_notebook_copy(part.step, lang, f"{frame}{body}</main>\n</body>\n</html>\n<!--{mark}-->\n")


def _frame(step: str, title: str, labels: Labels) -> str:
    """The page up to its first cell: head with policy and styles, the way back to the report, whose data these are."""
    publication, edition = labels.edition.publication, labels.edition
    report = as_html(publication.title[labels.lang])
    notice = f'<p class="notice">{as_html(labels.text("text.simulated"))}</p>\n' if edition.simulated else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{TAGS[labels.lang]}">\n<head><meta charset="utf-8">{policy_tag(POLICY)}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title or as_html(step)} · {report}</title>"
        f"<style>{STYLES.read_text(encoding='utf-8')}</style></head>\n<body>\n"
        f'<header><p><a href="../index.html">{report}</a></p>'
        f"<p>{as_html(labels.text('notebooks.name', name=step))}</p></header>\n<main>\n{notice}"
    )


def _mark(source: str, part: Part, store: Store, labels: Labels, printed: Mapping[str, Printed]) -> str:
    """SHA-256 of all that the page is made of: code, wordings, the notebook, tables as printed, figures as drawn."""
    tables = [[name, one.caption, one.note, one.headings, one.rows] for name, one in _tables(part, printed).items()]
    words = [labels.text("notes.lead", note=""), labels.text("notebooks.folded", title="", n=0), _heading(labels)]
    words += [text for figure in part.figures for text in _told(figure.name, labels)]
    found = hashlib.sha256(json.dumps([code_digest(), words, source, tables]).encode())
    for name in _pictures(part, store, labels):
        for picture in _drawn(name, store, labels):
            found.update(picture.read_bytes())
    return found.hexdigest()


def _tables(part: Part, printed: Mapping[str, Printed]) -> dict[str, Printed]:
    return {spec.name: printed[spec.name] for spec in part.tables if spec.name in printed}


def _pictures(part: Part, store: Store, labels: Labels) -> list[str]:
    return [figure.name for figure in part.figures if store.figure(figure.name, labels.lang).exists()]


def _drawn(name: str, store: Store, labels: Labels) -> list[Path]:
    """The drawings of a figure: for a page and, where there is one, for a phone."""
    paths = [store.figure(name, labels.lang), store.figure(phone_name(name), labels.lang)]
    return [path for path in paths if path.exists()]


def _results(part: Part, store: Store, labels: Labels, printed: Mapping[str, Printed]) -> str:
    """Tables and figures of a part as HTML, under a heading of their own; nothing where none went out."""
    shown = [html_table(table, labels) for table in _tables(part, printed).values()]
    shown += [_figure(name, store, labels) for name in _pictures(part, store, labels)]
    return "".join([_heading(labels), *shown]) if shown else ""


def _heading(labels: Labels) -> str:
    title, lead = (as_html(labels.text(f"notebooks.{key}")) for key in ("results", "lead"))
    return f'<h2 id="published-results">{title}</h2>\n<p>{lead}</p>\n'


def _figure(name: str, store: Store, labels: Labels) -> str:
    """A figure with its caption; on a phone the drawing that is made for one."""
    page, *phone = [f"data:image/svg+xml;base64,{_base64(path)}" for path in _drawn(name, store, labels)]
    caption, alt = _told(name, labels)
    small = "".join(f'<source media="(max-width: 480px)" srcset="{one}">' for one in phone)
    return (
        f'<figure><figcaption>{as_html(caption)}</figcaption><picture>{small}<img alt="{as_html(alt)}" src="{page}">'
        "</picture></figure>\n"
    )


def _base64(path: Path) -> str:
    return b64encode(path.read_bytes()).decode("ascii")


def _told(name: str, labels: Labels) -> tuple[str, str]:
    """Caption of a figure, and what is said to those who cannot see it."""
    return labels.text(f"captions.{name}"), labels.text(f"alts.{name}")
