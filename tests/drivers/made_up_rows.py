"""The rows of tests/golden/drivers_fair.R, made without random numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.survey.design.survey_design import SurveyDesign, specify_design

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "drivers_fair.json").read_text())
CATTANEO = Path(__file__).parents[3] / "shared" / "data" / "causal" / "cattaneo2.csv"


def made_up_rows() -> tuple[pd.DataFrame, SurveyDesign]:
    """240 rows in 48 units and 3 strata, and their design."""
    i = np.arange(240)
    rows = pd.DataFrame(
        {
            "unit": np.array(["a", "b", "c", "d"])[i % 4],
            "age": np.array(["young", "middle", "old"])[i // 5 % 3],
            "kind": np.array(["p", "q"])[i // 11 % 2],
        }
    ).astype(object)
    young, old, q = (rows["age"] == "young"), (rows["age"] == "old"), (rows["kind"] == "q")
    treated = np.sin(i * 2.7) + 0.5 * young - 0.4 * q > 0
    rows["t"] = np.where(treated, "yes", "no")
    level = 70 + 3 * (rows["unit"] == "a") - 4 * (rows["unit"] == "c") + 5 * old - 3 * q + 2.5 * treated
    rows["y"] = level + 9 * np.sin(i * 1.7) + 3 * np.sin(i % 48 * 2.3)
    rows["x1"] = 60 + 20 * np.cos(i * 1.1) + 5 * np.sin(i * 0.37)
    rows["x2"] = 75 + 10 * np.sin(i * 0.9) + 8 * np.cos(i * 2.9)
    bent = 0.5 * np.minimum(rows["x1"] - 60, 0) + 0.1 * np.maximum(rows["x1"] - 60, 0)
    rows["z"] = 50 + bent + 0.3 * (rows["x2"] - 75) + 6 * np.sin(i * 3.3)
    return rows, specify_design(240, weights=1 + i % 7 / 3, strata=i % 3, psu=i % 48)
