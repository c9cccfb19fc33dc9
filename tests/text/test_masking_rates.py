"""How much of what is personal is masked, and how much of what is masked is personal, on a corpus of every form."""

from __future__ import annotations

import random

from analysis.text.masking import MASK, masked

_DIGITS = random.Random(7)


def _number(form: str) -> str:
    """`form` with every # a digit of chance."""
    return "".join(str(_DIGITS.randrange(10)) if sign == "#" else sign for sign in form)


PERSONAL = {
    "mobile": ["139########", "158########", "186-####-####", "137 #### ####", "+86 135########"],
    "fixed": ["010-8#######", "0571-8#######", "(021)6#######", "0755 2#######"],
    "identity": ["11010119900307####", "31010519850612###X", "44030420010101###x"],
    "card": ["622202##########", "6217 #### #### ####", "6228-####-####-####"],
    "mail": ["abc#@example.com", "test_##@example.com.cn", "li.zz@example.org"],
    "account": ["QQ号1#######", "QQ:8#######", "微信号wx_abc###", "微信:zhang-test#"],
    "plate": ["京A#####", "粤B·D####A", "沪C####学"],
    "address": ["人民南路##号", "建设大街###号#号楼###室", "中山巷#号"],
    "name": ["张女士", "李经理", "王先生", "欧阳小姐", "陈主任", "刘师傅"],
}
FRAMES = ["请联系{}，谢谢", "我说过了{}，还是没人管。", "{}，请尽快处理", "已经三天了！{} 一直等", "是{}的事", "“{}”"]
SIGNED = ["我叫{}，办卡", "联系人：{}，请回电", "本人{}，要求退款", "姓名:{}"]
NAMES = ["陈晓明", "赵丽", "欧阳小静", "周建国"]
HARMLESS = [
    "等了 45 分钟还没办好",
    "2025年9月30日办的业务",
    "一共 12,345.67 元",
    "24 小时内答复",
    "拨打 95588 打不通",
    "收益率 4.35%",
    "期限 365 天",
    "第 3 号窗口没人",
    "App 12.0.3 版本闪退",
    "客户经理很专业",
    "产品经理没有回复",
    "去了 5 次都没办成",
    "路上堵了 2 小时",
    "利息少了 300 块",
    "老师傅带新人",
    "额度 50000 元",
    "2024-11-01 提交",
    "排在第 128 位",
    "年费 199 元",
    "汇率 7.1234",
]


def test_nearly_everything_personal_is_masked_and_little_else() -> None:
    """Recall at least .98 over the forms; precision at least .95: what stands beside a find is left as it is."""
    frames = [(frame, form) for forms in PERSONAL.values() for form in forms for frame in FRAMES]
    frames += [(frame, name) for frame in SIGNED for name in NAMES]
    missed, spoilt = [], []
    for place, (frame, form) in enumerate(frames * 3):
        harmless = HARMLESS[place % len(HARMLESS)]
        shown = masked(f"{harmless}。{frame.format(_number(form))}")
        missed += [frame.format(form)] if MASK not in shown.removeprefix(harmless) else []
        spoilt += [harmless] if not shown.startswith(harmless) else []
    total = 3 * len(frames)
    found = total - len(missed)
    assert total >= 600
    assert found / total >= 0.98, missed[:20]
    assert found / (found + len(spoilt)) >= 0.95, spoilt[:20]
