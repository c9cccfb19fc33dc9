"""The one gate before publication: what a reader gets of small groups, table beside table, and how exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audit.editions import QUESTIONS, edition_of, respondents
from audit.stranger import printed_within
from printing import SPECS

from analysis.edition.sections.disclosure import Disclosure
from analysis.errors import ResultsError
from analysis.publish.parts import all_parts
from analysis.publish.release import release
from analysis.survey.weighting.stages import rake
from analysis.text.masking import MASK


def _release(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return release(tables, all_parts(), rules=Disclosure(), names={"csat": "high satisfaction", "stratum": "type"})


def _segments(bases: dict[str, int], question: str = "grade") -> pd.DataFrame:
    row = {"csi": 80.0, "ci_low": 79.0, "ci_high": 81.0, "csat": 0.7, "csat_low": 0.6, "csat_high": 0.8, "n_eff": 9.0}
    return pd.DataFrame([{"segment": question, "category": code, "n": n, **row} for code, n in bases.items()])


def _profile(bases: dict[str, int], question: str = "grade") -> pd.DataFrame:
    row = {"question": question, "share": 0.1, "weighted_share": 0.1}
    return pd.DataFrame([row | {"category": code, "n": n} for code, n in bases.items()])


BASES = {"a": 6, "b": 40, "c": 300, "d": 200}


def _gone(frame: pd.DataFrame, column: str = "n") -> list[str]:
    return frame.loc[frame[column].isna(), "category"].tolist()


def test_small_groups_are_blanked_and_stay_named() -> None:
    shown = _release(csi_segments=_segments({"NA": 12, "02": 40, "b": 300, "c": 200}))["csi_segments"]
    assert shown["category"].tolist() == ["NA", "02", "b", "c"]
    assert shown["csi"].isna().tolist() == [True, True, False, False]
    assert shown["n"].isna().tolist() == [True, True, False, False]


def test_the_profile_and_the_segments_withhold_the_same_groups() -> None:
    """Alone, the segments would hide nothing: whoever lacks an index makes a group small here and not there."""
    shown = _release(
        sample_profile=_profile(BASES | {"a": 31}), csi_segments=_segments(BASES | {"a": 29}), mode_index=_modes()
    )
    assert _gone(shown["sample_profile"]) == _gone(shown["csi_segments"]) == ["a", "b"]


def test_a_group_beside_its_benchmark_is_withheld_as_everywhere() -> None:
    """The level is public and its distance would tell the rest, so both go; a share that hardly anybody lacks too."""
    row = {"benchmark": 80.0, "unit": "percent", "ci_low": 70.0, "ci_high": 99.0, "p": 0.2, "p_adjusted": 0.2}
    values = [("grade", "b", 85.0, 40), ("grade", "c", 85.0, 300), ("grade", "d", 99.5, 200), ("", "", 85.0, 546)]
    text = dict.fromkeys(("key", "measure", "measured_zh", "measured_en", "year", "section"), "x")
    benchmarks = pd.DataFrame(
        [
            text
            | row
            | {"quantity": "high trust", "gap_unit": "points", "n_eff": float(n)}
            | {"question": question}
            | {"category": category, "value": value, "gap": value - 80.0, "n": n}
            for question, category, value, n in values
        ]
    )
    shown = _release(csi_segments=_segments(BASES), benchmark_comparison=benchmarks)["benchmark_comparison"]
    assert shown["value"].isna().tolist() == shown["gap"].isna().tolist() == [True, False, True, False]
    assert shown["n"].isna().tolist() == [True, False, False, False]
    assert shown["benchmark"].tolist() == [80.0] * 4


def _modes() -> pd.DataFrame:
    row = {
        "estimate": 80.0,
        "ci_low": 79.0,
        "ci_high": 81.0,
        "adjusted": 80.0,
        "adjusted_low": 79.0,
        "adjusted_high": 81,
    }
    return pd.DataFrame([{"category": code, "n": 100, **row} for code in ("app", "web")])


def test_gaps_to_the_population_go_with_any_withheld_category() -> None:
    """(gap + target) × n is a number of interviews, and no other category can be further off."""
    gap = {
        "n": 546,
        "dissimilarity": 0.1,
        "over_category": "c",
        "over_gap": 0.05,
        "under_category": "d",
        "under_gap": -0.1,
    }
    gaps = pd.DataFrame([{"question": "grade", **gap}, {"question": "other", **gap}])
    shown = _release(sample_profile=_profile(BASES), margin_gaps=gaps)["margin_gaps"]
    assert shown.loc[0, ["n", "dissimilarity", "over_category", "over_gap", "under_category", "under_gap"]].isna().all()
    assert shown.loc[1, "over_gap"] == 0.05


def test_a_withheld_group_is_not_named_as_the_last_of_any_specification() -> None:
    row = {"cleaning": "default", "weighting": "weights", "missing": "available", "scoring": "mean", "estimate": 80.0}
    row |= {"ci_low": 79.0, "ci_high": 81.0, "n": 540, "n_everyone": 540, "segment": "grade", "order_kept": 0.5}
    rows = [
        row | {"specification": 1, "first": "c", "last": "b"},
        row | {"specification": 2, "first": "c", "last": "d"},
    ]
    frame = pd.DataFrame(rows).assign(published=[True, False])
    shown = _release(csi_segments=_segments(BASES), specifications=frame)["specifications"]
    assert shown["first"].tolist() == ["c", "c"]
    assert shown["last"].tolist() == [None, "d"], "b is withheld with a, so that a does not follow"
    assert shown["estimate"].tolist() == [80.0, 80.0]


def test_what_tells_a_withheld_share_goes_with_it_in_every_table() -> None:
    """A step that is always late: its share is withheld, and so are the count of late cases and what is advised."""
    kept = {"t0": (161, 0.0, 161), "t1": (200, 0.8, 40)}
    steps, advice = [], []
    for step, (base, share, late) in kept.items():
        blank = dict.fromkeys(SPECS["service_steps"].sources) | {"scenario": "s0", "step": step, "place": f"s0.{step}"}
        error = {"ci_low": share, "ci_high": share, "on_time": share}
        steps.append(blank | error | {"base": base, "missed": late, "lost_hours": 10.0 * late, "late_hours": 10.0})
        blank = dict.fromkeys(SPECS["recommendations"].sources) | {"kind": "step", "logged_step": f"s0.{step}"}
        told = {"figure": 10.0 * late, "count": late, "baseline": 100 * share, "target": 50 + 50 * share}
        advice.append(blank | told | {"base": base, "unit": "percent", "figure_low": None, "figure_high": None})
    shown = _release(service_steps=pd.DataFrame(steps), recommendations=pd.DataFrame(advice))
    for name, columns in (
        ("service_steps", ["on_time", "missed", "lost_hours"]),
        ("recommendations", ["figure", "count", "baseline", "target"]),
    ):
        assert shown[name].loc[0, columns].isna().all(), name
        assert shown[name].loc[1, columns].notna().all(), name
    assert shown["service_steps"]["base"].tolist() == [161, 200]


def test_a_recommendation_on_a_theme_goes_with_the_texts_on_it_and_is_as_coarse_as_its_table() -> None:
    points, advice = [], []
    for theme, n in (("process", 400), ("product", 60), ("account", 50), ("funds", 5)):
        group, share = f"weak.theme={theme}", n / 3000
        told = {"theme": theme, "construct": None, "n": n, "texts": 3000, "group": group, "share": share}
        points.append(dict.fromkeys(SPECS["weak_points"].sources) | told | {"ci_low": share, "ci_high": share})
        blank = dict.fromkeys(SPECS["recommendations"].sources) | {"kind": "theme", "texts_of": group, "count": n}
        figures = {"figure": share, "figure_low": share, "figure_high": share}
        advice.append(
            blank | figures | {"baseline": 100 * share, "target": 90 * share, "base": 3000, "unit": "percent"}
        )
    shown = _release(weak_points=pd.DataFrame(points), recommendations=pd.DataFrame(advice))
    gone = shown["weak_points"]["share"].isna()
    assert gone.any()
    assert not gone.all()
    advised = shown["recommendations"]
    for name in ("figure", "figure_low", "figure_high", "count", "baseline", "target"):
        assert advised[name].isna().tolist() == gone.tolist(), name
    assert advised["figure"][~gone].tolist() == shown["weak_points"]["share"][~gone].tolist(), "as coarse as there"
    assert advised["baseline"][~gone].tolist() == pytest.approx((100 * advised["figure"][~gone]).tolist())


def _crossed(bases: dict[tuple[str, str], int]) -> pd.DataFrame:
    """The index by grade and place at once, as `index_by_groups` has it."""
    row = {
        "score": 80.0,
        "se": 0.5,
        "ci_low": 79.0,
        "ci_high": 81.0,
        "n_eff": 9.0,
        "question": "grade",
        "other": "place",
    }
    return pd.DataFrame(
        [
            row | {"category": one, "other_category": two, "group": f"grade={one}; place={two}", "n": n}
            for (one, two), n in bases.items()
        ]
    )


def test_a_withheld_group_by_two_questions_is_no_withheld_category_of_either() -> None:
    gap = {"n": 400, "dissimilarity": 0.1, "over_category": "a", "over_gap": 0.05, "under_category": "b"}
    gaps = pd.DataFrame([{"question": "grade", **gap, "under_gap": -0.1}])
    cells = {("a", "x"): 12, ("a", "y"): 188, ("b", "x"): 90, ("b", "y"): 110}
    profile = _profile({"a": 200, "b": 200})
    shown = _release(index_groups=_crossed(cells), sample_profile=profile, margin_gaps=gaps)
    assert shown["index_groups"]["n"].isna().all(), "the others follow from the margins"
    assert shown["sample_profile"]["n"].tolist() == [200, 200]
    assert shown["margin_gaps"].loc[0, "over_gap"] == 0.05


def test_groups_by_two_questions_are_protected_by_the_tables_of_one() -> None:
    """Enough of them stay, but none alone: 12 would be 200 − 188."""
    cells = {(one, two): 60 for one in "abc" for two in "xyz"} | {("a", "x"): 12}
    totals = {one: sum(n for (first, _), n in cells.items() if first == one) for one in "abc"}
    shown = _release(index_groups=_crossed(cells), csi_segments=_segments(totals))
    gone = shown["index_groups"].loc[shown["index_groups"]["n"].isna(), "group"].tolist()
    assert len(gone) == 4
    assert "grade=a; place=x" in gone
    assert shown["csi_segments"]["n"].notna().all()


def test_the_spread_of_weights_goes_with_a_withheld_class_of_response() -> None:
    weights = _weights({"a": 0.2, "b": 0.8}, {"a": 200, "b": 200})
    row = {"asked": 100.0, "answered": 50.0, "rate": 0.5, "factor": 2.0}
    classes = pd.DataFrame(
        [row | {"category": f"grade={one}; place={two}", "n": n} for one, two, n in (("a", "x", 12), ("a", "y", 188))]
    )
    absent = [name for name in SPECS["nonresponse_classes"].sources if name not in classes]
    shown = _release(**weights, nonresponse_classes=classes.assign(**dict.fromkeys(absent, 1.0)))
    assert shown["nonresponse_classes"]["n"].isna().any()
    assert "weighting_diagnostics" not in shown


def _weights(targets: dict[str, float], bases: dict[str, int]) -> dict[str, pd.DataFrame]:
    """A sample raked to one margin: a weight is target × N ÷ number, so that the largest tells a number."""
    codes = np.repeat(list(bases), list(bases.values()))
    frame = pd.DataFrame({"grade": codes.astype(object)})
    raked = rake(frame, margins={"grade": targets})
    return {"weighting_margins": raked.margins, "weighting_diagnostics": raked.diagnostics}


def test_the_spread_of_weights_that_would_tell_a_withheld_number_is_left_out() -> None:
    tables = _weights({"a": 0.02, "b": 0.1, "c": 0.5, "d": 0.38}, BASES)
    last = tables["weighting_diagnostics"].iloc[-1]
    assert 0.02 * 546 / last["max"] == pytest.approx(6), "the number of the withheld group follows from the largest"
    shown = _release(**tables)
    assert "weighting_diagnostics" not in shown
    assert _gone(shown["weighting_margins"]) == ["a", "b"]
    kept = _release(**_weights({"b": 0.1, "c": 0.5, "d": 0.4}, {"b": 40, "c": 300, "d": 200}))
    assert "weighting_diagnostics" in kept


def test_layers_of_the_response_that_are_small_or_all_alike_are_not_named() -> None:
    """4 of 4 and 0 of 3 answered; 100 of 100 tells on each of them too."""
    row = {"variable": "stratum", "unconditional": 0.01, "conditional": 0.02}
    ends = [(4, 1.0, 3, 0.0), (100, 1.0, 300, 0.4), (90, 0.6, 300, 0.4)]
    rows = [
        row | {"high_category": "a", "high_n": n, "high_rate": rate, "low_category": "b", "low_n": m, "low_rate": low}
        for n, rate, m, low in ends
    ]
    for one, (high, low) in zip(rows, [(True, True), (True, False), (False, False)], strict=True):
        shown = _release(representativity=pd.DataFrame([one]))["representativity"]
        assert shown[["high_category", "high_rate"]].isna().all(axis=None) == high
        assert shown[["low_category", "low_rate"]].isna().all(axis=None) == low


def test_paths_of_a_withheld_group_are_withheld() -> None:
    row = {"outcome": "s", "predictor": "p", "question": "grade", "std": 0.4, "std_low": 0.3, "std_high": 0.5}
    paths = pd.DataFrame([row | {"category": code, "n": n} for code, n in BASES.items()])
    ends = {"lowest_category": "a", "lowest": 0.1, "highest_category": "c", "highest": 0.6}
    equality = pd.DataFrame([{"outcome": "s", "predictor": "p", "question": "grade", "p_adjusted": 0.2, **ends}])
    shown = _release(paths_by_group=paths, path_equality=equality)
    assert _gone(shown["paths_by_group"], "std") == _gone(shown["paths_by_group"]) == ["a", "b"]
    assert shown["path_equality"].loc[0, ["lowest_category", "lowest"]].isna().all()
    assert shown["path_equality"].loc[0, "highest"] == 0.6


def test_patterns_of_gaps_of_few_are_withheld() -> None:
    patterns = {"pattern": [1, 2, 3, 4], "items": ["", "a1", "b1", "*"], "gaps": [0, 1, 1, None], "share": 0.1}
    table = pd.DataFrame(patterns | {"interviews": [400, 31, 28, 90]})
    shown = _release(missing_patterns=table)["missing_patterns"]
    assert shown["interviews"].isna().tolist() == [False, True, True, False]


def test_interviews_left_unfinished_by_few_are_withheld_with_those_that_would_tell() -> None:
    names = ["interviews", "without_gaps", "complete", "partial", "break_off", "broken_off"]
    table = pd.DataFrame(
        {"quantity": names, "accepted": [5982, 4857, 5937, 14, 31, 45], "kept": [5456, 4467, 5456, 0, 0, 0]}
    )
    shown = _release(missing_data=table)["missing_data"].set_index("quantity")
    assert shown["accepted"].isna().tolist() == [False, False, False, True, True, False]
    assert shown["kept"].notna().all()


def test_what_did_not_come_from_interviews_is_not_withheld() -> None:
    row = {"margin": "grade", "sample_share": 0.1, "weighted_share": 0.2, "target_share": 0.23456}
    rows = [row | {"category": code, "n": n} for code, n in (("a", 5), ("b", 40), ("c", 300))]
    shown = _release(weighting_margins=pd.DataFrame(rows))["weighting_margins"]
    assert shown["target_share"].tolist() == [0.23456] * 3
    assert shown["sample_share"].isna().tolist() == [True, True, False]


def test_figures_are_as_exact_as_they_are_printed() -> None:
    row = {"csi": 81.23456, "ci_low": 80.98765, "ci_high": 82.1, "se": 0.123456, "csat": 0.876543}
    shares = {"csat_low": 0.8123456, "csat_high": 0.91, "n": 3000.0, "n_eff": 8120.7}
    frame = pd.DataFrame([{"segment": "grade", "category": code, **row, **shares} for code in "ab"])
    shown = _release(csi_segments=frame)["csi_segments"].iloc[0]
    assert [shown[name] for name in ("csi", "ci_low", "se", "csat", "csat_low")] == [81.2, 81.0, 0.123, 0.877, 0.812]
    assert shown["n_eff"] == 3000


@pytest.mark.parametrize(
    ("n", "csi", "csat"),
    [(1200, 81.2, 0.877), (600, 81.2, 0.875), (240, 81.0, 0.875), (110, 81.0, 0.88), (40, 81.0, 0.9), (35, 80.0, 0.9)],
)
def test_what_few_people_answered_is_told_less_exactly(n: int, csi: float, csat: float) -> None:
    """A share in steps of a person at least, a score in steps of a quarter of the scale over n; the error stays."""
    row = {"csi": 81.23456, "ci_low": 81.23, "ci_high": 81.23, "se": 2.123456, "csat": 0.876543, "csat_low": 0.876543}
    frame = pd.DataFrame([{"segment": "grade", "category": "a", **row, "csat_high": 0.876543, "n": n, "n_eff": n}])
    shown = release({"csi_segments": frame}, all_parts(), rules=Disclosure(min_count=1))["csi_segments"].iloc[0]
    assert [shown[name] for name in ("csi", "ci_low", "ci_high")] == [csi] * 3
    assert [shown[name] for name in ("csat", "csat_low", "csat_high")] == [csat] * 3
    assert shown["se"] == 2.12


@pytest.mark.parametrize("n", [30, 31, 49, 80, 150, 400, 999, 5000])
@pytest.mark.parametrize("value", ["csi", "csat"])
def test_one_person_more_or_less_tells_little_of_that_person_at_any_base(n: int, value: str) -> None:
    """The attacker holds two editions of n and n − 1 people, and knows how figures are rounded."""
    rng, rounds = np.random.default_rng(n), 60
    top = 100.0 if value == "csi" else 1.0
    answers = rng.choice([0, 25, 50, 75, 100] if value == "csi" else [0, 1], (rounds, n)).astype(float)
    row = {"csi": 60.0, "se": 1.0, "ci_low": 50.0, "ci_high": 70.0, "csat": 0.5, "csat_low": 0.4, "csat_high": 0.6}
    codes = [f"a{number}" for number in range(rounds)]

    def told(means: np.ndarray, size: int) -> np.ndarray:
        frame = pd.DataFrame({"segment": "grade", "category": codes, **row, "n": size, "n_eff": 30.0} | {value: means})
        shown = release({"csi_segments": frame}, all_parts(), rules=Disclosure(min_base=29, min_count=1))
        return shown["csi_segments"][value].to_numpy(float)

    guess = told(answers.mean(axis=1), n) * n - told(answers[:, 1:].mean(axis=1), n - 1) * (n - 1)
    off = np.abs(guess - answers[:, 0])
    unit = next(u for u in (0.1, 0.5, 1.0, 5.0) if u * (n - 1) >= 40)
    if value == "csat":
        unit = 2 * (printed_within(n - 1) - 1e-5)
    assert (off <= (unit + 0.001 * top) * n).all(), "rounded to decimals, then to the unit"
    assert 2 * unit * n >= 0.8 * top
    assert (off < top / 8).sum() < 45, "the answer is the nearest one no more often than by luck"


def test_bases_are_multiples_where_the_params_say_so() -> None:
    rules = Disclosure.model_validate({"rounding": {"counts": 5, "scores": 0}})
    shown = release({"csi_segments": _segments({"a": 103, "b": 98})}, all_parts(), rules=rules)["csi_segments"]
    assert shown["n"].tolist() == [105, 100]


def test_a_table_that_lacks_columns_is_refused() -> None:
    with pytest.raises(ResultsError, match="satisfied_share"):
        _release(csi_dimensions=pd.DataFrame({"construct": ["a"], "n": [1]}))


def test_a_table_that_no_part_knows_is_refused_with_a_hint() -> None:
    with pytest.raises(ResultsError, match="csi_dimensions"):
        _release(csi_dimension=pd.DataFrame({"n": [1]}))


def _of(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    frame, categories = respondents(3)
    drawn = frame.iloc[rng.integers(0, len(frame), n)].reset_index(drop=True)
    return drawn.assign(respondent_id=[f"r{i}" for i in range(n)]), categories


@pytest.mark.parametrize("column", ["a", "sat", "csi"])
def test_two_editions_that_differ_by_one_person_do_not_give_that_person_away(tmp_path: Path, column: str) -> None:
    """n·mean − (n − 1)·mean′ is the score of the one who left: known to within less than a step of the scale before."""
    frame, categories = _of(np.random.default_rng(8), 2000)
    with_all, without = (
        edition_of(part, categories, seed=2) for part in (frame, frame.iloc[1:].reset_index(drop=True))
    )
    table, key, value = (
        ("csi_overall", "measure", "estimate") if column == "csi" else ("csi_dimensions", "construct", "score")
    )
    if column == "sat":
        table = "construct_levels"

    def guess(tables: dict[str, pd.DataFrame], others: dict[str, pd.DataFrame]) -> float:
        rows = [frame[table].set_index(key)[[value, "n"]].loc[[column]].iloc[0] for frame in (tables, others)]
        return float(rows[0][value] * rows[0]["n"] - rows[1][value] * rows[1]["n"])

    exact = guess(with_all.tables, without.tables)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    published = guess(with_all.publish(tmp_path / "a"), without.publish(tmp_path / "b"))
    assert 0 <= round(exact, 6) <= 100, "from full precision the score follows exactly"
    step = 0.05 * (2 * 2000 - 1)
    assert abs(published - exact) <= step
    assert step > 100, "what is published leaves every score possible"
    assert set(QUESTIONS) <= set(frame.columns)


def test_what_somebody_wrote_instead_of_an_answer_names_no_row() -> None:
    """A category that is no category of the instrument is a text of one person."""
    bases = {"a": 100, "b": 80, "13912345678": 1, "write to x.y@example.com": 2}
    shown = _release(csi_segments=_segments(bases))["csi_segments"]
    assert shown["category"].tolist() == ["a", "b", MASK, f"write to {MASK}"]
