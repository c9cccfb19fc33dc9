"""Documents are set in processes of their own: what comes back, what is warned of, and what is said of an error."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from analysis.publish import typesetting
from analysis.publish.figures.fonts import font_folder
from analysis.publish.typesetting import TypesettingError, typeset


def test_a_document_comes_back_the_same_every_time_with_what_typst_warns_of(tmp_path: Path) -> None:
    source = '#set text(font: "No Such Face")\nText.'
    made = [typeset(source, root=tmp_path, fonts=font_folder(), timestamp=0) for _ in range(2)]
    assert made[0] == made[1]
    (pdf,), warnings = made[0]
    assert pdf.startswith(b"%PDF-")
    assert any("unknown font family" in warning for warning in warnings)


def test_every_page_is_a_picture_of_its_own(tmp_path: Path) -> None:
    source = "#set page(width: 1cm, height: 1cm, margin: 0pt)\nA\n#pagebreak()\nB"
    pictures, _ = typeset(source, root=tmp_path, fonts=font_folder(), form="png", ppi=72)
    assert len(pictures) == len(set(pictures)) == 2
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_an_error_has_the_words_of_typst(tmp_path: Path) -> None:
    with pytest.raises(TypesettingError, match="unknown variable: nothing"):
        typeset("#nothing", root=tmp_path, fonts=font_folder())
    with pytest.raises(TypesettingError, match=r"^PDF/UA"):
        typeset("No title.", root=tmp_path, fonts=font_folder(), standards=["ua-1"])


def test_a_process_that_is_killed_is_an_error_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = tmp_path / "killed.py"
    killed.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setattr(typesetting, "__file__", str(killed))
    with pytest.raises(TypesettingError, match="ended with -9"):
        typeset("A", root=tmp_path, fonts=font_folder())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_of_a_document_is_that_of_its_process(tmp_path: Path) -> None:
    def held() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20

    before = held()
    for number in range(3):
        typeset(f"#for page in range(40) [= {number} #page\n #lorem(300)]", root=tmp_path, fonts=font_folder())
    assert held() - before < 10
