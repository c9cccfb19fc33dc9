"""What a draft calls questions and constructs in the middle of a sentence: short names made of what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

Wording = dict[str, str]
_NUMBER = re.compile(r"\A(?:第\s*)?[Qq题]?\s*\d{1,3}\s*(?:[、．:：)）\]]|\.(?!\d)|题)\s*(?=\S)")
_MARKS = re.compile(r"\s*(?:【[^】]*】|[\[(（](?:单选|多选|矩阵|必答|选填)[^\])）]*[\])）])\s*")
_SHORT = (
    r"how old are you\W*\Z|what is your age\W*\Z",
    r"(?:what|which) is your (?P<name>.+?)\W*\Z",
    r"(?:in |at |to |from )?(?:what|which) (?!of )(?P<name>[\w ]+?) (?:do|did|are|were|is|have|has) (?:you|your)\b.*",
    r"please (?:state|give|select|choose|indicate) your (?P<name>.+?)\W*\Z",
    r"your (?P<name>.+?)\W*\Z",
    r"(?:请问|请选择|请填写)?(?:您|你)(?:的|所在的?|目前的?)?(?P<name>.+?)(?:是|为)?(?:哪些?|什么|多少)?[？?：:\s]*\Z",
)
_INSTRUCTION = re.compile(r"请|您|你|以下|下列|[?？]|\b(?:how|please|which|what|following|you|your)\b")
_SEPARATOR = re.compile(r"[—–:：\[【(（/／]|\s-\s")
_EDGES = " \t—–-:：[]【】()（）/／"
_LONGEST = {"zh": 12, "en": 30}
"""Characters of a stem that can stand for a construct."""


def asked(text: str) -> str:
    """A question without its number and the marks of its kind, which would stand in the middle of a sentence."""
    return _MARKS.sub("", _NUMBER.sub("", text)) or text


def short_name(question: str) -> str:
    """What a question asks for, as a heading has it: `What is your gender?` is Gender, 您的年龄段 is 年龄段."""
    text = asked(question).strip()
    for pattern in _SHORT:
        found = re.fullmatch(pattern, text, re.IGNORECASE)
        if found:
            name = found.groupdict().get("name", "age") or text
            return name[:1].upper() + name[1:]
    return text.rstrip("?？:： ")


def parted(questions: Sequence[str]) -> tuple[str, list[str]]:
    """What the questions of one grid begin with, and what each says beyond it; all of it where they share nothing."""
    texts = [asked(question).strip() for question in questions]
    ends = {found.end() for found in _SEPARATOR.finditer(texts[0])}
    shared = [end for end in ends if len({text[:end] for text in texts}) == 1 and end > 2]
    if len(texts) < 2 or not shared:
        return "", texts
    stem, rest = texts[0][: max(shared)].strip(_EDGES), [text[max(shared) :].strip(_EDGES) for text in texts]
    return (stem, rest) if all(rest) else ("", texts)


def of_items(stem: str, items: Sequence[str]) -> Wording:
    """Name of a construct: what its grid begins with, unless that tells what to do; else its first item."""
    lang = "zh" if re.search(r"[\u4e00-\u9fff]", stem or items[0]) else "en"
    if stem and len(stem) <= _LONGEST[lang] and not _INSTRUCTION.search(stem.casefold()):
        return both(stem)
    return {"zh": f"{items[0]}等{len(items)}项", "en": f"{items[0]} and {len(items) - 1} more"}


def is_worded(text: str) -> bool:
    """Whether a text says something, as the name of a variable does not."""
    return bool(re.search(r"[\u4e00-\u9fff]|\w \w", text))


def both(text: str) -> Wording:
    """One text for both languages."""
    return {"zh": text, "en": text}
