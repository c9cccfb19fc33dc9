"""Made-up answers for every kind of model that the syntax allows: python sem_syntax.py answers.csv.

Nine items of three constructs that have one in common, four waves of growth with covariates that stay and covariates
that change, two outcomes that move each other, background of three kinds, weights and clusters.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

N = 400


def complete() -> pd.DataFrame:
    """The answers without gaps."""
    random = np.random.default_rng(1939)

    def normal() -> np.ndarray:
        return random.standard_normal(N)

    frame = pd.DataFrame({"age": 40 + 10 * normal(), "income": np.exp(0.5 * normal())})
    frame["sex"] = np.where(random.random(N) < 0.45, "m", "f")
    frame["city"] = np.array(["north", "south", "west"])[random.integers(0, 3, N)]
    man, south = (frame["sex"] == "m").to_numpy(), (frame["city"] == "south").to_numpy()
    age = (frame["age"].to_numpy() - 40) / 10
    common = 0.3 * age + 0.4 * man - 0.3 * south + normal()
    factors = [0.7 * common + 0.7 * normal() for _ in range(3)]
    for number, loading in enumerate((1.0, 0.8, 1.1, 1.0, 1.2, 0.9, 1.0, 0.7, 1.1)):
        noise = 0.7 * normal() * (1 + 0.3 * np.abs(normal()))
        frame[f"x{number + 1}"] = 3 + loading * factors[number // 3] + noise
    frame["x3"] += 0.4 * man
    level, slope = 1 + 0.4 * age + 0.8 * normal(), 0.5 - 0.3 * man + 0.1 * age + 0.5 * normal()
    for wave in range(4):
        frame[f"c{wave + 1}"] = 0.3 * age + normal()
        frame[f"t{wave + 1}"] = level + wave * slope + 0.4 * frame[f"c{wave + 1}"] + 0.6 * normal()
    first, second = 0.5 * age + normal(), 0.7 * frame["income"].to_numpy() + normal()
    frame["y1"], frame["y2"] = (first + 0.4 * second) / (1 - 0.08), (second + 0.2 * first) / (1 - 0.08)
    frame["y3"] = 0.4 * frame["y1"] - 0.3 * frame["y2"] + 0.2 * age * frame["income"] + normal()
    frame["w"], frame["cluster"] = 1 + np.arange(N) % 5 / 2, np.arange(N) % 50
    return frame


def gaps() -> pd.DataFrame:
    """The answers, some of the x and t, and a few ages, missing at random."""
    frame, random = complete(), np.random.default_rng(7)
    for name in frame.columns:
        if name[0] in "xt":
            frame[name] = frame[name].mask(random.random(N) < 0.1)
    frame["age"] = frame["age"].mask(random.random(N) < 0.03)
    return frame


if __name__ == "__main__":
    (gaps() if "gaps" in sys.argv[1] else complete()).to_csv(sys.argv[1], index=False)
