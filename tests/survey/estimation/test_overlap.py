"""Two estimates with their intervals: when their difference is more than sampling error."""

from __future__ import annotations

import pytest

from analysis.survey.estimation.overlap import Estimate, change, differ


def test_two_estimates_differ_only_beyond_the_error_of_their_difference() -> None:
    """z = |a − b| / √(se² + se²): 1.0 / (0.5·√2/1.96) = 2.77, significant once, not among ten pairs at 95 %."""
    one, other = Estimate("a", 81.0, 80.5, 81.5), Estimate("b", 80.0, 79.5, 80.5)
    assert differ(one, other, confidence=0.95)
    assert not differ(one, other, confidence=0.95, pairs=10)


def test_a_change_has_the_interval_of_two_samples_less_what_they_share() -> None:
    """Errors of 0.4 and 0.3: √(0.16 + 0.09) = 0.5 apart, √(0.25 − 2·0.5·0.12) = 0.361 with a correlation of 0.5."""
    z = 1.959963984540054
    earlier = Estimate("a", 80.0, 80 - z * 0.4, 80 + z * 0.4)
    later = Estimate("b", 81.0, 81 - z * 0.3, 81 + z * 0.3)
    apart, sharing = (change(later, earlier, confidence=0.95, shared=shared) for shared in (0.0, 0.5))
    assert (apart.name, apart.value) == ("b", 1.0)
    assert apart.high - apart.value == pytest.approx(z * 0.5)
    assert sharing.value - sharing.low == pytest.approx(z * 0.13**0.5)
