"""The README's own-survey section, followed to the letter with a platform's export."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import lxml.html
import numpy as np
import pandas as pd
import pytest
from running import edition_arguments, make

pytestmark = pytest.mark.build
NEVER_SAID = {
    "en": (
        "is planned", "than designed", "Designed for", "invitations", "the tickets carry", "loyalty would gain",
        "for satisfaction and loyalty", "Effect of digital service.", "reach loyalty", "is weighted in stages",
        "1 dimensions", "1 items", "no category has enough cases",
    ),
    "zh": (
        "计划样本量为", "应发出邀请", "工单没有登记", "忠诚度应提高", "满意度与忠诚度的", "数字服务的作用。",
        "影响忠诚度，由结构模型", "划分的各类别基数都不足",
    ),
}  # fmt: skip
"""What no chapter of a survey may say that planned no size, took no tickets, and asked neither loyalty nor channel."""
ANSWERS = ["非常满意", "满意", "一般", "不满意", "非常不满意", "(跳过)"]


@pytest.fixture
def mysurvey(root: Path, tmp_path: Path) -> Path:
    """The first two YAML blocks of the README as files, and an export such as the text describes."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    instrument, edition = map(textwrap.dedent, re.findall(r"```yaml\n(.*?)```", readme, re.S)[:2])
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "mysurvey.yml").write_text(instrument, encoding="utf-8")
    raw = tmp_path / "mysurvey.csv"
    (tmp_path / "mysurvey.yml").write_text(edition.replace("data/raw/mysurvey.csv", str(raw)), encoding="utf-8")
    rng = np.random.default_rng(3)
    rows = 400
    frame = pd.DataFrame(
        {
            "序号": range(1, rows + 1),
            "地区": rng.choice(["东部", "西部"], rows),
            "来源": "链接",
            "所用时间": [f"{seconds}秒" for seconds in rng.integers(60, 600, rows)],
            "备注": "",
            "q3": rng.choice(ANSWERS[:4], rows),
            "7、办理速度": rng.choice(ANSWERS, rows, p=[0.3, 0.35, 0.2, 0.08, 0.05, 0.02]),
            "7、讲解清楚": rng.choice(ANSWERS, rows, p=[0.3, 0.35, 0.2, 0.08, 0.05, 0.02]),
        }
    )
    frame.loc[5, "7、办理速度"] = "还行"
    frame.to_csv(raw, index=False, encoding="gb18030")
    return tmp_path / "mysurvey.yml"


def test_a_readers_own_survey_becomes_a_report(mysurvey: Path, build: Callable[..., None], tmp_path: Path) -> None:
    output = tmp_path / "output"
    assert "are valid" in make("check", *edition_arguments(mysurvey, output)).stdout
    build("report", "FORMATS=html", *edition_arguments(mysurvey, output))
    assert (output / "report" / "zh" / "index.html").exists()
    assert (output / "report" / "en" / "index.html").exists()
    for lang, phrases in NEVER_SAID.items():
        text = _chapters(output / "report" / lang)
        assert [phrase for phrase in phrases if phrase in text] == []
        assert not re.search(r"\(\s*\)|[，、]。| ,|\{[a-z_]+\}", text)
    quarantine = pd.read_csv(output / "quarantine" / "responses.csv")
    assert quarantine["row"].tolist() == [7]
    assert "还行" in quarantine["value"].iloc[0]
    index = pd.read_csv(output / "tables" / "csi_overall.csv").set_index("measure")
    assert index.loc["csi", "n"] > 350
    assert index.loc["csi", "ci_low"] < index.loc["csi", "estimate"] < index.loc["csi", "ci_high"]


def _chapters(report: Path) -> str:
    """The prose of the cover and of all chapters, without tables and formulas."""
    pages = [report / "index.html", *sorted((report / "chapters").glob("*.html"))]
    paragraphs = (p for page in pages for p in lxml.html.parse(page).getroot().xpath("//main//p | //main//figcaption"))
    return "\n".join(p.text_content() for p in paragraphs if not p.xpath(".//math"))
