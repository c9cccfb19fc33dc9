"""Personal data in what people wrote: found by their forms in Chinese and English, and masked.

Forms of mainland China first, then those of Hong Kong, Macau and Taiwan, of Britain and the United States. Rather too
much is masked than too little: a number that could be a card is one. Names are found by what stands beside them (a
title, "my name is"), since no list of names holds them all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MASK = "■■■"
"""Stands for whatever was masked, in both languages."""

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋"
    "茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房裘缪干解应宗丁宣"
    "邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲家封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉"
    "宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧"
    "殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖闫付代仝苟帅佟"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|长孙|宇文|南宫"
_SURNAME = f"(?:{_COMPOUND}|[{_SURNAMES}])"
_HAN = "[\u4e00-\u9fff]"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"
_EDGE, _END = r"(?<![\w.])", r"(?![\w])"
_DIGIT_EDGE, _DIGIT_END = r"(?<![\d.])", r"(?!\d)"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_NAME, _NAMES = r"[A-Z][a-z]+", r"[A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2}"

_NO_YEARS = r"(?!(?:(?:19|20)\d\d ){3}(?:19|20)\d\d)"
"""Four years in a row are the axis of a chart: no card begins with 19 or 20."""
_CONTACTS = {
    "mail": r"[\w.+-]+ ?(?:@|\(at\)|\[at\]| at ) ?[\w-]+(?: ?(?:\.|\(dot\)|\[dot\]| dot ) ?[\w-]+)+",
    "identity": (
        rf"{_DIGIT_EDGE}[1-9]\d{{5}}[ -]?(?:18|19|20)\d{{2}}{_DAY}[ -]?\d{{3}}[\dXx]{_END}"
        rf"|{_DIGIT_EDGE}[1-9]\d{{7}}{_DAY}\d{{3}}{_DIGIT_END}"
        rf"|{_EDGE}[A-Z]{{1,2}}\d{{6}}\([\dA]\)"
        rf"|{_EDGE}[157]/?\d{{6}}\(\d\)"
        rf"|{_EDGE}[A-Z][12]\d{{8}}{_END}"
        rf"|{_EDGE}(?:[EGDSPHM]\d{{8}}|E[A-Z]\d{{7}}){_END}"
        rf"|{_EDGE}\d{{3}}-\d{{2}}-\d{{4}}{_END}"
        rf"|{_EDGE}[A-CEGHJ-PR-TW-Z]{{2}} ?\d{{2}} ?\d{{2}} ?\d{{2}} ?[A-D]{_END}"
    ),
    "card": (
        rf"{_DIGIT_EDGE}{_NO_YEARS}\d{{4}}(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?{_DIGIT_END}"
        rf"|{_DIGIT_EDGE}3[47]\d{{2}}[ -]?\d{{6}}[ -]?\d{{5}}{_DIGIT_END}"
    ),
    "phone": (
        rf"(?:\+?86[ -]?)?{_DIGIT_EDGE}1[3-9]\d(?:[ -]?\d{{4}}){{2}}{_DIGIT_END}"
        rf"|{_DIGIT_EDGE}(?:\(0\d{{2,3}}\) ?|0\d{{2,3}}[ -]?)\d{{4}} ?\d{{3,4}}{_DIGIT_END}"
        r"(?: ?(?:转|ext\.?|x) ?\d{1,6})?"
        r"|\+(?!\d+\.\d+(?:[\s%–−-]|$)|[\d.]+\([−-]?\d+\.\d)[1-9]\d{0,2}(?:[ .()-]{0,2}\d){7,14}"
        rf"|{_DIGIT_EDGE}(?:\(\d{{3}}\) ?|\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}{_DIGIT_END}"
        rf"|{_DIGIT_EDGE}0\d{{3,4}} \d{{6}}{_DIGIT_END}|{_DIGIT_EDGE}0\d{{2}} \d{{4}} \d{{4}}{_DIGIT_END}"
    ),
    "plate": (
        rf"[{_PROVINCES}][A-Z] ?[·•.-]? ?[A-HJ-NP-Z\d]{{4,5}}[A-HJ-NP-Z\d挂学警港澳领]{_END}"
        rf"|{_EDGE}[A-Z]{{2}}\d{{2}} [A-Z]{{3}}{_END}"
    ),
    "path": (
        r"(?<![\w:/])/(?:home|Users|root|tmp|var|mnt|opt|work|srv)/[^\s\"'<>，。；]+"
        r"|(?<!\w)[A-Za-z]:\\[^\s\"'<>，。；]+"
    ),
}
"""Forms that are a person's, or a machine's, wherever they stand."""

_SEVEN_DIGITS = r"\d(?<![\d.]\d)(?:[ /(-]?\d){6}"
_BEGINNINGS = {
    "identity": rf"{_SEVEN_DIGITS}|[A-Z]{{1,2}} ?\d",
    "card": _SEVEN_DIGITS,
    "phone": rf"{_SEVEN_DIGITS}|\d(?<![\d.]\d)\d\d[ .-]\d{{3}}[ .-]\d{{4}}|[(]\d{{3}}|\+[1-9]|86[ -]1",
    "plate": rf"[{_PROVINCES}][A-Z]|[A-Z]{{2}}\d",
    "path": r"/[a-zU]|[A-Za-z]:\\",
}
"""What a form begins with: most places of a text are ruled out by it, in a seventh of the time that all forms take."""

_SAID = {
    "account": (
        r"(?i:(?:微信|weixin|wechat|qq|支付宝|alipay)(?:号|id)?(?: is)?[ :是为]{0,3})[A-Za-z][\w-]{4,19}"
        r"|(?i:qq(?:号)?(?: is)?[ :是为]{0,3})\d{5,12}"
        r"|(?:尾号|账号|帐号|卡号|保单号|工号|(?i:account|card|policy)(?i: no\.?| number| ending in)?)"
        r"[ :是为#]{0,3}\d{4,}(?![ -]?\d)"
    ),
    "number": rf"{_DIGIT_EDGE}\d(?:[ -]?\d){{8,}}{_DIGIT_END}",
    "address": (
        rf"{_HAN}{{2,8}}(?:路|街|巷|弄|道|胡同)\d+(?:号|弄)(?:院|楼)?(?:\d+(?:号楼|栋|幢|座|单元|层|楼|室|号)?)*"
        r"|\d{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Square)\b\.?"
    ),
    "name": (
        r"(?:(?<=我叫)|(?<=我是)|(?<=姓名)|(?<=姓名:)|(?<=联系人)|(?<=联系人:)|(?<=名叫)|(?<=本人))"
        rf"{_SURNAME}{_HAN}{{1,2}}(?=[,。;:、 \d的]|$)"
        rf"|{_SURNAME}{_HAN}{{0,2}}?(?=先生|女士|小姐|太太|师傅|阿姨|大爷|老师)"
        rf"|(?<![对双官第三各地东高]){_SURNAME}(?=经理|主任|行长|主管|科长|柜员|顾问)"
        rf"|(?<={_HAN})?(?:小|老){_SURNAME}(?=[,。;:、帮给说为])"
        rf"|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? {_NAMES}"
        rf"|(?:(?<=[Mm]y name is )|(?<=[Nn]ame: )|(?<=[Rr]egards, )){_NAMES}"
        rf"|(?:(?<=I am )|(?<=I'm )){_NAME} {_NAME}"
    ),
}
"""Forms that only what stands around them gives away; for open text."""


@dataclass(frozen=True)
class Personal:
    """One find: its kind, and the text that was found."""

    kind: str
    text: str


@lru_cache(maxsize=4)
def _pattern(said: bool, kinds: frozenset[str] | None = None) -> re.Pattern[str]:
    forms = {
        kind: form for kind, form in (_CONTACTS | _SAID if said else _CONTACTS).items() if not kinds or kind in kinds
    }
    text = "|".join(f"(?P<{kind}>{form})" for kind, form in forms.items())
    beginnings = "|".join(_BEGINNINGS[kind] for kind in forms if kind in _BEGINNINGS)
    return re.compile(f"(?={beginnings})(?:{text})" if forms.keys() <= _BEGINNINGS.keys() else text)


def masked(text: str, *, said: bool = True) -> str:
    """`text` with every personal datum replaced by `MASK`; without `said` only forms that need no context.

    Full-width digits and letters are read as their half-width forms, and written so where something was masked.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = _pattern(said).sub(MASK, plain)
    return text if found == plain else found


def personal(text: str, *, said: bool = True, kinds: frozenset[str] | None = None) -> list[Personal]:
    """Every personal datum in `text`, in its order; of some `kinds` only where they are given."""
    plain = unicodedata.normalize("NFKC", text)
    return [Personal(str(match.lastgroup), match.group()) for match in _pattern(said, kinds).finditer(plain)]
