"""A made-up survey of household finance: no rated item and so no index, drawn in clusters within strata."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

INSTRUMENT: dict[str, Any] = {
    "name": {"zh": "家庭金融问卷", "en": "Household finance questionnaire"},
    "profile": [
        {
            "key": "region",
            "name": {"zh": "地区", "en": "Region"},
            "question": {"zh": "您家所在的地区", "en": "Where is your household"},
            "categories": [
                {"code": "east", "zh": "东部", "en": "East"},
                {"code": "centre", "zh": "中部", "en": "Centre"},
                {"code": "west", "zh": "西部", "en": "West"},
            ],
        },
        {
            "key": "sex",
            "name": {"zh": "户主性别", "en": "Sex of the head of household"},
            "question": {"zh": "户主的性别", "en": "Sex of the head of household"},
            "categories": [
                {"code": "f", "zh": "女", "en": "Female"},
                {"code": "m", "zh": "男", "en": "Male"},
            ],
        },
        {
            "key": "has_debt",
            "name": {"zh": "是否有负债", "en": "Any debt"},
            "question": {"zh": "您家目前有没有负债", "en": "Does your household owe any money"},
            "categories": [
                {"code": "yes", "zh": "有", "en": "Yes"},
                {"code": "no", "zh": "没有", "en": "No"},
            ],
        },
    ],
    "multiple": [
        {
            "key": "products",
            "name": {"zh": "持有的金融产品", "en": "Financial products held"},
            "question": {"zh": "您家有哪些金融产品", "en": "Which of these does your household have"},
            "options": [
                {"code": "deposit", "zh": "定期存款", "en": "Time deposit"},
                {"code": "fund", "zh": "基金", "en": "Fund"},
                {"code": "insurance", "zh": "保险", "en": "Insurance"},
            ],
        }
    ],
    "numeric": [
        {
            "key": "income",
            "name": {"zh": "家庭年收入", "en": "Household income"},
            "question": {"zh": "您家去年的总收入", "en": "Total income of the household last year"},
            "unit": {"zh": "元", "en": "yuan"},
            "min": 0,
        },
        {
            "key": "debt",
            "name": {"zh": "负债余额", "en": "Debt"},
            "question": {"zh": "您家目前的负债余额", "en": "What the household owes"},
            "unit": {"zh": "元", "en": "yuan"},
            "min": 0,
        },
    ],
}
PARAMS: dict[str, Any] = {
    "publication": {
        "year": 2026,
        "title": {"zh": "家庭金融调查报告", "en": "Household finance survey"},
        "subtitle": {"zh": "2026年", "en": "2026"},
        "institute": {"zh": "研究部", "en": "Research department"},
        "date": dt.date(2026, 3, 31),
        "fieldwork": {"start": dt.date(2026, 1, 5), "end": dt.date(2026, 2, 6)},
    },
    "seed": 1,
    "weighting": {"stratum": "stratum", "psu": "village"},
    "tabulation": {
        "banner": ["region", "sex", ["region", "sex"]],
        "tables": [
            {
                "key": "debts",
                "name": {"zh": "负债家庭的负债余额", "en": "Debt of indebted households"},
                "questions": ["debt"],
                "statistics": ["mean", "median", "p90", "total"],
            },
            {"key": "burden", "ratio": {"numerator": "debt", "denominator": "income"}},
        ],
    },
}


def answers(rows: int = 1500, seed: int = 4) -> pd.DataFrame:
    """Answers by stratum and village, with weights; a third of the households owe nothing, and have no debt to tell."""
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 3, rows)
    village = stratum * 10 + rng.integers(0, 10, rows)
    income = np.round(rng.lognormal(11.2, 0.6, rows) * np.where(stratum == 0, 1.5, 1.0), -2)
    owes = rng.random(rows) < 0.65
    frame = pd.DataFrame(
        {
            "respondent_id": [f"h{number:05d}" for number in range(rows)],
            "stratum": [f"s{code}" for code in stratum],
            "village": [f"v{code}" for code in village],
            "weight": np.round(rng.uniform(500, 1500, rows), 1),
            "region": np.array(["east", "centre", "west"])[stratum],
            "sex": rng.choice(["f", "m"], rows, p=[0.35, 0.65]),
            "has_debt": np.where(owes, "yes", "no"),
            "income": income,
            "debt": np.where(owes, np.round(income * rng.gamma(2, 0.6, rows), -2), np.nan),
        }
    )
    for option, share in {"deposit": 0.6, "fund": 0.2, "insurance": 0.4}.items():
        frame[f"products.{option}"] = (rng.random(rows) < share).astype(int)
    return frame


def write_edition(folder: Path, **change: Any) -> Path:
    """Params, instrument and answers as files of `folder`; `change` replaces whole sections."""
    answers().to_csv(folder / "answers.csv", index=False)
    (folder / "household-instrument.yml").write_text(yaml.safe_dump(INSTRUMENT, allow_unicode=True), encoding="utf-8")
    data = {"source": "files", "tables": {"responses": {"path": str(folder / "answers.csv")}}}
    params = PARAMS | {"instrument": "household-instrument.yml", "data": data} | change
    path = folder / "household.yml"
    path.write_text(yaml.safe_dump(params, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
