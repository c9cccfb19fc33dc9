"""Labels of periods and their numbers: there and back, days at the ends, and labels that are none."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from analysis.errors import MethodError
from analysis.periods import PER_YEAR, Frequency, frequency_of, label_at, label_of, last_day, number_of

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
