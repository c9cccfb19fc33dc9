"""Texts from the first to the last step: masked, classed, with themes, quoted; planted shares; and hostile ones."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.service import draw_feedback
from analysis.data.simulation.texts import load_texts
from analysis.data.truth import planted_texts
from analysis.edition import load_edition
from analysis.edition.sections.text import TextReading
from analysis.errors import MethodError
from analysis.project import ROOT
from analysis.service.repeats import by_customer, by_wording, repeat_shares, repeated
from analysis.text.analysis import AnalysedTexts, analyse_texts
from analysis.text.labelling import draw_for_labelling, labelled_texts
from analysis.text.masking import MASK
from analysis.text.quotes import choose_quotes
from analysis.text.reading import languages
from analysis.text.recovery import texts_found_again
from analysis.text.themes import NO_THEME
from analysis.text.ticket_texts import measure_ticket_texts
from analysis.text.topics import find_topics
from analysis.text.triage import UNCLASSIFIED
from analysis.text.weak_points import WEAK_COLUMNS, weak_points, weaknesses

EDITION = load_edition(ROOT / "params" / "2025.yml")
CONSTRUCTS = [construct.key for construct in EDITION.instrument.dimensions]
RULES: dict[str, Any] = {"dictionary": EDITION.dictionary, "rules": EDITION.text}


def read(*texts: str | None, **rules: Any) -> AnalysedTexts:
    table = pd.DataFrame({"id": range(len(texts)), "text": list(texts)})
    asked = TextReading(**rules) if rules else EDITION.text
    words = EDITION.dictionary
    return analyse_texts(table, columns=["text"], ids="id", dictionary=words, rules=asked, constructs=CONSTRUCTS)


@pytest.fixture(scope="module")
def tickets() -> pd.DataFrame:
    planted = load_planted(EDITION)
    frame, _ = draw_feedback(EDITION, planted, load_texts(planted))
    return frame.assign(received_at=pd.to_datetime(frame["received_at"]))


@pytest.fixture(scope="module")
def texts(tickets: pd.DataFrame) -> AnalysedTexts:
    return analyse_texts(tickets, columns=["text"], ids="ticket_id", constructs=CONSTRUCTS, **RULES)


def test_planted_shares_of_classes_and_themes_are_found_again(texts: AnalysedTexts, tickets: pd.DataFrame) -> None:
    found = measure_ticket_texts(texts, tickets["received_at"], **RULES)
    again = texts_found_again(found, planted_texts(EDITION))
    assert len(again) == 10
    assert again["inside"].mean() >= 0.8
    assert not found.themes["corrected"].any()
    assert found.changes is not None
    assert (found.changes["p_adjusted"].dropna() > 0.01).all(), "no change is planted"


def test_a_ticket_shows_the_words_it_was_classed_by_and_what_no_rule_knows_is_left_open() -> None:
    rows = read(
        "卡被盗刷了，钱少了一笔", "客服语气不耐烦", "流程太繁琐，工作人员态度冷淡", "你好", "My card was charged twice"
    ).frame
    assert rows["triage_class"].tolist() == ["urgent", "general", "important", UNCLASSIFIED, "urgent"]
    assert rows["priority"].tolist() == [1, 3, 2, 4, 1]
    assert rows["words"][0] == "被盗 · 少了一笔"
    assert rows["words"][3] == ""
    assert rows["review"].tolist() == [False, False, True, True, False]


def test_another_dictionary_takes_the_place_of_the_first() -> None:
    one = EDITION.dictionary.classes[0].model_copy(update={"zh": ("葡萄…干",), "en": ()})
    words = EDITION.dictionary.model_copy(update={"classes": (one,)})
    table = pd.DataFrame({"id": [1, 2], "text": ["葡萄很干", "钱被盗刷"]})
    found = analyse_texts(table, columns=["text"], ids="id", dictionary=words, rules=EDITION.text, constructs=[])
    assert found.frame["triage_class"].tolist() == ["urgent", UNCLASSIFIED]


def test_the_language_is_told_text_by_text() -> None:
    told = languages(pd.Series(["App 很好用", "The 支付宝 app is very slow today", "😀!!", "12345", MASK]))
    assert told.tolist() == ["zh", "en", "", "", ""]


@pytest.mark.parametrize(
    "text",
    [
        "😀😀😀",
        "慢" * 200_000,
        "a" * 200_000,
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "{text} %s \\ $x$",
        "\x00慢\u202e",
    ],
)
def test_hostile_texts_are_read_and_nothing_is_run(text: str) -> None:
    begun = time.process_time()
    found = read(text, "办得很慢")
    assert time.process_time() - begun < 5
    assert len(found.frame) == 2
    assert found.frame["text"].str.len().max() <= EDITION.text.longest + 1
    assert choose_quotes(found.frame, min_texts=1)["quote"].isin([text]).sum() == 0 or "慢" in text


def test_no_text_at_all_is_told() -> None:
    with pytest.raises(MethodError, match="no row holds a text"):
        read("", "   ", None)


def test_a_number_that_the_cut_goes_through_is_not_left() -> None:
    found = read("慢" * 60 + "电话13912345678", longest=66)
    assert "139" not in found.frame["text"][0]


def test_a_quote_is_a_text_as_written_masked_ones_are_passed_over() -> None:
    rows = ["办理流程太繁琐，材料反复提交好几次", "我叫陈晓明，办理流程太繁琐，材料反复提交", "流程繁琐"] * 20
    frame = read(*rows).frame.assign(institution_type="bank")
    quotes = choose_quotes(frame, min_texts=30)
    assert quotes["quote"].tolist() == [rows[0]]
    assert choose_quotes(frame, min_texts=61).empty
    assert choose_quotes(frame.assign(institution_type=None), min_texts=30).empty


def test_every_quote_was_written_by_somebody(texts: AnalysedTexts, tickets: pd.DataFrame) -> None:
    quotes = choose_quotes(texts.beside(tickets, "institution_type"), min_texts=30)
    assert len(quotes) >= 5
    assert quotes["quote"].isin(tickets["text"]).all()
    assert quotes["theme"].is_unique


def test_themes_in_the_words_are_stable_and_told_by_words_of_many(texts: AnalysedTexts) -> None:
    found = find_topics(texts, count=6, subsamples=3, min_texts=30, seed=1)
    assert found is not None
    assert found.stability > 0.5
    assert found.table["share"].sum() == pytest.approx(1.0, abs=0.02)
    for word in " · ".join(found.table["words"]).split(" · "):
        assert texts.frame["text"].str.casefold().str.contains(word, regex=False).sum() >= 30
    assert find_topics(read("慢", "快"), count=6, subsamples=3, min_texts=2, seed=1) is None


def test_labels_are_drawn_with_known_chances_and_read_back(texts: AnalysedTexts) -> None:
    sheet = draw_for_labelling({"tickets": texts.frame}, size=150, seed=4)
    sizes = texts.frame["triage_class"].value_counts()
    drawn = sheet["stratum"].value_counts()
    assert sheet["tone"].isna().all()
    for name, count in drawn.items():
        assert sheet.loc[sheet["stratum"] == name, "probability"].iloc[0] == pytest.approx(count / sizes[name])
    filled = sheet.assign(theme="process", triage_class="none")
    told = labelled_texts(filled, texts.frame, "tickets", "triage_class")
    assert told is not None
    assert set(told.truth) == {UNCLASSIFIED}
    assert len(told.truth) == len(sheet)
    with pytest.raises(MethodError, match="other rules"):
        labelled_texts(filled.assign(stratum="general"), texts.frame, "tickets", "theme")


def test_weak_points_are_frequency_times_severity_times_importance(texts: AnalysedTexts, tickets: pd.DataFrame) -> None:
    found = measure_ticket_texts(texts, tickets["received_at"], **RULES)
    importance = {"efficiency": 0.3, "security": 0.2, "attitude": 0.1}
    heard = weaknesses(found, None, read=texts.frame, dictionary=EDITION.dictionary)
    assert heard is not None
    weak = weak_points(heard, dictionary=EDITION.dictionary, importance=importance)
    assert set(WEAK_COLUMNS) <= set(weak)
    assert NO_THEME not in set(weak["theme"])
    assert weak["rank"].tolist() == list(range(1, len(weak) + 1))
    row = weak[weak["construct"] == "efficiency"].iloc[0]
    assert row["score"] == pytest.approx(row["share"] * row["severity"] * 0.3)
    plain = weak_points(heard, dictionary=EDITION.dictionary, importance=None)
    assert np.allclose(plain["score"], plain["share"] * plain["severity"])
    assert weaknesses(None, None, read=None, dictionary=EDITION.dictionary) is None


def test_repeated_tickets_are_those_of_the_same_customer_or_the_same_words() -> None:
    at = pd.to_datetime(["2025-01-01", "2025-01-10", "2025-03-01", "2025-01-11"])
    own = pd.DataFrame({"received_at": at, "customer_id": ["a", "a", "a", None]})
    assert repeated(own, by_customer(own), days=30).tolist() == [False, True, False, False]
    words = ["办理太慢了怎么回事 1", "办理太慢了，怎么回事 2", "办理太慢了怎么回事", "好"]
    worded = pd.DataFrame({"received_at": at, "text": words})
    assert by_customer(worded) is None
    assert repeated(worded, by_wording(worded), days=30).tolist() == [False, True, False, False]
    both = worded.assign(customer_id=["a", "b", "c", "d"])
    shares = repeat_shares(both, days=30, questions=(), confidence=0.95)
    assert dict(zip(shares["told_by"], shares["share"], strict=True)) == {"customer": 0.0, "wording": 0.25}


def test_ten_thousand_comments_take_at_most_eight_seconds(tickets: pd.DataFrame) -> None:
    many = pd.concat([tickets] * 4, ignore_index=True).head(10_000)
    many = many.assign(text=many["text"] + pd.Series(range(len(many))).astype(str), ticket_id=range(len(many)))
    begun = time.process_time()
    found = analyse_texts(many, columns=["text"], ids="ticket_id", constructs=CONSTRUCTS, **RULES)
    measure_ticket_texts(found, many["received_at"], **RULES)
    find_topics(found, count=7, subsamples=6, min_texts=30, seed=1)
    choose_quotes(found.beside(many, "institution_type"), min_texts=30)
    assert time.process_time() - begun < 8


def test_a_theme_that_nobody_complains_of_is_no_weak_point() -> None:
    first, second = EDITION.dictionary.themes[:2]
    found = pd.DataFrame({"category": [first.key, second.key], "share": [0.2, 0.4], "severity": [0.5, 0.0]})
    found = found.assign(mentions=[20, 40], n=100, ci_low=0.1, ci_high=0.5, corrected=False)
    assert weak_points(found, dictionary=EDITION.dictionary, importance=None)["theme"].tolist() == [first.key]


def test_themes_belong_to_no_construct_that_a_survey_did_not_ask_for() -> None:
    own = {theme.construct_key for theme in EDITION.dictionary.themes} - {None}
    kept = sorted(map(str, own))[0]
    within = EDITION.dictionary.within([kept])
    assert {theme.construct_key for theme in within.themes} == {kept, None}
    assert [theme.key for theme in within.themes] == [theme.key for theme in EDITION.dictionary.themes]
    assert EDITION.dictionary.within(sorted(map(str, own))) is EDITION.dictionary
