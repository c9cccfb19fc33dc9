"""Sentences and numbers of the trend and its forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict, verdict_of_interval
from analysis.publish.parts.trend.cells import arima, measured
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.trend.forecast import MIN_WAVES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = Mapping[Any, Any]

WAYS = {"higher": "rising", "lower": "falling", "same": "flat"}
"""Where an interval lies against the latest value, or a slope against none."""
LIKELY = 0.75
"""Chance from which a rise is called likely."""
COMPARED = ("year", "edition", "wave", "first")
"""The comparison that is told: the first of these that there is."""


def trend(store: Store, labels: Labels) -> str:
    """Level, change on a year earlier, the long run, what stood apart, and the edition's own index in the series."""
    record = store.record("09_trend", "series")
    sentences = [_level(store, labels), _long_run(record, store, labels), _since_first(store, labels)]
    if store.has_table("events"):
        events = store.table("events").dropna(subset=["size"]).sort_values("wave", kind="stable")
        sentences += [_event(row, store, labels) for row in events.to_dict("records")]
    return formats.joined([*sentences, _own(record, store, labels), *_not_asked(store, labels)], labels.lang)


def _level(store: Store, labels: Labels) -> str:
    """The latest figure and its change."""
    row = compared(store)
    if row is None:
        known = store.table("waves").dropna(subset=["csi"])
        named = "" if known.empty else formats.wave(str(known["wave"].iloc[-1]), labels.lang)
        value = "" if known.empty else formats.number(known["csi"].iloc[-1])
        return labels.text("findings.trend.alone", wave=named, value=value) if named else ""
    return labels.text(
        f"findings.trend.{way_of(row, labels)}",
        wave=formats.wave(str(row["wave"]), labels.lang),
        value=formats.number(row["after"]),
        **change_values(row, labels),
    )


def compared(store: Store) -> Row | None:
    """The row of the change that is told; None where the series has a single wave, or changes are withheld."""
    rows = {str(row["change"]): row for row in _changes(store)}
    return next((rows[kind] for kind in COMPARED if kind in rows), None)


def _changes(store: Store) -> list[Row]:
    """Changes of the latest wave: of a table of waves, or of the waves that were estimated."""
    if store.has_table("changes"):
        return list(store.table("changes").to_dict("records"))
    if not store.has_table("wave_steps"):
        return []
    steps = store.table("wave_steps").dropna(subset=["difference"])
    latest = str(store.table("wave_samples")["wave"].iloc[-1])
    return list(steps[steps["wave"] == latest].to_dict("records"))


def way_of(row: Row, labels: Labels) -> str:
    if formats.is_missing(row["ci_low"]):
        return "unknown"
    if "p_adjusted" in row:
        return verdict(row["difference"], row["p_adjusted"], confidence=labels.edition.trend.confidence)
    return verdict_of_interval(row["ci_low"], row["ci_high"])


def _since_first(store: Store, labels: Labels) -> str:
    """The change since the first wave, where no slope over the whole series tells more."""
    row, told = _first(store), compared(store)
    if store.has_table("course") or row is None or told is None or row["against"] == told["against"]:
        return ""
    return labels.text(
        f"findings.trend.since_first.{way_of(row, labels)}",
        first=formats.wave(str(row["against"]), labels.lang),
        **{name: value for name, value in change_values(row, labels).items() if name != "since"},
    )


def _first(store: Store) -> Row | None:
    """The change since the first wave, by whatever name the table tells it; None where it is not told or known."""
    if not store.has_table("waves"):
        return None
    waves = store.table("waves").dropna(subset=["csi"])["wave"].astype(str).tolist()
    known = (row for row in _changes(store) if not formats.is_missing(row["ci_low"]))
    return next((row for row in known if [str(row["against"])] == waves[:1]), None)


def _not_asked(store: Store, labels: Labels) -> list[str]:
    """Questions that the series does without, and waves that have no index."""
    if not store.has_table("wave_samples"):
        return []
    left_out, sentences = store.record("09_trend", "waves")["left_out"], []
    if left_out:
        items = formats.listed([labels.item(key) for key in left_out], labels.lang)
        sentences.append(labels.text("findings.trend.left_out", items=items))
    measured_in = set(store.table("waves")["wave"].astype(str))
    silent = [str(wave) for wave in store.table("wave_samples")["wave"] if str(wave) not in measured_in]
    if silent:
        named = formats.listed([formats.wave(wave, labels.lang) for wave in silent], labels.lang)
        sentences.append(labels.text("findings.trend.lacking", waves=named))
    return sentences


def wave_parts(store: Store, labels: Labels) -> str:
    """What changed besides the index in the latest wave, on the wave before and since the first."""
    names = [name for name in ("wave_share_steps", "wave_parts") if store.has_table(name)]
    rows = [row for name in names for row in store.table(name).dropna(subset=["difference"]).to_dict("records")]
    waves = store.table("wave_samples")["wave"].astype(str).tolist()
    latest = [row for row in rows if str(row["wave"]) == waves[-1]]
    compared = [[row for row in latest if str(row["against"]) == wave] for wave in dict.fromkeys((waves[-2], waves[0]))]
    return formats.joined([_parts(rows, labels) for rows in compared if rows], labels.lang)


