"""Write the page of every notebook's code and prose, for both languages at once: <output>/results/pages/<step>.html."""

from __future__ import annotations

from analysis.pipeline.command import Call, run
from analysis.pipeline.receipts import save_receipt
from analysis.project import ROOT, steps
from analysis.results import Store


def main(call: Call) -> None:
    """One page for every notebook; results are put into it where they are known, in their language."""
    from analysis.publish.notebook_source import source_page

    store = Store(call.output)
    pages = [store.save_page(step, source_page(ROOT / "notebooks" / f"{step}.ipynb")) for step in steps()]
    save_receipt(call, "pages", pages)


if __name__ == "__main__":
    run(main, description=__doc__ or "")
