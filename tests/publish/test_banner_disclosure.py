"""Banner tables through the gate: small groups, what would give them away, and numbers tied by difference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.edition.instrument import Instrument
from analysis.edition.sections.disclosure import Disclosure
from analysis.edition.sections.tabulation import Tabulation
from analysis.publish.parts import all_parts
from analysis.publish.release import release
from analysis.survey.design.survey_design import specify_design
from analysis.survey.tabulation.book import NO_ANSWER, tabulate
from analysis.survey.tabulation.plan import plan_tables

NAMES = {"zh": "题", "en": "Question"}
RULES = Disclosure(min_base=30)
SIZES = {"east": 400, "south": 300, "west": 12}


def _question(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": NAMES, "question": NAMES, **more}


INSTRUMENT = Instrument.model_validate(
    {
        "name": NAMES,
        "profile": [
            _question("region", categories=list(SIZES)),
            _question("sex", categories=["f", "m"]),
            _question("answer", categories=["a", "b", "c"]),
        ],
        "numeric": [_question("debt")],
    }
)


def _answers(seed: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    region = np.repeat(list(SIZES), list(SIZES.values()))
    rows = len(region)
    answer = np.where(rng.random(rows) < 0.6, "a", "b")
    answer[np.flatnonzero(region == "south")[:4]] = "c"  # four people of 300, and of 712
    return pd.DataFrame(
        {"region": region, "sex": rng.choice(["f", "m"], rows), "answer": answer, "debt": rng.gamma(3, 1000, rows)}
    )


def _released(frame: pd.DataFrame, **section: Any) -> pd.DataFrame:
    plan = plan_tables(Tabulation.model_validate(section), INSTRUMENT)
    design = specify_design(len(frame), weights=np.ones(len(frame)))
    cells = tabulate(frame, plan, instrument=INSTRUMENT, design=design, min_base=RULES.min_base).cells
    return release({"tabulation": cells}, all_parts(), rules=RULES)["tabulation"]


def _of(table: pd.DataFrame, **key: str | None) -> pd.DataFrame:
    rows = table
    for name, value in key.items():
        rows = rows[rows[name].isna() if value is None else rows[name] == value]
    return rows


def test_a_small_group_is_withheld_with_one_that_would_give_it_away() -> None:
    told = _released(_answers(), banner=["region"], questions=["sex"])
    shown = _of(told, answer="f").set_index("category")
    assert shown.loc["west", ["estimate", "n", "se", "ci_low"]].isna().all()
    assert shown.loc["south", ["estimate", "n"]].isna().all()  # the smallest of the others
    assert shown.loc["east", "n"] == 400
    assert _of(told, answer="f", category=None)["n"].item() == 712


def test_an_answer_of_few_goes_with_one_that_adds_up_with_it_in_the_column_of_all_too() -> None:
    frame = _answers()
    told = _released(frame[frame["region"] != "west"].reset_index(drop=True), banner=["region"], questions=["answer"])
    for category in ("south", None):
        column = _of(told, category=category).set_index("answer")["estimate"]
        assert np.isnan(column["c"])
        assert column.isna().sum() >= 2, category


def test_a_share_of_all_is_no_way_to_a_withheld_share_of_a_group() -> None:
    frame = _answers()
    told = _released(frame[frame["region"] != "west"].reset_index(drop=True), banner=["region"], questions=["answer"])
    for answer in ("a", "b", "c"):
        line = _of(told, answer=answer)
        assert line["estimate"].isna().sum() != 1, answer


def test_who_did_not_answer_the_banner_is_protected_like_any_group() -> None:
    frame = _answers()
    frame = frame[frame["region"] != "west"].reset_index(drop=True)
    frame.loc[frame.index[:9], "region"] = None
    told = _of(_released(frame, banner=["region"], questions=["sex"]), answer="f").set_index("category")
    assert told["n"].isna().to_dict()[NO_ANSWER]
    assert told.loc[["east", "south"], "n"].isna().sum() == 1  # 9 people follow from total − both


def test_a_group_is_withheld_in_crossed_tables_as_in_plain_ones() -> None:
    told = _released(_answers(), banner=["region", ["region", "sex"]], questions=["debt"])
    means = _of(told, statistic="mean")
    plain = _of(means, banner="region").set_index("category")["n"]
    crossed = _of(means, banner="region sex").set_index("category")["n"]
    assert crossed[["west | f", "west | m"]].isna().all()
    for region in SIZES:
        parts = crossed[[f"{region} | f", f"{region} | m"]]
        assert not (np.isnan(plain[region]) and parts.notna().all()), region


def test_an_amount_that_one_person_makes_up_is_withheld_alone() -> None:
    frame = _answers()
    frame.loc[0, "debt"] = 1e9
    told = _released(
        frame[frame["region"] != "west"].reset_index(drop=True), banner=["sex"], questions=["debt", "answer"]
    )
    rich = frame.loc[0, "sex"]
    means = _of(told, question="debt", statistic="mean").set_index("category")
    assert np.isnan(means.loc[rich, "estimate"])
    assert np.isnan(means["estimate"].iloc[0])  # that of all, which holds the same person
    assert _of(told, question="debt").groupby("category")["n"].min().notna().all()
    assert _of(told, question="answer", answer="a", banner="sex")["estimate"].notna().all()


def test_letters_of_withheld_columns_are_not_told() -> None:
    frame = _answers()
    frame.loc[frame["region"] == "east", "debt"] += 5000
    told = _of(_released(frame, banner=["region"], questions=["debt"]), statistic="mean").set_index("category")
    assert told.loc["south", "estimate"] != told.loc["south", "estimate"]
    assert told.loc["east", "higher_than"] == ""
    assert not {"measured", "largest", "domain", "group", "whole", "largest_1", "top_1"} & set(told.columns)


def test_a_question_of_few_does_not_withhold_its_columns_elsewhere() -> None:
    frame = _answers()
    frame = frame[frame["region"] != "west"].reset_index(drop=True)
    frame["debt"] = frame["debt"].where(np.arange(len(frame)) % 20 == 0)  # 35 were asked, fewer than 30 of a region
    told = _released(frame, banner=["region"], questions=["debt", "sex"])
    assert _of(told, question="debt", banner="region")["estimate"].isna().all()
    assert _of(told, question="sex", banner="region")["estimate"].notna().all()


@pytest.mark.parametrize("statistic", ["mean", "total"])
def test_amounts_are_published_in_significant_digits(statistic: str) -> None:
    tables = [{"key": "debts", "questions": ["debt"], "statistics": [statistic]}]
    told = _released(_answers(), banner=["sex"], questions=[], tables=tables)
    values = told["estimate"].dropna()
    assert len(values) == 3
    assert all(value == float(f"{value:.3g}") for value in values)
