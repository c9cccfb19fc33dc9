"""The 41-item benchmark: five-point answers of 11 constructs, drawn without any linear algebra.

    python sem_benchmark.py complete.csv gaps.csv model.txt

Exogenous constructs are √0.55 g + √0.45 e_k with one common g, so that they correlate 0.55. A draw from a covariance
matrix would go through its decomposition, and where eigenvalues repeat the rows then depend on the processor.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

BLOCKS = {"eff": 4, "pro": 4, "att": 4, "res": 4, "inn": 4, "sec": 4, "con": 4, "sat": 3, "tru": 3, "ide": 3, "loy": 4}
ITEMS = {key: [f"{key}{i + 1}" for i in range(size)] for key, size in BLOCKS.items()}
MEASUREMENT = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in ITEMS.items())
PATHS = """
sat ~ eff + pro + att + res + inn + sec + con
tru ~ sat + sec
ide ~ sat + tru
loy ~ sat + tru + ide
"""
MODEL = MEASUREMENT + PATHS
ON_SATISFACTION = {"eff": 0.2, "pro": 0.15, "att": 0.15, "res": 0.25, "inn": 0.05, "sec": 0.15, "con": 0.1}
ROWS = 2000


def complete() -> pd.DataFrame:
    """Answers without gaps, `ROWS` × 41."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=ROWS)
    latent = {key: np.sqrt(0.55) * common + np.sqrt(0.45) * rng.normal(size=ROWS) for key in ON_SATISFACTION}
    latent["sat"] = sum(weight * latent[key] for key, weight in ON_SATISFACTION.items()) + rng.normal(0, 0.5, ROWS)
    latent["tru"] = 0.6 * latent["sat"] + 0.25 * latent["sec"] + rng.normal(0, 0.5, ROWS)
    latent["ide"] = 0.5 * latent["sat"] + 0.2 * latent["tru"] + rng.normal(0, 0.6, ROWS)
    latent["loy"] = 0.3 * (latent["sat"] + latent["tru"] + latent["ide"]) + rng.normal(0, 0.5, ROWS)
    return pd.DataFrame(
        {
            item: np.clip(np.round(3.9 + 0.9 * ((0.7 + 0.05 * i) * latent[key] + rng.normal(0, 0.6, ROWS))), 1, 5)
            for key, items in ITEMS.items()
            for i, item in enumerate(items)
        }
    )


def gaps() -> pd.DataFrame:
    """The same answers with 5 % missing at random."""
    frame = complete()
    return frame.mask(np.random.default_rng(1).random(frame.shape) < 0.05)


if __name__ == "__main__":
    complete().to_csv(sys.argv[1], index=False)
    gaps().to_csv(sys.argv[2], index=False)
    Path(sys.argv[3]).write_text(MODEL, encoding="utf-8")
