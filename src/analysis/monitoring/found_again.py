"""What was planted in the records of a simulated service, beside what the steps found: do the intervals hold it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

FOUND_COLUMNS = ("step", "quantity", "subject", "planted", "n", "estimate", "ci_low", "ci_high", "inside")


def service_found_again(
    planted: pd.DataFrame, tables: Mapping[str, pd.DataFrame], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Every planted value (step, quantity, subject, planted) that a table estimates: FOUND_COLUMNS.

    tables: service_steps, service_norms, ticket_classes, training_effects, churn_hazards, relationship_lifetimes and
    control_points, as their steps save them, as far as the edition has them.
    """
    names = ["step", "quantity", "subject", "n", "estimate", "ci_low", "ci_high"]
    found = pd.DataFrame(list(_estimates(tables, confidence)), columns=names)
    both = planted.merge(found, on=["step", "quantity", "subject"], how="inner").dropna(subset=["ci_low", "ci_high"])
    inside = (both["ci_low"] <= both["planted"]) & (both["planted"] <= both["ci_high"])
    return both.assign(inside=inside)[list(FOUND_COLUMNS)]


def _estimates(tables: Mapping[str, pd.DataFrame], confidence: float) -> Iterator[tuple[Any, ...]]:
    nothing = pd.DataFrame()
    for row in tables.get("service_steps", nothing).to_dict("records"):
        subject = f"{row['scenario']}.{row['step']}"
        yield "11_standards", "on_time", subject, row["due"], row["on_time"], row["ci_low"], row["ci_high"]
    for row in tables.get("service_norms", nothing).to_dict("records"):
        yield "11_standards", "minutes", row["norm"], row["n"], row["value"], row["ci_low"], row["ci_high"]
    for row in tables.get("ticket_classes", nothing).to_dict("records"):
        yield "10_feedback", "on_time", row["triage_class"], row["due"], row["on_time"], row["ci_low"], row["ci_high"]
    for row in _overall(tables.get("training_effects", nothing)):
        n = row["n_trained"] + row["n_untrained"]
        yield "12_training", "lift", row["measure"], n, row["effect"], row["ci_low"], row["ci_high"]
    for row in tables.get("churn_hazards", nothing).to_dict("records"):
        subject = row["category"] if row["question"] == "value_tier" else row["question"]
        yield "13_relationships", "ratio", subject, row["n"], row["ratio"], row["ci_low"], row["ci_high"]
    for row in tables.get("relationship_lifetimes", nothing).to_dict("records"):
        if row["question"] == "value_tier":
            bounds = row["mean"], row["mean_low"], row["mean_high"]
            yield "13_relationships", "lifetime", row["category"], row["n"], *bounds
    yield from _changes(tables.get("control_points", nothing), confidence)


def _overall(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return table[table["category"].fillna("") == ""].to_dict("records") if len(table) else []


def _changes(points: pd.DataFrame, confidence: float) -> Iterator[tuple[Any, ...]]:
    """Difference of the means before and since each stated step, with the error that single points have."""
    for key, own in points.groupby("indicator", sort=False) if len(points) else ():
        usual = own[own["rule"] != "outside"].dropna(subset=["value", "sigma"])
        for phase in range(1, int(own["phase"].max()) + 1):
            before, after = (usual[usual["phase"] == number] for number in (phase - 1, phase))
            if not (len(before) and len(after)):
                continue
            change = after["value"].mean() - before["value"].mean()
            half = _half_width([part["sigma"].to_numpy() for part in (before, after)], confidence)
            since = own.loc[own["phase"] == phase, "period"].iloc[0]
            n = len(before) + len(after)
            yield "14_actions", "change", f"{key}.{since}", n, change, change - half, change + half


def _half_width(sigmas: Sequence[NDArray[Any]], confidence: float) -> float:
    """Half the interval of a difference of two means whose single points vary by these `sigmas`.

    Where all points of a phase vary alike, that was estimated from their moving ranges: Student's t with the degrees of
    freedom of a mean moving range, 0.62 (n − 1) (Wheeler 1995, Advanced Topics in Statistical Process Control, §3),
    put together as Welch's. Points that vary by their number of cases do so by the binomial distribution, as known.
    """
    from scipy.special import ndtri, stdtrit

    variances = np.array([(sigma**2).sum() / len(sigma) ** 2 for sigma in sigmas])
    estimated = [len(sigma) > 1 and np.ptp(sigma) == 0 for sigma in sigmas]
    degrees = np.array(
        [0.62 * (len(sigma) - 1) if own else np.inf for sigma, own in zip(sigmas, estimated, strict=True)]
    )
    of_variance = float((variances**2 / degrees).sum())
    share = 0.5 + confidence / 2
    t = float(stdtrit(variances.sum() ** 2 / of_variance, share)) if of_variance > 0 else float(ndtri(share))
    return t * float(np.sqrt(variances.sum()))
