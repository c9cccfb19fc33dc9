"""What those need who carry the report on: how it is cited, its licence and contact, its revisions, its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.base import is_weighted
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown, plain
from analysis.publish.words.labels import Labels, catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.edition import Edition
    from analysis.results import Store

TERMS = "glossary."
"""What the wordings of the glossary begin with; behind it the step that uses a term, or "any", and the term."""


def texts(store: Store, labels: Labels) -> Mapping[str, str]:  # noqa: ARG001 - one signature for all parts
    """Markdown that the chapter on use includes."""
    return {"cite": _citation(labels), "rights": _rights(labels), "revisions": _revisions(labels)}


def glossary(edition: Edition, store: Store) -> list[dict[str, Any]]:
    """The terms of the steps that found something: in both languages, with their meaning."""
    names = list(dict.fromkeys(key.rpartition(".")[0] for key in catalogue() if key.startswith(TERMS)))
    used = [name for name in names if _is_used(name.split(".")[1], edition, store) and _is_shown(name, store)]
    words = {lang: Labels(edition, lang) for lang in ("zh", "en")}
    both = len(edition.languages) > 1
    return [
        {f"{column}_{lang}": words[lang].text(f"{name}.{kind}") for column, kind in TERM.items() for lang in words}
        | {
            f"other_language_{lang}": words[other].text(f"{name}.term") if both else ""
            for lang, other in OTHERS.items()
        }
        for name in used
    ]


OTHERS = {"zh": "en", "en": "zh"}
SHOWN_BY = {"on_time": "ticket_shares", "control_chart": "control_summary"}
"""Terms that stand in one table of their step, and not wherever the step found something."""
PRECISION = frozenset({"weight", "effective", "design_effect"})
"""Terms of surveys whose interviews do not all weigh the same, or were not drawn independently."""
TERM = {"glossary_term": "term", "meaning": "meaning"}


def _is_used(step: str, edition: Edition, store: Store) -> bool:
    if step in {"any", "survey", "index"}:
        return step == "any" or (edition.interviewed if step == "survey" else edition.indexed)
    return bool(store.has_tables(step))


def _is_shown(name: str, store: Store) -> bool:
    term = name.rpartition(".")[2]
    if term in PRECISION:
        return _has_precision_lost(term, store)
    needed = SHOWN_BY.get(term)
    return needed is None or store.has_table(needed)


def _has_precision_lost(term: str, store: Store) -> bool:
    """Whether interviews weigh differently, or else were drawn in strata or units."""
    weighted = store.has("04_weighting", "weighting.json") and is_weighted(store)
    if weighted or term == "weight" or not store.has("05_satisfaction", "satisfaction.json"):
        return weighted
    estimated = store.record("05_satisfaction", "satisfaction")
    return bool(estimated["strata"] or estimated["units"])


def _citation(labels: Labels) -> str:
    publication, lang = labels.edition.publication, labels.lang
    named = {
        "institute": publication.institute[lang],
        "title": publication.title[lang],
        "subtitle": publication.subtitle[lang],
        "year": str(publication.year),
        "date": formats.date(publication.date, lang),
    }
    written = labels.text("text.cite", **{key: as_markdown(value) for key, value in named.items()})
    fields = {"author": "{" + _braced(named["institute"]) + "}", "title": _braced(named["title"])}
    fields |= {"type": _braced(named["subtitle"]), "year": str(publication.date.year)}
    entry = "\n".join(f"  {key} = {{{value}}}," for key, value in fields.items())
    return f"> {written}\n\n```\n@techreport{{finsat{named['year']}{lang},\n{entry}\n}}\n```\n"


def _braced(text: str) -> str:
    """A value of a field in braces, which may hold neither these nor what ends a block of code."""
    return plain(text).replace("{", "(").replace("}", ")").replace("`", "’")


def _rights(labels: Labels) -> str:
    publication = labels.edition.publication
    said = []
    for name, text in (("licence", publication.licence), ("contact", publication.contact)):
        stated = as_markdown(text[labels.lang]) if text else ""
        said.append(labels.text(f"text.{name}.stated", text=stated) if stated else labels.text(f"text.{name}.unstated"))
    return "\n\n".join(said) + "\n"


def _revisions(labels: Labels) -> str:
    publication = labels.edition.publication
    first = labels.text("text.revisions.first", date=formats.date(publication.date, labels.lang))
    listed = sorted(publication.revisions, key=lambda one: one.date, reverse=True)
    lines = [
        f"- {formats.date(one.date, labels.lang)}{labels.text('text.stop')}{as_markdown(one[labels.lang])}"
        for one in listed
    ]
    return "\n".join([first, "", *lines]) + "\n"
