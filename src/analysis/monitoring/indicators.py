"""The monitored indicators: where their figures come from, what they are to reach, and what their charts say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import EditionError, MethodError, did_you_mean
from analysis.monitoring.control import ControlChart, control_chart
from analysis.periods import frequency_of, label_at, label_of, number_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from analysis.edition.sections.monitoring import Monitoring, Source
    from analysis.edition.standards import Indicator, Standards
    from analysis.monitoring.control import Chart

    Floats = NDArray[Any]

BETTER = {"at_least": 1.0, "at_most": -1.0, "below": -1.0}
POINT_COLUMNS = (
    *("indicator", "indicator_zh", "indicator_en", "unit", "period", "value", "numerator", "denominator", "n"),
    *("phase", "centre", "low", "high", "sigma", "rule", "signal", "target", "bound"),
)
SUMMARY_COLUMNS = (
    *("indicator", "indicator_zh", "indicator_en", "unit", "source", "chart", "periods", "first", "last", "value", "n"),
    *("target", "bound", "earlier", "change", "change_low", "change_high", "changed", "centre", "low", "high", "sigma"),
    *("level", "level_se", "variation", "rule", "assurance", "since", "reason_zh", "reason_en"),
)


@dataclass(frozen=True)
class Monitored:
    """Points of every chart, what each chart says, and the indicators without figures, with reasons."""

    points: pd.DataFrame
    summary: pd.DataFrame
    missing: dict[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Plain values: how many are shown, and why others are not."""
        return {"indicators": len(self.summary), "missing": self.missing}


def share_by_wave(waves: pd.DataFrame, overall: pd.DataFrame | None, *, started: datetime.date) -> pd.DataFrame:
    """Share of satisfied customers (percent) by wave, with what this edition measured in the wave it began in.

    waves: wave, csat (percent), n. overall: measure, estimate (0–1), n; its share takes the place of the wave's own, as
    it rests on the whole edition. Returns period, value, n.
    """
    known = waves.dropna(subset=["csat"]) if "csat" in waves else waves.iloc[:0]
    table = pd.DataFrame({"period": known["wave"].astype(str), "value": known["csat"] if len(known) else []})
    table["n"] = known.get("n", np.nan)
    own = overall[overall["measure"] == "csat"] if overall is not None else None
    if own is None or not len(own):
        return table.reset_index(drop=True)
    frequency = frequency_of(table["period"].tolist()) if len(table) else "quarter"
    period, row = label_at(started, frequency), own.iloc[0]
    mine = pd.DataFrame({"period": [period], "value": [100 * row["estimate"]], "n": [row["n"]]})
    return pd.concat([table[table["period"] != period], mine], ignore_index=True)


def monitor(
    given: pd.DataFrame | None,
    computed: Mapping[Source, pd.DataFrame | None],
    *,
    standards: Standards | None,
    monitoring: Monitoring,
) -> Monitored:
    """Chart every monitored indicator that has figures.

    given: the table `indicators` (indicator, period, value, numerator, denominator), which goes before what is
    `computed` (by the name of its source: period, value, numerator, denominator, n). Raises EditionError for an
    indicator in the params that the standards do not have, and for a step change in a period that has no figure.
    """
    known = {one.key: one for one in (standards.indicators if standards else ())}
    _check(monitoring, known)
    series = _series(given, computed, monitoring)
    points, rows, missing = [], [], {}
    for key in (key for key in monitoring.indicators if key in known or key in series):
        shown = key if key in series else monitoring.stand_ins.get(key, key)
        if shown not in series:
            missing[key] = f"no figures of {key} in this edition"
            continue
        try:
            chart = _Charted(shown, *series[shown], known.get(shown), monitoring)
        except MethodError as error:
            missing[key] = str(error)
            continue
        points.append(chart.points())
        rows.append(chart.row())
    columns = list(POINT_COLUMNS)
    table = pd.concat(points, ignore_index=True)[columns] if points else pd.DataFrame(columns=columns)
    return Monitored(table, pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS)), missing)


def _check(monitoring: Monitoring, known: Mapping[str, Indicator]) -> None:
    named = {"targets": monitoring.targets, "steps": monitoring.steps}
    if monitoring.states("indicators"):
        named["indicators"] = dict.fromkeys(monitoring.indicators)
    for where, keys in named.items():
        for key in keys:
            if key not in known:
                raise EditionError(
                    f"{key!r} is no indicator of the standards file.",
                    where=f"monitoring.{where}: {key}",
                    expected="a key of `indicators` in the standards file",
                    hint=did_you_mean(key, list(known)) or "add it there, with its name and norm",
                )


