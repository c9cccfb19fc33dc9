"""What the report of a draft calls those who were asked, those whom they rate and what of them; the file's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from analysis.draft.sheet import Sheet
from analysis.draft.yaml_lines import decide, flow

Words = TypeVar("Words", bound=tuple[str, ...])

PEOPLE: Mapping[str, tuple[str, str, str]] = {
    r"客户|customers?|clients?": ("客户", "customer", "customers"),
    r"顾客|shoppers?": ("顾客", "customer", "customers"),
    r"患者|病人|patients?": ("患者", "patient", "patients"),
    r"学生|同学|students?|pupils?": ("学生", "student", "students"),
    r"员工|职工|employees?": ("员工", "employee", "employees"),
    r"会员|members?": ("会员", "member", "members"),
    r"居民|市民|residents?|citizens?": ("居民", "resident", "residents"),
    r"用户|users?": ("用户", "user", "users"),
    r"乘客|旅客|passengers?": ("乘客", "passenger", "passengers"),
    r"住客|宾客|guests?": ("宾客", "guest", "guests"),
}
PROVIDERS: Mapping[str, tuple[str, str, str]] = {
    r"机构|institutions?": ("机构", "institution", "institutions"),
    r"银行|banks?": ("银行", "bank", "banks"),
    r"医院|hospitals?|clinics?": ("医院", "hospital", "hospitals"),
    r"学校|schools?": ("学校", "school", "schools"),
    r"大学|高校|universit(?:y|ies)": ("高校", "university", "universities"),
    r"酒店|hotels?": ("酒店", "hotel", "hotels"),
    r"门店|商店|stores?|shops?": ("门店", "shop", "shops"),
    r"公司|企业|compan(?:y|ies)|employers?": ("公司", "company", "companies"),
}
RESPONDENTS = ("受访者", "respondent", "respondents")
ORGANISATIONS = ("机构", "organisation", "organisations")
"""What they are called where the file has no word for them."""
MATTERS: Mapping[str, tuple[str, str]] = {
    r"服务|services?": ("服务", "service"),
    r"诊疗|就诊|治疗|护理|care|treatment|nurs(?:es?|ing)": ("诊疗", "care"),
    r"教学|授课|课程|教师|老师|teach(?:ing|ers?)|courses?|lectur(?:es?|ers?)": ("教学", "teaching"),
    r"工作环境|敬业|management|managers?|workplace": ("工作环境", "work"),
    r"产品|products?": ("产品", "product"),
}
"""Words that a file may hold, by the pattern that finds them: what is meant is called in zh, and in en (one, many)."""


def publication_words(sheet: Sheet) -> Iterator[str]:
    """Lines of the section `publication`: people and providers, and the language where the file is in one."""
    said = " ".join([sheet.path.stem, *(column.said for column in sheet.columns)])
    yield decide("what the report calls those who were asked, those whom they rate, and what of them", indent=2)
    for key, known, unknown in (("people", PEOPLE, RESPONDENTS), ("providers", PROVIDERS, ORGANISATIONS)):
        zh, one, many = _most_frequent(said, known, otherwise=unknown)
        yield f"  {key}: {flow({'zh': zh, 'en': {'one': one, 'many': many}})}"
    zh, en = _most_frequent(said, MATTERS, otherwise=("服务", "service"))
    yield f"  matter: {flow({'zh': zh, 'en': en})}"
    lang = language(sheet)
    if lang:
        other = "en" if lang == "zh" else "zh"
        yield decide(
            f"the file is worded in {lang}; add {other} when the wordings of the instrument are there", indent=2
        )
        yield f"  languages: [{lang}]"


def language(sheet: Sheet) -> str:
    """The language that the questions are worded in; empty where they are no more than names of variables."""
    questions = [column.question for column in sheet.columns]
    if sum(bool(re.search(r"[\u4e00-\u9fff]", question)) for question in questions) * 2 > len(questions):
        return "zh"
    worded = [question for question in questions if len(re.findall(r"[A-Za-z]{2,}", question.replace("_", ""))) >= 3]
    return "en" if worded else ""


def _most_frequent(said: str, known: Mapping[str, Words], *, otherwise: Words) -> Words:
    """The word found most often, or `otherwise` where none is found."""
    counts = [len(re.findall(rf"(?<![a-z])(?:{pattern})(?![a-z])", said.casefold())) for pattern in known]
    return list(known.values())[counts.index(max(counts))] if any(counts) else otherwise
