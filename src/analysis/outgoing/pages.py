"""Pages that stand beside the public-use file: they load nothing, and every text of the data is text in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.outgoing.wording import said
from analysis.publish.words import formats

if TYPE_CHECKING:
    from analysis.edition import Edition

FOLDER = Path(__file__).parent
COLUMNS = ("respondent_id", "customer_id", "submitted_at", "duration_s")
"""Columns of the responses that are no questions and have a name of ours."""


def name_of(key: str, edition: Edition, lang: str) -> str:
    """A column as a reader knows it: the name of its question, or what the words call it."""
    instrument = edition.instrument
    if key in instrument.profile_keys:
        return instrument.question(key).name[lang]
    items = {item.key: item[lang] for construct in instrument.constructs for item in construct.items}
    items |= {question.key: question.name[lang] for question in instrument.multiple}
    items |= {question.key: getattr(question, lang) for question in instrument.open}
    if instrument.attention:
        items[instrument.attention.key] = getattr(instrument.attention, lang)
    known = {name: said(f"column.{name}", lang) for name in COLUMNS}
    return {**known, **items}.get(key, key)


def names_of(keys: Sequence[str], edition: Edition, lang: str) -> str:
    """Questions by their names, as they stand inside a sentence."""
    names = [name_of(key, edition, lang) for key in keys]
    inside = [name if lang == "zh" or name[:2].isupper() else name[:1].lower() + name[1:] for name in names]
    return formats.listed(inside, lang)


def page(name: str, edition: Edition, lang: str, **values: Any) -> str:
    """The template `name` of this room, filled in one language."""
    import jinja2

    from analysis.publish.book.languages import LANGUAGES

    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def word(key: str, **filled: object) -> str:
        return said(key, lang, **filled)

    publication = edition.publication
    shown = {
        "title": publication.title[lang],
        "subtitle": publication.subtitle[lang],
        "institute": publication.institute[lang],
    }
    return (
        environment.get_template(name).render(
            tag=LANGUAGES[lang].tag,
            word=word,
            date=formats.date(publication.date, lang),
            edition=edition,
            lang=lang,
            **shown,
            **values,
        )
        + "\n"
    )
