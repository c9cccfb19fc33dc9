"""A small survey: its instrument, and an edition whose tables are files of the test."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import yaml

from analysis.data.intake import Intake, load_table
from analysis.edition import Edition, load_edition

INSTRUMENT: dict[str, Any] = {
    "name": {"zh": "小问卷", "en": "Small questionnaire"},
    "scale": {
        "min": 1,
        "max": 5,
        "labels": {
            1: {"zh": "非常不满意", "en": "Very dissatisfied"},
            2: {"zh": "不满意", "en": "Dissatisfied"},
            3: {"zh": "一般", "en": "Neutral"},
            4: {"zh": "满意", "en": "Satisfied"},
            5: {"zh": "非常满意", "en": "Very satisfied"},
        },
    },
    "constructs": [
        {
            "key": "service",
            "role": "dimension",
            "name": {"zh": "服务", "en": "Service"},
            "items": [
                {"key": "q1", "zh": "办理速度", "en": "Speed"},
                {"key": "q2", "zh": "等候太久", "en": "Waited too long", "reverse": True},
            ],
        },
        {
            "key": "overall",
            "role": "satisfaction",
            "name": {"zh": "总体", "en": "Overall"},
            "items": [{"key": "s1", "zh": "总体满意", "en": "Satisfied overall"}],
        },
    ],
    "profile": [
        {
            "key": "kind",
            "name": {"zh": "机构类型", "en": "Type of institution"},
            "question": {"zh": "您评价哪类机构", "en": "Which institution do you rate"},
            "categories": [{"code": "bank", "zh": "银行", "en": "Bank"}, {"code": "fund", "zh": "基金", "en": "Fund"}],
        },
        {"key": "city", "name": {"zh": "城市", "en": "City"}, "question": {"zh": "您在哪个城市", "en": "Your city"}},
    ],
    "attention": {"key": "check", "zh": "本题请选满意", "en": "Choose satisfied here", "expected": 4},
    "open": [{"key": "comment", "zh": "还有什么建议", "en": "Anything else"}],
}
STANDARDS: dict[str, Any] = {
    "source": {"zh": "测试", "en": "test"},
    "scenarios": [
        {
            "key": key,
            "name": {"zh": zh, "en": key.title()},
            "steps": [
                {
                    "key": step,
                    "name": {"zh": step, "en": step},
                    "owner": {"zh": "甲", "en": "A"},
                    "rule": {"zh": "乙", "en": "B"},
                }
            ],
        }
        for key, zh, step in (("account", "账户", "query"), ("complaint", "投诉", "answer"))
    ],
}

_WRITTEN: dict[bytes, str] = {}


def as_yaml(content: dict[str, Any]) -> str:
    """Params as a file holds them; the same content, as the instrument of nearly every test is, is written once."""
    key = pickle.dumps(content)
    if key not in _WRITTEN:
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the emitter in C is ten times as fast
        _WRITTEN[key] = str(yaml.dump(content, Dumper=dumper, allow_unicode=True, sort_keys=False))
    return _WRITTEN[key]


class Survey:
    """Writes raw files and the params that describe them, and reads them back through the intake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def edition(self, tables: dict[str, dict[str, Any]], **sections: Any) -> Edition:
        """An edition with these `tables` (paths relative to the test's folder) and other sections."""
        self._dump("instrument.yml", INSTRUMENT | sections.pop("instrument", {}))
        self._dump("standards.yml", STANDARDS)
        sources = {name: source | {"path": str(self.folder / source["path"])} for name, source in tables.items()}
        text = {"zh": "测试", "en": "Test"}
        self._dump(
            "edition.yml",
            {
                "publication": {
                    "year": 2025,
                    "title": text,
                    "subtitle": text,
                    "institute": text,
                    "date": "2025-12-31",
                    "fieldwork": {"start": "2025-09-01", "end": "2025-10-31"},
                },
                "seed": 1,
                "instrument": "instrument.yml",
                "standards": "standards.yml",
                "data": {
                    "source": "files",
                    "max_refused_share": sections.pop("refused", 1.0),
                    "tables": {"responses": {"path": "none.csv"}} | sources,
                    "partitions": sections.pop("partitions", None),
                },
                "disclosure": {"min_base": 2},
                "index": {"csat": {"construct": "overall", "satisfied_from": 4}},
            }
            | sections,
        )
        return load_edition(self.folder / "edition.yml")

    def load(
        self,
        content: str | bytes | None,
        *,
        file: str = "",
        table: str = "responses",
        sections: Any = None,
        **source: Any,
    ) -> Intake:
        """Write `content` to `file` (None: it is there, or is missing on purpose) and read it as `table`."""
        file = file or f"{table}.csv"
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (self.folder / file).write_bytes(data)
        intake = load_table(self.edition({table: {"path": file} | source}, **(sections or {})), table)
        assert intake is not None
        assert intake.read == intake.accepted + intake.quarantined + intake.filtered
        return intake

    def _dump(self, name: str, content: dict[str, Any]) -> None:
        text = as_yaml(content)
        for day in ("2025-12-31", "2025-09-01", "2025-10-31"):
            text = text.replace(f"'{day}'", day)
        (self.folder / name).write_text(text, encoding="utf-8")
