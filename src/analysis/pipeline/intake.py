"""Read one raw table through its contract into the store, with its quarantine and its counts."""

from __future__ import annotations

from analysis.pipeline.command import Call, run, say
from analysis.pipeline.part_of_whole import take_table
from analysis.pipeline.prepare import check_unchanged, fingerprint, table_paths
from analysis.pipeline.receipts import save_receipt
from analysis.project import from_root
from analysis.results import Store


def main(call: Call) -> None:
    """Save results/intake/<table>.parquet and .json; a table the edition lacks is recorded as not available."""
    from analysis.data.intake import load_table
    from analysis.data.soundness import check_responses, scale_notes

    name, edition, store = call.options.table, call.edition(), Store(call.output)
    if edition.domain.taken:
        _take(call, name)
        return
    intake = load_table(edition, name)
    if intake is None:
        store.drop_frame("intake", name)
        store.save_record("intake", name, {"available": False})
        _keep(call, name)
        return
    check_unchanged(call, name, intake.sha256, where=intake.source)
    if name == "responses":
        check_responses(intake.frame, edition, from_root(intake.source))
        for note in scale_notes(edition, intake.frame):
            say(f"        {note}")
    store.save_frame("intake", name, intake.frame)
    store.save_quarantine(name, intake.quarantine)
    counts: dict[str, object] = {
        "available": True,
        "read": intake.read,
        "filtered": intake.filtered,
        "accepted": len(intake.frame),
        "quarantined": intake.read - intake.filtered - len(intake.frame),
    }
    counts |= {"wave": intake.wave} if intake.wave else {}
    store.save_record("intake", name, counts)
    _keep(call, name)
    if counts["quarantined"]:
        say(f"        {name}: {counts['quarantined']} of {intake.read} rows broke the contract → quarantine/{name}.csv")


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
