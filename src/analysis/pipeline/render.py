"""Stage the book of one language and render it: HTML pages and a PDF in <output>/report/<lang>/."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from analysis.edition import load_edition
from analysis.errors import BookError
from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.project import ROOT
from analysis.results import Store


def main(call: Call) -> None:
    """Compose the content, stage the Quarto project, render it and note the renderer."""
    from analysis.publish.book.render import renderer_version, renderers

    lang, started = call.options.lang, time.monotonic()
    progress(lang, f"book {lang} …")
    _draw(call)
    used = _first_that_works(call, renderers(call.options.renderer))
    check_folder(call.output / "report" / lang, Store(call.output))
    seconds = time.monotonic() - started
    record = call.output / "book" / f"{lang}.json"
    record.write_text(json.dumps({"renderer": renderer_version(used), "seconds": round(seconds, 1)}) + "\n")
    folders = ("book", "report", "figures", "results/disclosed")
    save_receipt(call, lang, [record, *(call.output / folder / lang for folder in folders)])
    progress(lang, f"book {lang}  {seconds:.1f} s  ({renderer_version(used)})")


def _draw(call: Call) -> None:
    """Figures and pages of the notebooks in one language, from the tables that passed disclosure."""
    from analysis.publish.notebooks import publish_notebooks
    from analysis.publish.parts import draw_figures

    edition, store = load_edition(call.params), Store(call.output)
    draw_figures(edition, store, call.options.lang)
    publish_notebooks(edition, store, call.options.lang, source=ROOT / "notebooks")


def _first_that_works(call: Call, candidates: tuple[str, ...]) -> str:
    """Publish with the first renderer that does not fail; the colophon names the one that it was."""
    from analysis.publish.book.lint import BookLintError
    from analysis.publish.book.render import render_book

    lang, (renderer, *others) = call.options.lang, candidates
    book = _staged(call, renderer)
    try:
        render_book(book, call.output / "report" / lang, renderer=renderer)
    except BookLintError:
        raise
    except BookError as error:
        if not others:
            raise
        print(f"\nWarning: {renderer} failed, so {others[0]} publishes.\n{error}\n", file=sys.stderr)
        return _first_that_works(call, tuple(others))
    return renderer


def _staged(call: Call, renderer: str) -> Path:
    """The book of one language as a Quarto project that names `renderer`."""
    from analysis.publish.book.content import book_content
    from analysis.publish.book.render import renderer_version
    from analysis.publish.book.stage import stage_book

    lang, report = call.options.lang, ROOT / "report"
    edition, store = load_edition(call.params), Store(call.output)
    return stage_book(
        book_content(edition, store, lang, renderer=renderer_version(renderer)),
        source=report / lang,
        assets=report / "assets",
        references=report / "references.bib",
        target=call.output / "book" / lang,
    )


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("lang", "renderer"))
