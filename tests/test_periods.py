"""Labels of periods and their numbers: there and back, days at the ends, and labels that are none."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.periods import (
    PER_YEAR,
    WAVES,
    Frequency,
    frequency_of,
    label_at,
    label_of,
    last_day,
    number_of,
    read_label,
    read_waves,
)

PANDAS = {"year": "Y", "quarter": "Q", "month": "M"}


@pytest.mark.parametrize("frequency", PER_YEAR)
def test_labels_and_numbers_lead_to_each_other_over_the_turn_of_years(frequency: Frequency) -> None:
    numbers = range(2019 * PER_YEAR[frequency], 2022 * PER_YEAR[frequency])
    labels = [label_of(number, frequency) for number in numbers]
    assert [number_of(label, frequency) for label in labels] == list(numbers)
    assert labels == sorted(set(labels))
    assert frequency_of(labels) == frequency


@pytest.mark.parametrize("frequency", PANDAS)
def test_days_lie_in_the_periods_of_pandas_and_end_with_them(frequency: Frequency) -> None:
    for day in pd.date_range("2023-12-30", "2025-03-02"):
        period = day.to_period(PANDAS[frequency])
        label = label_at(day.date(), frequency)
        assert last_day(number_of(label, frequency), frequency) == period.end_time.date()
        assert number_of(label, frequency) - number_of("2020" + label[4:], frequency) == PER_YEAR[frequency] * (
            period.year - 2020
        )


def test_half_years_end_in_june_and_december() -> None:
    assert label_at(dt.date(2024, 6, 30), "half") == "2024H1"
    assert label_at(dt.date(2024, 7, 1), "half") == "2024H2"
    assert last_day(number_of("2024H1", "half"), "half") == dt.date(2024, 6, 30)
    assert last_day(number_of("2024H2", "half"), "half") == dt.date(2024, 12, 31)


@pytest.mark.parametrize("label", ["2025Q5", "2025H3", "2025-13", "2025-1", "25", "2025q1", "2025Q1\n"])
def test_what_is_no_label_is_named(label: str) -> None:
    with pytest.raises(MethodError, match="not recognised") as told:
        frequency_of(["2025Q1", label])
    assert told.value.where == label


def test_kinds_are_not_mixed_and_nothing_is_no_kind() -> None:
    with pytest.raises(MethodError, match="different kinds") as told:
        frequency_of(["2025Q1", "2025-04"], what="period")
    assert (told.value.where, told.value.expected) == ("2025-04", "all like 2025Q1")
    with pytest.raises(MethodError, match="not recognised"):
        frequency_of([])
    with pytest.raises(MethodError, match="not recognised"):
        number_of("2025Q1", "month")


@pytest.mark.parametrize(
    ("label", "written"),
    {
        "2015": ("2015", "2015年", "2015年度", "FY2015", "2015.0", "２０１５"),
        "2015H1": ("2015H1", "2015-h1", "H1 2015", "S1 2015", "2015年上半年"),
        "2015H2": ("2015下半年",),
        "2015Q1": (
            "2015q1",
            "2015-Q1",
            "2015 Q1",
            "Q1 2015",
            "1Q2015",
            "2015年1季度",
            "2015年第一季度",
            "2015年第1季度",
        ),
        "2015Q4": ("2015第四季度", "2015年四季度", "2015年Q4"),
        "2015-03": ("2015-03", "2015/3", "201503", "2015M03", "2015年3月", "2015年03月份", "Mar 2015", "March-2015"),
        "2015-10": ("2015.10", "2015 October"),
        "2015-03-01": (
            "2015-03-01",
            "2015/3/1",
            "2015年3月1日",
            "20150301",
            "2015-03-01 00:00:00",
            "2015-03-01T00:00:00",
        ),
        "W2": (
            "2",
            "W2",
            "w02",
            "Wave 2",
            "wave_2",
            "第2期",
            "第二期",
            "第2波",
            "第二轮",
            "Round 2",
            "T2",
            "2.0",
            "第2次调查",
        ),
        "W12": ("W12", "第十二期"),
        "W20": ("第二十期",),
        "": ("", "abc", "2015Q5", "2015-13", "20153", "2015-02-30", "3rd", "2015年第5季度", "1899", "wave"),
    }.items(),
)
def test_labels_are_read_as_people_write_them(label: str, written: tuple[str, ...]) -> None:
    assert {text: read_label(text) for text in written} == dict.fromkeys(written, label)


def test_waves_are_put_in_order_of_time_and_not_of_text() -> None:
    assert list(read_waves(["W10", "Wave 2", "第1期"]).values()) == ["W1", "W2", "W10"]
    assert list(read_waves(["Q1 2016", "2015年第四季度"])) == ["2015年第四季度", "Q1 2016"]
    assert read_waves(["2015q1", "2015-Q1"]) == {"2015q1": "2015Q1", "2015-Q1": "2015Q1"}


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        (["2015-04-01", "2015-01-01"], ["2015-01", "2015-04"]),
        (["2015-03-31", "2015-06-30"], ["2015-03", "2015-06"]),
        (["2015-04-02", "2015-01-01"], ["2015-01-01", "2015-04-02"]),
    ],
)
def test_days_at_the_ends_of_months_are_months(written: list[str], labels: list[str]) -> None:
    assert list(read_waves(written).values()) == labels


@pytest.mark.parametrize(
    ("written", "problem", "where"),
    [
        (["2015", "neu"], "not recognised", "neu"),
        (["2015", "2015年第一季度"], "different kinds", "2015年第一季度"),
        ([], "not", "no wave"),
    ],
)
def test_waves_that_cannot_be_put_in_order_are_named_as_they_were_written(
    written: list[str], problem: str, where: str
) -> None:
    with pytest.raises(MethodError, match=problem) as told:
        read_waves(written)
    assert told.value.where == where


@pytest.mark.parametrize("labels", [["2024-02-28", "2024-02-29", "2024-03-01"], ["W9", "W10", "W11"]])
def test_days_and_numbered_waves_are_counted_one_by_one(labels: list[str]) -> None:
    kind = frequency_of(labels, kinds=WAVES)
    numbers = [number_of(label, kind) for label in labels]
    assert np.diff(numbers).tolist() == [1, 1]
    assert [label_of(number, kind) for number in numbers] == labels
    with pytest.raises(MethodError, match="not recognised"):
        frequency_of(labels)  # no periods, of which a year is a whole number
