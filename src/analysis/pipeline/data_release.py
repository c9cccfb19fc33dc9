"""Write the answers as a public-use file, with codebook, metadata and an account, in <output>/data-release/."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import SurveyReportError
from analysis.outgoing.public_file import public_use_file
from analysis.outgoing.release_folder import write_release
from analysis.pipeline.command import Call, run, say
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.publish.book.render import replace_folder
from analysis.results import Store
from analysis.survey.design.replicate_weights import replicate_columns

if TYPE_CHECKING:
    from analysis.edition import Edition
    from analysis.outgoing.public_file import PublicFile


def main(call: Call) -> None:
    """Write all files aside, look through them for ids and personal data, and put them in place at once."""
    edition, store = call.edition(), Store(call.output)
    reason = store.left_out("04_weighting")
    if reason:
        raise SurveyReportError("This edition has no answers to release.", got=reason, hint="give the table responses")
    responses, design = store.frame("03_cleaning", "responses"), store.frame("04_weighting", "design")
    design = design[design["inside"]].drop(columns="inside") if "inside" in design else design
    replicates = store.array("04_weighting", "replicates") if edition.data_release.replicates else None
    design = design if replicates is None else design.join(replicate_columns(replicates))
    made = public_use_file(responses, design, edition, unpublished=_unpublished(edition, store))
    target, scratch = call.output / "data-release", call.output / ".data-release.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    write_release(made, edition, scratch)
    _account(made, scratch / "report.json")
    check_folder(scratch, store)
    replace_folder(scratch, target)
    save_receipt(call, "data_release", [target])
    safety = made.safety
    say(f"        {len(made.frame)} interviews, {len(made.variables)} variables; k = {safety.smallest}")


def _unpublished(edition: Edition, store: Store) -> set[frozenset[tuple[str, str]]]:
    """Groups that some published table withholds, as every reader of the tables sees."""
    from analysis.publish.disclosure.tables import unpublished_groups
    from analysis.publish.parts import all_parts
    from analysis.publish.release import names_of

    specs = {spec.name: spec for part in all_parts() for spec in part.tables}
    tables = {name: store.table(name) for name in store.published_names() if name in specs}
    return unpublished_groups(tables, specs, names=names_of(edition))


def _account(made: PublicFile, path: Path) -> None:
    """What was done, for programs."""
    text = json.dumps(dataclasses.asdict(made.safety), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    run(main, description=__doc__ or "")
