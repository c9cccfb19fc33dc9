"""Words of the guide, which a survey that does not use it must not speak, and which the default edition keeps."""

from __future__ import annotations

import re

GUIDE = {
    "en": (
        r"\bguide\b",
        r"\bbanks?\b|securities|\binsurers?\b|fund compan|wealth-management|internet-finance|financial|practitioner",
        r"emotional|seven (?:service )?dimensions",
        r"20 minutes|15 minutes|\b5\.2 years|7\.8 for high|88\.6 out of|85\.3 out of|more than 65%",
    ),
    "zh": (
        "指南",
        "银行(?!卡)|证券|保险公司|基金公司|理财|金融(?!用语)|从业人员",
        "情感价值|七个(?:服务)?维度",
        r"20 分钟|15 分钟|5\.2 ?年|7\.8 ?年|为 88\.6 分|满意度 85\.3 分|超过 65%",
    ),
}
"""Its name, its institutions and people, its chain, its norms and levels."""
RECORDS = {
    "en": r"\btickets?\b|\btraining\b|service log|\bcontrol charts?\b|register of relationships",
    "zh": "工单|培训|服务日志|控制图|关系名册",
}
"""What belongs to records of the service."""
OTHERS = {"en": r"\bcustomers?\b|\binstitutions?\b", "zh": "客户|(?<!调查)机构"}
"""What a survey of somebody else calls neither those who were asked nor those whom they rate."""
ABSENT = {"en": r"not measured in this edition|did not collect", "zh": "本版未测"}
"""How a report says what was not measured."""


def found(pattern: str, text: str) -> list[str]:
    """Every place where a pattern is found, with what stands around it."""
    places = re.finditer(pattern, text, re.IGNORECASE)
    return [text[max(0, place.start() - 40) : place.end() + 40].replace("\n", " ") for place in places]


def of_the_guide(text: str, lang: str) -> list[str]:
    """Every place where a text speaks of the guide."""
    return found("|".join(GUIDE[lang]), text)
