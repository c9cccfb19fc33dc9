"""Columns that a file holds in another form: days counted back, and days behind an answer."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from small_survey import Survey

from analysis.errors import SurveyReportError

DAY = {"unit": "months", "day": "2025-12-31"}
REGISTER = "no,tenure,left\n1,12,yes\n2,0,no\n3,6.5,no\n"


def _register(survey: Survey, content: str = REGISTER, **source: Any) -> Any:
    mapping = {
        "columns": {"customer_id": "no", "closed_on": "left"},
        "ago": {"opened_on": DAY | {"column": "tenure"}},
        "values": {"closed_on": {"yes": "2025-12-31", "no": ""}},
    }
    return survey.load(content, table="customers", **(mapping | source))


def test_days_are_counted_back_from_a_day_by_mean_months(survey: Survey) -> None:
    frame = _register(survey).frame
    day = pd.Timestamp("2025-12-31")
    assert (day - frame["opened_on"]).dt.days.tolist() == [365, 0, 198]


def test_an_answer_stands_for_a_day_or_for_none(survey: Survey) -> None:
    frame = _register(survey).frame
    assert frame["closed_on"].notna().tolist() == [True, False, False]
    assert frame["closed_on"].iloc[0] == pd.Timestamp("2025-12-31")


def test_what_is_no_number_is_refused_as_it_stands(survey: Survey) -> None:
    intake = _register(survey, "no,tenure,left\n1,12,yes\n2,long,no\n3,-4,no\n4,99999,no\n5,3,perhaps\n")
    assert intake.frame["customer_id"].tolist() == ["1"]
    refused = intake.quarantine[["column", "value", "reason"]].to_numpy().tolist()
    told = "is not a date such as 2025-10-31 or 2025-10-31 14:05"
    assert refused == [
        ["opened_on", "long", f"opened_on {told}"],
        ["opened_on", "-4", f"opened_on {told}"],
        ["opened_on", "99999", f"opened_on {told}"],
        ["closed_on", "perhaps", f"closed_on {told}"],
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"ago": {"opened_on": DAY | {"column": "tenur"}}}, "tenur"),
        ({"ago": {"value_tier": DAY | {"column": "tenure"}}}, "value_tier"),
        ({"columns": {"customer_id": "no", "closed_on": "left", "opened_on": "tenure"}}, "opened_on is given in both"),
        ({"ago": {"opened_on": DAY | {"column": "tenure", "unit": "moons"}}}, "unit"),
    ],
)
def test_a_mapping_that_does_not_fit_is_named(survey: Survey, source: dict[str, Any], told: str) -> None:
    with pytest.raises(SurveyReportError, match=told):
        _register(survey, **source)
