"""Data that a model can hardly be fitted to: a verdict or an error for people, never a warning of NumPy, never a crash.

Warnings are errors in all tests of this project.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.scales import Scale
from analysis.edition.sections.structural import Structural
from analysis.errors import EditionError, MethodError
from analysis.sem.structural import StructuralResult, fit_structural
from analysis.survey.design.survey_design import SurveyDesign, specify_design

BLOCKS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"]}
MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3\nb ~ a\nc ~ a + b"
N = 200
ROW = np.arange(N)


def _answers(n: int = N, *, ordered: bool = False) -> pd.DataFrame:
    random = np.random.default_rng(0)
    a = random.normal(size=n)
    b = 0.6 * a + 0.8 * random.normal(size=n)
    c = 0.2 * a + 0.5 * b + 0.8 * random.normal(size=n)
    answers = np.column_stack([construct + 0.6 * random.normal(size=n) for construct in (a, b, c) for _ in range(3)])
    frame = pd.DataFrame(answers, columns=[item for items in BLOCKS.values() for item in items])
    return (frame * 1.2 + 3).round().clip(1, 5) if ordered else frame


def _gaps(frame: pd.DataFrame, share: float) -> pd.DataFrame:
    return frame.mask(np.random.default_rng(1).random(frame.shape) < share)


Change = Callable[[pd.DataFrame], pd.DataFrame]
FITTED: dict[str, Change] = {
    "an outlier of 1e15": lambda d: d.assign(a1=d["a1"].where(ROW != 3, 1e15)),
    "huge": lambda d: d * 1e12,
    "tiny": lambda d: d * 1e-12,
    "scales of all sizes": lambda d: d.assign(a1=d["a1"] * 1e9, b1=d["b1"] * 1e-9),
    "items never answered together": lambda d: d.assign(a1=d["a1"].where(ROW < 100), b1=d["b1"].where(ROW >= 100)),
    "half of it missing": lambda d: _gaps(d, 0.5),
    "noise": lambda d: pd.DataFrame(np.random.default_rng(3).normal(size=d.shape), columns=d.columns),
    "nearly constant": lambda d: d.assign(a1=np.where(ROW < 2, 4.0, 3.0)),
}
REFUSED: dict[str, tuple[Change, str]] = {
    "a constant": (lambda d: d.assign(a1=3.0), "same answer"),
    "a copy": (lambda d: d.assign(a2=d["a1"]), "repeat each other"),
    "a copy turned round": (lambda d: d.assign(a2=-d["a1"]), "repeat each other"),
    "a copy in another construct": (lambda d: d.assign(b1=d["a1"]), "repeat each other"),
    "a sum of others": (lambda d: d.assign(a3=d["a1"] + d["a2"]), "repeat each other"),
    "no answers to an item": (lambda d: d.assign(a1=np.nan), "too few answers"),
    "endless": (lambda d: d.assign(a1=d["a1"].where(ROW != 3, np.inf)), "infinite"),
    "few rows": (lambda d: d.head(9), "too few"),
    "one row": (lambda d: d.head(1), "single primary sampling unit"),
    "no row": (lambda d: d.head(0), "no interview"),
}
DESIGNS: dict[str, tuple[dict[str, object], bool]] = {
    "one weight of 1e6": ({"weights": np.where(ROW == 0, 1e6, 1.0)}, True),
    "weights of all sizes": ({"weights": np.exp(3 * np.random.default_rng(5).normal(size=N))}, True),
    "tiny weights": ({"weights": np.full(N, 1e-12)}, False),
    "two units": ({"psu": (ROW < 100).astype(int)}, True),
    "three units": ({"psu": ROW % 3}, True),
    "two strata of one unit": ({"psu": ROW % 2, "strata": ROW % 2}, True),
    "fifty units": ({"psu": ROW % 50}, False),
}


@pytest.fixture
def instrument(build_instrument: Callable[..., Instrument]) -> Instrument:
    return build_instrument(BLOCKS, c="loyalty")


def _fit(
    frame: pd.DataFrame,
    instrument: Instrument,
    estimator: str = "MLR",
    design: SurveyDesign | None = None,
    ordered: tuple[str, ...] = (),
) -> StructuralResult:
    missing = "listwise" if estimator == "WLSMV" else "fiml"
    params = Structural.model_validate({"estimator": estimator, "missing": missing, "ordered": ordered})
    return fit_structural(frame, model=MODEL, instrument=instrument, structural=params, design=design)


@pytest.mark.parametrize("case", FITTED)
def test_what_can_be_fitted_is_and_says_what_speaks_against_it(case: str, instrument: Instrument) -> None:
    result = _fit(FITTED[case](_answers()), instrument)
    assert result.converged or "not_converged" in result.verdicts
    if not result.verdicts:
        assert np.isfinite(result.paths["se"]).all()


@pytest.mark.parametrize("case", ["huge", "tiny", "scales of all sizes"])
def test_the_unit_of_the_answers_changes_no_test(case: str, instrument: Instrument) -> None:
    plain, scaled = _fit(_answers(), instrument), _fit(FITTED[case](_answers()), instrument)
    assert scaled.record()["chi2"] == pytest.approx(plain.record()["chi2"], rel=1e-6)
    assert scaled.paths["std"].to_list() == pytest.approx(plain.paths["std"].to_list(), rel=1e-5)


def test_a_construct_of_several_scales_has_the_same_standardised_paths_and_is_no_ordered_answer(
    instrument: Instrument,
) -> None:
    """Sliders beside Likert answers: the model knows no unit, and WLSMV takes what is no category as a number."""
    slider = Scale(min=0, max=100, continuous=True)
    first, *others = instrument.constructs
    items = (first.items[0].model_copy(update={"scale": slider}), *first.items[1:])
    mixed = instrument.model_copy(update={"constructs": (first.model_copy(update={"items": items}), *others)})
    likert = _answers(ordered=True)
    moved = likert.assign(a1=25 * (likert["a1"] - 1))
    plain, scaled = _fit(likert, instrument), _fit(moved, mixed)
    assert scaled.record()["chi2"] == pytest.approx(plain.record()["chi2"], rel=1e-6)
    assert scaled.paths["std"].to_list() == pytest.approx(plain.paths["std"].to_list(), rel=1e-5)
    assert _fit(moved, mixed, "WLSMV").record()["numbers"] == ["a1"]
    with pytest.raises(EditionError, match=r"(?s)answers to 'a1' are no ordered categories.*ordered.*0 to 100"):
        _fit(moved, mixed, "WLSMV", ordered=("a1",))


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_not_is_refused_with_the_reason(case: str, instrument: Instrument) -> None:
    change, reason = REFUSED[case]
    with pytest.raises(MethodError, match=reason):
        _fit(change(_answers()), instrument)


@pytest.mark.parametrize("case", DESIGNS)
def test_a_design_with_fewer_independent_units_than_parameters_is_told(case: str, instrument: Instrument) -> None:
    options, few = DESIGNS[case]
    design = specify_design(N, singleton="centred", **options)  # type: ignore[arg-type]
    result = _fit(_gaps(_answers(), 0.1), instrument, design=design)
    assert ("few_units" in result.verdicts) is few


def test_a_weight_of_nothing_is_refused(instrument: Instrument) -> None:
    design = specify_design(N, weights=np.where(ROW < 100, 0.0, 1.0))
    with pytest.raises(MethodError, match="needs a positive weight for every row"):
        _fit(_answers(), instrument, design=design)


def test_one_unit_gives_ordered_answers_nothing_to_weight_by(instrument: Instrument) -> None:
    design = specify_design(N, psu=np.zeros(N, dtype=int), singleton="centred")
    with pytest.raises(MethodError, match="no variance to weight them by"):
        _fit(_answers(ordered=True), instrument, "WLSMV", design)
    assert "few_units" in _fit(_answers(ordered=True), instrument, "MLR", design).verdicts
