"""A drafted survey of patients, read page by page: it speaks of itself, and of nothing that it does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import lxml.html
import numpy as np
import pandas as pd
import pytest
import yaml
from running import ROOT, edition_arguments, make

from tests.publish.foreign_words import ABSENT, OTHERS, RECORDS, found, of_the_guide

pytestmark = pytest.mark.build

OWN = {"zh": "本院按科室随机发放问卷。", "en": "Questionnaires were handed out by ward, at random."}
LEFT_OUT = "sec-asymmetry"


@pytest.fixture(scope="module")
def drafted(build: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an unedited draft, but for prose of its own and a section that is left out."""
    folder = tmp_path_factory.mktemp("patients")
    random = np.random.default_rng(7)
    level = random.normal(size=(400, 1))
    items = ["care1", "care2", "care3", "info1", "info2", "info3", "overall_satisfaction"]
    rated = np.clip(np.round(3.6 + 0.7 * level + 0.7 * random.normal(size=(400, 7))), 1, 5).astype(int)
    frame = pd.DataFrame(rated, columns=items)
    frame["patient_sex"] = random.choice(["f", "m"], 400)
    frame["ward"] = random.choice(["surgery", "medicine", "children", "intensive"], 400, p=[0.4, 0.35, 0.2, 0.05])
    frame.to_csv(folder / "patients.csv", index=False)
    params, output = folder / "params" / f"patients{folder.name}.yml", folder / "out"
    make("new", f"FROM={folder / 'patients.csv'}", *edition_arguments(params, output))
    text = params.read_text(encoding="utf-8").replace("\nseed:", f"\n  leave_out: [{LEFT_OUT}]\nseed:", 1)
    params.write_text(text, encoding="utf-8")
    own = ROOT / "report" / "overlays" / params.stem
    try:
        for lang, prose in OWN.items():
            (own / lang).mkdir(parents=True)
            (own / lang / "sec-purpose.md").write_text(f"{prose}\n", encoding="utf-8")
        build("report", "FORMATS=html", *edition_arguments(params, output))
    finally:
        for path in sorted(own.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        own.rmdir()
        if not any(own.parent.iterdir()):
            own.parent.rmdir()
    return output


def _pages(output: Path, lang: str) -> dict[str, str]:
    """Text of every page of a report, with what is said for those who don't see its pictures."""
    told = {}
    for path in sorted((output / "report" / lang).rglob("*.html")):
        main = lxml.html.parse(path).getroot().find(".//main")
        alts = [image.get("alt", "") for image in main.iter("img")]
        for code in main.xpath(".//pre | .//code | .//svg"):
            code.drop_tree()
        told[path.relative_to(output / "report" / lang).as_posix()] = " ".join([main.text_content(), *alts])
    return told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_is_foreign_to_the_survey(drafted: Path, lang: str) -> None:
    pages = _pages(drafted, lang)
    assert {"index.html", "chapters/03-measures.html", "chapters/a-questionnaire.html"} <= set(pages)
    read = {name: text for name, text in pages.items() if "notebooks/" not in name and "references" not in name}
    foreign = {name: of_the_guide(text, lang) for name, text in read.items()}
    assert {name: places for name, places in foreign.items() if places} == {}
    others = {name: found(f"{OTHERS[lang]}|{RECORDS[lang]}|{ABSENT[lang]}", text) for name, text in read.items()}
    allowed = ("编制机构", "本版未收集可用于校准", "did not collect population margins")
    left = [one for places in others.values() for one in places if not any(word in one for word in allowed)]
    assert left == []
    assert ("患者满意度指数" if lang == "zh" else "patient satisfaction index") in pages["index.html"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_notebook_speaks_of_the_guide(drafted: Path, lang: str) -> None:
    pages = {name: text for name, text in _pages(drafted, lang).items() if name.startswith("notebooks/")}
    assert pages
    assert not any("12_training" in name for name in pages), "nothing was found there"
    assert {name: places for name, text in pages.items() if (places := found(r"the guide|指南", text))} == {}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_chapters_are_numbered_on_and_pointers_lead_somewhere(drafted: Path, lang: str) -> None:
    folder = drafted / "report" / lang / "chapters"
    numbers = [
        lxml.html.parse(path).getroot().find(".//h1//span[@class='header-number']").text_content()
        for path in sorted(folder.glob("0*.html"))
    ]
    assert numbers == [str(place + 1) for place in range(len(numbers))]
    assert not (folder / "05-training.html").exists()
    text = " ".join(_pages(drafted, lang).values())
    assert LEFT_OUT not in " ".join(path.read_text() for path in folder.glob("*.html"))
    assert not re.search(r"[?]@|[（(]\s*[）)]", text)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_own_prose_stands_in_its_section(drafted: Path, lang: str) -> None:
    page = lxml.html.parse(drafted / "report" / lang / "chapters" / "01-overview.html").getroot()
    assert OWN[lang] in page.find(".//section[@id='sec-purpose']").text_content()


def test_the_appendix_prints_every_question(drafted: Path) -> None:
    text = " ".join(_pages(drafted, "en")["chapters/a-questionnaire.html"].split())
    assert "Answers are whole numbers from 1 to 5" in text
    assert all(key in text for key in ("care1", "info3", "overall_satisfaction", "ward", "children; intensive"))


def test_the_default_edition_keeps_the_words_of_the_guide(small: Path) -> None:
    edition = yaml.safe_load((small / "edition.json").read_text(encoding="utf-8"))
    assert edition["publication"]["title"]["en"] == "Customer Satisfaction with Financial Services"
    for lang in ("zh", "en"):
        pages = _pages(small, lang)
        assert all(of_the_guide(pages[f"chapters/0{place}"], lang) for place in ("1-overview.html", "8-outlook.html"))
        assert len([name for name in pages if name.startswith("chapters/0")]) == 9
