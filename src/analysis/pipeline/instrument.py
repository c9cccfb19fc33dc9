"""Write the questionnaire to be used: an XLSForm and, in each language, a PDF to print, in <output>/instrument/."""

from __future__ import annotations

import shutil

from analysis.outgoing.paper import write_paper
from analysis.outgoing.xlsform import write_xlsform
from analysis.pipeline.command import Call, run
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.publish.book.render import replace_folder
from analysis.results import Store


def main(call: Call) -> None:
    """Write all files aside and put them in place at once; raises EditionError where nothing is asked."""
    edition, store = call.edition(), Store(call.output)
    target, scratch = call.output / "instrument", call.output / ".instrument.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    (scratch / "xlsform.xlsx").write_bytes(write_xlsform(edition))
    for lang in edition.languages:
        (scratch / f"questionnaire.{lang}.pdf").write_bytes(write_paper(edition, lang))
    check_folder(scratch, store)
    replace_folder(scratch, target)
    save_receipt(call, "instrument", [target])


if __name__ == "__main__":
    run(main, description=__doc__ or "")
