"""The published report of the small edition: complete in both languages, readable, and honest about its data."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml
from lxml import html
from pypdf import PdfReader
from running import NAME, NOTICE

from analysis.project import ROOT
from analysis.publish.disclosure.published import exposed, exposed_in


def _text(pdf: Path) -> list[str]:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


def _pages(pdf: Path) -> list[str]:
    """Text of every page, by poppler where it is installed: it is thirty times as fast."""
    return _text(pdf) if shutil.which("pdftotext") else [page.extract_text() for page in PdfReader(pdf).pages]


@pytest.mark.parametrize("lang", ["zh", "en"])
class TestReport:
    def test_has_eight_chapters_profiles_and_two_volumes(self, small: Path, lang: str) -> None:
        report = small / "report" / lang
        chapters = sorted(path.stem[:2] for path in (report / "chapters").glob("0*.html"))
        assert chapters == [f"{number:02d}" for number in range(1, 10)]
        assert (report / "index.html").exists()
        volumes = [f"finsat-{NAME}-{lang}-technical.pdf", f"finsat-{NAME}-{lang}.pdf"]
        assert sorted(path.name for path in report.glob("*.pdf")) == volumes

    def test_leaves_nothing_unresolved(self, small: Path, lang: str) -> None:
        report = small / "report" / lang
        for page in [report / "index.html", *(report / "chapters").glob("*.html")]:
            source = page.read_text(encoding="utf-8")
            assert "?var:" not in source, page.name
            assert "{{<" not in source, page.name
            assert not re.search(r"\?@(fig|tbl|sec|eq)-", source), page.name
            for image in re.findall(r'<img[^>]*\bsrc="([^"#?]+)"', source):
                assert image.startswith("data:") or (page.parent / image).exists(), f"{page.name}: {image}"

    def test_says_on_every_page_that_the_data_are_simulated(self, small: Path, lang: str) -> None:
        report = small / "report" / lang
        for page in [report / "index.html", *(report / "chapters").glob("*.html")]:
            assert NOTICE[lang] in page.read_text(encoding="utf-8"), page.name
        for path in report.glob("*.pdf"):
            pages = _text(path)
            assert len(pages) > 30
            for number, page in enumerate(pages, start=1):
                assert NOTICE[lang].replace(" ", "") in re.sub(r"\s", "", page), f"{path.name}, page {number}"

    def test_embeds_its_chinese_font(self, small: Path, lang: str) -> None:
        if shutil.which("pdffonts") is None:
            pytest.skip("pdffonts is not installed")
        pdf = next((small / "report" / lang).glob("*.pdf"))
        listed = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True).stdout
        fonts = listed.splitlines()[2:]
        assert any("NotoSansSC" in font for font in fonts)
        assert all(font.split()[-5] == "yes" for font in fonts), listed

    def test_asks_for_nothing_from_outside(self, small: Path, lang: str) -> None:
        report = small / "report" / lang
        for page in report.rglob("*.html"):
            source = page.read_text(encoding="utf-8")
            assert not re.search(r"<(?:script|img|link|iframe)[^>]*\b(?:src|href)=\"(?:https?:)?//", source), page.name


def _cells(small: Path, lang: str) -> dict[str, list[str]]:
    """Cells of every table by its label; brackets are those of the language, and here alike."""
    pages = [html.parse(page) for page in sorted((small / "report" / lang / "chapters").glob("*.html"))]
    nodes = [node for page in pages for node in page.xpath('//*[starts-with(@id, "tbl-")][.//table]')]
    return {node.get("id"): [_plain(cell.text_content()) for cell in node.xpath(".//td")] for node in nodes}


def _plain(text: str) -> str:
    return text.strip().replace("（", " (").replace("）", ")")


def test_both_languages_print_the_same_numbers(small: Path) -> None:
    """Cell by cell, where neither holds a word: 18–29岁 and 12万 are words."""
    zh, en = _cells(small, "zh"), _cells(small, "en")
    assert {label: len(cells) for label, cells in zh.items()} == {label: len(cells) for label, cells in en.items()}
    pairs = [pair for label in zh for pair in zip(zh[label], en[label], strict=True)]
    numbers = [pair for pair in pairs if all(re.fullmatch(r"[\W\d]*\d[\W\d]*", text) for text in pair)]
    assert len(numbers) > 2000
    assert [pair for pair in numbers if pair[0] != pair[1]] == []


def test_both_languages_tell_the_same_findings_with_the_same_numbers(small: Path) -> None:
    """Numbers of two digits or more, and decimals: once and twice are words."""
    told = {
        lang: yaml.safe_load((small / "book" / lang / "_variables.yml").read_text(encoding="utf-8"))["findings"]
        for lang in ("zh", "en")
    }
    assert set(told["zh"]) == set(told["en"])
    day = r"20\d\d年\d+月(?:\d+日)?|(?:\d{1,2} )?[A-Z][a-z]+ 20\d\d"
    dated = re.compile(
        day + r"|&#\d+;|@[\w-]+|(?<![\d,.])20\d\d(?![\d,.]\d)|\b[QH]\d \d{4}|[\u4e00-\u9fff]?0–100|between 0 and 100"
    )
    for key, text in told["zh"].items():
        zh, en = (
            set(re.findall(r"\d+(?:,\d{3})*\.\d+|\d{1,3}(?:,\d{3})+|\d{2,}", dated.sub(" ", one)))
            for one in (text, told["en"][key])
        )
        assert (zh ^ en) - {"100"} == set(), key


def test_both_languages_show_the_same_figures_and_tables(small: Path) -> None:
    labels = {}
    for lang in ("zh", "en"):
        pages = sorted((small / "report" / lang / "chapters").glob("*.html"))
        ids = [re.findall(r'id="((?:fig|tbl|sec|eq)-[^"]+)"', page.read_text(encoding="utf-8")) for page in pages]
        labels[lang] = {label for found in ids for label in found}
    assert labels["zh"] == labels["en"]
    assert len(labels["zh"]) > 60


def test_the_workbook_holds_every_published_table(small: Path) -> None:
    with pd.ExcelFile(small / "tables" / "tables.xlsx") as workbook:
        sheets = workbook.sheet_names
    published = {path.stem for path in (small / "tables").glob("*.csv")}
    assert published <= set(sheets)
    assert len(published) >= 18


def test_the_manifest_names_what_the_report_was_made_of(small: Path) -> None:
    manifest = json.loads((small / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["data"]) >= {"responses", "population", "waves", "feedback", "actions"}
    assert len(manifest["data"]) == 12
    assert set(manifest["renderer"]) == {"zh", "en"}
    assert all(seconds > 0 for seconds in manifest["steps"].values())
    assert manifest["packages"]["semopy"]


def test_every_raw_row_is_accounted_for(small: Path) -> None:
    record = json.loads((small / "results/03_cleaning/cleaning.json").read_text(encoding="utf-8"))
    assert record["read"] - record["filtered"] == record["raw"]
    assert record["raw"] == record["quarantined"] + record["excluded"] + record["kept"]
    quarantine = pd.read_csv(small / "quarantine" / "responses.csv")
    assert len(quarantine) == record["quarantined"]
    assert quarantine["reason"].notna().all()


def test_every_model_rests_on_the_customers_that_the_index_rests_on(small: Path) -> None:
    """Full information uses every customer with an answer; complete answers are fewer, and never others."""
    tables = {path.stem: pd.read_parquet(path) for path in (small / "results").glob("0*/tables/*.parquet")}
    customers = tables["csi_overall"].set_index("measure").loc["csi", "n"]
    everybody = len(pd.read_parquet(small / "results/03_cleaning/responses.parquet"))
    assert customers < everybody
    measurement, structural = (
        json.loads((small / f"results/{step}.json").read_text(encoding="utf-8"))
        for step in ("06_measurement/measurement", "07_structural/structural")
    )
    assert measurement["confirmed"]["n"] == structural["n"] == customers
    assert structural["complete"] == measurement["factors"]["n"] <= customers
    for name in ("reliability", "item_statistics", "validity"):
        assert tables[name]["n"].max() <= customers, name


def test_the_power_is_reckoned_for_the_model_that_is_estimated(small: Path) -> None:
    """Degrees of freedom come from the text of the model in step 01 and from the estimation in step 07."""
    planned = json.loads((small / "results/01_sampling/sampling.json").read_text(encoding="utf-8"))
    estimated = json.loads((small / "results/07_structural/structural.json").read_text(encoding="utf-8"))
    assert planned["degrees"] == estimated["df"]


def test_the_field_agency_gets_a_sample_with_probabilities_and_weights(small: Path) -> None:
    sample = pd.read_csv(small / "results/01_sampling/selected_sample.csv")
    planned = json.loads((small / "results/01_sampling/sampling.json").read_text(encoding="utf-8"))
    assert len(sample) == planned["selection"]["cases"] == pytest.approx(planned["invitations"], rel=0.05)
    assert (sample["weight"] * sample["probability"]).tolist() == pytest.approx([1.0] * len(sample))
    assert sample["weight"].sum() == pytest.approx(planned["selection"]["customers"], rel=0.01)


def test_nothing_that_goes_out_holds_an_id_a_path_or_personal_data(small: Path) -> None:
    ids = pd.read_parquet(small / "results/03_cleaning/responses.parquet")["respondent_id"].astype(str).tolist()
    assert len(ids) > 300
    roots = [str(ROOT), str(Path.home()), str(small)]
    for folder in ("report", "tables"):
        assert exposed(small / folder, ids=ids, roots=roots) == []
    pdfs = sorted((small / "report").rglob("*.pdf"))
    assert len(pdfs) == 4
    for pdf in pdfs:
        text = " ".join(" ".join(_pages(pdf)).split())
        assert len(text) > 30_000
        assert exposed_in(text, ids=ids, roots=roots) == []


def test_no_published_base_is_below_the_smallest(small: Path) -> None:
    """In no table, of no group of those interviewed: what is below is withheld with all its figures."""
    for path in sorted((small / "tables").glob("*.csv")):
        frame = pd.read_csv(path)
        if "suppressed" in frame and "n" in frame:
            assert frame["n"].min() >= 30, path.name


def test_every_norm_has_a_verdict_and_rates_lie_in_order(small: Path) -> None:
    norms = pd.read_csv(small / "tables/channel_norms.csv").set_index("norm")["verdict"]
    assert set(norms.drop("coverage")) <= {"met", "not_met", "open"}
    assert norms["coverage"] == "not_collected"
    rates = pd.read_csv(small / "tables/response_rates.csv").set_index("rate")["value"]
    assert rates["RR1"] <= rates["RR3"] <= rates["RR5"]
    # planted: insurers answer least
    strata = pd.read_parquet(small / "results/02_fieldwork/tables/response_strata.parquet").set_index("category")["rr1"]
    assert strata.idxmin() == "insurance"
