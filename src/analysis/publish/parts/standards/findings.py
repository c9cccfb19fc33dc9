"""Sentences on the service log: which promises are kept, where they are broken, by whom."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import at_the_ends, estimates, verdict
from analysis.publish.parts.standards.cells import institutions as named
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.publish.words.spoken import capital
from analysis.survey.estimation.overlap import differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

TIED = 3
"""Steps named beside the one that breaks its promise most."""
GOOD = 0.9
"""Share on time from which a promise may be called kept."""


def steps(store: Store, labels: Labels) -> str:
    """The step that breaks its promise most, how many keep theirs, and what is open although its time has run out."""
    frame = _with_limit(store)
    if not len(frame):
        return ""
    worst, record = frame.iloc[0], store.record("11_standards", "standards")
    kept = frame[frame["on_time"] >= GOOD]
    tied, among = _tied(frame, labels), among_published(store, labels)
    told = _step(worst, labels) | _share(worst, labels)
    sentences = [
        capital(labels.text(f"findings.service.{'worst' if len(frame) > 1 else 'only'}", among=among, **told)),
        labels.text("findings.service.tied", steps=formats.listed(tied, labels.lang)) if tied else "",
    ]
    if len(frame) > 1:
        key = f"{'kept' if len(kept) else 'none_kept'}{'_published' if among else ''}"
        sentences.append(labels.text(f"findings.service.{key}", kept=len(kept), steps=len(frame)))
    if record["overdue"]:
        date = formats.date(dt.date.fromisoformat(record["as_of"]), labels.lang)
        counts = {name: formats.count(record[name]) for name in ("overdue", "open")}
        sentences.append(labels.text("findings.service.overdue", date=date, **counts))
    return formats.joined(sentences, labels.lang)


def kept_most_seldom(store: Store, labels: Labels) -> tuple[pd.DataFrame, bool]:
    """Steps with a limit, the one that breaks its promise most first; whether others can't be told from that one."""
    frame = _with_limit(store)
    return frame, bool(len(frame) and _tied(frame, labels))


def _tied(frame: pd.DataFrame, labels: Labels) -> list[str]:
    """Steps, with their share, that can't be told from the one that breaks its promise most."""
    found = estimates(frame.assign(place=range(len(frame))), "place", "on_time")
    pairs, level = len(found) - 1, labels.edition.service.confidence
    apart = partial(differ, confidence=level, pairs=pairs)
    _, low = at_the_ends(found, apart)
    rows = [frame.iloc[int(one.name)] for one in low or found if one is not found[-1]]
    return [
        labels.text("findings.service.tied_one", step=_name(row, labels), share=formats.percent(row["on_time"]))
        for row in rows[::-1][:TIED]
    ]


def steps_in_brief(store: Store, labels: Labels) -> str:
    """The same in one sentence."""
    frame = _with_limit(store)
    if not len(frame):
        return ""
    told = _step(frame.iloc[0], labels) | _share(frame.iloc[0], labels)
    if len(frame) == 1:
        return labels.text("findings.service.only", **told)
    return capital(labels.text("findings.service.brief", among=among_published(store, labels), **told))


def among_published(store: Store, labels: Labels) -> str:
    """What a superlative among steps begins with where the share of some is withheld: theirs may be the extremes."""
    frame = store.table("service_steps")
    gone = "suppressed" in frame and (frame["suppressed"].notna() & frame["on_time"].isna()).any()
    return labels.text("findings.service.published") if gone else ""


def institutions(store: Store, labels: Labels) -> str:
    """Who keeps every limit of a case less often than the others, or more often, and in which scenario."""
    frame = store.table("service_institutions").dropna(subset=["kept", "p_adjusted"])
    if not len(frame):
        return ""
    told = [_apart(row, labels) for row in frame.sort_values("difference", kind="stable").to_dict("records")]
    sentences = [text for text in told if text] or [_alike(frame, labels)]
    return formats.joined([*sentences, *_in_scenarios(store, labels)], labels.lang)


def _apart(row: dict[Any, Any], labels: Labels) -> str:
    way = _way(row, labels)
    if way == "same":
        return ""
    return labels.text(
        f"findings.service.institution_{way}",
        institution=named(str(row["category"]), labels),
        share=formats.percent(row["kept"]),
        ci=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        others=formats.percent(row["others"]),
    )


def _way(row: dict[Any, Any], labels: Labels) -> str:
    return verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.service.confidence)


def _alike(frame: pd.DataFrame, labels: Labels) -> str:
    return labels.text(
        "findings.service.institutions_alike",
        low=formats.percent(frame["kept"].min()),
        high=formats.percent(frame["kept"].max()),
    )


def _in_scenarios(store: Store, labels: Labels) -> list[str]:
    """The one scenario in which an institution stands apart most."""
    if not store.has_table("service_institution_scenarios"):
        return []
    frame = store.table("service_institution_scenarios").dropna(subset=["kept", "p_adjusted"])
    rows = frame.sort_values("difference", kind="stable").to_dict("records")
    clear = [row for row in rows if _way(row, labels) == "lower"]
    return [
        labels.text(
            "findings.service.scenario_lower",
            scenario=lowered(labels.scenario(str(row["scenario"])), labels),
            institution=named(str(row["category"]), labels),
            share=formats.percent(row["kept"]),
            others=formats.percent(row["others"]),
        )
        for row in clear[:1]
    ]


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """The days that the log covers, and how many cases it holds."""
    if not store.has_table("service_steps"):
        return {}
    record = store.record("11_standards", "standards")
    first, last = (dt.date.fromisoformat(record[name]) for name in ("first", "as_of"))
    return {
        "service": {"period": formats.period(first, last, labels.lang), "cases": formats.count(record["cases"])},
    }


def _with_limit(store: Store) -> pd.DataFrame:
    return store.table("service_steps").dropna(subset=["on_time"]).sort_values("on_time", kind="stable")


def _name(row: pd.Series[Any], labels: Labels) -> str:
    scenario = labels.scenario(str(row["scenario"]))
    return labels.text("figures.steps_on_time.step", scenario=scenario, step=str(row[f"step_{labels.lang}"]))


def _step(row: pd.Series[Any], labels: Labels) -> dict[str, str]:
    from analysis.publish.parts.edition.cells import amount

    return {"step": _name(row, labels), "limit": amount(row["limit"], str(row["unit"]), labels)}


def _share(row: pd.Series[Any], labels: Labels) -> dict[str, str]:
    return {
        "share": formats.percent(row["on_time"]),
        "ci": formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        "n": formats.count(row["base"]),
    }
