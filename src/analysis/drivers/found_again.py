"""Comparisons of a simulated survey beside what was planted: intervals that hold the truth, kinds that are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def effects_found(groups: pd.DataFrame, effects: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """Effect of each outcome on all (category missing) and on each category beside the planted one.

    Arguments: `EffectResult.groups` and `.effects`; outcome, category, planted. Returns outcome, segment, category,
    planted, estimate, ci_low, ci_high, inside and n.
    """
    import pandas as pd

    whole = effects[effects["method"] == "aipw"].assign(segment=None, category=None)
    names = ["outcome", "segment", "category", "estimate", "ci_low", "ci_high", "n"]
    parts = [part[names].astype(object) for part in (whole, groups) if len(part)]
    found = pd.concat(parts, ignore_index=True)
    key = [found["outcome"].astype(str), found["category"].fillna("").astype(str)]
    truth = planted.assign(category=planted["category"].fillna("")).set_index(["outcome", "category"])["planted"]
    found.insert(3, "planted", truth.reindex(pd.MultiIndex.from_arrays(key)).to_numpy())
    numeric = ["planted", "estimate", "ci_low", "ci_high"]
    found[numeric], found["n"] = found[numeric].astype(float), found["n"].astype(int)
    found = found.dropna(subset=["planted", "ci_low"]).reset_index(drop=True)
    return found.assign(inside=(found["ci_low"] <= found["planted"]) & (found["planted"] <= found["ci_high"]))


def differences_found(units: pd.DataFrame, planted: pd.DataFrame) -> dict[str, int]:
    """How many of the units' differences from all hold the planted one inside of their interval."""
    both = units.merge(planted, on=["measure", "category"])
    inside = (both["ci_low"] <= both["planted"]) & (both["planted"] <= both["ci_high"])
    return {"total": len(both), "inside": int(inside.sum())}


def kinds_found(asymmetry: pd.DataFrame, planted: pd.DataFrame) -> dict[str, int]:
    """How many predictors are told as the kind of factor that they were planted as."""
    both = asymmetry.merge(planted, on="construct")
    return {"total": len(both), "right": int((both["kind"] == both["planted"]).sum())}
