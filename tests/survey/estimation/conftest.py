"""The three samples of Californian schools that R survey comes with, each with its design."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.survey.design.survey_design import SurveyDesign, specify_design


@pytest.fixture(scope="session")
def api_design(shared: Path) -> Callable[[str], tuple[pd.DataFrame, SurveyDesign]]:
    """Read apistrat, apiclus1 or apiclus2, and specify the design that it was drawn by."""

    def read(name: str) -> tuple[pd.DataFrame, SurveyDesign]:
        data = pd.read_csv(shared / "data" / "survey_api" / f"{name}.csv")
        stages: dict[str, Any] = {
            "apistrat": lambda: {"strata": data["stype"], "fpc": data["fpc"]},
            "apiclus1": lambda: {"psu": data["dnum"], "fpc": data["fpc"]},
            "apiclus2": lambda: {"psu": data[["dnum", "snum"]], "fpc": data[["fpc1", "fpc2"]]},
        }[name]()
        return data, specify_design(len(data), weights=data["pw"], **stages)

    return read