def _parts(rows: Sequence[Row], labels: Labels) -> str:
    """What rose and what fell since one wave."""
    confidence = labels.edition.trend.confidence
    against = {"against": formats.wave(str(rows[0]["against"]), labels.lang)}
    told: dict[str, list[Row]] = {"higher": [], "lower": [], "same": []}
    for row in rows:
        told[verdict(row["difference"], row["p_adjusted"], confidence=confidence)].append(row)
    if len(told["same"]) == len(rows):
        return labels.text("findings.wave_parts.same", **against)
    parts = []
    for way in ("higher", "lower"):
        if told[way]:
            key = "alone_lower" if way == "lower" and not told["higher"] else way
            names = formats.listed([_part(row, labels) for row in told[way]], labels.lang)
            parts.append(labels.text(f"findings.wave_parts.{key}", names=names, **against))
    left = "others" if len(told["same"]) > 1 else "other" if told["same"] else "end"
    end = labels.text(f"findings.wave_parts.{left}", n=len(told["same"]))
    return formats.semicolons(parts, labels.lang) + end


def _part(row: Row, labels: Labels) -> str:
    share, name = row["measure"] == "csat", lowered(measured(str(row["measure"]), labels), labels)
    difference = formats.signed(row["difference"] * (100 if share else 1))
    return labels.text(f"findings.wave_parts.{'one_share' if share else 'one'}", name=name, difference=difference)


def wave_samples(store: Store, labels: Labels) -> str:
    """Whether waves share people, and what that does to the intervals."""
    overlap = int(store.record("09_trend", "waves")["overlap"])
    told = labels.text(f"findings.wave_samples.{'overlap' if overlap else 'apart'}", overlap=formats.count(overlap))
    fitted = store.table("wave_samples")["margins"].astype(bool).iloc[:-1].any()
    return formats.joined([told, labels.text("findings.wave_samples.margins") if fitted else ""], labels.lang)


def no_forecast(store: Store, labels: Labels) -> str:
    """Why there is no forecast, where there is none."""
    if store.has_table("forecast"):
        return ""
    record = store.record("09_trend", "series")
    reason = "few" if record["waves"] < MIN_WAVES else "constant" if record["even"] else "uneven"
    return labels.text(f"findings.no_forecast.{reason}", waves=formats.count(record["waves"]))


def change_values(row: Row, labels: Labels) -> dict[str, str]:
    """Parts of a sentence on a change: against what, by how much, how sure."""
    last_edition = str(row["against"]) == labels.edition.trend.last_edition
    since = "edition_year" if row["change"] == "year" and last_edition else str(row["change"])
    return {
        "since": labels.text(f"findings.trend.since.{since}"),
        "before": formats.number(row["before"]),
        "size": formats.number(abs(row["difference"])),
        "difference": formats.signed(row["difference"]),
        "ci": formats.interval(row["ci_low"], row["ci_high"], labels.lang),
    }


def _long_run(record: Row, store: Store, labels: Labels) -> str:
    """The slope over the whole series, where it is long enough for one."""
    if not store.has_table("course"):
        return ""
    slope, way = slope_of(store)
    return labels.text(
        f"findings.trend.{way}",
        first=formats.wave(str(record["first"]), labels.lang),
        waves=record["waves"],
        size=formats.number(abs(slope["estimate"]), 2),
        change=formats.signed(slope["estimate"], 2),
        ci=slope_interval(slope, labels),
    )


def slope_interval(slope: Row, labels: Labels) -> str:
    """The interval of the slope, of a fall that of its size."""
    way = verdict_of_interval(slope["ci_low"], slope["ci_high"])
    low, high = (-slope["ci_high"], -slope["ci_low"]) if way == "lower" else (slope["ci_low"], slope["ci_high"])
    return formats.interval(low, high, labels.lang, decimals=2)


def slope_of(store: Store) -> tuple[Row, str]:
    """The slope over the whole series, and which way it points."""
    slope = next(row for row in store.table("course").to_dict("records") if row["feature"] == "slope")
    return slope, WAYS[verdict_of_interval(slope["ci_low"], slope["ci_high"])]


def _event(row: Row, store: Store, labels: Labels) -> str:
    """One wave or several that stood apart, or a level that has moved."""
    kind, _, waves = str(row["event"]).partition(" ")
    names = store.table("waves")["wave"].astype(str).tolist()
    start = names.index(str(row["wave"]))
    bounds = (row["ci_low"], row["ci_high"]) if row["size"] > 0 else (-row["ci_high"], -row["ci_low"])
    return labels.text(
        f"findings.trend.{kind}.{'above' if row['size'] > 0 else 'below'}",
        start=formats.wave(names[start], labels.lang),
        end=formats.wave(names[start + int(waves or 1) - 1], labels.lang),
        size=formats.number(abs(row["size"])),
        ci=formats.interval(*bounds, labels.lang),
    )


