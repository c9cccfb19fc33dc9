"""Constraints between parameters as functions of θ, and their derivatives; over one group or over all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.sem.model.syntax import ModelSyntax

Array = NDArray[Any]
STEP = 1e-30
"""Complex step of differentiation: so small that the derivative is exact to rounding (Squire & Trapp 1998)."""
_TOGETHER = 64
"""Parameters that are stepped at a time."""


def stepped(theta: Array) -> Iterator[Array]:
    """θ moved by a complex step in each of its q parameters: q rows in all, a few of them at a time."""
    moved = theta + 1j * STEP * np.eye(len(theta))
    return (moved[start : start + _TOGETHER] for start in range(0, len(theta), _TOGETHER))


class Bounds:
    """The r constraints of a model on its q free parameters, whose places are `free`.

    `groups` are the model of every group, which share constraints, definitions and labels.
    """

    def __init__(self, groups: Sequence[ModelSyntax], free: Mapping[str, int]) -> None:
        self.groups, self.free = groups, free
        self.constraints = groups[0].constraints
        self.equal = np.array([constraint.equal for constraint in self.constraints], dtype=bool)

    @property
    def constrained(self) -> bool:
        """Whether there are any."""
        return bool(self.constraints)

    def distances(self, theta: Array) -> Array:
        """How far θ is from the bound of each constraint: r."""
        return np.asarray(self._distances(theta[None])[0])

    def slopes(self, theta: Array) -> Array:
        """Derivatives of `distances` by θ, r × q."""
        parts = [self._distances(moved) for moved in stepped(theta)]
        return np.concatenate(parts).imag.T / STEP

    def known(self, theta: Array) -> dict[str, Any]:
        """Labels and defined quantities at a stack of θ (… × q); of equal labels the first cell counts."""
        values = {name: theta[..., place] for name, place in self.free.items()}
        known: dict[str, Any] = {}
        for syntax in self.groups:
            known = {**syntax.label_values(values), **known}
        for definition in self.groups[0].defined:
            known[definition.name] = np.asarray(definition.value(known)) + 0 * theta[..., 0]
        return known

    def _distances(self, theta: Array) -> Array:
        """`distances` of a stack of θ: rows × r."""
        known = self.known(theta)
        found = [constraint.value(known) for constraint in self.constraints]
        return np.stack([np.broadcast_to(one, len(theta)) for one in found], axis=1)
