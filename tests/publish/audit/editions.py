"""Random editions with small groups: respondents drawn at random, tables by the functions that the notebooks call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.edition.instrument import Instrument
from analysis.edition.sections.disclosure import Disclosure
from analysis.edition.sections.index import Csat, Index
from analysis.edition.sections.weighting import Nonresponse
from analysis.publish.parts import all_parts
from analysis.publish.release import release
from analysis.satisfaction.crossings import index_by_groups
from analysis.satisfaction.customers import customers_only, is_customer, outside_groups
from analysis.satisfaction.index import satisfaction_index, score_respondents
from analysis.satisfaction.segments import segment_index
from analysis.survey.cleaning.sensitivity import compare_subset
from analysis.survey.fieldwork.modes import mode_differences
from analysis.survey.fieldwork.representativity import margin_gaps
from analysis.survey.weighting.nonresponse import adjust_nonresponse
from analysis.survey.weighting.profile import sample_profile
from analysis.survey.weighting.stages import rake

QUESTIONS = ("kind", "region", "channel", "income")


def _named(key: str) -> dict[str, str]:
    return {"zh": key, "en": key}


def _instrument(categories: dict[str, list[str]]) -> Instrument:
    parts = [("a", "dimension", 2), ("b", "dimension", 2), ("sat", "satisfaction", 2), ("loy", "loyalty", 1)]
    constructs = [
        {
            "key": key,
            "role": role,
            "name": _named(key),
            "items": [{"key": f"{key}{i}", **_named(key)} for i in range(n)],
        }
        for key, role, n in parts
    ]
    profile = [
        {
            "key": key,
            "name": _named(key),
            "question": _named(key),
            "categories": [{"code": code, **_named(code)} for code in codes],
        }
        for key, codes in categories.items()
    ]
    return Instrument.model_validate(
        {"name": _named("t"), "scale": {"min": 1, "max": 5}, "constructs": constructs, "profile": profile}
    )


@dataclass(frozen=True)
class Edition:
    """Tables as computed, and what a stranger may know of the survey from elsewhere."""

    tables: dict[str, pd.DataFrame]
    totals: dict[tuple[str, str], float]
    population: pd.DataFrame
    index: Index
    rules: Disclosure

    def publish(self, folder: Path) -> dict[str, pd.DataFrame]:
        """Release the tables and write what a reader gets."""
        names = {"stratum": "kind", "csat": "high sat"}
        shown = release(self.tables, all_parts(), rules=self.rules, names=names, outside=self.index.exclude)
        for name, frame in shown.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        return shown


def respondents(seed: int) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """40 to 1500 people with skewed groups, some answers missing; satisfaction runs high, in some groups complete."""
    rng = np.random.default_rng(seed)
    n = int(np.exp(rng.uniform(np.log(40), np.log(1500))))
    categories, columns = {}, {}
    for key in QUESTIONS:
        codes = [f"{key[0]}{i}" for i in range(int(rng.integers(2, 8)))]
        columns[key] = rng.choice(codes, n, p=rng.dirichlet(np.full(len(codes), rng.choice([0.4, 1.0, 3.0]))))
        categories[key] = codes
    frame = pd.DataFrame(columns).astype(object)
    frame["income"] = frame["income"].where(rng.random(n) > rng.choice([0.0, 0.02, 0.1]))
    level = rng.uniform(0.6, 1.6) + (frame["kind"] == categories["kind"][0]) * rng.choice([0.0, 3.0])
    for item in ("a0", "a1", "b0", "b1", "sat0", "sat1", "loy0"):
        answers = np.clip(np.round(3 + level + rng.normal(0, 1, n)), 1, 5)
        frame[item] = np.where(rng.random(n) < 0.01, np.nan, answers)
    frame.insert(0, "respondent_id", [f"r{i}" for i in range(n)])
    return frame, categories


@lru_cache(maxsize=64)
def edition(seed: int, *, rules: Disclosure | None = None, outsiders: bool = False) -> Edition:
    """One random edition: with weights in every second one, with nonresponse classes in every third.

    `outsiders`: the fewest of a kind are no customers.
    """
    frame, categories = respondents(seed)
    rarest = str(frame["kind"].value_counts().index[-1])
    return edition_of(frame, categories, seed=seed, rules=rules, exclude={"kind": (rarest,)} if outsiders else {})


def edition_of(
    frame: pd.DataFrame,
    categories: dict[str, list[str]],
    *,
    seed: int = 0,
    rules: Disclosure | None = None,
    exclude: dict[str, tuple[str, ...]] | None = None,
) -> Edition:
    """The tables of these respondents."""
    rng = np.random.default_rng([seed, 7])
    rules = rules or Disclosure()
    instrument = _instrument(categories)
    index = Index(csat=Csat(construct="sat", satisfied_from=3.5), segments=("kind", "region"), exclude=exclude or {})
    population = pd.DataFrame(
        [
            {"variable": key, "category": code, "population": float(rng.integers(1000, 5000))}
            for key in QUESTIONS
            for code in sorted(frame[key].dropna().unique())
        ]
    )
    tables: dict[str, pd.DataFrame] = {"margin_gaps": margin_gaps(frame, population, questions=QUESTIONS)}
    weights = np.ones(len(frame))
    if seed % 2:
        targets = population[population["variable"] == "kind"].set_index("category")["population"].to_dict()
        raked = rake(frame, margins={"kind": targets}, base=weights, trim=None)
        tables["weighting_margins"], weights = raked.margins, raked.weights
    if seed % 3 == 0:
        tables["nonresponse_classes"] = _classes(frame, rng)
    tables["sample_profile"] = sample_profile(frame, questions=dict.fromkeys(QUESTIONS, ()), weights=weights)
    totals = {("kept", key): float(frame[key].notna().sum()) for key in QUESTIONS}
    totals |= {("kept", "class"): float(len(frame))}
    tables |= _satisfaction(frame, instrument, index, weights, totals)
    tables |= _model(frame[is_customer(frame, index=index)], rng, totals)
    tables |= _fieldwork(frame, rng)
    return Edition({name: table for name, table in tables.items() if len(table)}, totals, population, index, rules)


def _classes(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    silent = frame.sample(frac=1.0, random_state=int(rng.integers(1 << 30)))[["kind", "channel"]]
    cases = pd.concat([frame[["kind", "channel"]].assign(disposition="1.1"), silent.assign(disposition="2.1")])
    rule = Nonresponse(variables=("kind", "channel"), min_class=int(rng.choice([1, 10, 30])))
    return adjust_nonresponse(
        frame, cases.reset_index(drop=True), base=np.ones(len(frame)), rule=rule, stratum=None
    ).classes


def _satisfaction(frame, instrument, index, weights, totals) -> dict[str, pd.DataFrame]:
    from analysis.survey.design.survey_design import specify_design

    design = specify_design(len(frame), weights=weights)
    scores = score_respondents(frame, instrument=instrument, index=index)
    inside = is_customer(frame, index=index)
    result = satisfaction_index(frame, scores, instrument=instrument, index=index, design=design)
    outside = outside_groups(frame, scores, index=index, design=design)
    by = segment_index(frame, scores, instrument=instrument, index=index, design=design)
    groups = index_by_groups(frame, scores, instrument=instrument, index=index, design=design)
    modes = mode_differences(scores["csi"].where(inside), frame, mode="channel", design=design, min_n=30)
    changes = compare_subset(customers_only(frame, scores, index=index)[1][["csi"]], subset=inside, design=design)
    scores = scores.where(inside)
    totals[("csi", "")] = float(scores["csi"].notna().sum())
    for key in QUESTIONS:
        totals[("csi", key)] = float((scores["csi"].notna() & frame[key].notna()).sum())
    for construct in ("a", "b", "sat", "loy"):
        totals[(construct, "")] = float(scores[construct].notna().sum())
        for key in QUESTIONS:
            totals[(construct, key)] = float((scores[construct].notna() & frame[key].notna()).sum())
    tables = {
        "csi_overall": result.overall,
        "csi_dimensions": result.dimensions,
        "csi_items": result.items,
        "csi_segments": by.segments,
        "segment_dimensions": by.dimensions,
        "construct_levels": by.levels,
        "csi_outside": outside,
        "index_groups": groups.index,
        "dimension_groups": groups.dimensions,
        "cleaning_sensitivity": changes.rename(columns={"subset": "kept"}).assign(unflagged=changes["subset"]),
    }
    return tables | ({"mode_index": modes.table} if modes is not None else {})


def _model(frame: pd.DataFrame, rng: np.random.Generator, totals: dict) -> dict[str, pd.DataFrame]:
    """Paths by group, from the complete interviews."""
    complete = frame[frame[["a0", "b0", "sat0"]].notna().all(axis=1)]
    totals[("complete", "kind")] = float(complete["kind"].notna().sum())
    counts = complete.groupby("kind", sort=True).size()
    paths = pd.DataFrame({"question": "kind", "category": counts.index, "n": counts.to_numpy()})
    paths = paths.assign(outcome="sat", predictor="a", std=rng.normal(0.4, 0.1, len(paths)), std_low=0.2, std_high=0.6)
    ends = {"lowest_category": counts.index[0], "lowest": 0.1, "highest_category": counts.index[-1], "highest": 0.6}
    equality = pd.DataFrame([{"outcome": "sat", "predictor": "a", "question": "kind", **ends, "p_adjusted": 0.3}])
    return {"paths_by_group": paths, "path_equality": equality}


def _fieldwork(frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Response by stratum: interviews among the customers who were asked."""
    interviews = frame.groupby("kind", sort=True).size()
    asked = interviews + rng.integers(0, 200, len(interviews))
    rates = pd.DataFrame({"category": interviews.index, "n": asked.to_numpy(), "rr1": (interviews / asked).to_numpy()})
    others = {"ci_low": 0.1, "ci_high": 0.9, "rr3": rates["rr1"], "cooperation_rate": 0.5, "refusal_rate": 0.2}
    strata = rates.assign(**others, contact_rate=0.6)
    low, high = rates["rr1"].idxmin(), rates["rr1"].idxmax()
    layer = {"variable": "stratum", "unconditional": 0.01, "conditional": 0.01}
    for end, place in (("low", low), ("high", high)):
        layer |= {
            f"{end}_{name}": rates[column].iloc[place]
            for name, column in (("category", "category"), ("rate", "rr1"), ("n", "n"))
        }
    return {"response_strata": strata, "representativity": pd.DataFrame([layer])}
