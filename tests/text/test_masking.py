"""Personal data in what people write, in both languages. Every name, number and address is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text.masking import MASK, masked, personal

CORPUS = {
    "phone": (
        "请打 13912345678 找我",
        "手机１３９１２３４５６７８",
        "电话 139-1234-5678，谢谢",
        "回电 +86 139 1234 5678",
        "座机 010-12345678 转 802",
        "座机（0571）8765432",
        "call +44 20 7946 0958 please",
        "ring me on 07700 900123",
        "my number is (212) 555-0147",
        "at 212-555-0147 after six",
        "+1 415.555.0199",
    ),
    "identity": (
        "身份证 11010519491231002X",
        "证件号:110105 19900101 1234",
        "老证 110105900101123",
        "香港身份证 A123456(7)",
        "护照 E12345678",
        "台胞 A123456789",
        "SSN 078-05-1120",
        "NI number QQ123456C is wrong but AB 12 34 56 C is not",
    ),
    "card": (
        "卡 6222021234567890123 被吞",
        "6222 0212 3456 7890 123",
        "card 4111-1111-1111-1111 was charged twice",
        "amex 3782 822463 10005",
    ),
    "mail": (
        "发到 li.test@example.com",
        "邮箱：test_01＠example.com.cn",
        "write to j.doe at example dot org",
        "j.doe(at)example(dot)org",
    ),
    "plate": ("车牌京A12345 停在门口", "沪A·D12345 新能源", "粤Z1234港", "my car AB12 CDE was towed"),
    "account": ("微信号 abc_12345", "QQ：123456789", "WeChat: lily-2020", "尾号 1234 的卡", "account ending in 4321"),
    "address": ("住中山北路88号3号楼201室", "I live at 12 Long Acre Road and"),
    "name": (
        "我叫陈晓明，办卡",
        "联系人：欧阳小静 ",
        "王先生态度很差",
        "找了李晓华女士",
        "张经理答应过",
        "My name is Jane Example and",
        "Mr. Smith-Jones kept me waiting",
        "Dr Example was kind",
        "Kind regards, Alex Sample",
    ),
    "path": ("见 /home/someone/data.csv", r"C:\Users\someone\a.xlsx", "/Users/someone/b"),
}


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
