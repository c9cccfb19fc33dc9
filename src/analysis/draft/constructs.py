"""Constructs of an undescribed survey: by the common names of items where there are, else by exploratory factors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.draft.scales import Rated, asks_for_rating, family
from analysis.draft.sheet import Column
from analysis.edition.instrument import Instrument, Role
from analysis.errors import MethodError

_OVERALL = re.compile(r"总体|整体|总的来说|overall|in general|all in all")
_SATISFIED = re.compile(r"\bcsat\b|^sat|satisf|满意")
_LOYAL = re.compile(r"^loy|loyal|recommend|推荐|忠诚|再次|继续使用|\bnps\b")
RECOMMENDED = re.compile(r"recommend|推荐")
RATED = "Rated items"
"""Name of the construct of all items where nothing divides them."""
MOST_FACTORED, LEAST_ROWS = 60, 50
"""Items that are factored, and complete rows that factors need."""


@dataclass
class Group:
    """Items of one construct by their place among the rated ones, with what speaks for it; `overall` for the whole."""

    name: str
    places: list[int]
    role: Role = "dimension"
    evidence: str = ""
    reversed: dict[int, float] = field(default_factory=dict)
    overall: bool = False


def group_items(rated: Rated) -> tuple[list[Group], str]:
    """Groups of the rated items, and what exploratory factors say of how many there are."""
    columns = rated.columns
    if not columns:
        return [], ""
    families: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        families.setdefault(family(column), []).append(place)
    named = {name: places for name, places in families.items() if name and len(places) > 1}
    factors, evidence = _factors(rated)
    if len(named) > 1:
        groups = [Group(name, places, evidence=f"items named {name}") for name, places in named.items()]
        rest = [place for place in range(len(columns)) if not any(place in group.places for group in groups)]
        groups += [Group(columns[place].name, [place], evidence="a single item") for place in rest]
    elif factors:
        groups = factors
    else:
        overall = [place for place, column in enumerate(columns) if _OVERALL.search(column.said)]
        rest = [place for place in range(len(columns)) if place not in overall]
        groups = [Group(RATED if named or len(rest) > 1 else columns[rest[0]].name, rest)] if rest else []
        groups += [Group(columns[place].name, [place], evidence="a single item") for place in overall]
    groups = _with_recommending(_with_overall(groups, columns), columns)
    if not any(asks_for_rating(column) for column in columns) and all(block.continuous for block in rated.blocks):
        _without_index(groups)
    else:
        _give_roles(groups, columns)
    for group in groups:
        group.reversed = _against_the_others(rated, group)
    return groups, evidence


def _with_overall(groups: list[Group], columns: tuple[Column, ...]) -> list[Group]:
    """Overall ratings stand apart: they are what the others are to explain."""
    overall = [p for p, column in enumerate(columns) if _OVERALL.search(column.said) and _SATISFIED.search(column.said)]
    if not overall or len(overall) == len(columns):
        return groups
    kept = [Group(g.name, [p for p in g.places if p not in overall], g.role, g.evidence) for g in groups]
    kept = [group for group in kept if group.places]
    return [
        *kept,
        Group(columns[overall[0]].name, overall, "satisfaction", "asks for satisfaction overall", overall=True),
    ]


def _with_recommending(groups: list[Group], columns: tuple[Column, ...]) -> list[Group]:
    """So does whether people would recommend, unless all of its group asks for loyalty."""
    mixed = [g for g in groups if not all(_LOYAL.search(columns[place].said) for place in g.places)]
    apart = [p for group in mixed for p in group.places if RECOMMENDED.search(columns[p].said)]
    if not apart:
        return groups
    kept = [
        Group(g.name, [p for p in g.places if p not in apart], g.role, g.evidence, overall=g.overall) for g in groups
    ]
    return [*kept, Group(columns[apart[0]].name, apart, "loyalty", "asks for recommending")]


def _give_roles(groups: list[Group], columns: tuple[Column, ...]) -> None:
    """Satisfaction and loyalty by their names; at least one group stays a dimension."""
    for group in groups:
        words = [group.name.casefold(), *(columns[place].said for place in group.places)]
        dimensions = sum(other.role == "dimension" for other in groups)
        if group.role != "dimension" or dimensions < 2:
            continue
        if not any(other.role == "satisfaction" for other in groups) and _SATISFIED.search(words[0]):
            group.role = "satisfaction"
        elif all(_LOYAL.search(word) for word in words[1:]) or _LOYAL.search(words[0]):
            group.role = "loyalty"


def _without_index(groups: list[Group]) -> None:
    """Scores that nothing shows to be ratings, such as those of a test, make no index of satisfaction."""
    for group in groups:
        group.role = "other"
        group.evidence += ("; " if group.evidence else "") + "no index is made of them unless their role is dimension"


def _factors(rated: Rated) -> tuple[list[Group], str]:
    """A group for each factor that parallel analysis keeps, and the evidence in words; none where there is no basis."""
    from analysis.measurement.exploration import explore_factors
    from analysis.measurement.factorability import factorability

    keys = [f"i{place}" for place in range(len(rated.columns))]
    frame = pd.DataFrame(rated.scores, columns=keys)
    if not 4 <= len(keys) <= MOST_FACTORED or len(frame.dropna()) < LEAST_ROWS:
        return [], ""
    instrument = _trial(keys)
    try:
        adequate = factorability(frame, instrument=instrument, replicates=200)
        count = max(adequate.retained, 1)
        found = explore_factors(frame, instrument=instrument, factors=count)
    except MethodError:
        return [], ""
    evidence = f"parallel analysis keeps {count} factor(s); KMO {adequate.kmo:.2f}, n = {adequate.n}"
    strength = np.abs(found.loadings)
    owner = strength.argmax(axis=1)
    groups: list[Group] = []
    for factor in dict.fromkeys(owner.tolist()):
        places = [place for place in range(len(keys)) if owner[place] == factor]
        loads = ", ".join(f"{rated.columns[p].name[-24:]} {strength[p, factor]:.2f}" for p in places[:8])
        groups.append(Group(f"Factor {len(groups) + 1}", places, evidence=f"loadings: {loads}"))
    if len(groups) == 1:
        groups[0].name = RATED
    return groups, evidence


def _trial(keys: list[str]) -> Instrument:
    text = {"zh": "-", "en": "-"}
    construct = {"key": "all", "role": "dimension", "name": text, "items": [{"key": key, **text} for key in keys]}
    return Instrument.model_validate({"name": text, "scale": {"min": 0, "max": 1}, "constructs": [construct]})


def _against_the_others(rated: Rated, group: Group) -> dict[int, float]:
    """Items that correlate negatively with the others of their group, beyond chance, and how much."""
    if len(group.places) < 3:
        return {}
    scores = pd.DataFrame(rated.scores[:, group.places]).dropna()
    if len(scores) < LEAST_ROWS:
        return {}
    correlations = scores.corr().to_numpy(copy=True)
    np.fill_diagonal(correlations, np.nan)
    typical = np.nanmedian(correlations, axis=1)
    limit = -2 / np.sqrt(len(scores))
    return {place: float(r) for place, r in zip(group.places, typical, strict=True) if r < limit}
