"""Write the page of every notebook's code and prose, for both languages at once: <output>/results/pages/<step>.html."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from analysis.pipeline.command import Call, run
from analysis.pipeline.deps import closure
from analysis.pipeline.receipts import save_receipt
from analysis.project import ROOT, from_root, steps, tree_digest
from analysis.results import Store

RECORD = "pages"
"""Name of the note on what the pages were made from."""


def main(call: Call) -> None:
    """One page for every notebook; results are put into it where they are known, in their language.

    They tell nothing of an edition: a part takes those of its whole where these were made from the same source.
    """
    store, made_from = Store(call.output), _made_from()
    texts = _of_whole(call, made_from) or _from_notebooks()
    pages = [store.save_page(step, text) for step, text in texts.items()]
    store.remember(RECORD, {"made_from": made_from})
    save_receipt(call, "pages", pages)


def _from_notebooks() -> dict[str, str]:
    from analysis.publish.notebook_source import source_page

    return {step: source_page(ROOT / "notebooks" / f"{step}.ipynb") for step in steps()}


def _of_whole(call: Call, made_from: str) -> dict[str, str]:
    """The pages of the whole that an edition is a part of; none where they are not those of this source."""
    domain = json.loads(call.snapshot.read_text(encoding="utf-8")).get("domain", {})
    whole = Store(from_root(domain["of"])) if domain.get("of") else None
    if whole is None or whole.remembered(RECORD).get("made_from") != made_from:
        return {}
    paths = {step: whole.page(step) for step in steps()}
    there = all(path.is_file() for path in paths.values())
    return {step: path.read_text(encoding="utf-8") for step, path in paths.items()} if there else {}


def _made_from() -> str:
    """Digest of the notebooks, of our code that makes pages of them, and of the package that it calls."""
    code = tree_digest(*closure(["analysis.publish.notebook_source"]))
    return hashlib.sha256(f"{tree_digest(ROOT / 'notebooks')} {code} {version('nbconvert')}".encode()).hexdigest()


if __name__ == "__main__":
    run(main, description=__doc__ or "")
