"""The exclusion rules at their edges, and the log that always adds up."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.edition import load_edition
from analysis.edition.instrument import Instrument, load_instrument
from analysis.edition.sections.cleaning import RULES, Cleaning
from analysis.errors import MethodError
from analysis.survey.cleaning.rules import clean, summarise_flags
from analysis.survey.cleaning.screening import longest_run

LOG_COLUMNS = ["rule", "action", "limit", "flagged", "excluded", "remaining", "share", "applied"]


def _text(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _instrument(items: int = 24, *, reverse: tuple[int, ...] = ()) -> Instrument:
    questions = [{"key": f"i{k}", **_text(f"i{k}"), "reverse": k in reverse} for k in range(items)]
    return Instrument.model_validate(
        {
            "name": _text("test"),
            "scale": {"min": 1, "max": 5},
            "constructs": [{"key": "service", "role": "dimension", "name": _text("service"), "items": questions}],
            "profile": [{"key": "sex", "name": _text("sex"), "question": _text("sex")}],
            "attention": {"key": "check", **_text("choose 4"), "expected": 4},
            "open": [{"key": "comment", **_text("comment")}],
        }
    )


def _responses(rows: int = 40, items: int = 24, seed: int = 0) -> pd.DataFrame:
    """Careful interviews: varied answers, 300 seconds or so, each at its own moment."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 6, (rows, items)).astype(float), columns=[f"i{k}" for k in range(items)])
    frame.insert(0, "respondent_id", [f"r{k}" for k in range(rows)])
    frame["submitted_at"] = pd.Timestamp("2025-09-01 09:30:15") + pd.to_timedelta(np.arange(rows) * 61, unit="s")
    frame["duration_s"] = rng.uniform(250, 350, rows)
    frame["sex"] = rng.choice(["f", "m"], rows)
    frame["check"] = 4.0
    frame["comment"] = None
    return frame


def _rule(log: pd.DataFrame, rule: str) -> pd.Series:
    return log.set_index("rule").loc[rule]


