"""The verdict on each construct: reliable, convergent, distinct from the others, by the edition's thresholds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from analysis.edition.sections.measurement import Measurement

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = (
    *("sound", "close", "borderline", "not_convergent", "not_distinct", "unreliable", "single_item", "improper"),
    "unknown",
)
"""Codes of the overall verdict, worded in the catalogue under `construct_verdicts`."""


def join_pairs(correlations: pd.DataFrame | None, ratios: pd.DataFrame | None) -> pd.DataFrame:
    """Latent correlations and HTMT of every pair of constructs in one table; a part that is None stays empty."""
    import pandas as pd

    left = ["construct", "other", "correlation", "corr_low", "corr_high"]
    right = ["construct", "other", "htmt", "htmt_low", "htmt_high"]
    one = pd.DataFrame(columns=left) if correlations is None else correlations[left]
    two = pd.DataFrame(columns=right) if ratios is None else ratios[right]
    if correlations is None or ratios is None:
        known = two if correlations is None else one
        return known.reindex(columns=[*left, *right[2:]])
    return one.merge(two, on=["construct", "other"], how="left", validate="one_to_one")


def assess_constructs(
    reliability: pd.DataFrame,
    constructs: pd.DataFrame | None,
    pairs: pd.DataFrame,
    *,
    measurement: Measurement,
    improper: bool = False,
) -> pd.DataFrame:
    """Hold each construct against the thresholds; none is sound where the fitted solution is `improper`.

    `reliability` of `reliability.reliability`, `constructs` of a Confirmation (None: not fitted), `pairs` of
    `join_pairs`. Columns: construct, n, cr, ave, ave_low, ave_high, root_ave, closest (construct with the largest
    latent correlation), correlation, htmt (largest), htmt_other; reliable, convergent, fornell_larcker, htmt_met
    (None where unknown); verdict. A threshold is clearly missed where the whole interval of alpha or AVE lies below it;
    a construct that misses one by less than that is borderline. Fornell–Larcker is met when √AVE exceeds every
    correlation (Fornell & Larcker 1981).
    """
    import pandas as pd

    fitted = {} if constructs is None else {str(row["construct"]): row for row in constructs.to_dict("records")}
    rows = []
    for row in reliability.to_dict("records"):
        values = _values(row, fitted.get(str(row["construct"]), {}), pairs)
        judged = _judged(float(row["alpha"]), values, measurement)
        highest = {"reliable": row.get("alpha_high"), "convergent": values["ave_high"]}
        close = {name for name, high in highest.items() if _reaches(high, name, measurement)}
        verdict = "improper" if improper else _verdict(values, judged, close, measurement)
        rows.append({**values, **judged, "verdict": verdict})
    return pd.DataFrame(rows).astype(dict.fromkeys(("reliable", "convergent", "fornell_larcker", "htmt_met"), object))


def _values(row: Mapping[Hashable, Any], own: Mapping[Hashable, Any], pairs: pd.DataFrame) -> dict[str, Any]:
    """What is known of one construct: its reliability, its fitted values and its nearest neighbours."""
    key, unknown = str(row["construct"]), float("nan")
    correlation, closest = _largest(pairs, key, "correlation")
    htmt, other = _largest(pairs, key, "htmt")
    fitted = {name: float(own.get(name, unknown)) for name in ("cr", "ave", "ave_low", "ave_high")}
    return {
        "construct": key,
        "items": row["items"],
        "n": row["n"],
        **fitted,
        "root_ave": fitted["ave"] ** 0.5,
        "closest": closest,
        "correlation": correlation,
        "htmt": htmt,
        "htmt_other": other,
    }


def _judged(alpha: float, values: Mapping[str, Any], measurement: Measurement) -> dict[str, bool | None]:
    """Each value against its threshold; None where it is unknown."""
    return {
        "reliable": _compare(alpha, at_least=measurement.min_alpha),
        "convergent": _compare(values["ave"], at_least=measurement.min_ave),
        "fornell_larcker": _compare(values["root_ave"] - values["correlation"], at_least=0.0),
        "htmt_met": _compare(-values["htmt"], at_least=-measurement.max_htmt),
    }


def _largest(pairs: pd.DataFrame, key: str, column: str) -> tuple[float, str]:
    """Largest absolute value of a construct's pairs and the construct at its other end."""
    own = pairs[(pairs["construct"] == key) | (pairs["other"] == key)]
    values = own[column].astype(float).abs().dropna()
    if values.empty:
        return float("nan"), ""
    row = own.iloc[int(own[column].astype(float).abs().fillna(-1.0).to_numpy().argmax())]
    return float(values.max()), str(row["other"] if row["construct"] == key else row["construct"])


def _compare(value: float, *, at_least: float) -> bool | None:
    return None if value != value else bool(value >= at_least)  # noqa: PLR0124 - NaN


def _reaches(high: float | None, name: str, measurement: Measurement) -> bool:
    """Whether the upper end of an interval reaches the threshold of its value; not where there is none."""
    least = {"reliable": measurement.min_alpha, "convergent": measurement.min_ave}[name]
    return high is not None and high >= least


def _verdict(
    values: dict[str, object], judged: dict[str, bool | None], close: set[str], measurement: Measurement
) -> str:
    """The gravest thing to say; `close` where HTMT lies between its two thresholds and nothing else is wrong."""
    htmt = float(str(values["htmt"]))
    missed = {name for name, met in judged.items() if met is False}
    faults = (
        ("single_item", values["items"] == 1),
        ("unreliable", "reliable" in missed - close),
        ("not_distinct", htmt >= measurement.max_htmt_related or {"fornell_larcker", "htmt_met"} <= missed),
        ("not_convergent", "convergent" in missed - close),
        ("borderline", bool(missed & close)),
        ("close", bool(missed)),
        ("unknown", None in (judged["reliable"], judged["convergent"])),
    )
    return next((name for name, found in faults if found), "sound")
