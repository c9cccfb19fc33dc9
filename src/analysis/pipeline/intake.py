"""Read one raw table through its contract into the store, with its quarantine and its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.pipeline.command import Call, run, say
from analysis.pipeline.part_of_whole import take_table
from analysis.pipeline.prepare import check_unchanged, fingerprint, table_paths
from analysis.pipeline.receipts import save_receipt
from analysis.project import from_root
from analysis.results import Store

if TYPE_CHECKING:
    from analysis.data.partitions import PartedIntake
    from analysis.edition import Edition
    from analysis.edition.sections.data import Partitions


def main(call: Call) -> None:
    """Save results/intake/<table>.parquet and .json; a table the edition lacks is recorded as not available."""
    from analysis.data.intake import load_table
    from analysis.data.soundness import check_responses, scale_notes

    name, edition, store = call.options.table, call.edition(), Store(call.output)
    if edition.domain.taken:
        _take(call, name)
        return
    rule = edition.data.partitions if name == "responses" else None
    intake = _by_partitions(edition, store, rule) if rule else load_table(edition, name)
    if intake is None:
        store.drop_frame("intake", name)
        store.save_record("intake", name, {"available": False})
        _keep(call, name)
        return
    check_unchanged(call, name, intake.sha256, where=intake.source)
    if name == "responses":
        check_responses(intake.frame, edition, from_root(intake.source))  # by partitions: of the telling rows
        for note in scale_notes(edition, intake.frame):
            say(f"        {note}")
    if not rule:
        store.save_frame("intake", name, intake.frame)
    store.save_quarantine(name, intake.quarantine)
    counts: dict[str, object] = {
        "available": True,
        "read": intake.read,
        "filtered": intake.filtered,
        "accepted": intake.accepted,
        "quarantined": intake.read - intake.filtered - intake.accepted,
    }
    counts |= {"wave": intake.wave} if intake.wave else {}
    store.save_record("intake", name, counts)
    _keep(call, name)
    if counts["quarantined"]:
        say(f"        {name}: {counts['quarantined']} of {intake.read} rows broke the contract → quarantine/{name}.csv")


def _by_partitions(edition: Edition, store: Store, rule: Partitions) -> PartedIntake:
    """The responses, written part after part; raises EditionError for more of them than the notebooks may hold."""
    from analysis.data.partitions import check_room, load_partitions

    with store.writing("intake", "responses") as target:
        taken = load_partitions(edition, rule, target)
        check_room(taken.accepted, rule, edition)
    return taken


def _take(call: Call, name: str) -> None:
    """The rows of a part, from what the intake of the whole accepted."""
    edition, store, files = call.edition(), Store(call.output), table_paths(call.edition(), name)
    if files:
        check_unchanged(call, name, fingerprint(*files), where=edition.domain.of)
    take_table(edition, store, name)
    _keep(call, name)


def _keep(call: Call, name: str) -> None:
    taken = call.output / "results" / "intake"
    save_receipt(
        call, name, [taken / f"{name}.json", taken / f"{name}.parquet", call.output / "quarantine" / f"{name}.csv"]
    )


if __name__ == "__main__":
    run(main, description=__doc__ or "", options=("table",))
