"""Small made-up editions without any interview: one table of records each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

HEAD = {
    "publication": {
        "year": 2025,
        "title": {"zh": "记录报告", "en": "Report on records"},
        "subtitle": {"zh": "测试", "en": "Test"},
        "institute": {"zh": "编制机构", "en": "Institute"},
        "date": "DAY",
    },
    "seed": 1,
}
LAST = pd.Timestamp("2025-01-01")


def customers(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A register as of one day: months so far, and a flag of those who left."""
    months = rng.integers(1, 61, 900)
    kind = rng.choice(["A", "B"], 900)
    left = rng.random(900) < np.where(kind == "A", 0.35, 0.12)
    frame = pd.DataFrame({"no": np.arange(900), "plan": kind, "months": months, "gone": np.where(left, "yes", "no")})
    mapping = {
        "columns": {"customer_id": "no", "customer_type": "plan", "closed_on": "gone"},
        "ago": {"opened_on": {"column": "months", "unit": "months", "day": "LAST"}},
        "values": {"closed_on": {"yes": "LAST", "no": ""}},
    }
    return frame, mapping


def training(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Yearly tests of staff, half of whom were trained from 2022 or 2023 on; training is worth 6 points."""
    staff = np.arange(160)
    first = np.where(staff < 80, np.where(staff % 2 == 0, 2022, 2023), 0)
    rows = [
        {"who": who, "year": year, "ever": int(start > 0), "first": start, "score": base + year - 2020 + gain}
        for who, start, base in zip(staff, first, rng.normal(60, 5, 160), strict=True)
        for year in range(2020, 2025)
        for gain in [rng.normal(6.0 if 0 < start <= year else 0.0, 1)]
    ]
    names = {"staff_id": "who", "period": "year", "trained": "ever", "first_trained": "first", "knowledge": "score"}
    return pd.DataFrame(rows), {"columns": names, "missing": ["", "0"]}


def service_log(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Cases of three steps, each of some hours, with waiting in between."""
    rows, start = [], pd.Timestamp("2024-03-01 09:00")
    for case in range(300):
        at = start + pd.Timedelta(hours=int(rng.integers(0, 4000)))
        for step in ("receive", "check", "grant"):
            end = at + pd.Timedelta(minutes=int(rng.integers(10, 300)))
            rows.append({"case_id": f"c{case}", "step": step, "opened_at": at, "completed_at": end})
            at = end + pd.Timedelta(minutes=int(rng.integers(0, 600)))
    return pd.DataFrame(rows), {"constant": {"scenario": "permits"}}


def feedback(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Tickets with texts, most of them closed after some days."""
    texts = [
        "转账一直没有到账，钱被扣了两次，很着急。",
        "手机银行打不开，系统总是出错。",
        "柜台排队等了一个多小时，太慢了。",
        "客服态度很差，说话不耐烦。",
        "手续太复杂，同样的材料要交两次。",
        "服务很好，谢谢。",
    ]
    received = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300 * 24, 600), unit="h")
    days = rng.integers(1, 40, 600)
    closed = pd.Series(received + pd.to_timedelta(days, unit="D")).where(rng.random(600) < 0.9)
    frame = pd.DataFrame({"ticket_id": np.arange(600), "received_at": received, "closed_at": closed})
    frame["channel"], frame["text"] = rng.choice(["phone", "web"], 600), rng.choice(texts, 600)
    return frame, {}


MADE = {"customers": customers, "training": training, "service_log": service_log, "feedback": feedback}


def write_edition(folder: Path, table: str, **sections: Any) -> tuple[Path, pd.DataFrame]:
    """The params of an edition that has this table alone, and the table as written."""
    frame, mapping = MADE[table](np.random.default_rng(5))
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / f"{table}.csv", index=False)
    source = {"path": str(folder / f"{table}.csv"), **mapping}
    content = HEAD | {"data": {"source": "files", "tables": {table: source}}} | sections
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    path = folder / "records.yml"
    path.write_text(text.replace("LAST", str(LAST.date())).replace("DAY", "2025-01-31"), encoding="utf-8")
    return path, frame
