"""Sentences on the comparison of units once adjusted, on gains and losses, and on levels nobody goes without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import differs, unfit, verdict
from analysis.publish.words import formats
from analysis.publish.words.phrases import construct_inside, question_inside
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

MOST_NAMES = 3
"""Dimensions that a sentence names before it says how many more there are."""


def fair(store: Store, labels: Labels) -> str:
    """Who does better or worse than to be expected of those it serves: on the index, then the clearest dimensions."""
    index = store.table("fair_index").dropna(subset=["adjusted"])
    if index.empty:
        return labels.text("findings.withheld")
    segment = str(index["segment"].iloc[0])
    sentences = []
    for band in ("higher", "lower"):
        found = _banded(index, band, labels)
        if found:
            sentences.append(labels.text(f"findings.fair.{band}", units=_units(found, segment, labels)))
    key = "rest" if sentences else "none"
    others = [row for row in index.to_dict("records") if _verdict(row, labels) == "same"]
    if others:
        named = _listed([str(row["category"]) for row in others], segment, labels)
        sentences.append(labels.text(f"findings.fair.{key}", units=named, unit=question_inside(segment, labels)))
    return formats.joined([*sentences, *_reversals(store, segment, labels)], labels.lang)


def fair_adjustment(store: Store, labels: Labels) -> str:
    """What the adjustment changed: whether the spread between units owes anything to whom they serve."""
    record = store.record("08_drivers", "comparisons")["fair"]
    row = store.table("fair_spread").iloc[0]
    questions = [question_inside(key, labels) for key in record["adjust"]]
    before, after = float(row["spread_raw"]), float(row["spread_adjusted"])
    key = "less" if after < 0.9 * before else "more" if after > 1.1 * before else "alike"
    return labels.text(
        f"findings.fair_adjustment.{key}",
        questions=formats.listed(questions, labels.lang),
        before=formats.number(before, 2),
        after=formats.number(after, 2),
    )


def asymmetry(store: Store, labels: Labels) -> str:
    """Which dimensions cost more when they fall short than they earn when they do well, and the other way round."""
    frame = store.table("asymmetry")
    barred, sentences = unfit(store), []
    for kind in ("basic", "excitement"):
        rows = frame[(frame["kind"] == kind) & ~frame["construct"].isin(list(barred))]
        for row in rows.to_dict("records"):
            values = {name: formats.number(row[name]) for name in ("penalty", "reward")}
            name = construct_inside(str(row["construct"]), labels)
            sentences.append(capital(labels.text(f"findings.asymmetry.{kind}", dimension=name, **values)))
    rest = frame[frame["kind"] == "performance"]
    if not sentences:
        return labels.text("findings.asymmetry.none", outcome=_outcome(labels))
    if len(rest):
        sentences.append(labels.text("findings.asymmetry.rest", n=len(rest)))
    return formats.joined(sentences, labels.lang)


def necessity(store: Store, labels: Labels) -> str:
    """Which dimensions must not fall below what level, and how strong that condition is."""
    frame = store.table("necessity")
    confidence = labels.edition.drivers.confidence
    clear = frame.loc[[differs(p, confidence=confidence) for p in frame["p"]]]
    needed = clear[clear["size"] != "small"].dropna(subset=["required"])
    if frame["level"].isna().all():
        return ""
    values = {"level": formats.number(frame["level"].max(), 0), "outcome": _outcome(labels)}
    if needed.empty:
        return labels.text("findings.necessity.none", **values)
    needed = needed.sort_values("effect", ascending=False, kind="stable")
    parts = [
        labels.text(
            "findings.necessity.part",
            dimensions=_either([construct_inside(str(key), labels) for key in rows["construct"]], labels),
            required=formats.number(float(required), 0),
        )
        for required, rows in needed.groupby(needed["required"].round(0), sort=False)
    ]
    return labels.text("findings.necessity.some", parts=_either(parts, labels), **values)


def _verdict(row: dict[Any, Any], labels: Labels) -> str:
    return verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.drivers.confidence)


def _banded(frame: pd.DataFrame, band: str, labels: Labels) -> list[dict[str, Any]]:
    """Rows of one band, the farthest from what was to be expected first."""
    found = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    return sorted((row for row in found if _verdict(row, labels) == band), key=lambda row: -abs(row["difference"]))


def _units(rows: list[dict[str, Any]], segment: str, labels: Labels) -> str:
    texts = [
        labels.text(
            "findings.fair.unit",
            unit=labels.group(segment, str(row["category"])),
            adjusted=formats.number(row["adjusted"]),
            range=formats.interval(row["range_low"], row["range_high"], labels.lang),
        )
        for row in rows
    ]
    return formats.listed(texts, labels.lang)


def _reversals(store: Store, segment: str, labels: Labels) -> list[str]:
    """Units that are better on some dimensions and worse on others: what the index hides."""
    if not store.has_table("fair_dimensions"):
        return []
    frame = store.table("fair_dimensions").dropna(subset=["adjusted"])
    frame = frame[~frame["construct"].isin(list(unfit(store)))]
    sentences = []
    for code, rows in frame.groupby("category", sort=False):
        sides = {band: _banded(rows, band, labels) for band in ("higher", "lower")}
        if all(sides.values()):
            named = {band: _dimensions(found, labels) for band, found in sides.items()}
            unit = labels.group(segment, str(code))
            sentences.append(labels.text("findings.fair.reversal", unit=unit, **named))
    return sentences


def _dimensions(rows: list[dict[str, Any]], labels: Labels) -> str:
    names = [construct_inside(str(row["construct"]), labels) for row in rows]
    if len(names) > MOST_NAMES + 1:
        more = labels.text("findings.fair.more", n=len(names) - MOST_NAMES)
        names = [*names[:MOST_NAMES], more]
    return formats.listed(names, labels.lang)


def _listed(codes: list[str], segment: str, labels: Labels) -> str:
    return formats.listed([labels.group(segment, code) for code in codes], labels.lang)


def _either(names: list[str], labels: Labels) -> str:
    """Names as a list of which any may be meant: A, B or C."""
    from babel.lists import format_list

    return format_list(names, "or", locale="zh_CN" if labels.lang == "zh" else "en_GB")


def _outcome(labels: Labels) -> str:
    return construct_inside(labels.edition.index.csat.construct_key, labels)