def _own(record: Row, store: Store, labels: Labels) -> str:
    """The index that the edition measured itself beside the series, where there is something to say."""
    if not record["own"] or (record["own"] == "same" and record["tracked"] is None):
        return ""
    found = store.table("csi_overall").to_dict("records") if store.has_table("csi_overall") else []
    known = next((float(row["estimate"]) for row in found if row["measure"] == "csi"), None)
    return labels.text(
        f"findings.trend.own_{record['own']}",
        wave=formats.wave(str(record["last"]), labels.lang),
        tracked=formats.number(record["tracked"]),
        ci=formats.interval(record["tracked_low"], record["tracked_high"], labels.lang),
        csi=formats.number(known),
    )


def forecast(store: Store, labels: Labels) -> str:
    """The next wave, the last one of the horizon, and what such forecasts were worth."""
    record = store.record("09_trend", "trend")
    rows = store.table("forecast").to_dict("records")
    sentences = [labels.text("findings.forecast.next", **_forecast(rows[0], labels))]
    if len(rows) > 1:
        sentences.append(labels.text("findings.forecast.end", **_forecast(rows[-1], labels)))
    for latest in store.table("waves")["csi"].dropna().tolist()[-1:]:
        told = {"last": formats.number(latest), "above": formats.number(100 * rows[-1]["above"], 0)}
        sentences.append(labels.text(f"findings.forecast.{_way(rows[-1], latest)}", **told))
    worth = "better" if record["model_mae"] < record["naive_mae"] else "worse"
    told = {name: formats.number(record[name], 2) for name in ("model_mae", "naive_mae")}
    counted = {name: record[name] for name in ("origins", "held", "tested")}
    text = labels.text(f"findings.forecast.{worth}", mae=told["model_mae"], naive_mae=told["naive_mae"], **counted)
    return formats.joined([*sentences, text], labels.lang)


def _way(row: Row, latest: float) -> str:
    """Whether the index is to rise or fall, surely or likely."""
    way = WAYS[verdict_of_interval(row["ci_low"], row["ci_high"], reference=latest)]
    if way == "flat" and row["above"] >= LIKELY:
        return "likely_rise"
    return "likely_fall" if way == "flat" and row["above"] <= 1 - LIKELY else way


def _forecast(row: Row, labels: Labels) -> dict[str, str]:
    return {
        "wave": formats.wave(str(row["wave"]), labels.lang),
        "value": formats.number(row["estimate"]),
        "low": formats.number(row["ci_low"]),
        "high": formats.number(row["ci_high"]),
        "share": formats.number(100 * labels.edition.trend.confidence, 0),
    }


def in_brief(store: Store, labels: Labels) -> str:
    """Level, change and the end of the forecast in one sentence; without a forecast, level and change."""
    row = compared(store)
    if row is None or not store.has_table("forecast"):
        return _level(store, labels)
    end = _forecast(store.table("forecast").to_dict("records")[-1], labels)
    return labels.text(
        "findings.forecast.brief",
        wave=formats.wave(str(row["wave"]), labels.lang),
        value=formats.number(row["after"]),
        change=labels.text(f"findings.forecast.brief_change.{way_of(row, labels)}", **change_values(row, labels)),
        end=end["wave"],
        forecast=end["value"],
        low=end["low"],
        high=end["high"],
    )


def course_recovery(store: Store, labels: Labels) -> str:
    """How many parts of the planted course lie inside their intervals, and how many should."""
    found = store.table("course_recovery")
    expected = len(found) * labels.edition.trend.confidence
    return labels.text(
        "findings.course_recovery",
        total=len(found),
        inside=int(found["inside"].astype(bool).sum()),
        level=formats.level(labels.edition.trend.confidence),
        expected=formats.number(expected),
    )


def course(store: Store, labels: Labels) -> str:
    """What the series shows: the change since the first wave where nothing is forecast, else the slope over all."""
    first = _first(store)
    if not store.has_table("forecast") and first is not None:
        named = {
            "first": formats.wave(str(first["against"]), labels.lang),
            "size": change_values(first, labels)["size"],
        }
        return labels.text(f"figures.trend.waves_title.{way_of(first, labels)}", **named)
    if not store.has_table("course"):
        return ""
    slope, way = slope_of(store)
    start = formats.wave(str(store.record("09_trend", "series")["first"]), labels.lang)
    return labels.text(f"figures.trend.title.{way}", first=start, size=formats.number(abs(slope["estimate"]), 2))


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """Ends of the series, and the models behind the forecast; nothing where there is none."""
    found: dict[str, dict[str, str]] = {}
    if store.has_table("waves"):
        record = store.record("09_trend", "series")
        ends = {name: formats.wave(str(record[name]), labels.lang) for name in ("first", "last")}
        found["series"] = {**ends, "waves": str(record["waves"])}
    if store.has_table("forecast"):
        record = store.record("09_trend", "trend")
        found["trend"] = {
            "model": arima(str(record["order"]), labels),
            "leading": labels.known("candidates", str(record["leading"])),
            "horizon": str(record["horizon"]),
            "origins": str(record["origins"]),
        }
    return found
