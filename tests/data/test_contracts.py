"""Every table has a contract: what meets it comes in typed, what breaks it is set aside with its reason."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis.data.contracts import contract_for
from analysis.edition.sections.data import TABLES
from analysis.errors import ContractError

GOOD: dict[str, tuple[str, str]] = {
    "responses": ("respondent_id,kind,q1,q2,s1", "a,bank,1,2,3"),
    "population": ("variable,category,population", "kind,银行,100"),
    "dispositions": (
        "case_id,customer_id,stratum,channel,disposition,contacted_on",
        "c1,k1,bank,phone,1.1,2025-09-01",
    ),
    "waves": ("wave,date,csi,se,n,csat", "2025Q1,2025-03-31,80.5,0.4,900,86.1"),
    "feedback": (
        "ticket_id,received_at,channel,institution_type,text,first_response_at,handled_at,closed_at,"
        "customer_id,customer_type",
        "t1,2025-09-01 09:00,app,bank,太慢,2025-09-01 10:00,2025-09-02,,k1,individual",
    ),
    "service_log": (
        "case_id,scenario,step,institution_type,branch,opened_at,started_at,completed_at,due_at,waited_minutes,served_minutes",
        "c1,account,query,bank,B01,2025-09-01 09:00,,,,12.5,8",
    ),
    "training": (
        "staff_id,institution_type,trained,period,knowledge,communication,satisfaction,unit,quarter,content,mode,hours,first_trained",
        "s1,bank,1,before,60,70.5,80,n1,2025Q1,product,online,4,2025",
    ),
    "customers": (
        "customer_id,institution_type,customer_type,opened_on,closed_on,observed_from,value_tier,annual_revenue",
        "c1,bank,individual,2020-01-01,,2021-01-01,high,-12.5",
    ),
    "actions": (
        "action_id,measure_zh,measure_en,indicator,dimension,owner_zh,owner_en,baseline,target,actual,due,"
        "baseline_se,actual_se,baseline_n,actual_n,unit,recommendation",
        "a1,提速,Speed up,csi,服务,甲,A,70,75,,2025-12-31,,1.5,200,250,score,2024-1",
    ),
    "indicators": ("indicator,period,value,numerator,denominator", "csat,2025-09,,88,100"),
    "promises": (
        "recommendation_id,recommendation_zh,recommendation_en,kind,subject,place,item,segment,category,name_zh,name_en,"
        "construct,indicator,target,due",
        "2024-1,提速,Speed up,dimension,service,,q1,kind,bank,,,service,csi,75,2025-12-31",
    ),
    "frame": ("unit_id,stratum,region,size", "u1,bank,north,1200"),
    "labels": ("text_id,source,stratum,tone,triage_class,theme", "t1,tickets,urgent,负面,紧急,funds"),
}


def _load(survey: Any, table: str, *rows: str, **options: Any) -> Any:
    header, good = GOOD[table]
    return survey.load("\n".join([header, good, *rows]) + "\n", table=table, **options)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_contract_that_a_good_row_meets(survey: Any, table: str) -> None:
    intake = _load(survey, table)
    assert intake.quarantined == 0
    assert intake.accepted == 1
    assert intake.frame.columns.tolist() == GOOD[table][0].split(",")


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("responses", "a,bank,1,2,3", "respondent_id is used before, in row 2"),
        ("responses", "b,bank,0,2,3", "q1 is outside 1 to 5"),
        ("population", "height,bank,5", "variable is not one of kind, city"),
        ("population", "kind,shop,5", "category is not one of bank, fund"),
        ("population", "kind,fund,-5", "population is below 0"),
        ("population", "kind,fund,5.5", "population is not a whole number"),
        ("population", "kind,fund,", "population has no value"),
        ("population", "kind,bank,7", "variable + category is used before, in row 2"),
        ("dispositions", "c2,k2,shop,phone,1.1,", "stratum is not one of bank, fund"),
        ("frame", "u2,bank,north,0", "size is not above 0"),
        ("frame", "u1,bank,north,5", "unit_id is used before, in row 2"),
        ("dispositions", "c2,k2,bank,phone,done,", "disposition is not an AAPOR disposition code"),
        ("waves", "2025Q2,2025-06-31,80,1,900,", "date is not a date"),
        ("waves", "2025Q2,2025-06-30,180,1,900,", "csi is outside 0 to 100"),
        ("waves", "2025Q2,2025-06-30,80,-1,900,", "se is below 0"),
        ("waves", "2025Q2,2025-06-30,80,1,0,", "n is below 1"),
        ("waves", "2025Q1,2025-06-30,80,1,900,", "wave is used before, in row 2"),
        ("feedback", "t2,,app,bank,x,,,,,", "received_at has no value"),
        ("feedback", "t2,2025-09-02,app,bank,x,2025-09-01 10:00,,,,", "first_response_at is before received_at"),
        ("feedback", "t2,2025-09-02,app,bank,x,,2025-09-05,2025-09-04,,", "closed_at is before handled_at"),
        ("service_log", "c2,shopping,query,bank,,2025-09-01,,,,,", "scenario is not one of account, complaint"),
        ("service_log", "c2,account,answer,bank,,2025-09-01,,,,,", "step is not one of query"),
        ("service_log", "c2,account,query,bank,,2025-09-02,,2025-09-01,,,", "completed_at is before opened_at"),
        ("service_log", "c2,account,query,bank,,2025-09-02,2025-09-01,,,,", "started_at is before opened_at"),
        (
            "service_log",
            "c2,account,query,bank,,2025-09-01,2025-09-04,2025-09-03,,,",
            "completed_at is before started_at",
        ),
        ("service_log", "c2,account,query,bank,,2025-09-01,,,,-1,", "waited_minutes is below 0"),
        (
            "service_log",
            "c1,account,query,bank,,2025-09-01 09:00,,2025-09-02,,,",
            "case_id + scenario + step + opened_at is used before, in row 2",
        ),
        ("training", "s2,bank,2,before,1,1,1,,,,,,", "trained is outside 0 to 1"),
        ("training", "s2,bank,1,during,1,1,1,,,,,,", "period is not before or after, or a quarter, half-year or year"),
        ("training", "s2,bank,1,after,101,1,1,,,,,,", "knowledge is outside 0 to 100"),
        ("customers", "c2,bank,individual,2020-01-02,2019-01-01,,high,1", "closed_on is before opened_on"),
        ("customers", "c2,bank,individual,,,,high,1", "opened_on has no value"),
        ("actions", "a2,提速,Speed up,csi,speed,甲,A,70,75,,,,,,,,", "dimension is not one of service, overall"),
        ("actions", "a2,提速,Speed up,csi,service,甲,A,70,high,,,,,,,,", "target is not a number"),
        ("indicators", "csat,2025-9,80,,", "period"),
        ("indicators", "csat,2025-10,,5,0", "denominator is not above 0"),
        ("indicators", "csat,2025-10,,-5,9", "numerator is below 0"),
        ("indicators", "csat,2025-09,80,,", "indicator + period is used before, in row 2"),
        ("indicators", "csat,2025-10,many,,", "value is not a number"),
        ("actions", "a2,提速,Speed up,csi,service,甲,A,70,75,,,-1,,,,,", "baseline_se is below 0"),
        ("actions", "a2,提速,Speed up,csi,service,甲,A,70,75,,,,,0,,,", "baseline_n is not above 0"),
        ("actions", "a2,提速,Speed up,csi,service,甲,A,70,75,,,,,,,miles,", "unit is not one of percent"),
        ("actions", "a2,,Speed up,csi,service,甲,A,70,75,,,,,,,,", "measure_zh has no value"),
    ],
)
def test_a_row_that_breaks_the_contract_is_set_aside(survey: Any, table: str, row: str, reason: str) -> None:
    intake = _load(survey, table, row, sections={"sampling": {"stratum": "kind"}} if table == "dispositions" else None)
    assert intake.quarantined == 1
    assert intake.quarantine["row"].tolist() == [3]
    assert reason in intake.quarantine["reason"][0]
    assert intake.accepted == 1


def test_an_end_without_a_clock_time_may_lie_on_the_day_of_the_start(survey: Any) -> None:
    intake = _load(survey, "service_log", "c2,account,query,bank,,2025-09-01 09:00,,2025-09-01,,,")
    assert intake.quarantined == 0


def test_a_step_that_is_done_again_is_rework_and_no_fault(survey: Any) -> None:
    intake = _load(survey, "service_log", "c1,account,query,bank,,2025-09-03 09:00,,2025-09-04,,,")
    assert (intake.quarantined, intake.accepted) == (0, 2)


def test_weights_are_above_zero_and_durations_not_below(survey: Any) -> None:
    text = "weight,duration_s,q1,q2,s1\n1,0,1,1,1\n0,1,1,1,1\n,1,1,1,1\n2,-5,1,1,1\n"
    intake = survey.load(text)
    assert intake.quarantine["reason"].tolist() == ["weight is not above 0", "weight has no value"]
    assert [str(fault) for fault in intake.lost] == ["duration_s is below 0 (1 rows, such as row 5: '-5')"]


def test_a_profile_question_is_needed_only_where_it_is_used(survey: Any) -> None:
    text = "q1,q2,s1\n1,1,1\n"
    assert "kind" not in survey.load(text).frame
    for section in ({"weighting": {"margins": ["kind"]}}, {"sampling": {"stratum": "kind"}}):
        with pytest.raises(ContractError, match=r"lacks 1 column.*kind"):
            survey.load(text, sections=section)


def test_design_columns_that_the_edition_names_belong_to_the_responses(survey: Any) -> None:
    text = "area,branch,units,q1,q2,s1\nnorth,b1,40,1,1,1\nnorth,b2,40,1,1,1\nsouth,,30,1,1,1\nsouth,b4,0,1,1,1\n"
    assert not {"area", "branch", "units"} & set(survey.load(text).frame.columns)
    named = {"weighting": {"stratum": "area", "psu": "branch", "fpc": "units"}}
    intake = survey.load(text, sections=named)
    assert intake.frame["branch"].tolist() == ["b1", "b2"]
    assert intake.frame["units"].tolist() == [40.0, 40.0]
    assert intake.quarantine["reason"].tolist() == ["branch has no value", "units is not above 0"]
    with pytest.raises(ContractError, match=r"lacks 1 column.*cluster"):
        survey.load(text, sections={"weighting": {"psu": "cluster"}})
    kind = survey.load("kind,q1,q2,s1\nbank,1,1,1\n", sections={"weighting": {"stratum": "kind"}})
    assert kind.frame["kind"].tolist() == ["bank"]


def test_waves_come_out_in_order_of_time(survey: Any) -> None:
    intake = _load(survey, "waves", "2024Q4,2024-12-31,79,1,900,", "2025Q2,2025-06-30,81,,,")
    assert intake.frame["wave"].tolist() == ["2024Q4", "2025Q1", "2025Q2"]
    assert intake.frame["date"].is_monotonic_increasing


def test_waves_may_lie_at_unequal_distances_and_be_called_as_people_do(survey: Any) -> None:
    intake = _load(survey, "waves", "2024-Q4,2024-12-31,79,1,900,", "2025年第四季度,2025-12-31,81,,,")
    assert intake.frame["wave"].tolist() == ["2024-Q4", "2025Q1", "2025年第四季度"]


@pytest.mark.parametrize(("label", "problem"), [("next", "not recognised"), ("2025-06", "different kinds")])
def test_a_wave_without_a_label_is_refused(survey: Any, label: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem) as told:
        _load(survey, "waves", f"{label},2025-06-30,81,,,")
    assert "waves.csv, column wave" in (told.value.where or "")


def test_waves_by_week_are_equally_spaced_too(survey: Any) -> None:
    rows = [
        "wave,date,csi",
        *(f"w{i},{day:%Y-%m-%d},80" for i, day in enumerate(pd.date_range("2025-01-06", periods=8, freq="7D"))),
    ]
    assert survey.load("\n".join(rows), table="waves").accepted == 8


def test_a_population_must_hold_every_margin_of_the_weighting(survey: Any) -> None:
    with pytest.raises(ContractError, match="no rows for city"):
        _load(survey, "population", sections={"weighting": {"margins": ["kind", "city"]}})


def test_reverse_and_attention_items_keep_to_the_scale(survey: Any) -> None:
    fields = {field.name: field for field in contract_for(survey.edition({}), "responses").fields}
    assert (fields["q2"].low, fields["q2"].high, fields["q2"].reverse_sum) == (1, 5, 6)
    assert fields["q1"].reverse_sum is None
    assert fields["check"].required is False


def test_any_scale_is_a_scale(survey: Any) -> None:
    instrument = {"scale": {"min": 0, "max": 10}}
    sections = {"instrument": instrument, "index": {"csat": {"construct": "overall", "satisfied_from": 7}}}
    intake = survey.load("q1,q2,s1\n0,10,7\n11,0,0\n", sections=sections)
    assert intake.frame[["q1", "q2", "s1"]].to_numpy().tolist() == [[0, 0, 7]]
    assert intake.quarantine["reason"].tolist() == ["q1 is outside 0 to 10"]


def test_a_file_without_ids_or_clocks_still_makes_a_whole_feedback_table(survey: Any) -> None:
    rows = "Date received,Sent\n7/29/2013,7/30/2013\n7/30/2013,\n"
    columns = {"received_at": "Date received", "first_response_at": "Sent"}
    frame = survey.load(rows, table="feedback", columns=columns).frame
    assert frame.columns.tolist() == GOOD["feedback"][0].split(",")
    assert frame["ticket_id"].tolist() == ["2", "3"]
    assert frame["first_response_at"].isna().tolist() == [False, True]
    assert frame[["handled_at", "closed_at", "channel", "text"]].isna().all(axis=None)
    assert frame["closed_at"].dtype == "datetime64[us]"
    assert frame["channel"].dtype == "str"
