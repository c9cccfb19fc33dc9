"""Which encoding a text is in is told where its words are plausible, and asked for where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.data.encoding import decode
from analysis.errors import SourceError

PATH = Path("a.csv")
CHINESE = {
    "two categories": "性别\n男\n女\n",
    "institutions": "类型\n银行\n基金公司\n保险公司\n",
    "names": "姓名\n王小明\n欧阳菲\n诸葛亮\n",
    "places": "地区\n朝阳区\n海淀区\n浦东新区\n",
    "provinces": "省\n鄂\n赣\n皖\n黔江\n桂林\n",
    "a sentence": "意见\n柜台排队时间太长，建议增加窗口。\n",
    "punctuation only": "a\n，。\n",
}
FOREIGN = {
    "Korean, two categories": ("g\n여\n남\n", "cp949"),
    "Korean, a sentence": ("g\n매우 만족합니다. 직원이 친절하고 빨랐습니다.\n", "cp949"),
    "Korean places": ("g\n서울특별시\n부산광역시\n", "euc-kr"),
    "Japanese, two categories": ("g\n男性\n女性\n", "euc-jp"),
    "Japanese, kana": ("g\nとても満足\n", "euc-jp"),
    "Japanese, Shift JIS": ("g\nとても満足\n東京都\n", "shift_jis"),
    "traditional Chinese": ("g\n非常滿意\n不滿意\n", "big5"),
    "Taiwanese places": ("g\n台北\n高雄\n", "big5"),
    "Russian": ("g\nда\nнет спасибо\n", "cp1251"),
    "Thai": ("g\nพอใจมาก\n", "tis-620"),
    "French": ("g\ntrès satisfait\ndéçu\n", "latin-1"),
}


@pytest.mark.parametrize("name", CHINESE)
@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-8", "utf-16"])
def test_chinese_is_told_by_itself(name: str, encoding: str) -> None:
    assert decode(PATH, CHINESE[name].encode(encoding), "auto") == CHINESE[name]


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_chinese_is_not_read_as_chinese(name: str) -> None:
    text, encoding = FOREIGN[name]
    data = text.encode(encoding)
    with pytest.raises(SourceError, match="encoding"):
        decode(PATH, data, "auto")
    assert decode(PATH, data, encoding) == text
    assert decode(PATH, text.encode(), "auto") == text


@pytest.mark.parametrize(("first", "second"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "big5")])
def test_a_file_of_two_encodings_is_told_with_its_lines(first: str, second: str) -> None:
    data = "城市\n北京\n".encode(first) + "上海\n滿意度\n".encode(second)
    with pytest.raises(SourceError) as caught:
        decode(PATH, data, "auto")
    assert "mixes two encodings" in str(caught.value)
    assert "line 1" in str(caught.value)
    assert "line 3" in str(caught.value)
