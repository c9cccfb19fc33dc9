"""Stage the book of one language and render it in its formats into <output>/report/<lang>/.

A book that is staged as it was, for the same renderer and the same code, is not rendered again.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import BookError
from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.draw import check_language
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.project import ROOT, code_digest, tree_digest
from analysis.results import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analysis.edition import Edition
    from analysis.publish.tables.printed import Printed


@dataclass(frozen=True)
class _Asked:
    """What is published together: languages and formats."""

    languages: tuple[str, ...]
    formats: tuple[str, ...]


def main(call: Call) -> None:
    """Compose the content, stage the Quarto project, render it and note the renderer."""
    from analysis.publish.book.formats import formats_of
    from analysis.publish.book.render import renderer_version, renderers
    from analysis.publish.parts import printed_tables

    lang, started = call.options.lang, time.monotonic()
    progress(lang, f"book {lang} …")
    edition, store = call.edition(), Store(call.output)
    asked = _Asked(_published(edition, call), formats_of(call.options.formats))
    printed = printed_tables(edition, store, lang)
    candidates = renderers(call.options.renderer)
    used = renderer_version(_first_that_works(edition, store, lang, printed, candidates, asked))
    seconds = round(time.monotonic() - started, 1)
    path = _record(store, lang)
    partial = path.with_suffix(".partial")
    record = {"renderer": used, "formats": asked.formats, "seconds": seconds, "digests": _digests(store, lang)}
    partial.write_text(json.dumps(record) + "\n")
    partial.replace(path)
    save_receipt(call, lang, [path, *(call.output / folder / lang for folder in ("book", "report"))])
    progress(lang, f"book {lang}  {seconds:.1f} s  ({used})")


def _published(edition: Edition, call: Call) -> tuple[str, ...]:
    """The languages of this run; raises EditionError for one that the edition is not published in."""
    check_language(edition, call.options.lang)
    asked = call.options.langs.split()
    return tuple(known for known in edition.languages if known in asked)


def _record(store: Store, lang: str) -> Path:
    return store.root / "book" / f"{lang}.json"


def _digests(store: Store, lang: str) -> list[str]:
    """Of code and words, of the staged book, and of the report that a renderer made of them."""
    from analysis.publish.book.languages import WORDS

    return [code_digest(), tree_digest(WORDS), *(tree_digest(store.root / name / lang) for name in ("book", "report"))]


def _first_that_works(
    edition: Edition,
    store: Store,
    lang: str,
    printed: Mapping[str, Printed],
    candidates: tuple[str, ...],
    asked: _Asked,
) -> str:
    """Publish with the first renderer that does not fail; the colophon names the one that it was."""
    from analysis.publish.book.lint import BookLintError
    from analysis.publish.book.render import render_book

    renderer, *others = candidates
    book, report = _staged(edition, store, lang, printed, asked, renderer), store.root / "report" / lang
    if _is_as_it_was(store, lang, renderer):
        (report / "index.html").touch()
        return renderer
    try:
        render_book(book, report, renderer=renderer, check=lambda folder: check_folder(folder, store))
    except BookLintError:
        raise
    except BookError as error:
        if not others:
            raise
        print(f"\nWarning: {renderer} failed, so {others[0]} publishes.\n{error}\n", file=sys.stderr)
        return _first_that_works(edition, store, lang, printed, tuple(others), asked)
    return renderer


def _is_as_it_was(store: Store, lang: str, renderer: str) -> bool:
    """Whether the report stands as this renderer made it from the same book."""
    from analysis.publish.book.render import renderer_version

    path = _record(store, lang)
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return record.get("renderer") == renderer_version(renderer) and record.get("digests") == _digests(store, lang)


def _staged(
    edition: Edition, store: Store, lang: str, printed: Mapping[str, Printed], asked: _Asked, renderer: str
) -> Path:
    """The book of one language as a Quarto project that names `renderer`."""
    from analysis.publish.book.content import book_content
    from analysis.publish.book.render import renderer_version
    from analysis.publish.book.stage import stage_book

    report = ROOT / "report"
    return stage_book(
        book_content(
            edition,
            store,
            lang,
            printed=printed,
            renderer=renderer_version(renderer),
            languages=asked.languages,
            formats=asked.formats,
        ),
        source=report / lang,
        assets=report / "assets",
        references=report / "references.bib",
        target=store.root / "book" / lang,
        overlays=report / "overlays" / edition.name / lang,
    )


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("lang", "langs", "renderer", "formats"))
