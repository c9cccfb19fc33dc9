"""A model of several groups with ordered items, by weighted least squares on the moments of all groups: WLSMV.

Thresholds and means are moments here, so that groups may share them. Where thresholds are shared, constructs have means
and latent responses have scales in all groups but the first, as by lavaan's `group.equal`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.estimators import conditioned
from analysis.sem.fit.categorical import CategoricalSolution, fit_response_groups
from analysis.sem.model.responses import ordered_names, with_thresholds
from analysis.sem.model.theta import with_residuals
from analysis.sem.moments.mixed import response_moments

if TYPE_CHECKING:
    from analysis.sem.model.syntax import ModelSyntax
    from analysis.sem.moments.sample import Sample

Array = NDArray[Any]


def equal_of_ordered(equal: Sequence[str]) -> tuple[str, ...]:
    """What groups share of ordered items: equal thresholds are equal intercepts of the others, and the reverse."""
    both = ("intercepts", "thresholds")
    return tuple(dict.fromkeys((*equal, *both))) if set(equal) & set(both) else tuple(equal)


def fit_ordered_groups(
    samples: Mapping[str, Sample],
    syntaxes: Sequence[ModelSyntax],
    ordered: NDArray[np.bool_],
    equal: Sequence[str],
    *,
    theta: bool = False,
) -> list[CategoricalSolution]:
    """Fit the models of the groups, which share what is `equal`, to their samples.

    `theta`: residual variances of ordered items take the place of the scales. Raises
    MethodError where a category of an ordered item has no answer in a group.
    """
    check_categories(samples, syntaxes[0], ordered)
    moments, models = [], []
    for group, (sample, syntax) in enumerate(zip(samples.values(), syntaxes, strict=True)):
        own = sample.used(np.arange(sample.n))
        given = np.array(syntax.placed_covariates, dtype=np.int64)
        found = response_moments(own, syntax.items, ordered=ordered, covariates=given, located=True)
        shared = "thresholds" in equal
        moments.append(found)
        model = conditioned(syntax, own)
        if theta:
            freed = shared and group > 0 and "residuals" not in equal
            model = with_residuals(model, ordered_names(model, found), freed=freed)
        models.append(with_thresholds(model, found, group=group, shared=shared, scaled=not theta))
    return fit_response_groups(moments, models, theta=theta)


def check_categories(samples: Mapping[str, Sample], syntax: ModelSyntax, ordered: NDArray[np.bool_]) -> None:
    """Raise MethodError where not all groups have answers in the same categories of an ordered item."""
    for item in np.flatnonzero(ordered):
        seen = {
            name: set(np.unique(one.answers[:, item][~np.isnan(one.answers[:, item])])) for name, one in samples.items()
        }
        known = set().union(*seen.values())
        lacking = [f"{name}: {min(known - own):g}" for name, own in seen.items() if known - own]
        if lacking:
            raise MethodError(
                "Nobody in a group gave an answer that others gave to an ordered item.",
                where=syntax.items[item],
                expected="every answer in every group",
                got=", ".join(lacking),
                hint="join the answer with its neighbour, leave the item out, or set structural.estimator to MLR",
            )
