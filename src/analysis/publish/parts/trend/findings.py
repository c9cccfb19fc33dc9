"""Sentences and numbers of the trend and its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict_of_interval
from analysis.publish.parts.trend.cells import arima
from analysis.publish.words import formats
from analysis.survey.estimation.overlap import Estimate, differ

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publish.words.labels import Labels
    from analysis.results import Store

RANDOM_WALK = "(0,1,0)"
"""Order of the model whose forecast is the last value."""
WAYS = {"higher": "rising", "lower": "falling", "same": "flat"}
"""Where the prediction interval of the last wave lies against the latest value."""


def trend(store: Store, labels: Labels) -> str:
    """Where the series came from, where the model puts it, and whether the model beats the naive forecast."""
    record = store.record("09_trend", "trend")
    waves = store.table("waves").dropna(subset=["csi"])
    forecast = store.table("forecast")
    last = waves.iloc[-1]
    next_wave, final = forecast.iloc[0], forecast.iloc[-1]
    way = WAYS[verdict_of_interval(final["ci_low"], final["ci_high"], reference=last["csi"])]
    verdict = "better" if record["model_mae"] < record["naive_mae"] else "worse"
    verdict = "is_naive" if record["order"] == RANDOM_WALK else verdict
    sentences = [
        _past(waves, str(record["past"]), labels),
        labels.text(
            "findings.trend.next",
            model=arima(str(record["order"]), labels),
            wave=formats.wave(str(next_wave["wave"]), labels.lang),
            value=formats.number(next_wave["estimate"]),
            ci=formats.interval(next_wave["ci_low"], next_wave["ci_high"], labels.lang),
            level=formats.level(labels.edition.trend.confidence),
        ),
        labels.text(f"findings.trend.{way}", wave=formats.wave(str(final["wave"]), labels.lang)),
        labels.text(
            f"findings.trend.{verdict}",
            model_mae=formats.number(record["model_mae"], 2),
            naive_mae=formats.number(record["naive_mae"], 2),
        ),
    ]
    if verdict != "better":
        sentences.append(_line(record, labels))
    sentences.append(_edition(last, store, labels))
    return formats.joined(sentences, labels.lang)


def _edition(last: pd.Series[Any], store: Store, labels: Labels) -> str:
    """The last wave beside the index of this edition, where the two are not the same number."""
    if not store.has_table("csi_overall"):
        return ""
    overall = store.table("csi_overall").dropna(subset=["estimate"])
    rows = overall[overall["measure"] == "csi"].to_dict("records")
    if not rows or any(formats.is_missing(last[name]) for name in ("ci_low", "ci_high")):
        return ""
    own = Estimate("edition", rows[0]["estimate"], rows[0]["ci_low"], rows[0]["ci_high"])
    wave = Estimate("wave", last["csi"], last["ci_low"], last["ci_high"])
    if formats.number(own.value) == formats.number(wave.value):
        return ""
    apart = differ(own, wave, confidence=labels.edition.index.confidence)
    return labels.text(
        f"findings.trend.edition_{'differs' if apart else 'same'}",
        wave=formats.wave(str(last["wave"]), labels.lang),
        value=formats.number(wave.value),
        csi=formats.number(own.value),
        ci=formats.interval(wave.low, wave.high, labels.lang),
    )


def _line(record: Mapping[str, Any], labels: Labels) -> str:
    """What a straight line says of the long run, beside a model that says nothing of it."""
    if record["line_share"] is None:
        return ""
    return labels.text(
        "findings.trend.line",
        share=formats.percent(record["line_share"], 0),
        slope=formats.signed(record["line_slope"], 2),
    )


def _past(waves: pd.DataFrame, way: str, labels: Labels) -> str:
    first, last = waves.iloc[0], waves.iloc[-1]
    return labels.text(
        f"findings.trend.past_{way}",
        first=formats.wave(str(first["wave"]), labels.lang),
        last=formats.wave(str(last["wave"]), labels.lang),
        waves=len(waves),
        start=formats.number(first["csi"]),
        end=formats.number(last["csi"]),
    )


def variables(store: Store, labels: Labels) -> dict[str, dict[str, str]]:
    """Ends of the series, the model and its next value; nothing where there is no forecast."""
    return {"trend": _trend(labels, store)} if store.has_table("forecast") else {}


def _trend(labels: Labels, store: Store) -> dict[str, str]:
    record, forecast = store.record("09_trend", "trend"), store.table("forecast").iloc[0]
    return {
        "first": formats.wave(str(record["first"]), labels.lang),
        "last": formats.wave(str(record["last"]), labels.lang),
        "waves": str(record["waves"]),
        "model": arima(str(record["order"]), labels),
        "next": formats.number(forecast["estimate"]),
        "next_ci": formats.interval(forecast["ci_low"], forecast["ci_high"], labels.lang),
        "horizon": str(record["horizon"]),
        "naive_mae": formats.number(record["naive_mae"], 2),
        "model_mae": formats.number(record["model_mae"], 2),
    }
