"""The answers that lavaan's goldens of all kinds of models were made from."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import pandas as pd

SCRIPT = Path(__file__).parents[1] / "golden" / "sem_syntax.py"


@cache
def _made(kind: str) -> pd.DataFrame:
    spec = importlib.util.spec_from_file_location("sem_syntax", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return pd.DataFrame(getattr(module, kind)())


def made_answers(kind: str) -> pd.DataFrame:
    """Answers of one kind (complete, gaps) as the script beside the goldens makes them, to be changed at will."""
    return _made(kind).copy()
