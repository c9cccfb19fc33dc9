"""The public-use file: nobody can be found in it, everything else is as it was, and what was done is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up_answers import answers, design, release
from mixed_survey import mixed_edition, mixed_instrument
from small_survey import Survey

from analysis.edition.sections.data_release import DataRelease
from analysis.errors import EditionError, MethodError, Problems
from analysis.outgoing.public_file import public_use_file

KEYS = ["kind", "age", "city"]


def _rules(**rules: Any) -> dict[str, Any]:
    return {"data_release": rules}


def test_every_interview_stands_among_k_that_look_the_same(survey: Survey) -> None:
    for k in (2, 5, 12):
        _, made = release(survey, **_rules(k=k, max_withheld=0.9))
        sizes = made.numbers.groupby(KEYS).size()
        assert sizes.min() >= k
        assert made.safety.smallest == sizes.min()
        assert made.safety.classes == len(sizes)
        withheld = {key: int(made.numbers[key].eq(-7).sum()) for key in KEYS}
        assert made.safety.withheld == {key: count for key, count in withheld.items() if count}


def test_a_question_that_would_cost_too_much_is_left_out_with_its_share(survey: Survey) -> None:
    _, made = release(survey, **_rules(k=12, max_withheld=0.01, keys=["age", "kind", "city"], coarsen=False))
    reasons = {one.key: one for one in made.safety.left_out}
    assert "age" in made.frame
    assert reasons["city"].reason == "too_telling"
    assert 0.01 < (reasons["city"].share or 0) < 1
    assert "city" not in made.numbers


def test_nothing_that_names_a_person_or_a_day_goes_out(survey: Survey) -> None:
    frame = answers().assign(customer_id="C-1234567")
    _, made = release(survey, frame)
    text = made.numbers.to_csv() + made.frame.to_csv()
    assert not [one for one in (*frame["respondent_id"], "C-1234567", "13812345678") if one in text]
    assert set(made.frame["submitted"]) == {"2025-09", "2025-10"}
    reasons = {one.key: one.reason for one in made.safety.left_out}
    assert reasons == {
        "respondent_id": "identifier",
        "customer_id": "identifier",
        "submitted_at": "day",
        "comment": "open_text",
        "duration_s": "of_the_survey",
    }


def test_the_order_of_the_rows_tells_nothing_of_the_order_in_which_they_came(survey: Survey) -> None:
    frame = answers()
    edition, made = release(survey, frame)
    turned = frame.iloc[::-1].reset_index(drop=True)
    again = public_use_file(turned, design(frame).iloc[::-1].reset_index(drop=True), edition)
    pd.testing.assert_frame_equal(made.numbers, again.numbers)
    assert made.numbers["respondent_id"].tolist() == list(range(1, len(frame) + 1))


def test_without_anything_to_withhold_every_weighted_result_is_what_it_was(survey: Survey) -> None:
    frame = answers()
    frame["kind"] = frame["kind"].fillna("bank")
    _, made = release(survey, frame, **_rules(k=2))
    assert made.safety.touched == 0
    assert made.safety.averaged == 0
    assert made.changes["before"].to_numpy() == pytest.approx(made.changes["after"].to_numpy(), rel=1e-12, abs=1e-12)
    weights = design(frame)["weight"]
    mean = np.average(frame["s1"], weights=weights)
    assert np.average(made.frame["s1"], weights=made.frame["weight"]) == pytest.approx(mean, rel=1e-12)


def _told_by_the_weights(frame: pd.DataFrame, numbers: pd.DataFrame, keys: list[str]) -> float:
    """What of the weights does not follow from the group of a row and its ratings, which the file shows."""
    ratings = numbers[[key for key in ("q1", "q2", "q3", "q4", "s1") if key in numbers]].astype(float)
    given = (ratings > 0).astype(float).add_prefix("given_")
    shown = pd.concat([given, ratings.where(ratings > 0, 0.0)], axis=1)
    group = frame["weight"].groupby([numbers[key] for key in keys])
    apart = shown - shown.groupby([numbers[key] for key in keys]).transform("mean")
    share = (frame["weight"] / group.transform("mean") - 1).to_numpy()
    lean = np.linalg.lstsq(apart.to_numpy(), share, rcond=None)[0]
    return float(np.abs(share - apart.to_numpy() @ lean).max())


def test_weights_that_would_tell_an_answer_that_is_withheld_are_those_of_the_group(survey: Survey) -> None:
    weighting = {"weighting": {"margins": ["kind"]}}
    _, made = release(survey, **_rules(k=12, max_withheld=0.9, keys=KEYS), **weighting)
    hidden = made.numbers["kind"].eq(-7)
    assert hidden.any()
    assert made.safety.averaged == hidden.sum()
    assert _told_by_the_weights(made.frame[hidden], made.numbers[hidden], KEYS) < 1e-9
    assert made.frame["weight"].sum() == pytest.approx(design(answers())["weight"].sum(), rel=1e-12)
    open_ = made.frame.loc[~hidden]
    assert set(open_.loc[open_["kind"].eq("bank"), "weight"]) == {0.8}


def test_a_margin_that_is_not_in_the_file_cannot_be_read_from_the_weights(survey: Survey) -> None:
    _, made = release(survey, **_rules(drop=["kind"]), weighting={"margins": ["kind"]})
    assert made.safety.averaged == len(made.frame)
    assert _told_by_the_weights(made.frame, made.numbers, ["age", "city"]) < 1e-9
    means = made.changes[made.changes["answer"] == ""].set_index("key").loc[["q1", "q2", "s1"]]
    assert means["after"].to_numpy() == pytest.approx(means["before"].to_numpy(), rel=1e-9)
    _, exact = release(survey, **_rules(drop=["kind"], weights="exact"), weighting={"margins": ["kind"]})
    assert set(exact.frame["weight"]) == {0.8, 1.3, 1.1}


def test_weights_stay_as_they_are_where_the_file_shows_what_they_are_made_of(survey: Survey) -> None:
    _, made = release(survey, **_rules(keys=["age"]), weighting={"margins": ["kind"]})
    assert made.safety.others == ("kind", "city")
    assert made.safety.averaged == 0
    assert set(made.frame.loc[made.frame["kind"].eq("bank"), "weight"]) == {0.8}


def test_design_replicates_and_masked_text_go_out_on_request_only(survey: Survey) -> None:
    _, plain = release(survey)
    assert not {"psu", "r0001", "comment"} & set(plain.frame)
    _, made = release(survey, **_rules(design=True, replicates=True, open_text="masked", dates="none"))
    assert sorted(made.frame["psu"].unique()) == list(range(1, 21))
    assert made.frame["r0001"].to_numpy() == pytest.approx(1.5 * made.frame["weight"].to_numpy())
    assert "请致电■■■" in set(made.frame["comment"])
    assert "submitted" not in made.frame
    assert {one.key: one.reason for one in made.safety.left_out}["submitted_at"] == "time"


def test_codes_for_no_answer_tell_refused_from_not_asked_and_withheld(survey: Survey) -> None:
    _, made = release(survey, **_rules(k=12, max_withheld=0.9))
    frame = answers()
    counts = {key: made.numbers[key].value_counts() for key in ("q1", "q3", "kind")}
    assert counts["q1"][-9] == frame["q1"].isna().sum()
    hidden = made.numbers[["kind", "age"]].eq(-7).any(axis=1)
    assert counts["q3"][-7] == hidden.sum()  # who was asked would tell the answer that led to it
    assert counts["q3"].reindex([-8, -7]).sum() - frame["q3"].isna().sum() <= hidden.sum()
    assert -9 not in counts["q3"]
    assert counts["kind"][-9] + counts["kind"][-7] >= frame["kind"].isna().sum()


def test_a_reversed_item_is_in_the_file_as_it_was_answered(survey: Survey) -> None:
    _, made = release(survey)
    assert (made.numbers["q2"] == 6 - made.frame["q2"]).all()


def test_k_larger_than_the_survey_is_refused(survey: Survey) -> None:
    with pytest.raises(MethodError, match="fewer interviews"):
        release(survey, answers(30), **_rules(k=40))


def test_a_survey_without_background_questions_goes_out_whole(survey: Survey) -> None:
    bare = mixed_instrument() | {"profile": []}
    for item in bare["constructs"][0]["items"]:
        item.pop("asked_if", None)
    _, made = release(survey, answers().drop(columns=KEYS), instrument=bare)
    assert made.safety.keys == ()
    assert len(made.frame) == 300


@pytest.mark.parametrize(("key", "name"), [("keys", "q1"), ("drop", "q9")])
def test_names_that_are_no_questions_are_refused(survey: Survey, key: str, name: str) -> None:
    with pytest.raises((EditionError, Problems), match=f"'{name}' is not a"):
        mixed_edition(survey, **_rules(**{key: [name]}))


def test_a_stranger_need_not_say_anything(survey: Survey) -> None:
    assert mixed_edition(survey).data_release == DataRelease()
    assert not list(DataRelease(keys=("kind",)).faults(mixed_edition(survey).instrument))
