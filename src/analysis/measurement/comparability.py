"""Whether the groups of the survey understand the items alike, so that their scores may be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.edition.instrument import Instrument
from analysis.errors import MethodError
from analysis.measurement.confirmatory import measurement_model
from analysis.sem.groups.invariance import compare_groups

if TYPE_CHECKING:
    import pandas as pd

    from analysis.survey.design.survey_design import SurveyDesign


@dataclass(frozen=True)
class Comparability:
    """Invariance of the measurement model between the answers of the profile question `group`.

    steps, groups and means as in `sem.invariance.InvarianceResult`; `level` is the highest that holds; `released` lists
    the items whose loading or intercept had to be let go, `own_loadings` those whose loading had.
    """

    group: str
    steps: pd.DataFrame
    groups: pd.DataFrame
    means: pd.DataFrame
    level: str
    released: tuple[str, ...]
    own_loadings: tuple[str, ...]
    converged: bool

    def record(self) -> dict[str, Any]:
        """The plain values that the report reads."""
        return {
            "group": self.group,
            "groups": len(self.groups),
            "n": int(self.groups["n"].sum()),
            "level": self.level,
            "released": list(self.released),
            "own_loadings": list(self.own_loadings),
            "converged": self.converged,
        }


def compare_measurement(
    responses: pd.DataFrame, *, instrument: Instrument, group: str | None, design: SurveyDesign | None = None
) -> Comparability:
    """Test configural, metric and scalar invariance between the answers of the profile question `group`.

    `design` (none: a simple random sample) has the same rows as `responses`; the scaled χ² heeds its strata and units.
    Raises MethodError when no question is named, when nobody was asked it, or when fewer than two groups are large
    enough. See `sem.invariance.compare_groups` for methods and sources.
    """
    if group is None:
        raise MethodError("No profile question is named between whose answers to compare.", where="measurement.group")
    if group not in responses.columns:
        raise MethodError(f"The responses hold no column {group!r} to compare by.", where="measurement.group")
    model = measurement_model(instrument)
    found = compare_groups(responses, model=model, instrument=instrument, group=group, design=design)
    held = found.steps[found.steps["holds"].astype(bool)]
    released = {level: names.split(", ") for level, names in zip(held["level"], held["released"], strict=True) if names}
    return Comparability(
        group=group,
        steps=found.steps,
        groups=found.groups,
        means=found.means,
        level=str(held["level"].iloc[-1]),
        released=tuple(dict.fromkeys(name for names in released.values() for name in names)),
        own_loadings=tuple(released.get("metric", ())),
        converged=found.converged,
    )
