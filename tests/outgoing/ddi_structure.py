"""The part of DDI-Codebook 2.5 that the release uses, as a table: what each element may hold, and in which order.

The schema itself (codebook.xsd, DDI Alliance 2012, LGPL 3 or later) is not kept here. Order and numbers follow it and
its field level documentation; where the schema allows several and one is enough, the table allows one.
"""

from __future__ import annotations

import re
from typing import Any

NAMESPACE = "{ddi:codebook:2_5}"
MANY = 10**6
CITATION = {"titlStmt": 1, "rspStmt": 1, "prodStmt": 1, "distStmt": 1, "serStmt": MANY, "verStmt": MANY, "biblCit": 1}
CHILDREN: dict[str, dict[str, int]] = {
    "codeBook": {"docDscr": MANY, "stdyDscr": MANY, "fileDscr": MANY, "dataDscr": MANY, "otherMat": MANY},
    "docDscr": {"citation": 1, "guide": 1},
    "stdyDscr": {"citation": MANY, "stdyInfo": MANY, "method": MANY, "dataAccs": MANY},
    "citation": CITATION,
    "titlStmt": {"titl": 1, "subTitl": MANY, "altTitl": MANY, "parTitl": MANY, "IDNo": MANY},
    "rspStmt": {"AuthEnty": MANY, "othId": MANY},
    "prodStmt": {
        "producer": MANY,
        "copyright": 1,
        "prodDate": MANY,
        "prodPlac": MANY,
        "software": MANY,
        "fundAg": MANY,
    },
    "stdyInfo": {"subject": 1, "abstract": MANY, "sumDscr": MANY},
    "subject": {"keyword": MANY, "topcClas": MANY},
    "sumDscr": {
        "timePrd": MANY,
        "collDate": MANY,
        "nation": MANY,
        "anlyUnit": MANY,
        "universe": MANY,
        "dataKind": MANY,
    },
    "method": {"dataColl": MANY, "notes": MANY, "anlyInfo": 1},
    "dataColl": {"timeMeth": MANY, "sampProc": MANY, "collMode": MANY, "resInstru": MANY, "weight": MANY},
    "dataAccs": {"setAvail": MANY, "useStmt": MANY},
    "useStmt": {"confDec": 1, "restrctn": 1, "citReq": 1, "conditions": 1, "disclaimer": 1},
    "fileDscr": {"fileTxt": MANY, "notes": MANY},
    "fileTxt": {"fileName": 1, "fileCont": 1, "dimensns": 1, "fileType": 1, "format": 1},
    "dimensns": {"caseQnty": 1, "varQnty": 1},
    "dataDscr": {"varGrp": MANY, "nCubeGrp": MANY, "var": MANY},
    "varGrp": {"labl": MANY, "txt": MANY, "concept": MANY, "defntn": 1, "universe": 1, "notes": MANY},
    "var": {
        "location": MANY,
        "labl": MANY,
        "qstn": MANY,
        "valrng": MANY,
        "invalrng": MANY,
        "universe": MANY,
        "TotlResp": 1,
        "sumStat": MANY,
        "txt": MANY,
        "catgryGrp": MANY,
        "catgry": MANY,
        "concept": MANY,
        "varFormat": 1,
        "notes": MANY,
    },
    "qstn": {"preQTxt": 1, "qstnLit": 1, "postQTxt": 1},
    "valrng": {"item": MANY, "range": MANY, "key": 1},
    "invalrng": {"item": MANY, "range": MANY, "key": 1},
    "catgry": {"catValu": 1, "labl": MANY, "txt": MANY, "catStat": MANY},
}
NEEDED = {"stdyDscr": ["citation"], "citation": ["titlStmt"], "titlStmt": ["titl"]}
ATTRIBUTES: dict[str, dict[str, str]] = {
    "codeBook": {"version": r"2\.5"},
    "fileDscr": {"URI": ".+"},
    "prodDate": {"date": r"\d{4}-\d\d-\d\d"},
    "collDate": {"date": r"\d{4}-\d\d-\d\d", "event": "start|end|single"},
    "universe": {"clusion": "I|E"},
    "varGrp": {"type": "section|multipleResp|grid|other", "var": r"V\d+( V\d+)*"},
    "var": {
        "name": "[A-Za-z][A-Za-z0-9_.]*",
        "files": r"F\d+( F\d+)*",
        "dcml": r"\d+",
        "intrvl": "contin|discrete",
        "nature": "nominal|ordinal|interval|ratio|percent|other",
        "wgt": "wgt|not-wgt",
        "wgt-var": r"V\d+",
    },
    "labl": {"level": ".+"},
    "item": {"VALUE": r"-?\d+"},
    "range": {"min": r"-?[\d.e+-]+", "max": r"-?[\d.e+-]+"},
    "sumStat": {"type": "mean|medn|mode|vald|invd|min|max|stdev|other", "wgtd": "wgtd|not-wgtd"},
    "catgry": {"missing": "Y|N"},
    "catStat": {"type": "freq|percent|crosstab|other", "wgtd": "wgtd|not-wgtd"},
    "varFormat": {"type": "character|numeric", "schema": "SAS|SPSS|IBM|ANSI|ISO|XML-Data|other"},
}
GLOBAL = {"ID": r"[A-Za-z_][\w.-]*", "{http://www.w3.org/XML/1998/namespace}lang": "zh|en"}
REFERENCES = ("var", "files", "wgt-var")


def faults(root: Any) -> list[str]:
    """What in the document is not as the table has it; references must lead to an ID, and no ID may be used twice."""
    found = [] if root.tag == f"{NAMESPACE}codeBook" else [f"the root is {root.tag}"]
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    found += [f"the ID {one} is used twice" for one in set(ids) if ids.count(one) > 1]
    for element in root.iter():
        name = str(element.tag).removeprefix(NAMESPACE)
        found += _children(element, name) + _attributes(element, name, set(ids))
    return found


def _children(element: Any, name: str) -> list[str]:
    there = [str(child.tag).removeprefix(NAMESPACE) for child in element]
    allowed = CHILDREN.get(name, {})
    found = [f"{name} holds {child}" for child in there if child not in allowed]
    places = [list(allowed).index(child) for child in there if child in allowed]
    found += [f"{name}: {there} stand in the wrong order"] if places != sorted(places) else []
    found += [
        f"{name} holds {child} {there.count(child)} times" for child in allowed if there.count(child) > allowed[child]
    ]
    found += [f"{name} lacks {child}" for child in NEEDED.get(name, []) if child not in there]
    return found + ([f"{name} holds text"] if allowed and (element.text or "").strip() else [])


def _attributes(element: Any, name: str, ids: set[str]) -> list[str]:
    allowed = GLOBAL | ATTRIBUTES.get(name, {})
    found = []
    for key, value in element.attrib.items():
        if key.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            continue
        if key not in allowed or not re.fullmatch(allowed[key], value):
            found.append(f"{name} has {key}={value!r}")
        if key in REFERENCES:
            found += [f"{name} refers to {one}" for one in value.split() if one not in ids]
    return found
