"""One rule of comparison for the whole book, and no finding with a rule of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.edition.sections.sampling import Sampling
from analysis.publish.comparison import at_the_ends, narrow_enough, unfit, verdict, verdict_of_interval
from analysis.publish.parts import all_parts
from analysis.publish.parts.satisfaction import findings as satisfaction
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.survey.estimation.overlap import Estimate

BOUNDS = {"p", "p_adjusted", "pvalue", "ci_low", "ci_high", "std_low", "std_high", "share_low", "share_high"}
PARTS = Path(__file__).resolve().parents[2] / "src" / "analysis" / "publish" / "parts"


@pytest.mark.parametrize(
    ("difference", "p", "expected"),
    [
        (3.0, 0.04, "higher"),
        (-0.6, 0.04, "lower"),
        (-0.6, 0.051, "same"),
        (9.0, 0.2, "same"),
        (9.0, float("nan"), "same"),
    ],
)
def test_higher_and_lower_need_an_adjusted_interval_without_zero(difference: float, p: float, expected: str) -> None:
    assert verdict(difference, p, confidence=0.95) == expected


def test_the_interval_of_a_single_comparison_follows_the_same_rule() -> None:
    assert verdict_of_interval(0.1, 2.0) == "higher"
    assert verdict_of_interval(-2.0, -0.1) == "lower"
    assert verdict_of_interval(-0.1, 2.0) == "same"
    assert verdict_of_interval(0.0, 2.0) == "same"
    assert verdict_of_interval(0.36, 0.38, reference=0.35) == "higher"
    assert verdict_of_interval(float("nan"), float("nan")) == "same"


def _own_rules(tree: ast.Module) -> list[int]:
    """Lines on which a p value or the bound of an interval is compared with something."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            continue
        inside = [part for side in (node.left, *node.comparators) for part in ast.walk(side)]
        named = {part.value for part in inside if isinstance(part, ast.Constant) and isinstance(part.value, str)}
        named |= {part.id for part in inside if isinstance(part, ast.Name)}
        bounds = {part.attr for part in inside if isinstance(part, ast.Attribute)} & {"low", "high"}
        if named & BOUNDS or bounds:
            lines.append(node.lineno)
    return lines


def test_no_finding_compares_by_a_rule_of_its_own() -> None:
    """Walks the modules of all findings, key points and titles of figures: `comparison` alone judges p values."""
    modules = {one.tell.__module__ for part in all_parts() for one in (*part.findings, *part.points)}
    modules |= {one.headline.__module__ for part in all_parts() for one in part.figures if one.headline}
    paths = [PARTS.parents[2] / f"{name.replace('.', '/')}.py" for name in modules]
    assert len(paths) >= 9
    own = {str(path.relative_to(PARTS)): _own_rules(ast.parse(path.read_text(encoding="utf-8"))) for path in paths}
    assert {name: lines for name, lines in own.items() if lines} == {}


def test_the_walk_sees_a_rule_where_there_is_one() -> None:
    for text in ("frame[frame['p_adjusted'] < 0.05]", "a.low > b.high", "row['ci_low'] > planned"):
        assert _own_rules(ast.parse(text)) == [1]
    assert _own_rules(ast.parse("differs(row['p_adjusted'], confidence=0.95)")) == []


def test_a_group_whose_interval_is_wider_than_the_rule_is_quoted_nowhere(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    found = [Estimate("narrow", 82.0, 80.1, 84.0), Estimate("wide", 90.0, 87.0, 92.0)]
    assert [one.name for one in narrow_enough(found, edition)] == ["narrow"]
    silent = edition.model_copy(update={"sampling": Sampling()})
    assert len(narrow_enough(found, silent)) == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_score_that_the_measurement_forbids_is_quoted_in_no_sentence(root: Path, tmp_path: Path, lang: str) -> None:
    store, labels = Store(tmp_path), Labels(load_edition(root / "params" / "2025.yml"), lang)
    scores = {"security": 86.0, "efficiency": 81.0, "innovation": 78.0}
    table = pd.DataFrame({"construct": list(scores), "score": list(scores.values())})
    table = table.assign(ci_low=table["score"] - 1, ci_high=table["score"] + 1)
    store.save_table("csi_dimensions", table)
    pairs = [{"measure": "dimensions", "segment": "", "a": "security", "b": "efficiency", "p_adjusted": 0.001}]
    store.save_frame("05_satisfaction", "differences", pd.DataFrame(pairs).assign(ci_low=4.0, ci_high=6.0))
    for judged, quoted in (("sound", True), ("borderline", True), ("not_convergent", False), ("improper", False)):
        verdicts = pd.DataFrame({"construct": list(scores), "verdict": ["sound", "sound", judged]})
        store.save_table("construct_verdicts", verdicts)
        assert (unfit(store) == frozenset()) == quoted
        assert ("78.0" in satisfaction.dimensions(store, labels)) == quoted


def test_the_ends_take_in_all_that_do_not_differ_from_them() -> None:
    found = [
        Estimate(name, value, value - 1, value + 1) for name, value in zip("abcde", (90, 89, 85, 81, 80), strict=True)
    ]
    top, low = at_the_ends(found, lambda one, other: abs(one.value - other.value) > 2)
    assert ["".join(one.name for one in end) for end in (top, low)] == ["ab", "de"]
    # What differs from neither end is neither highest nor lowest; ends that do not differ are no ends.
    top, low = at_the_ends(found, lambda one, other: abs(one.value - other.value) > 5)
    assert ["".join(one.name for one in end) for end in (top, low)] == ["ab", "de"]
    assert at_the_ends(found, lambda one, other: False) == ([], [])  # noqa: ARG005
    assert at_the_ends(found[:1], lambda one, other: True) == ([], [])  # noqa: ARG005
