"""Gather every table that passed disclosure in one workbook: <output>/tables/tables.xlsx."""

from __future__ import annotations

from analysis.pipeline.command import Call, progress, run
from analysis.pipeline.exposure import check_folder
from analysis.pipeline.receipts import save_receipt
from analysis.results import Store


def main(call: Call) -> None:
    """Write the workbook in all languages of the edition."""
    from analysis.publish.parts import all_parts
    from analysis.publish.tables.workbook import write_workbook

    store = Store(call.output)
    path = write_workbook(call.edition(), store, all_parts())
    check_folder(store.root / "tables", store)
    save_receipt(call, "workbook", [path])
    progress("workbook", "tables.xlsx")


if __name__ == "__main__":
    run(main, description=__doc__ or "")
