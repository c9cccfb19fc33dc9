"""Random editions with small groups go through the gate, and a stranger reads what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from audit.editions import edition, edition_of, respondents
from audit.stranger import leaks

from analysis.edition.sections.disclosure import Disclosure

GROUPS = {"index_groups", "dimension_groups"}
FEW, EDITIONS, WITH_OUTSIDERS = 3, 25, 8
"""So many in a quick run, in a whole one, and with people outside the index; `python tests/publish/audit/run.py 300`
takes as many as it is told."""


def _seeds(count: int) -> list[Any]:
    """Seeds of editions, of which a quick run takes the first ones."""
    return [pytest.param(seed, marks=[pytest.mark.simulation] if seed >= FEW else []) for seed in range(count)]


@pytest.mark.parametrize("seed", _seeds(EDITIONS))
def test_nothing_withheld_can_be_worked_out_from_a_random_edition(seed: int, tmp_path: Path) -> None:
    made = edition(seed)
    shown = made.publish(tmp_path)
    assert leaks(tmp_path, totals=made.totals, min_base=30, population=made.population) == []
    bases = pd.concat([frame["n"].dropna() for name, frame in shown.items() if "n" in frame])
    assert (bases.empty or bases.min() >= 30) or (bases[bases < 30] == 0).all()


def test_the_stranger_finds_what_tables_suppressed_one_by_one_give_away(tmp_path: Path) -> None:
    """The fault this closes: each table hides its small cells and a partner, and another table shows the partner."""
    found, tables = 0, set()
    for seed in range(0, 16, 2):
        made, folder = edition(seed), tmp_path / str(seed)
        folder.mkdir()
        for name, frame in made.tables.items():
            alone = type(made)({name: frame}, made.totals, made.population, made.index, made.rules)
            alone.publish(folder)
        told = leaks(folder, totals=made.totals, min_base=30, population=made.population)
        found, tables = found + bool(told), tables | {leak.table for leak in told}
        if found >= 3 and tables & GROUPS:
            return
    pytest.fail(f"found in {found} editions, in {sorted(tables)}")


@pytest.mark.parametrize("min_base", [5, 60])
def test_other_bases_hold_as_well(min_base: int, tmp_path: Path) -> None:
    made = edition(1, rules=Disclosure(min_base=min_base))
    made.publish(tmp_path)
    assert leaks(tmp_path, totals=made.totals, min_base=min_base, population=made.population) == []


@pytest.mark.parametrize("seed", _seeds(WITH_OUTSIDERS))
def test_of_those_outside_the_index_only_their_number_is_told_where_they_are_few(seed: int, tmp_path: Path) -> None:
    """What they said is withheld, what customers said is not, and nothing follows from results with and without."""
    made = edition(seed, outsiders=True)
    shown = made.publish(tmp_path)
    assert leaks(tmp_path, totals=made.totals, min_base=30, population=made.population) == []
    outside, (code,) = shown["csi_outside"].iloc[0], made.index.exclude["kind"]
    profile = shown["sample_profile"]
    row = profile[(profile["question"] == "kind") & (profile["category"] == code)].iloc[0]
    if outside["n"] < 30:
        assert outside[["csi", "ci_low", "difference", "p_adjusted"]].isna().all()
        assert row["n"] == outside["n"]
    assert code not in set(shown["csi_segments"].query("segment == 'kind'")["category"])


def test_few_outside_do_not_cost_the_customers_their_results(tmp_path: Path) -> None:
    """Linked as a small group like any other, they would take every kind of customer with them."""
    frame, categories = respondents(3)
    kinds = ["k1"] * 400 + ["k2"] * 300 + ["k3"] * 200 + ["k0"] * 9
    many = frame.iloc[[i % len(frame) for i in range(909)]].reset_index(drop=True)
    many = many.assign(respondent_id=[f"r{i}" for i in range(909)], kind=kinds, region="r0")
    known = categories | {"kind": ["k0", "k1", "k2", "k3"], "region": ["r0"]}
    shown = edition_of(many, known, seed=2, exclude={"kind": ("k0",)}).publish(tmp_path)
    assert shown["csi_segments"].query("segment == 'kind'")["csi"].notna().all()
    assert shown["sample_profile"].query("question == 'kind'")["n"].tolist() == [9, 400, 300, 200]
    assert np.isnan(shown["csi_outside"]["csi"].iloc[0])
