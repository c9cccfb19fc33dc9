"""The store: what it writes for people is safe to open, and what it writes for steps comes back as it went in."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hostile_texts import HOSTILE, THOROUGH
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.csv_files import csv_text, text_of_csv
from analysis.results import Store

LIVE = (
    "=HYPERLINK(1)", "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠SUM(A1)",
    "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "+86 139 1234", "--1", "'=1", "-", "-5\n=1",
)  # fmt: skip
CALM = ("", "a=1", "bank", "3-5", "-5", "+7", "-0.25", "18-29", "1e5", "中文", "a'b")
ANY = st.one_of(
    st.sampled_from(LIVE),
    st.sampled_from([text for text in HOSTILE if "\0" not in text and "\ud800" not in text]),
    st.text("=+-@'\t\r\n;,\"1a中", max_size=12),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20),
)


def _runs(cell: str) -> bool:
    """Whether a spreadsheet might read a cell as a formula: OWASP's beginnings, but for plain numbers."""
    try:
        float(cell)
    except ValueError:
        return cell[:1] in {*"=+-@\t\r＝＋－＠"}
    return False


@pytest.mark.parametrize("text", LIVE)
def test_a_text_that_would_run_does_not(text: str) -> None:
    assert csv_text(text) == f"'{text}"
    assert text_of_csv(csv_text(text)) == text


@pytest.mark.parametrize("text", CALM)
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert csv_text(text) == text


@settings(max_examples=max(1, int(40 * THOROUGH)), deadline=None)
@given(st.lists(ANY, min_size=4, max_size=12, unique=True))
def test_no_file_for_people_holds_a_formula_and_every_text_reads_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    title = f"{texts[0]}…"
    cells = pd.DataFrame({"self": texts, title: texts[::-1], "row": range(1, len(texts) + 1)})
    store.save_csv("01_step", "list", cells)
    store.save_table("table", cells)
    store.save_quarantine("responses", cells)
    for path in (store.root / "results/01_step/list.csv", *store.root.glob("tables/*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = csv.reader(file)
        assert not [cell for line in (header, *lines) for cell in line if _runs(cell)]
        assert [text_of_csv(name) for name in header] == cells.columns.tolist()
        assert [text_of_csv(line[0]) for line in lines] == texts
    pd.testing.assert_frame_equal(store.quarantine("responses"), cells.astype({"self": "str", title: "str"}))


def test_numbers_and_gaps_are_written_as_they_are(tmp_path: Path) -> None:
    store = Store(tmp_path)
    frame = pd.DataFrame({"a": [-1.5, None], "b": [-2, 3], "c": ["-x", None], "d": pd.array([None, True])})
    store.save_table("t", frame)
    assert (tmp_path / "tables/t.csv").read_text(encoding="utf-8") == "a,b,c,d\n-1.5,-2,'-x,\n,3,,True\n"
    pd.testing.assert_frame_equal(store.table("t"), frame, check_dtype=False)
