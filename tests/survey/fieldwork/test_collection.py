"""A whole fieldwork from its dispositions: what counts by approach, what by customer, and what is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.edition.sections.fieldwork import FieldworkRules
from analysis.errors import MethodError
from analysis.survey.fieldwork.collection import FieldworkResult, analyse_fieldwork
from analysis.survey.fieldwork.norms import channel_norms

TABLES = ["outcomes", "response_rates", "response_channels", "response_strata", "representativity"]


def _analysed(table: pd.DataFrame, strata: pd.DataFrame | None = None) -> FieldworkResult:
    return analyse_fieldwork(table, strata=strata, rules=FieldworkRules(), seed=1)


def _fieldwork() -> pd.DataFrame:
    """20 customers of two strata; six of a are called again after a text, half of whom then answer."""
    first = pd.DataFrame(
        {
            "customer_id": [f"k{i}" for i in range(20)],
            "stratum": ["a"] * 12 + ["b"] * 8,
            "channel": ["sms"] * 12 + ["phone"] * 8,
            "disposition": ["1.1"] * 4 + ["2.1"] * 2 + ["2.2"] * 6 + ["1.1"] * 2 + ["2.1"] * 6,
            "contacted_on": pd.Timestamp("2025-09-01"),
        }
    )
    again = first.iloc[6:12].assign(
        channel="phone", disposition=["1.1"] * 3 + ["2.1"] * 3, contacted_on=pd.Timestamp("2025-09-08")
    )
    return pd.concat([again, first], ignore_index=True)


def test_a_channel_counts_approaches_and_a_stratum_customers() -> None:
    result = _analysed(_fieldwork())
    assert list(result.tables()) == TABLES
    channels, strata = result.channels, result.strata
    assert channels is not None
    assert strata is not None
    assert channels.set_index("category")[["n", "rr1"]].to_numpy() == pytest.approx(
        np.array([[14, 5 / 14], [12, 1 / 3]])
    )
    assert strata.set_index("category")[["n", "rr1"]].to_numpy() == pytest.approx(np.array([[12, 7 / 12], [8, 2 / 8]]))
    overall = result.rates.set_index("rate")
    assert overall.loc["RR1", "value"] == pytest.approx(9 / 20)
    assert np.isnan(overall.loc["RR1", "weighted"])
    record = result.record()
    assert (record["approaches"], record["customers"], record["weighted"], record["e"]) == (26, 20, False, 1.0)


def test_rates_of_the_population_weigh_the_strata_by_their_persons() -> None:
    result = _analysed(_fieldwork(), pd.DataFrame({"category": ["b", "a"], "population": [900, 100]}))
    weighted = result.rates.set_index("rate").loc["RR1", "weighted"]
    assert weighted == pytest.approx(0.1 * 7 / 12 + 0.9 * 2 / 8)
    assert result.record()["weighted"]
    assert result.weights is not None
    assert result.weights.sum() == pytest.approx(1000)
    assert result.representativity is not None
    assert result.representativity.rate == pytest.approx(weighted)


def test_the_r_indicator_compares_what_is_known_of_all_customers() -> None:
    """Stratum and first channel say the same here: two cells with rates of 7/12 and 2/8."""
    indicator = _analysed(_fieldwork()).representativity
    assert indicator is not None
    spread = np.std([7 / 12] * 12 + [2 / 8] * 8, ddof=1)
    assert indicator.unadjusted == pytest.approx(1 - 2 * spread)
    assert indicator.variables["variable"].tolist() == ["stratum", "first_channel"]


@pytest.mark.parametrize(
    "changed",
    [
        {"stratum": "a", "channel": "sms"},
        {"disposition": "2.1"},
        {"stratum": ["a", "b", None, None], "channel": "sms", "disposition": ["2.1", "2.1", "1.1", "2.1"]},
        {"stratum": ["a", "b", "a", "b"], "disposition": ["4.1", "4.1", "4.1", "1.1"]},
    ],
    ids=["all alike", "nobody answered", "not known of those who answered", "one eligible customer"],
)
def test_a_fieldwork_that_tells_no_representativity_still_has_its_rates(changed: dict[str, object]) -> None:
    table = pd.DataFrame({"stratum": list("abab"), "disposition": ["1.1", "2.1", "1.1", "2.1"]}).assign(**changed)
    result = _analysed(table)
    assert result.representativity is None
    assert "representativity" not in result.tables()
    assert result.record()["r_indicator"] is None
    assert result.outcomes["customers"].sum() == 4


def test_a_table_with_only_dispositions_gives_rates_and_says_what_it_lacks() -> None:
    table = pd.DataFrame({"disposition": ["1.1"] * 40 + ["2.1"] * 30 + ["2.2"] * 30})
    result = analyse_fieldwork(table, strata=None, rules=FieldworkRules(), seed=1)
    assert set(result.tables()) == {"outcomes", "response_rates"}
    assert result.record()["r_indicator"] is None
    assert result.rates.set_index("rate").loc["RR1", "value"] == pytest.approx(0.4)
    assert result.outcomes["customers"].sum() == 100


def test_columns_without_a_value_count_as_not_recorded() -> None:
    table = pd.DataFrame({"disposition": ["1.1"] * 5 + ["2.1"] * 5}).assign(channel=None, stratum=None)
    result = analyse_fieldwork(table, strata=None, rules=FieldworkRules(online=("app",)), seed=1)
    assert set(result.tables()) == {"outcomes", "response_rates"}
    norms = channel_norms(result.cases, result.customers, rules=FieldworkRules(online=("app",)))
    assert set(norms.table["verdict"]) == {"not_collected"}


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(MethodError, match="no case"):
        analyse_fieldwork(pd.DataFrame({"disposition": []}), strata=None, rules=FieldworkRules(), seed=1)


def test_channels_apart_are_those_beyond_the_error_of_all_pairs() -> None:
    """400 approaches each: 60 % against 30 % is clear, 30 % against 32 % is not."""
    counts = {"app": 240, "phone": 120, "sms": 128}
    rows = [(name, "1.1" if i < n else "2.11") for name, n in counts.items() for i in range(400)]
    table = pd.DataFrame(rows, columns=["channel", "disposition"])
    result = analyse_fieldwork(table, strata=None, rules=FieldworkRules(), seed=1)
    assert result.channels_apart() == [("app", "phone"), ("app", "sms")]
