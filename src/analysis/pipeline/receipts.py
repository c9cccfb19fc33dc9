"""What each stage made, as lists for make: a product that was deleted comes back with its stage."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from analysis.pipeline.command import Call


def save_receipt(call: Call, stage: str, products: Iterable[Path]) -> None:
    """Write <output>/made/<stage>.mk with every file that `products` names, folders with all they hold.

    Products are dated back to when the stage began: a source that was changed meanwhile is newer, and the stage runs
    again next time.
    """
    found = (path for product in products for path in ([product] if product.is_file() else product.rglob("*")))
    made = sorted({path for path in found if path.is_file()})
    for path in made:
        if path.stat().st_mtime > call.started:
            os.utime(path, (call.started, call.started))
    names = [path.relative_to(call.output).as_posix() for path in made]
    target = call.output / "made" / f"{stage}.mk"
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(f"MADE_{stage} := {' '.join(names)}\n", encoding="utf-8")
    partial.replace(target)
