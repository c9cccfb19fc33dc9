"""The bivariate normal distribution against SciPy's, up to correlations of nearly one, and its edges."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.sem.moments.bivariate import bivariate_normal, density_slope, normal_density


@pytest.mark.parametrize("rho", [-0.999, -0.6, 0.0, 0.3, 0.97, 0.999])
def test_bivariate_normal_probabilities(rho: float) -> None:
    from scipy.stats import multivariate_normal

    h, k = (part.ravel() for part in np.meshgrid([-2.3, -0.4, 0.0, 1.1], [-1.9, -0.4, 0.2, 2.5]))
    points, r = np.stack([h, k], axis=1), np.full(h.shape, rho)
    reference = multivariate_normal(cov=[[1, rho], [rho, 1]])
    assert bivariate_normal(h, k, r) == pytest.approx(reference.cdf(points), abs=1e-10)
    assert normal_density(h, k, r) == pytest.approx(reference.pdf(points), abs=1e-10)
    slope = normal_density(h, k, r + 1e-30j).imag / 1e-30
    assert density_slope(h, k, r) == pytest.approx(slope, rel=1e-9, abs=1e-12)


def test_far_ends_leave_one_variable_or_none() -> None:
    far = np.array([40.0, -40.0, 0.3])
    own, rho = np.full(3, 0.3), np.full(3, 0.6)
    from scipy.special import ndtr

    assert bivariate_normal(far[:2], own[:2], rho[:2]) == pytest.approx([ndtr(0.3), 0.0], abs=1e-14)


def test_without_correlation_it_is_the_product() -> None:
    from scipy.special import ndtr

    h, k = np.array([-1.0, 0.2]), np.array([0.5, 2.0])
    assert bivariate_normal(h, k, np.zeros(2)) == pytest.approx(ndtr(h) * ndtr(k), abs=1e-15)