def _series(
    given: pd.DataFrame | None, computed: Mapping[Source, pd.DataFrame | None], monitoring: Monitoring
) -> dict[str, tuple[pd.DataFrame, str]]:
    """The figures of every indicator and where they come from."""
    found = {
        monitoring.sources[source]: (table, str(source))
        for source, table in computed.items()
        if table is not None and table["value"].notna().any() and source in monitoring.sources
    }
    if given is not None:
        counted = given.reindex(columns=["indicator", "period", "value", "numerator", "denominator"])
        for key, own in counted.groupby("indicator", sort=False, observed=True):
            found[str(key)] = (own, "given")
    return found


class _Charted:
    """One indicator: its series at equal steps, its chart, its target."""

    def __init__(
        self, key: str, figures: pd.DataFrame, source: str, indicator: Indicator | None, rules: Monitoring
    ) -> None:
        limit = rules.targets.get(key) or (indicator.limit if indicator else None)
        self.key, self.source, self.rules, self.indicator = key, source, rules, indicator
        self.unit: str = limit.unit if limit else "percent" if "denominator" in figures else "ratio"
        self.target = float(limit.value) if limit else float("nan")
        self.bound: str = limit.bound if limit else ""
        self.better = BETTER.get(self.bound, float("nan"))
        self.frame, self.steps = _laid_out(figures, self.unit, key), rules.steps.get(key, ())
        counted = self.frame[["numerator", "denominator"]].notna().all(axis=1)
        whole = counted[self.frame["value"].notna()].all()
        self.kind: Chart = "xmr" if not whole else "p" if self.unit == "percent" else "u"
        self.chart = self._chart()

    def _chart(self) -> ControlChart:
        labels = self.frame["period"].tolist()
        starts = []
        for step in self.steps:
            if step.since not in labels:
                raise EditionError(
                    "A step change begins in a period of which there is no figure.",
                    where=f"monitoring.steps.{self.key}: {step.since}",
                    expected=f"a period from {labels[0]} to {labels[-1]}, labelled like these",
                )
            starts.append(labels.index(step.since))
        return control_chart(
            self.frame["value"].to_numpy(dtype=np.float64),
            self.kind,
            numerator=self.frame["numerator"].to_numpy(dtype=np.float64),
            denominator=self.frame["denominator"].to_numpy(dtype=np.float64),
            starts=starts,
            unit=100.0 if self.unit == "percent" else 1.0,
            shift=self.rules.shift,
            trend=self.rules.trend,
            min_points=self.rules.min_points,
        )

    def _names(self) -> dict[str, str]:
        name = self.indicator.name if self.indicator else None
        return {f"indicator_{lang}": name[lang] if name else self.key for lang in ("zh", "en")}

    def points(self) -> pd.DataFrame:
        """One row per period."""
        chart = self.chart
        if np.isfinite(self.better):
            signal = np.where(chart.way == self.better, "improving", "concerning").astype(object)
        else:
            signal = np.full(len(chart.rule), "unexpected", dtype=object)
        signal[chart.rule == ""] = ""
        columns = {name: getattr(chart, name) for name in ("phase", "centre", "low", "high", "sigma", "rule")}
        own: dict[str, Any] = {
            "indicator": self.key,
            **self._names(),
            "unit": self.unit,
            "target": self.target,
            "bound": self.bound,
        }
        return self.frame.assign(**{**own, **columns, "signal": signal})

    def row(self) -> dict[str, Any]:
        """What the chart says."""
        measured = np.flatnonzero(self.frame["value"].notna().to_numpy())
        last, labels, chart = int(measured[-1]), self.frame["period"].tolist(), self.chart
        phase = int(chart.phase[last])
        reason = self.steps[phase - 1].reason if phase else None
        latest = {name: float(getattr(chart, name)[last]) for name in ("centre", "low", "high", "sigma")}
        return {
            "indicator": self.key,
            **self._names(),
            "unit": self.unit,
            "source": self.source,
            "chart": self.kind,
            "periods": len(measured),
            "first": labels[measured[0]],
            "last": labels[last],
            "value": float(chart.value[last]),
            "n": float(self.frame["n"].iloc[last]),
            "target": self.target,
            "bound": self.bound,
            **self._change(measured),
            **latest,
            **self._level(last, phase),
            "variation": chart.variation(self.better),
            "rule": str(chart.rule[last]),
            "assurance": chart.assurance(self.target, self.better, strict=self.bound == "below"),
            "since": self.steps[phase - 1].since if phase else "",
            "reason_zh": reason.zh if reason else "",
            "reason_en": reason.en if reason else "",
        }

    def _level(self, last: int, phase: int) -> dict[str, float]:
        """Where the series stands: its mean since the stated step change, else its latest value, with the error."""
        chart = self.chart
        own = (chart.phase == phase) & np.isfinite(chart.value)
        if not phase or not np.isfinite(chart.sigma[own]).all():
            return {"level": float(chart.value[last]), "level_se": float(chart.sigma[last])}
        exact = chart.sigma[own] > 0
        error = 1 / np.sqrt((1 / chart.sigma[own] ** 2).sum()) if exact.all() else 0.0
        return {"level": float(chart.centre[last]), "level_se": float(error)}

    def _change(self, measured: NDArray[np.int64]) -> dict[str, Any]:
        """The latest value against that of a year before, else the first, and what two points vary by themselves."""
        from scipy.special import ndtri

        last, chart = int(measured[-1]), self.chart
        if len(measured) < 2:
            return {"earlier": "", "change": np.nan, "change_low": np.nan, "change_high": np.nan, "changed": "unknown"}
        year = last - _in_a_year(self.frame["period"].tolist())
        before = year if year in measured else int(measured[0])
        change = float(chart.value[last] - chart.value[before])
        half = float(ndtri(0.5 + self.rules.confidence / 2) * np.hypot(chart.sigma[last], chart.sigma[before]))
        bounds = {"change_low": change - half, "change_high": change + half}
        earlier = self.frame["period"].iloc[before]
        return {
            "earlier": earlier,
            "change": change,
            **bounds,
            "changed": changed(change - half, change + half, self.better),
        }


