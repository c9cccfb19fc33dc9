"""A real survey through the whole line: lavaan's numbers, and no chapter on what it did not ask."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from lxml import html
from running import NOTICE


def test_a_real_survey_becomes_a_report_by_params_alone(csibank: Path) -> None:
    for lang in ("zh", "en"):
        report = csibank / "report" / lang
        chapters = {path.stem for path in (report / "chapters").glob("0*.html")}
        assert chapters == {"01-overview", "03-measures", "07-experience", "08-outlook", "09-profiles"}
        assert len(list(report.glob("*.pdf"))) == 2
        assert NOTICE[lang] not in (report / "index.html").read_text(encoding="utf-8")
    trend = (csibank / "report/en/chapters/03-measures.html").read_text(encoding="utf-8")
    assert "fig-trend" not in trend


def test_the_real_survey_gives_lavaans_paths_and_fit(csibank: Path) -> None:
    """Values of lavaan 0.6-14 (tests/golden/sem_csibank.R)."""
    expected = {
        ("EXPE", "IMAG"): 0.827,
        ("QUAL", "EXPE"): 0.938,
        ("VAL", "EXPE"): 0.584,
        ("VAL", "QUAL"): 0.248,
        ("SAT", "IMAG"): 0.207,
        ("SAT", "EXPE"): -0.348,
        ("SAT", "QUAL"): 0.458,
        ("SAT", "VAL"): 0.647,
        ("LOY", "IMAG"): 0.132,
        ("LOY", "SAT"): 0.792,
    }
    found = csibank / "results/07_structural/tables"
    paths = pd.read_parquet(found / "paths.parquet").set_index(["outcome", "predictor"])["std"]
    assert {key: pytest.approx(value, abs=1e-3) for key, value in expected.items()} == paths.to_dict()
    fit = pd.read_parquet(found / "fit.parquet").set_index("index")["value"]
    wanted = {"chi2": 3632.290, "df": 314, "cfi": 0.897, "tli": 0.885, "rmsea": 0.079, "srmr": 0.048}
    assert {name: pytest.approx(value, abs=1e-3) for name, value in wanted.items()} == fit[list(wanted)].to_dict()


def test_what_was_not_collected_is_not_spoken_of(csibank: Path) -> None:
    assert not (csibank / "tables/channel_norms.csv").exists()
    assert not (csibank / "results/01_sampling/selected_sample.csv").exists()
    overview = (csibank / "report/en/chapters/01-overview.html").read_text(encoding="utf-8")
    assert "dispositions" not in overview
    assert "tbl-response-channels" not in overview


@pytest.mark.parametrize(
    ("lang", "words", "allowed"),
    [
        (
            "en",
            r"(?i)\bweighted|effective (?:n|base)|design effect|\bdeff\b",
            r"(?i)not weighted|unweighted|How the Data Were Weighted",
        ),
        ("zh", r"加权(?:均值|平均|占比|交叉表)|未加权人数|有效 n|等效样本量|设计效应", r"没有加权"),
    ],
)
def test_a_survey_without_weights_is_not_called_weighted(csibank: Path, lang: str, words: str, allowed: str) -> None:
    """Nor does its book claim a standard, dispositions or people outside the index that it has not."""
    foreign = {
        "en": ("quality management", "dispositions", "stand outside the index"),
        "zh": ("质量管理", "处置分类", "不计入指数者"),
    }
    for page in sorted((csibank / "report" / lang / "chapters").glob("*.html")):
        if page.stem in {"references", "d-reproducibility"}:
            continue
        text = " ".join(" ".join(html.parse(page).getroot().find(".//main").itertext()).split())
        told = [
            one for one in re.split(r"(?<=[.;。；])", text) if re.search(words, one) and not re.search(allowed, one)
        ]
        assert told == [], page.name
        assert not [one for one in foreign[lang] if one in text], page.name


def test_the_drivers_of_another_instrument_are_found_and_ordered(csibank: Path) -> None:
    importance = pd.read_csv(csibank / "tables/importance.csv")
    assert importance.groupby("outcome")["share"].sum().tolist() == pytest.approx([1, 1], abs=0.003)
    assert importance.groupby("outcome").first()["predictor"].to_dict() == {"SAT": "VAL", "LOY": "VAL"}
    outlook = (csibank / "report/en/chapters/08-outlook.html").read_text(encoding="utf-8")
    assert "fig-priorities" in outlook
    assert "tbl-suggestions" not in outlook