def _copied(frame: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """The frame with a copy of its first interview at the end."""
    copy = frame.iloc[[0]].assign(respondent_id="copy", **changes)
    return pd.concat([frame, copy], ignore_index=True)


def test_careful_interviews_are_all_kept() -> None:
    responses = _responses()
    result = clean(responses, instrument=_instrument(), cleaning=Cleaning())
    pd.testing.assert_frame_equal(result.kept, responses)
    assert result.flags.empty
    assert result.flags.columns.tolist() == ["respondent_id", "rule", "value", "limit", "other"]
    assert result.log.columns.tolist() == LOG_COLUMNS
    assert result.log["rule"].tolist() == ["raw", *RULES, "kept"]
    assert (result.decisions["decision"] == "kept").all()
    assert result.decisions["respondent_id"].tolist() == responses["respondent_id"].tolist()


def test_the_first_of_identical_interviews_stays() -> None:
    result = clean(_copied(_copied(_responses())), instrument=_instrument(), cleaning=Cleaning())
    assert result.flags["value"].tolist() == [2.0, 3.0]
    assert result.flags["respondent_id"].tolist() == ["copy", "copy"]
    assert result.flags["other"].tolist() == ["r0", "r0"]
    assert result.kept["respondent_id"].tolist() == [f"r{k}" for k in range(40)]


def test_a_long_questionnaire_sent_twice_is_a_duplicate_even_at_another_time() -> None:
    late = pd.Timestamp("2025-09-03 10:00:01")
    result = clean(_copied(_responses(), submitted_at=late), instrument=_instrument(), cleaning=Cleaning())
    assert _rule(result.log, "duplicates")["excluded"] == 1


@pytest.mark.parametrize("change", [{"sex": "other"}, {"comment": "fine"}, {"i7": 99.0}])
def test_another_profile_remark_or_answer_makes_another_person(change: dict[str, Any]) -> None:
    cleaning = Cleaning(max_longstring_share=None)
    result = clean(_copied(_responses(), **change), instrument=_instrument(), cleaning=cleaning)
    assert _rule(result.log, "duplicates")["flagged"] == 0


def test_equal_answers_to_a_short_questionnaire_are_no_duplicate_unless_sent_at_the_same_moment() -> None:
    short, instrument = _responses(items=5), _instrument(5)
    other = clean(
        _copied(short, submitted_at=pd.Timestamp("2025-10-01 08:00:01")), instrument=instrument, cleaning=Cleaning()
    )
    assert _rule(other.log, "duplicates")["flagged"] == 0
    same = clean(_copied(short), instrument=instrument, cleaning=Cleaning())
    assert _rule(same.log, "duplicates")["flagged"] == 1
    untimed = clean(
        _copied(short.drop(columns=["submitted_at", "duration_s"])), instrument=instrument, cleaning=Cleaning()
    )
    assert not _rule(untimed.log, "duplicates")["applied"]
    dated = _copied(short)
    dated["submitted_at"] = dated["submitted_at"].dt.normalize()
    assert not _rule(clean(dated, instrument=instrument, cleaning=Cleaning()).log, "duplicates")["applied"]


def test_two_who_answered_alike_throughout_are_no_duplicates_of_each_other_without_a_time() -> None:
    responses = _responses().drop(columns=["submitted_at", "duration_s"])
    responses.loc[:1, [f"i{k}" for k in range(24)]] = 5.0
    responses.loc[:1, "sex"] = "f"
    cleaning = Cleaning(max_longstring_share=None)
    assert _rule(clean(responses, instrument=_instrument(), cleaning=cleaning).log, "duplicates")["flagged"] == 0


def test_a_speeder_is_below_the_share_of_the_median_not_at_it() -> None:
    responses = _responses().assign(duration_s=300.0)
    responses.loc[0, "duration_s"] = 98.9
    responses.loc[1, "duration_s"] = 99.0
    responses.loc[2, "duration_s"] = np.nan
    result = clean(responses, instrument=_instrument(), cleaning=Cleaning(min_duration_share=0.33))
    assert result.flags["respondent_id"].tolist() == ["r0"]
    assert result.flags["value"].tolist() == pytest.approx([98.9 / 300])


def test_the_longest_run_skips_missing_answers() -> None:
    answers = np.array(
        [[1, 1, 2, 2, 2], [1, np.nan, 1, 1, 2], [np.nan] * 5, [3, 3, 3, 3, 3], [1, 2, 1, 2, 1]], dtype=float
    )
    assert longest_run(answers).tolist() == [3, 3, 0, 5, 1]
    assert longest_run(np.empty((2, 0))).tolist() == [0, 0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from([1.0, 2.0, np.nan]), min_size=6, max_size=6), min_size=1, max_size=5))
def test_the_longest_run_is_that_of_a_plain_count(rows: list[list[float]]) -> None:
    plain = [
        max((len(list(run)) for _, run in groupby(answer for answer in row if not np.isnan(answer))), default=0)
        for row in rows
    ]
    assert longest_run(np.array(rows)).tolist() == plain


def test_straightlining_is_seen_in_the_answers_as_they_were_given() -> None:
    responses = _responses(items=10)
    keys = [f"i{k}" for k in range(10)]
    responses.loc[0, keys] = 5.0  # after the intake: consistent, so the fourth item was answered 1
    responses.loc[1, keys] = [5.0, 5, 5, 1, 5, 5, 5, 5, 5, 5]  # answered 5 throughout
    responses.loc[2, keys] = [*[5.0, 5, 5, 1], *[np.nan] * 6]  # too few answers to tell
    result = clean(responses, instrument=_instrument(10, reverse=(3,)), cleaning=Cleaning(max_missing_share=1.0))
    straight = result.flags[result.flags["rule"] == "straightlining"]
    assert straight[["respondent_id", "value"]].to_numpy().tolist() == [["r1", 1.0]]
    uniform = result.flags[result.flags["rule"] == "low_variance"]
    assert uniform[["respondent_id", "value"]].to_numpy().tolist() == [["r1", 0.0]]


def test_few_items_are_not_judged_for_straightlining() -> None:
    responses = _responses(items=9)
    responses.loc[0, [f"i{k}" for k in range(9)]] = 5.0
    result = clean(responses, instrument=_instrument(9), cleaning=Cleaning())
    assert not _rule(result.log, "straightlining")["applied"]
    assert len(result.kept) == 40


