"""Routes from a cause to an outcome: the specific indirect effects that add up to the total effect.

A specific effect is the product of the paths along one route (Bollen 1987); the effect through a mediator is the sum
over the routes that touch it. In a model without cycles all routes together make the total effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.inference.bootstrap import Replicates, bootstrap_intervals
from analysis.sem.inference.effects import causes, delta_method
from analysis.sem.model.structure import Fitted, Matrices, Structure, deviations
from analysis.sem.model.syntax import ModelSyntax
from analysis.sem.report.solution import INFERENCE, inference, outcomes

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition.instrument import Instrument

Array = NDArray[Any]
Route = tuple[str, ...]
ARROW = " → "
"""Joins the constructs of a route in the tables."""
_ROUTE = ["predictor", "outcome", "route"]
_THROUGH = ["predictor", "outcome", "mediator", "std", "std_low", "std_high", "share", "share_low", "share_high"]
_BOOTSTRAP = [*_ROUTE, "std", "percentile_low", "percentile_high", "bca_low", "bca_high"]


def routes(syntax: ModelSyntax, predictor: str, outcome: str) -> list[Route]:
    """Every directed route from `predictor` to `outcome` that passes nothing twice, with both ends, shortest first."""

    def onwards(route: Route) -> Iterator[Route]:
        if route[-1] == outcome:
            yield route
            return
        for effect, cause in edges:
            if cause == route[-1] and effect not in route:
                yield from onwards((*route, effect))

    order = {name: place for place, name in enumerate(syntax.endogenous)}
    edges = sorted(syntax.edges, key=lambda edge: order.get(edge[0], len(order)))

    return sorted(onwards((predictor,)), key=len)


def route_effects(structure: Structure, chosen: list[Route]) -> Callable[[Matrices], Array]:
    """Function that gives the product of the paths along each route, raw and standardised: … × 2 × routes."""
    places = [np.array([structure.latents[name] for name in route]) for route in chosen]
    first, last = (np.array([place[end] for place in places]) for end in (0, -1))

    def effects(matrices: Matrices) -> Array:
        raw = np.stack([matrices.paths[..., place[1:], place[:-1]].prod(axis=-1) for place in places], axis=-1)
        spread = deviations(matrices.latent_covariance)
        return np.stack([raw, raw * spread[..., first] / spread[..., last]], axis=-2)

    return effects


def mediation_table(solution: Fitted, instrument: Instrument, quantile: float) -> pd.DataFrame:
    """Effect of every route of the mediated causes, with delta-method inference and its share of the total effect.

    The share is empty where routes of one cause pull in opposite directions: parts of both signs are no shares.
    """
    import pandas as pd

    rows: list[dict[str, str | float]] = []
    for predictor, outcome, chosen in _mediated(solution, instrument):
        raw, std = delta_method(solution, route_effects(solution.structure, chosen)).rows()
        share = _shares(std.estimate)
        rows += [
            {"predictor": predictor, "outcome": outcome, "route": ARROW.join(route)}
            | inference(raw, std, (number,), quantile)
            | {"share": float(share[number])}
            for number, route in enumerate(chosen)
        ]
    return pd.DataFrame(rows, columns=[*_ROUTE, *INFERENCE, "share"])


def mediators_table(solution: Fitted, instrument: Instrument, quantile: float) -> pd.DataFrame:
    """Standardised effect through each mediator and its share of the total effect, with delta-method intervals.

    One route may touch several mediators, so that the shares of a cause may add up to more than one. A share is empty
    where routes pull in opposite directions, its interval where every route touches the mediator.
    """
    import pandas as pd

    rows: list[list[str | float]] = []
    for predictor, outcome, chosen in _mediated(solution, instrument):
        mediators = list(dict.fromkeys(name for route in chosen for name in route[1:-1]))
        along = route_effects(solution.structure, chosen)
        effect, share = delta_method(solution, _through(along, chosen, mediators)).rows()
        mixed = np.isnan(_shares(along(solution.matrices)[1])).any()
        for number, mediator in enumerate(mediators):
            known = float("nan") if mixed else float(share.estimate[number])
            half = quantile * share.se[number] if share.se[number] > 1e-12 else float("nan")
            std, width = float(effect.estimate[number]), quantile * float(effect.se[number])
            ends = [std, std - width, std + width, known, known - half, known + half]
            rows.append([predictor, outcome, mediator, *ends])
    return pd.DataFrame(rows, columns=_THROUGH)


def bootstrap_routes(drawn: Replicates, instrument: Instrument, *, confidence: float) -> pd.DataFrame:
    """Standardised effect of every route of the mediated causes with percentile and BCa intervals."""
    import pandas as pd

    solution = drawn.solution
    mediated = [
        (predictor, outcome, route)
        for predictor, outcome, chosen in _mediated(solution, instrument)
        for route in chosen
    ]
    if not mediated:
        return pd.DataFrame(columns=_BOOTSTRAP)
    along = route_effects(solution.structure, [route for *_, route in mediated])
    estimate, intervals = along(solution.matrices)[1], bootstrap_intervals(drawn, along, confidence=confidence)
    ends = np.stack([end[1] for pair in (intervals.percentile, intervals.bca) for end in pair], axis=-1)
    rows = [
        [predictor, outcome, ARROW.join(route), float(estimate[number]), *map(float, ends[number])]
        for number, (predictor, outcome, route) in enumerate(mediated)
    ]
    return pd.DataFrame(rows, columns=_BOOTSTRAP)


def _through(along: Callable[[Matrices], Array], chosen: list[Route], mediators: list[str]) -> Callable[..., Array]:
    """Function that gives the standardised effect through each mediator and its share of the total: 2 × mediators."""
    touched = np.array([[name in route for name in mediators] for route in chosen], dtype=float)

    def through(matrices: Matrices) -> Array:
        effects = along(matrices)[1]
        return np.stack([effects @ touched, effects @ touched / effects.sum()])

    return through


def _mediated(solution: Fitted, instrument: Instrument) -> Iterator[tuple[str, str, list[Route]]]:
    """Cause, outcome and routes wherever something stands between the two."""
    syntax = solution.structure.syntax
    for outcome in outcomes(syntax, instrument):
        for predictor, (_, has_indirect) in causes(syntax, outcome).items():
            if has_indirect:
                yield predictor, outcome, routes(syntax, predictor, outcome)


def _shares(effects: Array) -> Array:
    """Each effect over their sum; not a number where the signs differ."""
    same = (effects >= 0).all() or (effects <= 0).all()
    return np.asarray(effects / effects.sum() if same and effects.sum() else np.full(effects.shape, np.nan))
