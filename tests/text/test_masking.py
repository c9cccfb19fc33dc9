"""Personal data in what people write, in both languages. Every name, number and address is made up."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from personal_texts import CORPUS

from analysis.publish.words import formats
from analysis.text import masking
from analysis.text.masking import MASK, masked, personal


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CORPUS.items() for text in texts])
def test_a_form_is_found_and_nothing_of_it_is_left(kind: str, text: str) -> None:
    found = personal(text)
    assert kind in {one.kind for one in found}
    shown = masked(text)
    assert MASK in shown
    assert not any(one.text in shown for one in found)


HARMLESS = (
    "等了 45 分钟，2025-09-30 办的，共 12,345.67 元",
    "24 小时内答复，7 个工作日内办结",
    "95588 打不通",
    "产品经理和客户经理都很专业",
    "对方经理没有来",
    "高级经理说明了风险",
    "收益率 4.35%，期限 365 天",
    "The 2025 edition has 5,456 interviews, 82.4 (82.1–82.8)",
    "waited 30 minutes on 12 May 2025",
    "ISO 20252:2019, section 4.5.4",
    "RMSEA 0.0123456789012345, χ²(744) = 722.4",
    "https://example.org/var/x is a page",
    "我是老客户，我叫了三次",
    "App 2.0 is better than 1.12.3",
)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_nobodys_stays(text: str) -> None:
    assert masked(text) == text


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@given(
    st.integers(13_000_000_000, 19_999_999_999),
    st.text("请在打找 ，。abc", max_size=10),
    st.text("后 ，。xyz", max_size=10),
)
def test_every_mobile_number_is_masked_wherever_it_stands(number: int, before: str, after: str) -> None:
    assert str(number) not in masked(f"{before} {number}，{after}")


KINDS = frozenset({"phone", "identity", "card", "plate", "path"})
"""Kinds that are looked for by what their forms begin with."""
_FORMS = {kind: form for kind, form in masking._CONTACTS.items() if kind in KINDS}
WHOLE = re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in _FORMS.items()))
"""The same forms, tried at every place of a text."""


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            *(st.from_regex(form) for form in _FORMS.values()),
            st.text("0123456789861 -./()+AZ京:x", max_size=20),
        ),
        max_size=4,
    )
)
def test_looking_at_beginnings_finds_what_looking_everywhere_finds(pieces: list[str]) -> None:
    for text in (" ".join(pieces), "".join(pieces)):
        plain = unicodedata.normalize("NFKC", text)
        everywhere = [(str(match.lastgroup), match.group()) for match in WHOLE.finditer(plain)]
        assert [(one.kind, one.text) for one in personal(text, said=False, kinds=KINDS)] == everywhere


def test_the_years_of_an_axis_are_no_card() -> None:
    kinds = frozenset({"card"})
    assert personal("2019 2020 2021 2022 2023", kinds=kinds) == []
    assert personal("2019 2020 2021 4022", kinds=kinds) != []
    assert personal("4111 1111 1111 1111", kinds=kinds) != []


@given(
    st.floats(-2000, 2000, allow_nan=False),
    st.floats(0, 900, allow_nan=False),
    st.sampled_from([1, 2]),
    st.sampled_from(["zh", "en"]),
)
def test_a_change_with_its_interval_is_no_phone(value: float, width: float, decimals: int, lang: str) -> None:
    bounds = formats.interval(value - width, value + width, lang, decimals=decimals)
    for told in (formats.signed(value, decimals), formats.signed(value, decimals).replace(",", "")):
        for text in (formats.bracketed(told, bounds, lang), f"{told} ({bounds})", f"{told}({bounds})"):
            assert personal(text, said=False, kinds=frozenset({"phone"})) == []


def test_a_number_abroad_is_a_phone_with_or_without_brackets() -> None:
    for text in ("+44(0)2079460958", "+1.212.555.0100", "+49 (30) 901820", "+86 13812345678"):
        assert [one.kind for one in personal(text, said=False, kinds=frozenset({"phone"}))] == ["phone"], text
