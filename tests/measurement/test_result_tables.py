"""Tables of the step: what could be computed is there, and what could not leaves no trace but empty cells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis.measurement.result_tables import measurement_tables
from analysis.optional import absent, given

FIT = dict.fromkeys(("n", "chi2", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr"), 1.0)
FRAMES: dict[str, Any] = {
    "items": pd.DataFrame({"item": ["a1", "a2"], "mean": [3.0, 4.0]}),
    "reliability": pd.DataFrame({"construct": ["a"], "alpha": [0.8]}),
    "verdicts": pd.DataFrame({"construct": ["a"], "verdict": ["sound"]}),
    "pairs": pd.DataFrame({"construct": [], "other": []}),
}
NOTHING: dict[str, Any] = dict.fromkeys(("factors", "explored", "confirmed", "single", "comparable"), absent("no data"))


def _confirmed(**extra: float) -> Any:
    constructs = pd.DataFrame({"construct": ["a"], "omega": [0.9], "omega_low": [0.8], "omega_high": [0.95]})
    found = SimpleNamespace(constructs=constructs, loadings=pd.DataFrame({"item": ["a1"]}), record=lambda: FIT | extra)
    return given(found, "")


def test_without_any_method_the_descriptive_tables_stay() -> None:
    tables = measurement_tables(**FRAMES, **NOTHING)
    assert set(tables) == {"item_statistics", "reliability", "construct_verdicts"}
    assert tables["item_statistics"]["msa"].isna().all()
    assert tables["reliability"][["omega", "omega_low", "omega_high"]].isna().all(axis=None)


def test_a_confirmed_model_brings_omega_validity_loadings_and_its_fit() -> None:
    tables = measurement_tables(**FRAMES, **(NOTHING | {"confirmed": _confirmed(), "single": _confirmed(cfi=0.5)}))
    assert tables["reliability"].loc[0, "omega"] == 0.9
    assert tables["measurement_fit"][["model", "cfi"]].to_numpy().tolist() == [["constructs", 1.0], ["single", 0.5]]
    assert {"validity", "measurement_loadings"} <= set(tables)


@pytest.mark.parametrize(("retained", "shown"), [(1, 5), (3, 7)])
def test_eigenvalues_end_a_little_after_the_last_retained(retained: int, shown: int) -> None:
    factors = SimpleNamespace(
        retained=retained,
        msa=pd.DataFrame({"item": ["a1"], "msa": [0.7]}),
        eigenvalues=pd.DataFrame({"number": range(1, 20)}),
    )
    tables = measurement_tables(**FRAMES, **(NOTHING | {"factors": given(factors, "")}))
    assert len(tables["eigenvalues"]) == shown
    assert tables["item_statistics"]["msa"].tolist()[0] == 0.7
    assert tables["item_statistics"]["msa"].isna().tolist() == [False, True]


def test_pairs_exploration_and_comparison_are_shown_where_they_are() -> None:
    pairs = pd.DataFrame({"construct": ["a"], "other": ["b"]})
    explored, comparable = SimpleNamespace(items=FRAMES["items"]), SimpleNamespace(steps=pairs)
    some = NOTHING | {"explored": given(explored, ""), "comparable": given(comparable, "")}
    tables = measurement_tables(**(FRAMES | {"pairs": pairs}), **some)
    assert {"construct_pairs", "factor_loadings", "invariance"} <= set(tables)
