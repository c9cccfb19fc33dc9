"""What is said of the last edition: a change where there is one, its cause, and how it fits the tracking series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.moved import PART
from analysis.publish.words.labels import Labels
from analysis.results import Store
from analysis.waves.editions import PARTS

LANGS = pytest.mark.parametrize("lang", ["zh", "en"])


def _store(tmp_path: Path, changes: dict[str, tuple[float, float]], *, tracked: float, real: float = 1.0) -> Store:
    """`changes`: difference and adjusted p by measure; `real`: the share of it that is real."""
    store = Store(tmp_path)
    rows = [
        {
            "measure": key,
            "before": 80.0,
            "before_low": 79.6,
            "before_high": 80.4,
            "after": 80.0 + difference,
            "difference": difference,
            "se": 0.25,
            "ci_low": difference - 0.5,
            "ci_high": difference + 0.5,
            "p_adjusted": p,
            "n_before": 900,
            "n_after": 1000,
            "n": 900,
        }
        for key, (difference, p) in changes.items()
    ]
    store.save_table("headline_changes", pd.DataFrame(rows))
    parts: list[dict[str, Any]] = []
    for key, (difference, _) in changes.items():
        row: dict[str, Any] = {"measure": key, "difference": difference, "n": 900}
        values = dict.fromkeys(PARTS, 0.0) | {"real": real * difference, "instrument": (1 - real) * difference}
        for part, value in values.items():
            row |= {part: value, f"{part}_low": value - 0.3, f"{part}_high": value + 0.3}
        parts.append(row)
    store.save_table("change_parts", pd.DataFrame(parts))
    wave = {"wave": ["2024Q3"], "csi": [tracked], "ci_low": [tracked - 0.6], "ci_high": [tracked + 0.6]}
    store.save_table("waves", pd.DataFrame(wave))
    store.save_record("17_moved", "moved", {"before": "2024", "overlap": 0, "background": [], "aligned": True})
    return store


def _told(root: Path, store: Store, lang: str) -> dict[str, str]:
    return PART.told(store, Labels(load_edition(root / "params" / "2025.yml"), lang))


@LANGS
def test_a_change_is_told_with_both_bases_and_what_is_real(root: Path, tmp_path: Path, lang: str) -> None:
    told = _told(root, _store(tmp_path, {"csi": (1.2, 0.001), "security": (0.2, 0.6)}, tracked=80.1), lang)
    assert {"en": "has risen by 1.2 points", "zh": "上升 1.2 分"}[lang] in told["moved"]
    assert {"en": "n = 900 and 1,000", "zh": "n = 900 与 1,000"}[lang] in told["moved"]
    assert {"en": "is a change in what customers say", "zh": "是客户评价的变化"}[lang] in told["moved"]
    assert {"en": "none differs", "zh": "都与上一版基本持平"}[lang] in told["moved_measures"]
    assert {"en": "no further apart", "zh": "没有超出抽样误差"}[lang] in told["moved_series"]
    assert "moved_otherwise" not in told
    assert "moved_overlap" not in told


@LANGS
def test_the_figure_names_the_bases_of_both_editions_or_none(root: Path, tmp_path: Path, lang: str) -> None:
    labels = Labels(load_edition(root / "params" / "2025.yml"), lang)
    store = _store(tmp_path, {"csi": (1.2, 0.001)}, tracked=80.1)
    store.save_record("04_weighting", "weighting", {"available": True, "base_source": "column"})
    base = PART.figures[0].base
    assert base is not None
    line = base.line(store, labels)
    assert line.index("1,000") < line.index("900")
    store.save_table("headline_changes", store.table("headline_changes").assign(n_before=12))
    line = base.line(store, labels)
    assert "1,000" not in line
    assert "12" not in line


@LANGS
def test_a_change_that_is_none_of_customers_is_told_as_one_of_the_questions(
    root: Path, tmp_path: Path, lang: str
) -> None:
    changes = {"csi": (0.1, 0.7), "efficiency": (1.4, 0.01), "attitude": (-1.5, 0.01)}
    told = _told(root, _store(tmp_path, changes, tracked=82.0, real=0.1), lang)
    assert {"en": "about the same as in the 2024 edition", "zh": "基本持平"}[lang] in told["moved"]
    assert {"en": "efficiency (+1.4)", "zh": "服务效率（+1.4）"}[lang] in told["moved_measures"]
    assert {"en": "a fall in attitude (−1.5)", "zh": "降幅超出抽样误差的有服务态度（−1.5）"}[lang] in told[
        "moved_measures"
    ]
    assert {"en": "one of the questions (+1.26", "zh": "主要来自问卷的改动（+1.26"}[lang] in told["moved_otherwise"]
    assert {"en": "further apart than sampling error explains", "zh": "相差超出抽样误差"}[lang] in told["moved_series"]


@LANGS
def test_what_is_asked_and_done_otherwise_is_counted(root: Path, tmp_path: Path, lang: str) -> None:
    store = _store(tmp_path, {"csi": (1.2, 0.001)}, tracked=80.1)
    assert {"en": "is that of the last", "zh": "问卷与上一版相同"}[lang] in _told(root, store, lang)["moved_questions"]
    assert {"en": "are those of the last", "zh": "方法参数与上一版相同"}[lang] in _told(root, store, lang)[
        "moved_methods"
    ]
    items = pd.DataFrame({"change": ["new", "reworded", "reworded"], "item": ["eff1", "eff2", "eff3"]})
    store.save_table("instrument_changes", items)
    store.save_table("param_changes", pd.DataFrame({"section": ["cleaning", "weighting"], "key": ["a", "b"]}))
    told = _told(root, store, lang)
    assert {"en": "1 item is new and 2 items are in other words", "zh": "新增 1 题和修改措辞 2 题"}[lang] in told[
        "moved_questions"
    ]
    assert {"en": "cleaning and weighting", "zh": "清洗和加权"}[lang] in told["moved_methods"]
    assert {"en": "counts as real change", "zh": "计入实际变化"}[lang] in told["moved_methods"]


@LANGS
def test_an_edition_without_one_before_is_silent(root: Path, tmp_path: Path, lang: str) -> None:
    assert _told(root, Store(tmp_path), lang) == {}


@LANGS
def test_params_are_told_in_words_where_there_are_any(root: Path, tmp_path: Path, lang: str) -> None:
    store = _store(tmp_path, {"csi": (1.2, 0.001)}, tracked=80.1)
    keys = {"margins": ('["region", "age"]', "[]"), "trim.iqr": ("6.0", None), "singleton": ('"centred"', '"error"')}
    rows = [{"section": "weighting", "key": key, "before": old, "after": new} for key, (old, new) in keys.items()]
    store.save_table("param_changes", pd.DataFrame(rows))
    labels = Labels(load_edition(root / "params" / "2025.yml"), lang)
    shown = [[str(cell) for cell in row] for row in PART.printed(store, labels)["param_changes"]["shown"]["rows"]]
    none = {"en": "none", "zh": "无"}[lang]
    assert (
        shown[0][1:]
        == {
            "en": ["margins fitted to", "Region and Age", none],
            "zh": ["校准的边际", "地区和年龄", none],
        }[lang]
    )
    assert [row[1:] for row in shown[1:]] == [
        ["weighting.trim.iqr", "6.0", none],
        ["weighting.singleton", "centred", "error"],
    ]
