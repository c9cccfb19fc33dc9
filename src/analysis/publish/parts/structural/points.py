"""Key point on the dimension that does most for the final outcome, and by way of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store


def leading(store: Store, labels: Labels) -> str:
    """The dimension with the largest total effect, where none is tied with it, and the stage that passes on most."""
    found = store.record("07_structural", "structural")["leading"]
    if not found["clear"] or found["tied"]:
        return ""
    first, outcome = str(found["clear"][0]), str(found["outcome"])
    values = {"name": construct_inside(first, labels), "outcome": construct_inside(outcome, labels)}
    frame = store.table("mediators")
    own = frame[(frame["predictor"] == first) & (frame["outcome"] == outcome)].dropna(subset=["share_low"])
    if own.empty:
        return labels.text("points.effect.first", **values, **_total(store, first, outcome, labels))
    row = own.sort_values("share", ascending=False, kind="stable").to_dict("records")[0]
    share = formats.percent(row["share"], 0)
    ci = formats.percent_interval(row["share_low"], row["share_high"], labels.lang, decimals=0)
    through = construct_inside(str(row["mediator"]), labels)
    return labels.text("points.effect.through", mediator=through, share=share, ci=ci, **values)


def _total(store: Store, predictor: str, outcome: str, labels: Labels) -> dict[str, str]:
    """The standardised total effect with its interval."""
    frame = store.table("effects")
    own = frame[(frame["predictor"] == predictor) & (frame["outcome"] == outcome) & (frame["effect"] == "total")]
    row = own.to_dict("records")[0]
    ci = formats.interval(row["std_low"], row["std_high"], labels.lang, decimals=2)
    return {"std": formats.number(row["std"], 2), "std_ci": ci}
