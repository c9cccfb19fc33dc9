"""The encoding of a text file: told by its bytes where what they say is plausible; asked for where it is not."""

from __future__ import annotations

import codecs
from contextlib import suppress
from pathlib import Path

from analysis.data.rawtable import unreadable
from analysis.errors import SourceError

OTHERS = {"cp949": "Korean", "shift_jis": "Japanese", "euc-jp": "Japanese", "big5": "traditional Chinese"}
"""Encodings that are taken for GB18030 and must be named."""
_CHINESE = {"gbk", "gb2312", "cp936"}
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情"
    "明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给"
    "世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太"
    "量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔官流近米精满意度服询支持投诉"
    "热线渠道咨营厅柜台网点客户理赔存款贷款卡付手续费率基证券险财富账开销密码险保障隐私安全培训纠纷调解监管银行基金期货评价分"
    "年龄性别男女学历高中专科本硕士博及以下岁收入万元职业务农村城镇州省县京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏"
    "川宁琼港澳徽广福江河湖岛连沈阳哈尔滨武汉成都杭深圳厦郑济石庄太原昆南昌长春呼和浩特乌木齐拉萨银兰州西安合肥海口东莞佛山无锡"
    "常徐温台绍嘉金华烟潍临沂唐保邯洛赵钱孙李周吴郑王冯陈蒋韩杨朱秦许何吕张孔曹严金魏姜谢苏潘范彭郎韦唐薛雷贺倪汤罗毕郝邵毛宋"
    "熊舒项董梁杜阮季贾江郭梅林钟徐邱高夏蔡田胡霍万柯卢莫房丁邓洪石崔龚程陆段侯全班秋仲宫叶黎白赖卓谭姚温庄阎尹易廖曾游龙黄刘"
    "般不较非常差请选择其他没有无填写答案单题均从未偶尔经常每周天月次快慢好坏优良般极很太够耐心态度专业热情主动及时准确清楚易懂方"
    "便简单复杂容困难等待排队时间长短效率结果决问改善希望建议更多少降低升级增加减推荐愿意再继续使用产品功能系统稳定界面操作流程办"
    "理审批材料提供回复电话客服人员微信短邮件网站应用程序机构公司单位企个人是否知悉了解信任忠诚形象品牌质量价格公平合透明风险提示"
    "收益亏损赎申购转账取款查询挂失注册登录证实名认证绑定验码年费息利率逾期还账催冻结限额汇兑换外币黄理顾客经柜员大堂保洁环境停车"
    "位置距离近远早晚营假日节服务项目类型编号状态备注姓联系方式地址邮箱箱联络区域街道乡村国籍民族汉族满回藏维吾尔婚姻已未婚离异丧偶"
    "子女父母孩老幼青年少退休在校生自由教师医护公务员工农商司技术管理者待其它以上之间至每月平均收支出消费储蓄投资房贷按揭信用花呗"
    "完整版本早午夜班组织总监督查检举报处罚违规举措施预警评估标准例外说话声音清晰礼貌微笑尊重歧视偏见误导骗诈虚假宣传夸错漏延迟拖慢"
    "吃喝买卖东西跑步旅游读写算画唱歌舞球赛胜负输赢雨雪风云晴阴冷暖春夏秋冬早晨晚上午中饭菜水果茶酒烟糖油盐米面肉鱼蛋奶红绿蓝黄黑"
)
"""Characters that most of a Chinese text, a list of places, names or answers is made of."""
_SYLLABLES = frozenset(
    "이다는에의가을고하지로서은한도를기사대시자어나리아일스인보정제수전들게라해장부그만상주원여계내국조있구었면관소진안남성과연물유동경생"
    "적위오니마선용학신요모체분발공세우방무비문실행회중단할결결것와으거말때및더저실양업영심식재최강임박김윤한권황송전홍매우보통불만족네"
    "서울부산대구인천광주울산경기강원충북남청전라도제주특별시군읍면동없음예아니오남자녀성여성좋음나쁨그렇다않"
)
"""Syllables that most of a Korean text is made of."""


def decode(path: Path, data: bytes, encoding: str) -> str:
    """Text of a file; raises SourceError where it is not text in the encoding named, or none can be told (`auto`)."""
    if encoding == "auto":
        return _decode_unknown(path, data)
    name = "gb18030" if encoding.lower().replace("-", "").replace("_", "") in _CHINESE else encoding
    if name.lower().replace("_", "-") in {"utf-8", "utf8"}:
        name = "utf-8-sig"
    try:
        return data.decode(name)
    except (LookupError, ValueError) as error:
        if isinstance(error, UnicodeError):
            raise _not_in(path, data, encoding, getattr(error, "start", 0)) from None
        raise unreadable(
            path,
            f"The encoding {encoding!r} is not known.",
            expected="auto, utf-8, gb18030, utf-16 or another Python encoding",
            got=encoding,
            hint="set `encoding: auto`, or correct its name",
        ) from None


def _not_in(path: Path, data: bytes, encoding: str, start: int) -> SourceError:
    return unreadable(
        path,
        f"The file is not text in the encoding {encoding!r}.",
        row=f"line {data.count(10, 0, start) + 1}",
        expected=encoding,
        got=f"bytes {data[start : start + 4].hex(' ')}",
        hint="set `encoding: auto`, or name the encoding that the file was saved in (gb18030, utf-8, utf-16)",
    )


