"""Draw the figures of one language and write the pages of its notebooks: all of the book that needs no workbook.

The workbook is written meanwhile; both books take it up.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from analysis.errors import EditionError
from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.receipts import save_receipt
from analysis.results import Store

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.edition import Edition


def main(call: Call) -> None:
    """Draw and write what changed, and list it in figures/<lang>.json."""
    from analysis.publish.notebooks import publish_notebooks
    from analysis.publish.parts import draw_figures, printed_tables

    started, lang = time.monotonic(), call.options.lang
    edition, store = call.edition(), Store(call.output)
    check_language(edition, lang)
    progress(lang, f"figures {lang} …")
    draw_figures(edition, store, lang)
    publish_notebooks(edition, store, lang, printed=printed_tables(edition, store, lang))
    folders = [call.output / folder / lang for folder in ("figures", "results/disclosed")]
    save_receipt(call, f"figures_{lang}", [_list(folders, call.output / "figures" / f"{lang}.json"), *folders])
    progress(lang, f"figures {lang}  {time.monotonic() - started:.1f} s")


def check_language(edition: Edition, lang: str) -> None:
    """Raise EditionError for a language that the edition is not published in."""
    if lang not in edition.languages:
        raise EditionError(
            "The edition is not published in this language.",
            where="LANGS",
            expected=" ".join(edition.languages),
            got=lang,
            hint="add it to publication.languages, with the wordings in it, or leave it out of LANGS",
        )


def _list(folders: list[Path], target: Path) -> Path:
    """Write the names of what stands in the folders: the last thing that is written, and what make looks at."""
    names = sorted(path.name for folder in folders for path in folder.glob("*"))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(names) + "\n", encoding="utf-8")
    partial.replace(target)
    return target


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("lang",))
