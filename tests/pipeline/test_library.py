"""A repeated survey through the whole line: four waves, a quarter left out, a question added, people who come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lxml.html
import pandas as pd
import pytest
from running import edition_arguments

pytestmark = pytest.mark.build

NEVER = {
    "en": ("did not collect results of earlier", "no results of earlier waves"),
    "zh": ("未收集以往", "没有以往各期的结果"),
}


@pytest.fixture(scope="module")
def library(root: Path, build: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("library") / "out"
    build("report", "FORMATS=html", *edition_arguments(root / "tests" / "editions" / "library.yml", output))
    return output


def _page(output: Path, lang: str, name: str) -> str:
    page = lxml.html.parse(output / "report" / lang / "chapters" / f"{name}.html").getroot()
    return " ".join(page.find(".//main").text_content().split())


def test_every_step_computes_on_the_own_wave_and_the_series_has_them_all(library: Path, root: Path) -> None:
    raw = pd.read_csv(root / "tests" / "editions" / "library" / "2025q1.csv")
    kept = pd.read_parquet(library / "results" / "03_cleaning" / "responses.parquet")
    assert set(kept["respondent_id"]) <= set(raw["card"])
    assert "wave" not in kept
    waves = pd.read_csv(library / "tables" / "waves.csv")
    assert waves["wave"].tolist() == ["2024Q1", "2024Q2", "2024Q4", "2025Q1"]
    assert waves["source"].tolist() == ["measured"] * 3 + ["this_edition"]
    levels = pd.read_csv(library / "tables" / "wave_levels.csv")
    assert set(levels["measure"]) == {"csi", "holdings", "staff", "rooms", "overall", "again"}
    assert pd.read_csv(library / "tables" / "wave_shares.csv")["estimate"].between(0, 1).all()
    assert (levels["n_eff"] <= levels["n"]).all()


def test_the_latest_point_is_the_published_score_where_nothing_was_left_out(library: Path) -> None:
    exact = library / "results"
    levels = (
        pd.read_parquet(exact / "09_trend/tables/wave_levels.parquet").query("wave == '2025Q1'").set_index("measure")
    )
    dimensions = pd.read_parquet(exact / "05_satisfaction/tables/csi_dimensions.parquet").set_index("construct")
    for key in ("holdings", "staff"):
        same = dimensions.loc[key, ["score", "se", "ci_low", "ci_high"]].tolist()
        assert levels.loc[key, ["estimate", "se", "ci_low", "ci_high"]].tolist() == pytest.approx(same, rel=1e-9)
    assert levels.loc["rooms", "estimate"] != pytest.approx(dimensions.loc["rooms", "score"], abs=1e-6)


def test_people_who_come_back_are_counted_and_make_changes_surer(library: Path) -> None:
    samples = pd.read_csv(library / "tables" / "wave_samples.csv")
    assert (samples["shared"].dropna() > 50).all()
    exact = library / "results/09_trend/tables"
    steps = pd.read_parquet(exact / "wave_steps.parquet")
    error = pd.read_parquet(exact / "waves.parquet").set_index("wave")["se"]
    apart = (error[steps["wave"]].to_numpy() ** 2 + error[steps["against"]].to_numpy() ** 2) ** 0.5
    near = (steps["change"] == "wave").to_numpy()
    assert (steps["se"].to_numpy() < apart)[near].all()


@pytest.mark.parametrize(
    ("lang", "level", "left_out", "forecast", "risen"),
    [
        (
            "en",
            "In Q1 2025 the satisfaction index stands at",
            "left out: Sockets and network",
            "the series has 4.",
            "staff (",
        ),
        ("zh", "2025年第1季度的客户满意度指数为", "未计入的有插座与网络", "本序列有 4 期，因此不作预测", "馆员（"),
    ],
)
def test_chapters_tell_changes_and_no_forecast(
    library: Path, lang: str, level: str, left_out: str, forecast: str, risen: str
) -> None:
    measures, outlook, tables = (_page(library, lang, name) for name in ("03-measures", "08-outlook", "c-tables"))
    assert level in measures
    assert left_out in measures
    assert risen in measures
    assert forecast in outlook
    for text in NEVER[lang]:
        assert not any(text in page for page in (measures, outlook, tables))
    html = (library / "report" / lang / "chapters" / "03-measures.html").read_text(encoding="utf-8")
    assert "fig-waves" in html
    assert "fig-trend" not in html
    assert "Also in the wave before" in tables or "上一期也作答的人数" in tables


def test_no_id_of_an_earlier_wave_goes_out(library: Path, root: Path) -> None:
    cards = set(pd.read_csv(root / "tests" / "editions" / "library" / "2024q1.csv")["card"])
    for path in (library / "tables").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        assert not any(card in text for card in cards), path.name


def test_the_model_written_for_the_branches_is_published_and_spoken_of(library: Path) -> None:
    relations = pd.read_csv(library / "tables" / "group_relations.csv")
    staff = relations[relations["rhs"] == "staff"].set_index("category")
    assert staff.index.tolist() == ["main", "east", "west"]  # in the order of the questionnaire
    assert staff["shared"].tolist() == [False, True, True]
    assert staff.loc["east", "est"] == staff.loc["west", "est"] != staff.loc["main", "est"]
    gap = pd.read_csv(library / "tables" / "group_defined.csv").set_index("quantity").loc["gap"]
    assert gap["est"] == pytest.approx(staff.loc["main", "est"] - staff.loc["east", "est"], abs=2e-3)
    assert "n" not in set(pd.read_csv(library / "tables" / "group_fit.csv")["index"])
    assert (library / "tables" / "group_parameters.csv").exists()
    assert (library / "tables" / "paths.csv").exists()  # the model of all readers stays
    for lang, fits, gone in (
        ("en", "(branch) at once, the model written for them", "Every quantity that it defines has an interval"),
        ("zh", "按馆舍分组的模型在全部类别中同时估计", "模型定义的量，区间都包含零"),
    ):
        page = _page(library, lang, "c-tables")
        assert fits in page
        assert gone in page