def _decode_unknown(path: Path, data: bytes) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return decode(path, data, name)
    if b"\x00" in data[:100_000]:
        return _decode_wide(path, data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and not data[: error.start].isascii():
            raise unreadable(
                path,
                "The file is cut off: it ends in the middle of a character.",
                row=f"line {data.count(10) + 1}",
                expected="a complete file",
                got=f"{len(data)} bytes",
                hint="export or copy the file again",
            ) from None
        _refuse_mixed(path, data)
        return _decode_chinese(path, data)


def _refuse_mixed(path: Path, data: bytes) -> None:
    """Raise SourceError where some lines are UTF-8 and others are not: no single encoding reads such a file."""
    wide = other = 0
    for number, line in enumerate(data.splitlines(), start=1):
        if line.isascii():
            continue
        try:
            is_wide = all(ord(char) > 0x2000 for char in line.decode("utf-8") if ord(char) > 127)
        except UnicodeDecodeError:
            other = other or number
            is_wide = False
        wide = wide or (number if is_wide else 0)
        if wide and other:
            raise unreadable(
                path,
                "The file mixes two encodings.",
                row=f"line {max(wide, other)}",
                expected="one encoding for the whole file",
                got=f"UTF-8 in line {wide}, another encoding in line {other}",
                hint="export the parts again in one encoding (UTF-8), and only then put them together",
            )


def _decode_chinese(path: Path, data: bytes) -> str:
    """Decode as GB18030, but refuse what only happens to decode: real Chinese text is made of frequent characters."""
    text = data.decode("gb18030", errors="replace")
    sample = [char for char in text[:200_000] if ord(char) > 127]
    common = sum(bool(char.encode("gb2312", errors="ignore")) for char in sample)
    if "\ufffd" in text or common < 0.8 * len(sample):
        binary = sum(byte < 9 for byte in data[:4096]) > 0
        raise unreadable(
            path,
            "The file is binary, not text." if binary else "The encoding of the file can't be recognised.",
            expected="text in UTF-8, GB18030 or UTF-16",
            got="binary content" if binary else "text in another encoding, or damaged text",
            hint="save it as csv (UTF-8), or name its encoding in the params, for example `encoding: latin-1`",
        )
    if not _is_plausible(sample, data[:400_000]):
        first = next(number for number, line in enumerate(text.splitlines(), start=1) if not line.isascii())
        raise unreadable(
            path,
            "The encoding of the file can't be told: as Chinese (GB18030) it makes no sense.",
            row=f"line {first}",
            expected="text in UTF-8, or Chinese in GB18030",
            got=f"{''.join(sample[:12])!r} if it were GB18030",
            hint=f"name its encoding in the params: {_readings(data)}gb18030 if it is Chinese after all; "
            "or save it as csv (UTF-8)",
        )
    return text


def _readings(data: bytes) -> str:
    """How the first words that are not ASCII read in each encoding that they may be in."""
    line = next(line for line in data.splitlines() if not line.isascii())
    told = []
    for name, language in OTHERS.items():
        with suppress(UnicodeDecodeError):
            words = "".join(char if ord(char) > 127 else " " for char in line.decode(name)).split()
            told.append(f"`encoding: {name}` ({language}) reads {words[0][:12]!r}")
    return ", ".join(told) + ", " * bool(told)


def _is_plausible(sample: list[str], data: bytes) -> bool:
    """Whether what was decoded as GB18030 is Chinese rather than Japanese (kana) or Korean (common syllables)."""
    kana = sum("\u3041" <= char <= "\u30fa" for char in sample)
    ideographs = [char for char in sample if "\u4e00" <= char <= "\u9fff"]
    if kana > 0.1 * len(sample):
        return False
    if not ideographs:
        return True
    chinese = max(_share(ideographs, _FREQUENT), _share(sorted(set(ideographs)), _FREQUENT))
    korean = [char for char in data.decode("cp949", errors="replace") if ord(char) > 127]
    hangul = _share(korean, _SYLLABLES) if all("\uac00" <= char <= "\ud7a3" for char in korean) else 0.0
    return chinese >= 0.5 and chinese > max(hangul, _japanese(data))


def _japanese(data: bytes) -> float:
    """Share of frequent characters where the bytes are read as EUC-JP; 0 where they can't be."""
    try:
        read = [char for char in data.decode("euc-jp") if ord(char) > 127]
    except UnicodeDecodeError:
        return 0.0
    return _share(read, _FREQUENT)


def _share(found: list[str], known: frozenset[str]) -> float:
    return sum(char in known for char in found) / max(len(found), 1)


def _decode_wide(path: Path, data: bytes) -> str:
    """Decode UTF-16 without a mark: its zero bytes lie on every other place only; in binary files they lie anywhere."""
    if data[:100_000].count(0) < 0.2 * len(data[:100_000]):  # stray ones among text: the reader names their line
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    even, odd = data[:100_000:2].count(0), data[1:100_000:2].count(0)
    if not even or not odd:
        with suppress(UnicodeDecodeError):
            return data.decode("utf-16-be" if even else "utf-16-le")
    raise unreadable(
        path,
        "The file is binary, not text.",
        expected="text in UTF-8, GB18030 or UTF-16",
        got="zero bytes",
        hint="check that this is the exported file; export it again as csv (UTF-8)",
    )
