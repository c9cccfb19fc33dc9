"""The codebook and the account: counts of the file, sentences in both languages, nothing of the data as markup."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import yaml
from made_up_answers import release
from mixed_survey import mixed_instrument
from small_survey import Survey

from analysis.edition.params import validate
from analysis.edition.sections.data_release import DataRelease
from analysis.outgoing.account import report_page, sentences
from analysis.outgoing.codebook import codebook_page, summaries
from analysis.outgoing.pages import names_of
from analysis.outgoing.variables import describe, file_names

RULES = {"k": 12, "max_withheld": 0.9}


def test_counts_and_weighted_shares_are_those_of_the_file(survey: Survey) -> None:
    _, made = release(survey, data_release=RULES)
    found = {one.variable.key: one for one in summaries(made)}
    numbers, weights = made.numbers["kind"], made.numbers["weight"]
    given = numbers > 0
    for tally in found["kind"].tallies:
        assert tally.count == (numbers == tally.value.code).sum()
        if tally.share is not None:
            assert tally.share == pytest.approx(weights[numbers == tally.value.code].sum() / weights[given].sum())
    assert found["kind"].answered == given.sum()
    rated = made.numbers["q1"] > 0
    assert found["q1"].mean == pytest.approx(np.average(made.numbers["q1"][rated], weights=weights[rated]))
    assert (found["q1"].lowest, found["q1"].highest) == (1, 5)


@pytest.mark.parametrize(("lang", "told"), [("zh", "加权"), ("en", "weighted")])
def test_pages_of_a_survey_without_weights_do_not_call_it_weighted(survey: Survey, lang: str, told: str) -> None:
    edition, made = release(survey, weights=False, data_release=RULES)
    pages = codebook_page(made, summaries(made), edition, lang) + report_page(made, edition, lang, sav=["a.sav"])
    sentences_on_it = [text for text in re.split(r"[<>。.;]", pages) if told in text]
    assert sentences_on_it
    assert all("没有加权" in text or "not weighted" in text for text in sentences_on_it)
    other = release(survey, data_release=RULES)[1]
    assert told in codebook_page(other, summaries(other), edition, lang).lower()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_account_tells_the_same_numbers_in_both_languages(survey: Survey, lang: str) -> None:
    edition, made = release(survey, data_release=RULES)
    told = " ".join(sentences(made, edition, lang))
    for number in (made.safety.k, made.safety.smallest, made.safety.classes, made.safety.touched, len(made.frame)):
        assert re.search(rf"(?<!\d){number}(?!\d)", told), number
    assert "{" not in told


def test_the_account_names_what_was_left_out_and_why(survey: Survey) -> None:
    edition, made = release(survey, data_release=RULES | {"drop": ["channels"]})
    page = unescape(report_page(made, edition, "en", sav=["responses.en.sav"]))
    for said in ("Words may tell who wrote them", "Left out by the params", "Identifier of the respondent", "Channels"):
        assert said in page
    assert "Only the coarser time is kept" in page
    assert "只保留到粗略的时间" in report_page(made, edition, "zh", sav=["responses.zh.sav"])


def test_wordings_of_the_instrument_are_text_in_the_pages(survey: Survey) -> None:
    sharp = mixed_instrument()
    sharp["constructs"][0]["items"][0]["en"] = "<script>alert(1)</script> & more"
    edition, made = release(survey, instrument=sharp)
    page = codebook_page(made, summaries(made), edition, "en")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "asked only where type of institution is" in page.replace("Type", "type")


def test_names_are_such_as_spss_takes_and_each_once() -> None:
    names = file_names(["q1", "Q1", "by", "channels.app", "channels.网 点", "channels.b b", "x" * 70])
    assert names["q1"] == "q1"
    assert names["channels.app"] == "channels.app"
    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,63}", name)
        assert name not in {"by"}


def test_answers_that_are_whole_numbers_keep_them(survey: Survey) -> None:
    edition, made = release(survey)
    frame = made.frame.assign(kind="3")
    profile = edition.instrument.question("kind").model_copy(update={"categories": ()})
    instrument = edition.instrument.model_copy(update={"profile": (profile,)})
    variable = next(one for one in describe(frame, instrument) if one.key == "kind")
    assert [(value.code, value.means) for value in variable.answers] == [(3, "3")]


def test_names_stand_in_a_sentence_as_words_do(survey: Survey) -> None:
    edition, _ = release(survey)
    assert names_of(["kind", "age"], edition, "en") == "type of institution and age"
    assert names_of(["kind", "customer_id"], edition, "zh") == "机构类型和客户编号"


def test_the_example_of_the_readme_is_valid(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    block = next(one for one in re.findall(r"```yaml\n(.*?)```", text, re.S) if one.startswith("data_release:"))
    rules = validate(DataRelease, yaml.safe_load(block)["data_release"], path=root)
    assert set(DataRelease.model_fields) == rules.model_fields_set
