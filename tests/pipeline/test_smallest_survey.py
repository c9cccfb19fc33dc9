"""One question, nothing known of those who answered, one language: still a report, and none of another survey."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import lxml.html
import numpy as np
import pandas as pd
import pytest
import yaml
from running import edition_arguments, make

from analysis.pipeline.lock import NOTE
from tests.publish.foreign_words import ABSENT, OTHERS, RECORDS, found, of_the_guide

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def smallest(build: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("smallest")
    answers = np.random.default_rng(1).integers(1, 6, 120)
    pd.DataFrame({"q1": answers}).to_csv(folder / "answers.csv", index=False)
    overall = {"key": "overall", "role": "dimension", "name": {"zh": "总体", "en": "Overall"}}
    overall |= {"items": [{"key": "q1", "zh": "总体满意", "en": "Satisfied overall"}]}
    instrument = {"name": {"zh": "问卷", "en": "Questionnaire"}, "scale": {"min": 1, "max": 5}, "constructs": [overall]}
    publication = {
        "year": 2026,
        "title": {"zh": "教师满意度", "en": "Teachers"},
        "subtitle": {"zh": "2026年", "en": "2026"},
        "institute": {"zh": "研究部", "en": "Research"},
        "date": "2026-03-31",
        "languages": ["zh"],
        "people": {"zh": "教师", "en": {"one": "teacher", "many": "teachers"}},
        "providers": {"zh": "学校", "en": {"one": "school", "many": "schools"}},
    }
    params = {
        "publication": publication,
        "seed": 1,
        "instrument": "asked.yml",
        "data": {"source": "files", "tables": {"responses": {"path": str(folder / "answers.csv")}}},
        "index": {"csat": {"construct": "overall", "satisfied_from": 4}},
    }
    for name, content in (("asked.yml", instrument), ("smallest.yml", params)):
        text = yaml.safe_dump(content, allow_unicode=True).replace("'2026-03-31'", "2026-03-31")
        (folder / name).write_text(text, encoding="utf-8")
    output = folder / "out"
    build("report", "FORMATS=html", *edition_arguments(folder / "smallest.yml", output))
    return output


def test_it_is_published_in_its_own_language_alone(smallest: Path) -> None:
    assert [path.name for path in (smallest / "report").iterdir()] == ["zh"]
    for path in (smallest / "report" / "zh").rglob("*.html"):
        page = lxml.html.parse(path).getroot()
        assert not page.xpath("//a[@hreflang]"), path.name
        assert "两种语言" not in page.text_content()


def test_no_page_is_foreign_to_it(smallest: Path) -> None:
    pages = [path for path in (smallest / "report" / "zh").glob("**/*.html") if "notebooks" not in path.parts]
    assert len(pages) >= 6
    for path in pages:
        if path.stem == "references":
            continue
        text = lxml.html.parse(path).getroot().find(".//main").text_content()
        places = [*of_the_guide(text, "zh"), *found(f"{OTHERS['zh']}|{RECORDS['zh']}|{ABSENT['zh']}", text)]
        assert [one for one in places if "编制机构" not in one] == [], path.name
    assert "教师满意度指数" in (smallest / "report" / "zh" / "index.html").read_text(encoding="utf-8")


def test_another_language_is_refused(smallest: Path, tmp_path: Path) -> None:
    params = smallest.parent / "smallest.yml"
    output = Path(shutil.copytree(smallest, tmp_path / "copy", ignore=shutil.ignore_patterns(NOTE)))
    done = make("report", "LANGS=en", *edition_arguments(params, output), check=False)
    assert done.returncode
    assert "not published in this language" in done.stderr
