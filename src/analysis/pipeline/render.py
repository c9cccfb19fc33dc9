"""Stage the book of one language and render it: HTML pages and a PDF in <output>/report/<lang>/."""

from __future__ import annotations

import json
import time

from analysis.edition import load_edition
from analysis.pipeline.command import Call, progress, run
from analysis.project import ROOT
from analysis.results import Store


def main(call: Call) -> None:
    """Compose the content, stage the Quarto project, render it and note the renderer."""
    from analysis.publish.book import stage_book
    from analysis.publish.content import book_content
    from analysis.publish.render import render_book, renderer_version

    lang, started = call.options.lang, time.monotonic()
    progress(lang, f"book {lang} …")
    edition, store = load_edition(call.params), Store(call.output)
    renderer = call.options.renderer
    content = book_content(edition, store, lang, renderer=renderer_version(renderer))
    report = ROOT / "report"
    book = stage_book(
        content,
        source=report / lang,
        assets=report / "assets",
        references=report / "references.bib",
        target=call.output / "book" / lang,
    )
    used = render_book(book, call.output / "report" / lang, renderer=renderer)
    seconds = time.monotonic() - started
    record = call.output / "book" / f"{lang}.json"
    record.write_text(json.dumps({"renderer": used, "seconds": round(seconds, 1)}) + "\n", encoding="utf-8")
    progress(lang, f"book {lang}  {seconds:.1f} s  ({used})")


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("lang", "renderer"))