def test_a_missing_attention_answer_is_not_a_failed_one() -> None:
    responses = _responses()
    responses.loc[0, "check"] = 3.0
    responses.loc[1, "check"] = np.nan
    result = clean(responses, instrument=_instrument(), cleaning=Cleaning())
    assert result.flags[["respondent_id", "rule", "value", "limit"]].to_numpy().tolist() == [
        ["r0", "attention", 3.0, 4.0]
    ]


def test_too_much_missing_is_more_than_the_share() -> None:
    responses = _responses(items=20)
    responses.loc[0, [f"i{k}" for k in range(6)]] = np.nan
    responses.loc[1, [f"i{k}" for k in range(7)]] = np.nan
    result = clean(responses, instrument=_instrument(20), cleaning=Cleaning(max_missing_share=0.3))
    assert result.flags[["respondent_id", "value"]].to_numpy().tolist() == [["r1", 0.35]]


def test_a_rule_without_its_column_or_switched_off_is_logged_as_not_applied() -> None:
    responses = _responses().drop(columns=["duration_s", "check"])
    cleaning = Cleaning(duplicates=False, max_longstring_share=None, max_match_share=None, min_response_sd=None)
    log = clean(responses, instrument=_instrument(), cleaning=cleaning).log
    assert log.loc[log["applied"], "rule"].tolist() == ["raw", "missing", "kept"]
    assert (log["excluded"] == 0).all()


def test_an_interview_that_breaks_two_rules_is_flagged_twice_and_excluded_once() -> None:
    responses = _responses()
    responses.loc[0, "duration_s"] = 10.0
    responses.loc[0, "check"] = 1.0
    result = clean(responses, instrument=_instrument(), cleaning=Cleaning())
    assert result.flags["rule"].tolist() == ["speeders", "attention"]
    assert _rule(result.log, "attention")[["flagged", "excluded"]].tolist() == [1, 0]
    assert len(result.kept) == 39


ACTIONS = st.dictionaries(st.sampled_from(RULES), st.sampled_from(["exclude", "flag"]), max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    faulty=st.floats(0, 0.6),
    aside=st.none() | st.integers(0, 9),
    actions=ACTIONS,
    min_flags=st.none() | st.integers(2, 4),
)
def test_raw_is_kept_plus_excluded_by_first_reason(
    seed: int, faulty: float, aside: int | None, actions: dict[str, str], min_flags: int | None
) -> None:
    rng = np.random.default_rng(seed)
    responses = _responses(140, seed=seed)
    keys = [f"i{k}" for k in range(24)]
    responses.loc[rng.random(140) < faulty / 2, "duration_s"] = 20.0
    responses.loc[rng.random(140) < faulty / 2, "check"] = 2.0
    responses.loc[rng.random(140) < faulty / 2, keys] = 3.0
    responses.loc[rng.random(140) < faulty / 2, keys[:12]] = np.nan
    responses.loc[rng.random(140) < faulty / 2, ["sex", "region"]] = ["m", "moon"]
    twice = responses.iloc[:9].assign(respondent_id=[f"c{k}" for k in range(9)])
    twice.loc[4:, "i0"] = 6 - twice.loc[4:, "i0"]
    responses = pd.concat([responses, twice], ignore_index=True)
    before = responses.copy()
    cleaning = Cleaning(
        impossible=({"sex": ("m",), "region": ("moon",)},),
        min_mahalanobis_p=0.05,
        actions=actions,  # type: ignore[arg-type]
        min_flags=min_flags,
    )
    rows = None if aside is None else _quarantine(aside)
    try:
        result = clean(responses, instrument=_instrument(), cleaning=cleaning, quarantine=rows)
    except MethodError:  # the rules left nobody
        return
    log, decisions = result.log, result.decisions
    assert log["remaining"].iloc[0] == len(responses) + (aside or 0)
    assert log["remaining"].iloc[0] == log["remaining"].iloc[-1] + log["excluded"].sum()
    assert (log["remaining"].diff().fillna(0) == -log["excluded"].fillna(0)).all()
    assert log["remaining"].iloc[-1] == len(result.kept)
    assert (log["excluded"].fillna(0) <= log["flagged"].fillna(0)).all()
    assert log["share"].iloc[-1] == pytest.approx(len(result.kept) / log["remaining"].iloc[0])
    assert log.iloc[[0, -1]][["flagged", "excluded"]].isna().all(axis=None)
    reasons = decisions["first_reason"].value_counts()
    assert all(reasons.get(r, 0) == n for r, n in log.iloc[1:-1][["rule", "excluded"]].to_numpy())
    assert len(decisions) == log["remaining"].iloc[0]
    assert set(result.kept["respondent_id"]) == set(
        decisions.loc[decisions["decision"].isin(["kept", "review"]), "respondent_id"]
    )
    counts = result.flags["rule"].value_counts()
    assert all(counts.get(rule, 0) == decisions[rule].sum() for rule in RULES)
    pd.testing.assert_frame_equal(responses, before)


