"""Inverse of an information matrix, and whether there is one. Knows NumPy only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_SINGULAR = 1e-9
"""Smallest eigenvalue of the information, scaled to a unit diagonal, below which it counts as singular."""


def invert_information(information: Array) -> tuple[Array, bool]:
    """Inverse of the information and whether it is singular (then its pseudo-inverse).

    1/‖A⁻¹‖₁ bounds the smallest eigenvalue of a positive definite A from below, so that eigenvalues are worked out for
    doubtful ones only.
    """
    scale = np.sqrt(np.abs(np.diag(information)))
    scale[scale == 0] = 1.0
    scaled = information / np.outer(scale, scale)
    inverse = _plain_inverse(scaled)
    singular = inverse is None
    if inverse is None:
        values, vectors = np.linalg.eigh(scaled)
        kept = np.abs(values) > _SINGULAR
        inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
        singular = not bool((values > _SINGULAR).all())
    return inverse / np.outer(scale, scale), singular


def _plain_inverse(matrix: Array) -> Array | None:
    """Inverse of a matrix whose eigenvalues are surely large enough, by its Cholesky factor; else None."""
    from scipy.linalg.lapack import dpotrf, dpotri

    if not len(matrix):
        return matrix.copy()
    factor, failed = dpotrf(matrix, lower=1, clean=0)
    if failed:
        return None
    half, failed = dpotri(factor, lower=1)
    lower = np.tril(half)
    inverse = lower + np.tril(half, -1).T
    return None if failed or 1.0 / np.linalg.norm(inverse, 1) <= _SINGULAR else np.asarray(inverse)
