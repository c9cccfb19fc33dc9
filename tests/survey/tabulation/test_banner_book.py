"""The banner book: what is compared, what is left out, what adds up; against the estimation row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.tabulation import Tabulation
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.concentration import concentration
from analysis.survey.estimation.estimates import proportions
from analysis.survey.tabulation.book import NO_ANSWER, Tabulated, letter_of, tabulate
from analysis.survey.tabulation.plan import plan_tables
from analysis.survey.tabulation.questions import blocks_of
from analysis.survey.tabulation.sums import Layout

NAMES = {"zh": "题", "en": "Question"}


def _question(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": NAMES, "question": NAMES, **more}


INSTRUMENT = Instrument.model_validate(
    {
        "name": NAMES,
        "profile": [
            _question("region", categories=["east", "south", "west"]),
            _question("sex", categories=["f", "m"]),
            _question("empty", categories=["a", "b"]),
            _question("one", categories=["a", "b"]),
        ],
        "numeric": [_question("debt"), _question("nobody")],
    }
)


def _answers(rows: int = 600, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    region = rng.choice(["east", "south", "west"], rows)
    debt = rng.gamma(2, 10_000, rows) + np.where(region == "east", 20_000, 0)
    frame = pd.DataFrame({"region": region, "sex": rng.choice(["f", "m"], rows), "debt": debt, "nobody": np.nan})
    frame.loc[:9, "region"] = None
    return frame.assign(empty=None, one="a", w=rng.uniform(1, 3, rows), psu=np.arange(rows) // 10)


def _book(frame: pd.DataFrame, **section: Any) -> Tabulated:
    plan = plan_tables(Tabulation.model_validate(section), INSTRUMENT)
    design = specify_design(len(frame), weights=frame["w"], psu=frame["psu"])
    return tabulate(frame, plan, instrument=INSTRUMENT, design=design, min_base=30)


def test_every_question_stands_by_every_background_question_but_itself() -> None:
    cells = _book(_answers(), banner=["region", "sex"]).cells
    found = cells.groupby("table", sort=False)["banner"].unique().map(list).to_dict()
    assert found == {
        "debt": ["", "region", "sex"],
        "region": ["", "sex"],
        "sex": ["", "region"],
        "one": ["", "region", "sex"],
    }


def test_a_table_without_a_banner_tells_of_all() -> None:
    cells = _book(_answers(), tables=[{"key": "debts", "questions": ["debt"], "statistics": ["mean", "median"]}]).cells
    assert cells["banner"].unique().tolist() == [""]
    assert cells["statistic"].tolist() == ["mean", "median"]
    frame = _answers()
    mean = np.average(frame["debt"], weights=frame["w"])
    assert cells.loc[cells["statistic"] == "mean", "estimate"].item() == pytest.approx(mean)


def test_what_can_not_be_tabulated_is_left_out_with_its_reason() -> None:
    left = _book(_answers(), banner=["one", "empty", "sex"]).left_out
    reasons = {(row["question"], row["banner"]): row["reason"] for row in left.to_dict("records")}
    assert reasons["nobody", ""] == reasons["empty", ""] == "nobody answered it"
    assert reasons["debt", "one"] == reasons["debt", "empty"] == "fewer than two answers were given"


def test_shares_have_the_interval_of_the_house() -> None:
    frame = _answers()
    cells = _book(frame, banner=["region"], questions=["sex"]).cells
    women = pd.DataFrame({"f": (frame["sex"] == "f").astype(float)})
    design = specify_design(len(frame), weights=frame["w"], psu=frame["psu"])
    expected = proportions(women, design=design, domain=frame["region"]).set_index("category")
    own = cells[(cells["banner"] == "region") & (cells["answer"] == "f")].set_index("category").drop(NO_ANSWER)
    for name in ("estimate", "se", "ci_low", "ci_high", "n", "n_eff", "deff"):
        assert own[name].to_dict() == pytest.approx(expected[name].to_dict(), rel=1e-9), name


def test_a_column_that_is_clearly_higher_says_than_which() -> None:
    cells = _book(_answers(), banner=["region"], questions=["debt"]).cells
    means = cells[(cells["statistic"] == "mean") & (cells["banner"] == "region")].set_index("category")["higher_than"]
    assert means.to_dict() == {"east": "B C", "south": "", "west": "", NO_ANSWER: ""}


def test_who_gave_no_answer_to_the_banner_is_part_of_the_total() -> None:
    cells = _book(_answers(), banner=["region"], questions=["sex"]).cells
    women = cells[cells["answer"] == "f"].set_index("category")["n"]
    assert women[NO_ANSWER] == 10
    assert (
        women.dropna().loc[["east", "south", "west", NO_ANSWER]].sum() == cells.loc[cells["banner"] == "", "n"].iloc[0]
    )


def test_the_order_of_the_rows_changes_nothing() -> None:
    frame = _answers()
    mixed = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    first, second = (_book(one, banner=[["region", "sex"]]).cells for one in (frame, mixed))
    pd.testing.assert_frame_equal(first, second, rtol=1e-9)


def test_the_share_of_the_largest_is_that_of_the_disclosure_rules() -> None:
    frame = _answers()
    codes = frame["region"].map({"east": 0, "south": 1, "west": 2}).fillna(-1).to_numpy(dtype=np.int64)
    layout = Layout.of(specify_design(len(frame), weights=frame["w"]), codes, 3)
    expected = concentration(frame[["debt"]], design=layout.design, domain=frame["region"])
    assert layout.largest(frame["w"].to_numpy()) == pytest.approx(expected)
    assert layout.largest(np.where(codes == 1, 1.0, 0.0))[[0, 2]].tolist() == [[0, 0], [0, 0]]


def test_ratings_net_and_percentiles_are_lines_of_one_question() -> None:
    asked = Instrument.model_validate(
        {
            "name": NAMES,
            "scale": {"min": 1, "max": 5},
            "constructs": [
                {"key": "c", "role": "other", "name": NAMES, "items": [{"key": "q", "zh": "问", "en": "Q"}]}
            ],
        }
    )
    frame = pd.DataFrame({"q": [1.0, 2, 3, 4, 5, 5, np.nan]})
    (block,) = blocks_of("q", frame, instrument=asked, statistics=("top_two", "net", "p25"))
    assert [line.statistic for line in block.lines] == ["top_two", "net"]
    assert block.coefficients.above.tolist() == [[0, 0, 0, 1, 1], [-100, -100, 0, 100, 100]]
    assert [(line.statistic, p) for line, p in block.quantiles] == [("p25", 0.25)]
    assert block.ascending.tolist() == [0, 1, 2, 3, 4, 5]
    (usual,) = blocks_of("q", frame, instrument=asked)
    assert [line.answer or line.statistic for line in usual.lines] == ["1", "2", "3", "4", "5", "top_two", "mean"]


def test_columns_are_lettered_as_in_a_spreadsheet() -> None:
    assert [letter_of(place) for place in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]
