"""What is said of the choices behind a result: a dependence where there is one, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition import load_edition
from analysis.publish.parts.robustness import PART
from analysis.publish.words.labels import Labels
from analysis.results import Store

LANGS = pytest.mark.parametrize("lang", ["zh", "en"])


def _rows(options: dict[str, float], firsts: dict[str, str]) -> pd.DataFrame:
    """A specification for each way of cleaning and of scoring; estimates by cleaning, first place by cleaning."""
    rows = [
        {
            "cleaning": cleaning,
            "weighting": "published",
            "missing": "available",
            "scoring": scoring,
            "estimate": value + (0.1 if scoring == "factor" else 0.0),
            "se": 0.2,
            "ci_low": value - 0.4,
            "ci_high": value + 0.4,
            "n": 900,
            "n_everyone": 1000,
            "segment": "institution_type",
            "first": firsts[cleaning],
            "last": "internet",
            "order_kept": 0.9,
            "published": cleaning == "kept" and scoring == "published",
        }
        for cleaning, value in options.items()
        for scoring in ("published", "factor")
    ]
    return pd.DataFrame(rows).assign(specification=range(1, len(rows) + 1))


def _choices(shift: float) -> pd.DataFrame:
    kept: dict[str, Any] = {"first_kept": 0.5, "last_kept": 1.0, "driver_kept": 1.0, "specifications": 2}
    rows = [
        {"choice": "cleaning", "option": "everyone", "shift": shift, "shift_low": shift, "shift_high": shift, **kept},
        {"choice": "cleaning", "option": "kept", "shift": None, "shift_low": None, "shift_high": None, **kept},
    ]
    return pd.DataFrame(rows).astype({"shift": float, "shift_low": float, "shift_high": float})


def _drivers(firsts: dict[str, str]) -> pd.DataFrame:
    rows = [
        {"cleaning": cleaning, "weighting": "published", "missing": "available", "driven": method, "first": first}
        for cleaning, first in firsts.items()
        for method in ("lmg", "regression")
    ]
    told = pd.DataFrame(rows).assign(strength=0.3, ci_low=0.2, ci_high=0.4, n=900, n_everyone=1000)
    return told.assign(published=(told["cleaning"] == "kept") & (told["driven"] == "lmg"))


def _told(root: Path, tmp_path: Path, lang: str, *, shift: float, first: str, driver: str) -> dict[str, str]:
    store, labels = Store(tmp_path), Labels(load_edition(root / "params" / "2025.yml"), lang)
    store.save_table(
        "specifications", _rows({"kept": 82.0, "everyone": 82.0 + shift}, {"kept": "bank", "everyone": first})
    )
    store.save_table("specification_choices", _choices(shift))
    store.save_table("driver_specifications", _drivers({"kept": "results", "everyone": driver}))
    store.save_record("16_robustness", "robustness", {"segment": "x", "outcome": "satisfaction", "left_out": {}})
    return PART.told(store, labels)


@LANGS
def test_what_depends_on_a_choice_is_told_with_the_choice_and_its_size(root: Path, tmp_path: Path, lang: str) -> None:
    told = _told(root, tmp_path, lang, shift=-0.9, first="fund", driver="efficiency")
    assert "0.90" in told["index_depends"]
    assert "900" in told["index_depends"]
    assert {"en": "cleaning", "zh": "清洗"}[lang] in told["index_depends"]
    assert {"en": "fund companies (2)", "zh": "基金公司（2 种）"}[lang] in told["ranking_depends"]
    assert {"en": "internet", "zh": "互联网"}[lang] not in told["ranking_depends"]  # the last stays the last
    assert {"en": "efficiency (2)", "zh": "服务效率（2 种）"}[lang] in told["driver_depends"]
    assert "81.1" in told["robust_index"]
    assert "82.1" in told["robust_index"]


@LANGS
def test_what_holds_whatever_is_chosen_is_told_as_such_and_no_chapter_is_disturbed(
    root: Path, tmp_path: Path, lang: str
) -> None:
    told = _told(root, tmp_path, lang, shift=-0.2, first="bank", driver="results")
    assert not {"index_depends", "ranking_depends", "driver_depends", "options_left_out", "no_choices"} & set(told)
    assert {"en": "In all 4 specifications", "zh": "4 种算法的排名首尾都一样"}[lang] in told["robust_ranking"]
    assert {"en": "All 4", "zh": "4 种算法都得出"}[lang] in told["robust_drivers"]
    assert {"en": "always inside", "zh": "全部落在"}[lang] in told["robust_index"]


@LANGS
def test_one_way_to_compute_it_leaves_nothing_to_compare(root: Path, tmp_path: Path, lang: str) -> None:
    store, labels = Store(tmp_path), Labels(load_edition(root / "params" / "2025.yml"), lang)
    one = _rows({"kept": 82.0}, {"kept": "bank"}).query("published")
    store.save_table("specifications", one.assign(first=None, last=None))
    record = {"segment": None, "outcome": None, "left_out": {"everyone": "nobody", "strict": "few"}}
    store.save_record("16_robustness", "robustness", record)
    assert set(PART.told(store, labels)) == {"no_choices", "options_left_out"}


@LANGS
def test_no_order_is_told_of_groups_of_which_one_is_withheld(root: Path, tmp_path: Path, lang: str) -> None:
    groups = {"segment": "institution_type", "category": ["bank", "internet"]}
    Store(tmp_path).save_table("csi_segments", pd.DataFrame(groups | {"csi": [82.0, np.nan]}))
    told = _told(root, tmp_path, lang, shift=-0.2, first="fund", driver="results")
    assert not {"robust_ranking", "ranking_depends"} & set(told)
    Store(tmp_path).save_table("csi_segments", pd.DataFrame(groups | {"csi": [82.0, 79.0]}))
    told = _told(root, tmp_path, lang, shift=-0.2, first="fund", driver="results")
    assert {"robust_ranking", "ranking_depends"} <= set(told)