def _quarantine(rows: int) -> pd.DataFrame:
    reasons = ["i3 is outside 1 to 5", "submitted_at is not a date", "i1 is not a number; i2 is outside 1 to 5"]
    return pd.DataFrame({"row": range(2, rows + 2), "reason": [reasons[k % 3] for k in range(rows)]})


def test_rows_set_aside_at_intake_stand_in_the_log_and_among_the_decisions() -> None:
    result = clean(_responses(), instrument=_instrument(), cleaning=Cleaning(), quarantine=_quarantine(6))
    assert _rule(result.log, "out_of_range")["excluded"] == 4
    assert _rule(result.log, "contract")["excluded"] == 2
    aside = result.decisions[result.decisions["decision"] == "quarantined"]
    assert aside["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert aside["first_reason"].value_counts().to_dict() == {"out_of_range": 4, "contract": 2}
    assert result.is_kept.sum() == len(result.is_kept) == 40


def test_what_the_intake_calls_out_of_range_is_found_by_its_words(root: Path) -> None:
    from analysis.data.columns import Field
    from analysis.data.values import _range_fault  # type: ignore[attr-defined]
    from analysis.survey.cleaning.rules import OUT_OF_RANGE

    fields = [Field("i", "number", low=1, high=5), Field("i", "number", low=0), Field("i", "number", high=9)]
    told = [f"i {_range_fault(-3.0 if field.high is None else 99.0, field)}" for field in fields]
    assert pd.Series(told).str.contains(OUT_OF_RANGE, regex=True).all()
    assert not pd.Series(["i is not a whole number", "age is not one of a, b"]).str.contains(OUT_OF_RANGE).any()


def test_an_almost_identical_interview_is_flagged_with_the_one_it_resembles() -> None:
    responses = _responses()
    changed = _copied(responses, i3=6 - responses.loc[0, "i3"] if responses.loc[0, "i3"] != 3 else 1.0)
    result = clean(changed, instrument=_instrument(), cleaning=Cleaning())
    flag = result.flags.iloc[0]
    assert flag[["respondent_id", "rule", "other"]].tolist() == ["copy", "near_duplicates", "r0"]
    assert flag["value"] == pytest.approx(24 / 25)
    assert result.decisions["decision"].iloc[-1] == "review"
    assert len(result.kept) == 41
    strict = Cleaning(actions={"near_duplicates": "exclude"})
    assert len(clean(changed, instrument=_instrument(), cleaning=strict).kept) == 40


def test_an_impossible_combination_needs_all_its_answers() -> None:
    responses = _responses().assign(region="east")
    responses.loc[3, ["sex", "region"]] = ["m", "moon"]
    responses.loc[4, ["sex", "region"]] = ["f", "moon"]
    combinations = ({"sex": ("x",), "region": ("east",)}, {"sex": ("m", "x"), "region": ("moon",)})
    result = clean(responses, instrument=_instrument(), cleaning=Cleaning(impossible=combinations))
    assert result.flags[["respondent_id", "rule", "value"]].to_numpy().tolist() == [["r3", "impossible", 2.0]]
    unasked = clean(
        responses.drop(columns="region"), instrument=_instrument(), cleaning=Cleaning(impossible=combinations)
    )
    assert not _rule(unasked.log, "impossible")["applied"]


def test_several_flags_together_exclude_only_when_the_params_say_so() -> None:
    responses = _responses(200, items=24)
    responses.loc[0, [f"i{k}" for k in range(24)]] = 5.0
    actions = {"straightlining": "flag"}
    lenient = clean(responses, instrument=_instrument(), cleaning=Cleaning(actions=actions))
    assert lenient.decisions.loc[0, ["straightlining", "low_variance"]].all()
    assert len(lenient.kept) == 200
    assert "coincident" not in lenient.log["rule"].tolist()
    strict = clean(responses, instrument=_instrument(), cleaning=Cleaning(actions=actions, min_flags=2))
    assert strict.decisions.loc[0, "first_reason"] == "coincident"
    assert _rule(strict.log, "coincident")["excluded"] == 1


def test_random_answers_lie_far_from_the_others() -> None:
    rng = np.random.default_rng(3)
    responses = _responses(400)
    common = rng.normal(3, 1, (400, 1))
    keys = [f"i{k}" for k in range(24)]
    responses[keys] = np.clip(np.rint(common + rng.normal(0, 0.5, (400, 24))), 1, 5)
    responses.loc[0, keys] = rng.integers(1, 6, 24).astype(float)
    responses.loc[0, "i5"] = np.nan
    result = clean(responses, instrument=_instrument(), cleaning=Cleaning(min_mahalanobis_p=1e-6))
    assert "r0" in result.flags.loc[result.flags["rule"] == "outlying", "respondent_id"].tolist()
    few = clean(responses.iloc[:100], instrument=_instrument(), cleaning=Cleaning())
    assert not _rule(few.log, "outlying")["applied"]


def test_flags_are_counted_alone_and_together() -> None:
    responses = _responses()
    responses.loc[0, "duration_s"] = 10.0
    responses.loc[[0, 1], "check"] = 1.0
    told = summarise_flags(clean(responses, instrument=_instrument(), cleaning=Cleaning())).set_index("rule")
    assert told.loc["attention", ["flagged", "alone"]].tolist() == [2, 1]
    assert told.loc["speeders", ["flagged", "alone"]].tolist() == [1, 0]
    assert told.loc["speeders", "limit"] == 0.33
    assert "impossible" not in told.index


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{age: 18-29, occupation: pensioner}]", "'pensioner' is not an answer to 'occupation'"),
        ("[{age: 18-29, job: retired}]", "'job' is not a profile question"),
        ("[{age: 18-29}]", "at least two"),
    ],
)
def test_a_combination_that_the_instrument_does_not_know_is_refused(
    root: Path, tmp_path: Path, text: str, said: str
) -> None:
    params = tmp_path / "edition.yml"
    params.write_text(f"extends: {root}/params/2025.yml\ncleaning:\n  impossible: {text}\n", encoding="utf-8")
    with pytest.raises(Exception, match=said) as refused:
        load_edition(params)
    assert "cleaning" in str(refused.value)


