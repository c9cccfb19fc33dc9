"""Random editions with small groups go through the gate, and a stranger reads what comes out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from audit.editions import edition
from audit.stranger import leaks

from analysis.edition.sections.disclosure import Disclosure

EDITIONS = 25
"""So many in every run; `python tests/publish/audit/run.py 300` takes as many as it is told."""


@pytest.mark.parametrize("seed", range(EDITIONS))
def test_nothing_withheld_can_be_worked_out_from_a_random_edition(seed: int, tmp_path: Path) -> None:
    made = edition(seed)
    shown = made.publish(tmp_path)
    assert leaks(tmp_path, totals=made.totals, min_base=30, population=made.population) == []
    bases = pd.concat([frame["n"].dropna() for name, frame in shown.items() if "n" in frame])
    assert (bases.empty or bases.min() >= 30) or (bases[bases < 30] == 0).all()


def test_the_stranger_finds_what_tables_suppressed_one_by_one_give_away(tmp_path: Path) -> None:
    """The fault this closes: each table hides its small cells and a partner, and another table shows the partner."""
    found = 0
    for seed in range(0, 24, 2):
        made, folder = edition(seed), tmp_path / str(seed)
        folder.mkdir()
        for name, frame in made.tables.items():
            alone = type(made)({name: frame}, made.totals, made.population, made.index, made.rules)
            alone.publish(folder)
        found += bool(leaks(folder, totals=made.totals, min_base=30, population=made.population))
    assert found >= 3


@pytest.mark.parametrize("min_base", [5, 60])
def test_other_bases_hold_as_well(min_base: int, tmp_path: Path) -> None:
    made = edition(1, rules=Disclosure(min_base=min_base))
    made.publish(tmp_path)
    assert leaks(tmp_path, totals=made.totals, min_base=min_base, population=made.population) == []
