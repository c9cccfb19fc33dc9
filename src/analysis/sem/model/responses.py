"""The model-implied moments of ordered items, alone or beside others: latent responses of unit variance.

An ordered item is a latent response y* that shows through its thresholds; what covariates leave of it has the variance
1/Δ² (delta parameterisation), Δ = 1 unless groups share thresholds, so that its residual variance follows from the
other parameters. Given covariates x, a threshold counts from the mean at x = 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.errors import MethodError
from analysis.sem.model.structure import Matrices, Structure, deviations
from analysis.sem.model.syntax import INTERCEPT, OF_ORDERED, SCALE, THRESHOLD, ModelSyntax, Parameter

Array = NDArray[Any]


class Observed(Protocol):
    """Which moments a model is fitted to: `levels` (thresholds and means), slopes on covariates, `pairs`; and which
    responses are ordered, with their thresholds.
    """

    @property
    def levels(self) -> tuple[Array, Array]: ...

    @property
    def pairs(self) -> tuple[Array, Array]: ...

    @property
    def ordered(self) -> NDArray[np.bool_]: ...

    @property
    def thresholds(self) -> Array: ...


@dataclass(frozen=True)
class ResponseMatrices(Matrices):
    """With thresholds (p × (K − 1)) and scales Δ (p × 1) of the items."""

    thresholds: Array
    scales: Array

    def standardised(self) -> ResponseMatrices:
        """All with variance one; a threshold in standard deviations of the latent response."""
        found, items = super().standardised(), deviations(self.implied)[..., :, None]
        assert isinstance(found, ResponseMatrices)
        return replace(found, thresholds=self.thresholds / items, scales=self.scales * items)


class ResponseStructure(Structure):
    """Where each parameter sits when items are latent responses; `ordered` names those that are ordered.

    Least squares take `expected` and `jacobian`; the sums for the normal likelihood have no use here. `alone` are
    constructs that a single ordered item shows without error, and ordered items of the structural part: they are the
    latent response, and their residual variance is what its unit variance leaves. `matrices` hold the covariates with
    the moments that the syntax gives them, what is fitted is conditional on them. `responses` are the places of the
    items that are no covariates. `completed`: whether variances that follow from others are left out.
    """

    made = ResponseMatrices

    def __init__(
        self,
        syntax: ModelSyntax,
        ordered: Collection[str] | None = None,
        alone: Mapping[str, str] | None = None,
        *,
        completed: bool = True,
    ) -> None:
        given = set(syntax.covariates)
        self.ordered = frozenset(syntax.items if ordered is None else ordered) - given
        self.alone = _alone(syntax, self.ordered) if alone is None else alone
        kept = tuple(p for p in syntax.parameters if not (completed and _is_completed(p, self.ordered, self.alone)))
        numbers = [int(p.rhs[1:]) for p in syntax.parameters if p.op == THRESHOLD]
        self._thresholds = max(numbers, default=0)
        super().__init__(replace(syntax, parameters=kept))
        self._graded = np.array([i for name, i in self.items.items() if name in self.ordered], dtype=np.int64)
        self._shown = [self.latents[name] for name in self.alone]
        self._showing = [self.items[name] for name in self.alone.values()]
        self._covariates = [self.latents[name] for name in syntax.covariates]
        self.responses = np.array([i for name, i in self.items.items() if name not in given], dtype=np.int64)

    def of(self, syntax: ModelSyntax) -> ResponseStructure:
        """A wider model of the same constructs."""
        return ResponseStructure(syntax, self.ordered, self.alone)

    def check(self, syntax: ModelSyntax) -> None:
        """Raise MethodError where the model as it was given restricts a variance that follows from the others."""
        _check_completed(syntax, self)

    def _shapes(self) -> dict[str, tuple[int, int]]:
        p = len(self.items)
        return super()._shapes() | {"thresholds": (p, self._thresholds), "scales": (p, 1)}

    def _place(self, parameter: Parameter) -> tuple[str, int, int]:
        if parameter.op == THRESHOLD:
            return "thresholds", self.items[parameter.lhs], int(parameter.rhs[1:]) - 1
        if parameter.op == SCALE:
            return "scales", self.items[parameter.lhs], 0
        return super()._place(parameter)

    def _start(self) -> Matrices:
        filled = super()._start()
        assert isinstance(filled, ResponseMatrices)
        return replace(filled, scales=np.where(filled.scales == 0, 1.0, filled.scales))

    def matrices(self, theta: Array) -> ResponseMatrices:
        """The matrices, completed so that what covariates leave of each latent response has the variance 1/Δ²: residual
        variances of the items, and of constructs that one item shows.
        """
        matrices, graded = self.filled(theta), self._graded
        assert isinstance(matrices, ResponseMatrices)
        aim = matrices.scales[..., 0] ** -2
        if self.alone:
            given = self.conditional(replace(matrices))  # what is derived of it is not that of the completed matrices
            reach = (given.loadings @ given.inverse)[..., self._showing, :][..., self._shown] ** 2
            rest = (aim - np.diagonal(given.implied, axis1=-2, axis2=-1))[..., self._showing]
            matrices.latent[..., self._shown, self._shown] = np.linalg.solve(reach, rest[..., None])[..., 0]
        given = self.conditional(replace(matrices))
        explained = (given.loadings @ given.latent_covariance * given.loadings).sum(axis=-1)
        matrices.residual[..., graded, graded] = (aim - explained)[..., graded]
        for item in self._showing:
            matrices.residual[..., item, item] = 0.0
        return matrices

    def conditional(self, matrices: ResponseMatrices) -> ResponseMatrices:
        """The model given covariates of zero."""
        if not self._covariates:
            return matrices
        latent, level = matrices.latent.copy(), matrices.latent_intercepts.copy()
        latent[..., self._covariates, :] = latent[..., :, self._covariates] = 0.0
        level[..., self._covariates, :] = 0.0
        return replace(matrices, latent=latent, latent_intercepts=level)

    def expected(self, matrices: ResponseMatrices, moments: Observed) -> Array:
        """What the model says of the values of `moments`."""
        given, kept = self.conditional(matrices), self.responses
        scale, (at, number) = matrices.scales[kept, 0], moments.levels
        mean, graded = given.mean[kept][at], self._is_graded[at]
        level = mean
        if graded.any():
            edge = matrices.thresholds[kept[at], np.minimum(number, self._thresholds - 1)]
            level = np.where(graded, scale[at] * (edge - mean), mean)
        slopes = (given.loadings @ given.inverse)[kept][:, self._covariates]
        return np.concatenate(
            [level, (scale[:, None] * slopes).ravel(), self.response_covariance(matrices)[moments.pairs]]
        )

    def response_covariance(self, matrices: ResponseMatrices) -> Array:
        """What the model says of the covariance that covariates leave, with ones for ordered items on its diagonal."""
        given, kept = self.conditional(matrices), self.responses
        scale = matrices.scales[kept, 0]
        return np.asarray(given.implied[np.ix_(kept, kept)] * np.outer(scale, scale))

    def jacobian(self, matrices: ResponseMatrices, moments: Observed) -> Array:
        """Derivatives of `expected` by θ, values × q."""
        given, kept = self.conditional(matrices), self.responses
        scale, (at, number), (one, other) = matrices.scales[kept, 0], moments.levels, moments.pairs
        by_covariance = self.derivatives(given)[:, kept[one], kept[other]].T * (scale[one] * scale[other])[:, None]
        parts = [
            self._level_slopes(given, at, number),
            self._slope_slopes(given) * np.repeat(scale, len(self._covariates))[:, None],
            np.pad(by_covariance, ((0, 0), (0, len(self.free) - self.k))),
        ]
        result, cells = np.concatenate(parts), self.cells["scales"]
        if len(cells.i):
            moved = self.expected(matrices, moments)[:, None] * self._scaled(moments) / scale
            place = {item: response for response, item in enumerate(kept)}
            cells.add(result, moved[:, [place[item] for item in cells.i]])
        return result

    @property
    def _is_graded(self) -> NDArray[np.bool_]:
        """Which responses are ordered."""
        return np.isin(self.responses, self._graded)

    def _scaled(self, moments: Observed) -> Array:
        """How often the scale of each response is a factor of each value: values × responses."""
        (at, _), (one, other), graded = moments.levels, moments.pairs, self._is_graded
        own = np.eye(len(self.responses)) * graded
        return np.concatenate([own[at], np.repeat(own, len(self._covariates), axis=0), own[one] + own[other]])

    def _level_slopes(self, given: ResponseMatrices, at: Array, number: Array) -> Array:
        """Derivatives of thresholds and means, but for those by the scales: levels × q."""
        kept, scale = self.responses, given.scales[self.responses, 0]
        if not len(at):
            return np.zeros((0, len(self.free)))
        by_mean = self.mean_derivatives(given)[kept][at]
        graded = self._is_graded[at]
        result = np.where(graded, -scale[at], 1.0)[:, None] * by_mean
        cells = self.cells["thresholds"]
        same = (kept[at][:, None] == cells.i) & (number[:, None] == cells.j) & graded[:, None]
        cells.add(result, same * scale[at][:, None])
        return result

    def _slope_slopes(self, given: ResponseMatrices) -> Array:
        """Derivatives of the slopes on the covariates, but for those by the scales: (responses × c) × q."""
        p, kept = len(self.items), self.responses
        reach, identity = given.loadings @ given.inverse, np.eye(p)
        found = []
        for covariate in self._covariates:
            own = np.zeros((p, len(self.free)))
            for name, towards in (("loadings", identity), ("paths", reach)):
                cells = self.cells[name]
                cells.add(own, towards[:, cells.i] * given.inverse[cells.j, covariate])
            found.append(own[kept])
        return np.stack(found, axis=1).reshape(-1, len(self.free)) if found else np.zeros((0, len(self.free)))

    def derivatives(self, matrices: Matrices) -> Array:
        """∂Σ/∂θ given the covariates, k × p × p, before the scales; zeros for the variances of ordered items."""
        result, graded = super().derivatives(matrices), self._graded
        if self.alone:
            reach = (matrices.loadings @ matrices.inverse)[:, self._shown]
            moved = np.linalg.solve(
                reach[self._showing] ** 2, self._aims(matrices) - result[:, self._showing, self._showing].T
            )
            result += np.einsum("kq,ik,jk->qij", moved, reach, reach, optimize=True)
        result[:, graded, graded] = 0.0
        return result

    def _aims(self, matrices: Matrices) -> Array:
        """Derivatives of 1/Δ² for the items that show a construct alone: items × k."""
        assert isinstance(matrices, ResponseMatrices)
        result, cells = np.zeros((len(self._showing), self.k)), self.cells["scales"]
        same = np.array(self._showing)[:, None] == cells.i
        cells.add(result, same * -2.0 * matrices.scales[cells.i, 0] ** -3)
        return result


def _alone(syntax: ModelSyntax, ordered: frozenset[str]) -> dict[str, str]:
    """Constructs with one ordered item that measures nothing else and has no residual, and that item; ordered items of
    the structural part.
    """
    loadings = [(p.lhs, p.rhs) for p in syntax.parameters if p.op == "=~"]
    sure = {p.lhs for p in syntax.parameters if _is_own(p) and p.lhs in ordered and p.value == 0.0}
    parts, wholes = Counter(lhs for lhs, _ in loadings), Counter(rhs for _, rhs in loadings)
    found = {lhs: rhs for lhs, rhs in loadings if rhs in sure and parts[lhs] == wholes[rhs] == 1}
    return found | {name: name for name in syntax.observed if name in ordered}


def _is_completed(parameter: Parameter, ordered: frozenset[str], alone: Mapping[str, str]) -> bool:
    """Whether a variance follows from the unit variances of the latent responses."""
    return _is_own(parameter) and (parameter.lhs in alone or parameter.lhs in ordered)


def _is_own(parameter: Parameter) -> bool:
    return parameter.op == "~~" and parameter.lhs == parameter.rhs


def ordered_names(syntax: ModelSyntax, moments: Observed) -> list[str]:
    """The ordered items."""
    given = set(syntax.covariates)
    names = [name for name in syntax.items if name not in given]
    return [name for name, graded in zip(names, moments.ordered, strict=True) if graded]


def _check_completed(syntax: ModelSyntax, structure: ResponseStructure) -> None:
    """Raise MethodError where the model restricts a variance that follows from the others."""
    shared = {name for name, count in Counter(p.name for p in syntax.parameters).items() if count > 1}
    said = {name for one in syntax.defined for name in one.names}
    said |= {name for one in syntax.constraints for name in one.distance.names}
    free = set(structure.alone.values()) - set(structure.alone)
    restricted = [
        p.lhs
        for p in syntax.parameters
        if _is_completed(p, structure.ordered, structure.alone)
        and (p.name is None or p.name in shared or p.label in said)
        and p.lhs not in free
    ]
    if restricted:
        raise MethodError(
            "WLSMV can't restrict the residual variance of an ordered item, which follows from its loadings,"
            " nor that of a construct with a single item.",
            where=", ".join(restricted),
            expected="no fixed, equal or constrained variances of them",
            hint="set structural.parameterization to theta, or remove these lines from the model",
        )


def with_thresholds(
    syntax: ModelSyntax,
    moments: Observed,
    *,
    group: int | None = None,
    shared: bool = False,
    scaled: bool = True,
) -> ModelSyntax:
    """A model with a mean structure, with the thresholds of ordered items in the place of their intercepts.

    An intercept that the text gives stays. `group`: part of the names; where thresholds are `shared`, they have one
    name and the latent responses of all groups but the first have scales (but not where these are no parameters:
    `scaled`).
    """
    own = "" if group is None else f".{group}"
    responses = [name for name in syntax.items if name not in syntax.covariates]
    graded = [i for i in range(len(responses)) if moments.ordered[i]]
    names = {responses[i] for i in graded}
    known = {(p.lhs, p.op, p.rhs) for p in syntax.parameters if p.op in OF_ORDERED}
    _check_stated(known, responses, moments)
    lines = {p.lhs: p.line for p in syntax.parameters}
    added = [
        Parameter(responses[i], THRESHOLD, f"t{number}", f"{responses[i]}|t{number}{'' if shared else own}", None)
        for i in graded
        for number in range(1, 1 + int(np.isfinite(moments.thresholds[i]).sum()))
    ]
    if shared and group and scaled:
        added += [Parameter(responses[i], SCALE, responses[i], f"{SCALE}{responses[i]}{own}", None) for i in graded]
    kept = [p for p in syntax.parameters if p.lhs not in names or not (p.name or "").startswith(INTERCEPT)]
    placed = (replace(p, line=lines.get(p.lhs, 0)) for p in added if (p.lhs, p.op, p.rhs) not in known)
    return replace(syntax, parameters=(*kept, *placed))


def _check_stated(stated: Collection[tuple[str, str, str]], responses: Sequence[str], moments: Observed) -> None:
    """Raise MethodError for a threshold or a scale of the text that an item has not."""
    for item, op, edge in stated:
        place = responses.index(item)
        most = int(np.isfinite(moments.thresholds[place]).sum())
        if op == SCALE and most:
            continue
        if not most or int(edge[1:]) > most:
            raise MethodError(
                "The model states a threshold or a scale that an item has not.",
                where=f"{item} {op} {edge}",
                expected=f"at most {most} thresholds, one between every two answers" if most else "an ordered item",
                hint=None if most else f"add {item} to structural.ordered",
            )
