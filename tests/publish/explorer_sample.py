"""A survey with the instrument of the 2025 edition, released, for the tests of the explorer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.edition import Edition, load_edition
from analysis.publish.parts import all_parts
from analysis.publish.release import names_of, release
from analysis.publish.words.escape import plain
from analysis.results import Store
from analysis.satisfaction.crossings import index_by_groups
from analysis.satisfaction.index import satisfaction_index, score_respondents
from analysis.satisfaction.segments import segment_index

ROOT = Path(__file__).resolve().parents[2]
PLANTED, PLANTED_N = 61.2345, 17
"""Score and number of people that stand in every group to be withheld."""


def edition() -> Edition:
    """The edition whose instrument and rules hold."""
    return load_edition(ROOT / "params" / "2025.yml")


def computed(known: Edition, *, n: int = 1500, seed: int = 5) -> dict[str, pd.DataFrame]:
    """Tables of random answers; a few groups have fewer than 30 people, and there PLANTED is what they said."""
    rng = np.random.default_rng(seed)
    instrument = known.instrument
    frame = pd.DataFrame({"respondent_id": [f"r{i}" for i in range(n)]})
    for question in instrument.profile:
        codes = [category.code for category in question.categories]
        frame[question.key] = rng.choice(codes, n, p=rng.dirichlet(np.full(len(codes), 6.0)))
    level = 3.8 + (frame["institution_type"] == "bank") * 0.4
    for item in instrument.item_keys:
        frame[item] = np.clip(np.round(level + rng.normal(0, 0.8, n)), 1, 5)
    options = {"instrument": instrument, "index": known.index}
    scores = score_respondents(frame, **options)
    result, by = satisfaction_index(frame, scores, **options), segment_index(frame, scores, **options)
    groups = index_by_groups(frame, scores, **options)
    tables = {
        "csi_overall": result.overall,
        "csi_dimensions": result.dimensions,
        "csi_items": result.items,
        "csi_segments": by.segments,
        "segment_dimensions": by.dimensions,
        "construct_levels": by.levels,
        "index_groups": groups.index,
        "dimension_groups": groups.dimensions,
    }
    for name in ("index_groups", "dimension_groups"):
        few = tables[name]["n"] < known.disclosure.min_base
        tables[name].loc[few, ["score", "ci_low", "ci_high", "n"]] = [PLANTED, PLANTED - 1, PLANTED + 1, PLANTED_N]
    return tables


def publish(folder: Path, known: Edition, tables: dict[str, pd.DataFrame]) -> Store:
    """A store with what passed disclosure of the tables."""
    store = Store(folder)
    released = release(tables, all_parts(), rules=known.disclosure, names=names_of(known), outside=known.index.exclude)
    for name, frame in released.items():
        store.save_table(name, frame)
    return store


def renamed(known: Edition, texts: tuple[str, ...]) -> Edition:
    """The edition with every answer of two questions, the questions and the constructs named by hostile texts."""
    given = iter([text for text in texts if plain(text).strip()] * 3)
    instrument = known.instrument
    profile = [
        question.model_copy(
            update={
                "name": {"zh": text, "en": text},
                "categories": tuple(
                    one.model_copy(update={"zh": (own := next(given)), "en": own}) for one in question.categories
                ),
            }
        )
        for question in instrument.profile
        for text in [next(given)]
    ]
    constructs = [
        one.model_copy(update={"name": {"zh": (own := next(given)), "en": own}}) for one in instrument.constructs
    ]
    changed = instrument.model_copy(update={"profile": tuple(profile), "constructs": tuple(constructs)})
    return known.model_copy(update={"instrument": changed})
