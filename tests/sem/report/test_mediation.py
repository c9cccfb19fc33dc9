"""Effects along single routes against lavaan's products of paths, and what must hold for any model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.structural import Structural
from analysis.sem.model.reader import check_model
from analysis.sem.report.mediation import ARROW, routes
from analysis.sem.structural import StructuralResult, fit_structural
from analysis.survey.design.survey_design import specify_design

CSIBANK = {"IMAG": 6, "EXPE": 4, "QUAL": 7, "VAL": 4, "SAT": 3, "LOY": 3}
CHAIN = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3\nd =~ d1 + d2 + d3\nb ~ a\nc ~ a + b\nd ~ a + b + c"
ECSI = Callable[..., tuple[str, Instrument]]


@pytest.fixture(scope="module")
def chain(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument({key: [f"{key}{i}" for i in (1, 2, 3)] for key in "abcd"}, d="loyalty")


@pytest.fixture(scope="module")
def mediated(chain: Instrument) -> StructuralResult:
    """Four constructs in a row, every path positive, each open to all before it."""
    random = np.random.default_rng(7)
    a = random.normal(size=400)
    b = 0.6 * a + random.normal(scale=0.6, size=400)
    c = 0.3 * a + 0.4 * b + random.normal(scale=0.6, size=400)
    d = 0.2 * a + 0.3 * b + 0.4 * c + random.normal(scale=0.6, size=400)
    items = {f"{key}{i}": latent for key, latent in zip("abcd", (a, b, c, d), strict=True) for i in (1, 2, 3)}
    frame = pd.DataFrame({name: latent + random.normal(scale=0.6, size=400) for name, latent in items.items()})
    return fit_structural(frame, model=CHAIN, instrument=chain, structural=Structural(bootstrap=200))


@pytest.mark.parametrize("case", ["ml", "weighted"])
def test_routes_equal_the_products_that_lavaan_defines(
    shared: Path, ecsi: ECSI, lavaan: Callable[[str], dict[str, Any]], case: str
) -> None:
    model, instrument = ecsi(**CSIBANK)
    frame = pd.read_csv(shared / "data" / "csibank" / "csibank.csv")
    weights = 1 + np.arange(1, len(frame) + 1) % 5 / 2
    design = specify_design(len(frame), weights=weights) if case == "weighted" else None
    structural = Structural(estimator="MLR" if case == "weighted" else "ML", missing="listwise")
    result = fit_structural(frame, model=model, instrument=instrument, structural=structural, design=design)
    table = result.mediation.set_index("route")
    golden = lavaan("sem_mediation")[case]
    share, share_se = golden.pop("QUAL_share_VAL")[:2]
    through = result.mediators.set_index(["predictor", "outcome", "mediator"]).loc[("QUAL", "LOY", "VAL")]
    assert through["share"] == pytest.approx(share, abs=1e-4)
    assert through["share_high"] - through["share"] == pytest.approx(1.959963984540054 * share_se, rel=1e-3)
    assert len(golden) == 10
    for name, (estimate, se, std, std_se) in golden.items():
        row = table.loc[name.replace("_", ARROW)]
        assert row["estimate"] == pytest.approx(estimate, abs=1e-4)
        assert row["se"] == pytest.approx(se, rel=1e-3)
        assert row["std"] == pytest.approx(std, abs=1e-4)
        assert row["std_high"] - row["std"] == pytest.approx(1.959963984540054 * std_se, rel=1e-3)
    # expectations lower satisfaction directly and raise it through quality and value: parts of a sum, not shares
    assert table.loc[["IMAG → LOY", "EXPE → SAT → LOY"], "share"].isna().all()
    assert table.loc["QUAL → SAT → LOY", "share"] > 0


def test_routes_are_all_there_and_the_shortest_come_first(chain: Instrument) -> None:
    syntax = check_model(CHAIN, instrument=chain, where="model")
    assert routes(syntax, "a", "d") == [
        ("a", "d"),
        ("a", "b", "d"),
        ("a", "c", "d"),
        ("a", "b", "c", "d"),
    ]
    assert routes(syntax, "d", "a") == []


def test_routes_add_up_to_the_total_effect(mediated: StructuralResult) -> None:
    total = mediated.effects[mediated.effects["effect"] == "total"].set_index(["predictor", "outcome"])
    sums = mediated.mediation.groupby(["predictor", "outcome"])[["estimate", "std", "share"]].sum()
    assert list(sums.index) == [("a", "d"), ("b", "d")]
    for column in ("estimate", "std"):
        assert sums[column].to_numpy() == pytest.approx(total.loc[sums.index, column].to_numpy(), abs=1e-12)
    assert sums["share"].to_numpy() == pytest.approx(1.0)


def test_routes_of_the_replicates_add_up_as_well(mediated: StructuralResult) -> None:
    assert mediated.bootstrap is not None
    assert mediated.mediation_bootstrap is not None
    total = mediated.bootstrap[mediated.bootstrap["effect"] == "total"].set_index(["predictor", "outcome"])["std"]
    sums = mediated.mediation_bootstrap.groupby(["predictor", "outcome"])["std"].sum()
    assert sums.to_numpy() == pytest.approx(total.loc[sums.index].to_numpy(), abs=1e-12)


def test_a_single_route_has_the_bootstrap_interval_of_the_indirect_effect(mediated: StructuralResult) -> None:
    """b reaches d past itself only through c: effect and route are one quantity, and so are its intervals."""
    assert mediated.bootstrap is not None
    assert mediated.mediation_bootstrap is not None
    ends = ["percentile_low", "percentile_high", "bca_low", "bca_high"]
    effect = mediated.bootstrap.set_index(["predictor", "effect"]).loc[("b", "indirect"), ends]
    route = mediated.mediation_bootstrap.set_index("route").loc["b → c → d", ends]
    assert route.to_numpy(float) == pytest.approx(effect.to_numpy(float), abs=1e-12)


def test_effects_through_a_mediator_are_the_routes_that_touch_it(mediated: StructuralResult) -> None:
    mediators, table = mediated.mediators.set_index(["predictor", "mediator"]), mediated.mediation.set_index("route")
    assert list(mediators.index) == [("a", "b"), ("a", "c"), ("b", "c")]
    through = table.loc[["a → b → d", "a → b → c → d"]]
    assert mediators.loc[("a", "b"), "std"] == pytest.approx(through["std"].sum(), abs=1e-12)
    assert mediators.loc[("a", "b"), "share"] == pytest.approx(through["share"].sum(), abs=1e-12)


def test_a_mediator_on_every_route_has_the_whole_effect_and_no_interval(chain: Instrument) -> None:
    random = np.random.default_rng(5)
    values = random.normal(size=(300, 1)) + random.normal(scale=0.8, size=(300, 9))
    frame = pd.DataFrame(values, columns=[f"{key}{i}" for key in "abd" for i in (1, 2, 3)])
    model = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nd =~ d1 + d2 + d3\nb ~ a\nd ~ b"
    table = fit_structural(frame, model=model, instrument=chain, structural=Structural()).mediators
    assert table["share"].tolist() == pytest.approx([1.0])
    assert table[["share_low", "share_high"]].isna().all(axis=None)