def changed(low: float, high: float, better: float) -> str:
    """better, worse or same, by whether a change's interval excludes zero; unknown without interval or direction."""
    if not np.isfinite([low, high]).all():
        return "unknown"
    way = 1.0 if low > 0 else -1.0 if high < 0 else 0.0
    if not way:
        return "same"
    return "unknown" if not np.isfinite(better) else "better" if way == better else "worse"


def _in_a_year(labels: Sequence[str]) -> int:
    """Steps of the series in a year; more than it has where that is no whole number."""
    frequency = frequency_of(labels, what="period")
    numbers = [number_of(label, frequency) for label in labels[:2]]
    per_year = {"year": 1, "half": 2, "quarter": 4, "month": 12}[frequency]
    step = numbers[1] - numbers[0]
    return per_year // step if per_year % step == 0 else len(labels)


def _laid_out(figures: pd.DataFrame, unit: str, key: str) -> pd.DataFrame:
    """The figures in order of time, at equal steps, each period once; one without a figure is a gap."""
    labels = figures["period"].astype(str).tolist()
    frequency = frequency_of(labels, what="period")
    numbers = [number_of(label, frequency) for label in labels]
    names = ["value", "numerator", "denominator", "n"]
    frame = figures.reindex(columns=names).astype(np.float64).set_index(pd.Index(numbers)).sort_index()
    if frame.index.has_duplicates:
        raise MethodError(f"A period of {key} is given twice.", expected="one row per period")
    counted = frame["numerator"].notna() & (frame["denominator"] > 0)
    if unit == "percent" and (frame["numerator"] > frame["denominator"]).any():
        raise MethodError(f"More than all: the numerator of {key} is above its denominator.", expected="a part of it")
    rate = (100.0 if unit == "percent" else 1.0) * frame["numerator"] / frame["denominator"].where(counted)
    frame["value"] = rate.where(counted, frame["value"])
    frame["n"] = frame["n"].fillna(frame["denominator"].where(counted))
    measured = frame["value"].notna()
    if not measured.any():
        raise MethodError(f"No period of {key} has a value.", expected="a value, or numerator and denominator")
    frame = frame.loc[measured.idxmax() : measured[::-1].idxmax()]
    step = max(int(np.gcd.reduce(np.diff(frame.index.to_numpy()))), 1) if len(frame) > 1 else 1
    full = frame.reindex(range(int(frame.index[0]), int(frame.index[-1]) + 1, step))
    full.insert(0, "period", [label_of(int(number), frequency) for number in full.index])
    return full.reset_index(drop=True)
