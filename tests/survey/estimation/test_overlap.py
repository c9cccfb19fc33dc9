"""Two estimates with their intervals: when their difference is more than sampling error."""

from __future__ import annotations

from analysis.survey.estimation.overlap import Estimate, differ


def test_two_estimates_differ_only_beyond_the_error_of_their_difference() -> None:
    """z = |a − b| / √(se² + se²): 1.0 / (0.5·√2/1.96) = 2.77, significant once, not among ten pairs at 95 %."""
    one, other = Estimate("a", 81.0, 80.5, 81.5), Estimate("b", 80.0, 79.5, 80.5)
    assert differ(one, other, confidence=0.95)
    assert not differ(one, other, confidence=0.95, pairs=10)
