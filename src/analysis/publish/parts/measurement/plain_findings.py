"""Whether scores can be trusted and compared, in words without a coefficient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.comparison import UNFIT
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, lowered

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

SOUND = frozenset({"sound", "close"})
OPEN = frozenset({"borderline", "unknown", "single_item"})
STEP = "06_measurement"


def trusted(store: Store, labels: Labels) -> str:
    """How many scores rest on questions that belong together, which are open, not told apart or not quoted; groups."""
    frame = store.table("construct_verdicts")
    sound = int(frame["verdict"].isin(list(SOUND)).sum())
    key = {len(frame): "all", 0: "none", 1: "one"}.get(sound, "some")
    sentences = [labels.text(f"findings.trusted.{key}", sound=sound, total=len(frame))]
    for name, verdicts in (("open", OPEN), ("not_distinct", {"not_distinct"}), ("unfit", UNFIT)):
        names = [
            construct_inside(str(key), labels) for key in frame.loc[frame["verdict"].isin(list(verdicts)), "construct"]
        ]
        if names:
            sentences.append(labels.text(f"findings.trusted.{name}", names=formats.listed(names, labels.lang)))
    if store.has_table("invariance"):
        record = store.record(STEP, "measurement")["comparable"]
        level = (
            "unconverged" if not record["converged"] else f"{record['level']}{'_partial' if record['released'] else ''}"
        )
        group = lowered(labels.question(record["group"]), labels)
        sentences.append(labels.text(f"findings.alike.{level}", group=group))
    return formats.joined(sentences, labels.lang)