def test_cleaning_that_leaves_nobody_says_which_rule_did_it() -> None:
    with pytest.raises(MethodError, match="attention: 40"):
        clean(_responses().assign(check=1.0), instrument=_instrument(), cleaning=Cleaning())


def test_an_empty_table_and_a_missing_item_are_refused() -> None:
    with pytest.raises(MethodError, match="no interview to clean"):
        clean(_responses().iloc[:0], instrument=_instrument(), cleaning=Cleaning())
    with pytest.raises(MethodError, match="i23"):
        clean(_responses().drop(columns="i23"), instrument=_instrument(), cleaning=Cleaning())


def test_a_real_survey_without_times_loses_only_those_who_answered_alike(root: Path, shared: Path) -> None:
    instrument = load_instrument(root / "tests" / "editions" / "csibank-instrument.yml")
    responses = pd.read_csv(shared / "data" / "csibank" / "csibank.csv")
    responses.insert(0, "respondent_id", np.arange(1, len(responses) + 1).astype(str))
    result = clean(responses, instrument=instrument, cleaning=Cleaning())
    log = result.log.set_index("rule")
    assert log.loc["duplicates", "flagged"] == 0
    assert not log.loc[["speeders", "attention"], "applied"].any()
    longest = longest_run(responses[instrument.item_keys].to_numpy(dtype=float)) / 27
    assert log.loc["straightlining", "flagged"] == (longest >= 0.9).sum()
    assert len(result.kept) == 1707 - (longest >= 0.9).sum()
