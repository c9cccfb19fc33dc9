"""How often the interval of the index holds the truth when its weights come from the sample: `make bench-weights`.

Samples are drawn from a population with known weights: four dimensions of unlike level that correlate, and satisfaction
that follows from them. The truth is what a sample of `POPULATION` finds. Beside the interval that carries the error of
the weights stands the one that takes them as given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analysis.edition import load_edition
from analysis.edition.instrument import Instrument
from analysis.edition.sections.index import Index
from analysis.pipeline.command import Call, run, say
from analysis.project import shown
from analysis.satisfaction.index import score_respondents
from analysis.satisfaction.weights import WeightedIndex, weigh_dimensions
from analysis.survey.design.replication import bootstrap
from analysis.survey.design.survey_design import specify_design
from analysis.survey.estimation.estimates import means

if TYPE_CHECKING:
    from analysis.survey.design.survey_design import SurveyDesign

Source = Literal["importance", "model"]

LEVELS = {"a": 3.9, "b": 3.4, "c": 3.0, "d": 2.6}
EFFECTS = {"a": 0.45, "b": 0.30, "c": 0.15, "d": 0.05}
CORRELATION, DISTURBANCE, LOADING, SPREAD = 0.45, 0.55, 0.8, 0.75
MODEL = "\n".join([*(f"{key} =~ {key}1 + {key}2 + {key}3" for key in [*LEVELS, "sat"]), f"sat ~ {' + '.join(LEVELS)}"])
CASES: tuple[tuple[Source, int], ...] = (
    *(("importance", n) for n in (200, 800, 3000)),
    *(("model", n) for n in (400, 1500)),
)
SAMPLES, REPLICATES, POPULATION = 500, 200, 400_000


def main(call: Call) -> None:
    """Write a list of {"weights", "n", "coverage", "as_given", "of_weights"} to <output>/weights.json."""
    seed, figures = load_edition(call.params).seed, []
    for source, n in CASES:
        figures.append(coverage(source, n, samples=SAMPLES, replicates=REPLICATES, seed=seed))
        say(json.dumps(figures[-1]))
    target = call.output / "weights.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"→ {shown(target)}")


def coverage(source: Source, n: int, *, samples: int, replicates: int, seed: int) -> dict[str, Any]:
    """Share of the samples whose 95 % interval holds the index of the population, with and without the weights' error.

    of_weights: the same for the weight of each dimension.
    """
    random = np.random.default_rng([seed, n])
    whole = weighed(draw(random, POPULATION), source)
    truth, weights = whole.scores["csi"].mean(), whole.weights["weight"].to_numpy()
    held, given, each = 0, 0, np.zeros(len(weights))
    for _ in range(samples):
        drawn = bootstrap(np.ones(n), replicates=replicates, seed=int(random.integers(1 << 30)))
        design = specify_design(n, replicates=drawn)
        found = weighed(draw(random, n), source, design=design)
        held += _holds(found.scores, found.design, truth)
        given += _holds(found.scores, design, truth)
        table = found.weights
        each += ((table["ci_low"] <= weights) & (weights <= table["ci_high"])).to_numpy()
    shares = {"coverage": held / samples, "as_given": given / samples}
    return {"weights": source, "n": n, **shares, "of_weights": (each / samples).round(3).tolist()}


def _holds(scores: pd.DataFrame, design: SurveyDesign, truth: float) -> bool:
    row = means(scores[["csi"]], design=design).iloc[0]
    return bool(row["ci_low"] <= truth <= row["ci_high"])


def weighed(responses: pd.DataFrame, source: Source, *, design: SurveyDesign | None = None) -> WeightedIndex:
    """The index of a sample with its own weights."""
    rule = {"csat": {"construct": "sat", "satisfied_from": 3.5}, "weights": source}
    asked, index = instrument(), Index.model_validate(rule)
    scores = score_respondents(responses, instrument=asked, index=index)
    chosen = design or specify_design(len(responses))
    return weigh_dimensions(responses, scores, instrument=asked, index=index, design=chosen, model=MODEL)


def instrument() -> Instrument:
    """Four dimensions and satisfaction, three items each, on 1–5."""

    def construct(key: str) -> dict[str, Any]:
        name = {"zh": key, "en": key}
        role = "satisfaction" if key == "sat" else "dimension"
        return {"key": key, "role": role, "name": name, "items": [{"key": f"{key}{i}", **name} for i in (1, 2, 3)]}

    name = {"zh": "t", "en": "t"}
    constructs = [construct(key) for key in [*LEVELS, "sat"]]
    return Instrument.model_validate({"name": name, "scale": {"min": 1, "max": 5}, "constructs": constructs})


def draw(random: np.random.Generator, n: int, effects: dict[str, float] | None = None) -> pd.DataFrame:
    """Answers of n people on five points."""
    size, own = len(LEVELS), effects or EFFECTS
    root = np.linalg.cholesky(np.full((size, size), CORRELATION) + (1 - CORRELATION) * np.eye(size))
    behind = random.standard_normal((n, size)) @ root.T
    satisfied = behind @ np.array([own[key] for key in LEVELS]) + DISTURBANCE * random.standard_normal(n)
    columns = {}
    for key, value in zip([*LEVELS, "sat"], [*behind.T, satisfied], strict=True):
        for item in (1, 2, 3):
            error = np.sqrt(1 - LOADING**2) * random.standard_normal(n)
            columns[f"{key}{item}"] = LEVELS.get(key, 3.2) + SPREAD * (LOADING * value + error)
    frame = pd.DataFrame(columns).clip(1, 5).round()
    frame.insert(0, "respondent_id", [str(number) for number in range(n)])
    return frame


if __name__ == "__main__":
    run(main, description=__doc__ or "")
