"""How often the forecast's interval holds what came, and what the step costs: `make bench-forecast`.

Simulated series of six kinds with survey error, in four lengths: a random walk; a line with autocorrelated deviations;
an autoregressive level; a level that shifts once for good; seasons on a walk; a walk with one outlier. Everything that
varies between real series (innovations, slopes, sizes, places, errors of the waves) is drawn anew for each.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.edition import load_edition
from analysis.pipeline.command import Call, run, say
from analysis.project import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KINDS = ("walk", "trend", "ar", "shift", "seasonal", "outlier")
LENGTHS = (12, 16, 20, 28)
HORIZON = 4
SERIES = 60
"""Series of each kind and length: 1,440 in all."""


def main(call: Call) -> None:
    """Write {"series", "coverage": [{"kind", "n", "held": share for each horizon, "width"}], "overall", "seconds"}."""
    seed = load_edition(call.params).seed
    started = time.perf_counter()
    tasks = [(kind, length, number, seed) for kind, length, number in product(KINDS, LENGTHS, range(SERIES))]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = np.array(list(pool.map(tested, tasks, chunksize=10)))
    found = found.reshape(len(KINDS), len(LENGTHS), SERIES, 3, HORIZON)
    rows = [
        {
            "kind": kind,
            "n": length,
            "held": _rounded(found[i, j, :, 0].mean(axis=0)),
            "width": _rounded(found[i, j, :, 1].mean(axis=0)),
        }
        for (i, kind), (j, length) in product(enumerate(KINDS), enumerate(LENGTHS))
    ]
    result: dict[str, Any] = {
        "series": len(tasks),
        "coverage": rows,
        "by_kind": {kind: _rounded(found[i, :, :, 0].mean(axis=(0, 1))) for i, kind in enumerate(KINDS)},
        "by_length": {str(length): _rounded(found[:, j, :, 0].mean(axis=(0, 1))) for j, length in enumerate(LENGTHS)},
        "overall": _rounded(found[:, :, :, 0].mean(axis=(0, 1, 2))),
        "cpu_seconds_each": round(float(found[:, :, :, 2].mean()), 3),
        "seconds": round(time.perf_counter() - started, 1),
    }
    target = call.output / "forecast.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say(f"{target.read_text(encoding='utf-8')}→ {shown(target)}")


def tested(task: tuple[str, int, int, int]) -> list[list[float]]:
    """For each horizon whether the interval held what came, and its width; the processor's seconds, repeated."""
    import pandas as pd

    from analysis.edition.sections.trend import Trend
    from analysis.trend.forecast import forecast_series
    from analysis.trend.series import wave_series

    kind, length, number, seed = task
    generator = np.random.default_rng([seed, KINDS.index(kind), length, number])
    values, errors = simulated(kind, length + HORIZON, generator)
    labels = [f"{2000 + wave // 4}Q{wave % 4 + 1}" for wave in range(length)]
    waves = pd.DataFrame({"wave": labels, "csi": values[:length], "se": errors[:length]})
    started = time.process_time()
    forecast = forecast_series(wave_series(waves), trend=Trend(horizon=HORIZON)).forecast
    seconds = time.process_time() - started
    low, high, came = forecast["ci_low"].to_numpy(), forecast["ci_high"].to_numpy(), values[length:]
    held = ((low <= came) & (came <= high)).astype(float)
    return [held.tolist(), (high - low).tolist(), [seconds] * HORIZON]


def simulated(kind: str, size: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Measured index of `size` waves and their sampling errors; an event falls on a wave before the last six."""
    place, errors = np.arange(size), generator.uniform(0.25, 0.5, size)
    innovation = generator.uniform(0.3, 0.8)
    sign, event = generator.choice([-1.0, 1.0]), int(generator.integers(3, size - HORIZON - 2))
    if kind == "walk":
        level = np.cumsum(generator.normal(0, innovation, size))
    elif kind == "trend":
        level = sign * generator.uniform(0.1, 0.4) * place + _autoregressive(generator, 0.6, 0.6 * innovation, size)
    elif kind == "ar":
        level = _autoregressive(generator, 0.8, innovation, size)
    elif kind == "shift":
        level = _autoregressive(generator, 0.5, 0.7 * innovation, size)
        level = level + sign * generator.uniform(1.5, 3) * (place >= event)
    elif kind == "seasonal":
        season = generator.normal(0, 0.8, 4)
        level = (season - season.mean())[place % 4] + np.cumsum(generator.normal(0, 0.6 * innovation, size))
    else:
        level = np.cumsum(generator.normal(0, 0.6 * innovation, size))
        level = level + sign * generator.uniform(2, 4) * (place == event)
    return 80 + level + generator.normal(0, errors), errors


def _autoregressive(generator: np.random.Generator, most: float, innovation: float, size: int) -> Floats:
    """A stationary process of the first order with a coefficient between 0.2 and `most`."""
    back = generator.uniform(0.2, most)
    shocks = generator.normal(0, innovation, size)
    shocks[0] /= (1 - back**2) ** 0.5
    lag = np.arange(size)[:, None] - np.arange(size)
    return np.asarray(np.where(lag >= 0, back ** np.maximum(lag, 0), 0.0) @ shocks)


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 3) for value in values]


if __name__ == "__main__":
    run(main, description=__doc__ or "")
