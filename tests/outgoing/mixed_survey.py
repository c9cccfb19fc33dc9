"""A survey with one question of every kind, and an edition of it whose answers are files of the test."""

from __future__ import annotations

import copy
from typing import Any

from small_survey import INSTRUMENT, Survey

from analysis.edition import Edition

PROFILE: list[dict[str, Any]] = [
    {
        "key": "kind",
        "name": {"zh": "机构类型", "en": "Type of institution"},
        "question": {"zh": "您评价哪类机构", "en": "Which institution do you rate"},
        "categories": [
            {"code": "bank", "zh": "银行", "en": "Bank"},
            {"code": "证券 公司", "zh": "证券公司", "en": "Securities firm"},
            {"code": "o'ther", "zh": "其他", "en": 'Other, e.g. ${kind} or "none"'},
        ],
    },
    {
        "key": "age",
        "name": {"zh": "年龄", "en": "Age"},
        "question": {"zh": "您的年龄", "en": "How old are you"},
        "classes": [18, 30, 60],
    },
    {"key": "city", "name": {"zh": "城市", "en": "City"}, "question": {"zh": "您在哪个城市", "en": "Your city"}},
]
CHANNELS: dict[str, Any] = {
    "key": "channels",
    "name": {"zh": "渠道", "en": "Channels"},
    "question": {"zh": "您用过哪些渠道", "en": "Which channels have you used"},
    "options": [{"code": "app", "zh": "手机", "en": "App"}, {"code": "网 点", "zh": "网点", "en": "Branch"}],
}


def mixed_instrument() -> dict[str, Any]:
    """Ratings (one reversed, two for some people only), categories, classes, free categories, several choices, text."""
    mixed = copy.deepcopy(INSTRUMENT) | {"profile": copy.deepcopy(PROFILE), "multiple": [copy.deepcopy(CHANNELS)]}
    mixed["constructs"][0]["items"] += [
        {"key": "q3", "zh": "柜台", "en": "Counter", "asked_if": {"kind": ["bank", "o'ther"], "age": ["30-59", "60+"]}},
        {"key": "q4", "zh": "行情", "en": "Quotes", "asked_if": {"kind": ["证券 公司"]}},
    ]
    return mixed


def mixed_edition(survey: Survey, **sections: Any) -> Edition:
    """The edition of the mixed instrument."""
    sections.setdefault("instrument", mixed_instrument())
    return survey.edition({}, **sections)
