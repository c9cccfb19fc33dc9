"""How the register of customer relationships is read: what may make customers leave, and who counts as what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from analysis.edition.instrument import Instrument
from analysis.edition.params import Share, as_tuple
from analysis.edition.sections import Section
from analysis.errors import EditionError

COLUMNS = frozenset(
    {"customer_id", "institution_type", "customer_type", "opened_on", "closed_on", "observed_from", "value_tier"}
    | {"annual_revenue"}
)
"""Columns of the register that have a meaning of their own."""


class Relationships(Section):
    """What is learnt from the register.

    covariates: further columns of the table customers that may tell who leaves, as numbers or as categories. at_risk:
    share of the established customers, those most likely to leave, that counts as at risk. highly_loyal: score (0–100)
    from which a customer is highly loyal; benchmark: key of the benchmark for their share, where the edition quotes it.
    lifetime_benchmarks: keys of the benchmarks for the mean lifetime of all and of the top tier, likewise. top_tier:
    code of the value tier with the most valuable customers. folds: parts of the register, each of which is
    foretold from the others.
    """

    covariates: Mapping[str, Literal["number", "category"]] = {}
    at_risk: Share = 0.2
    highly_loyal: Annotated[float, Field(gt=0, le=100)] = 80.0
    benchmark: str = "highly_loyal_share"
    lifetime_benchmarks: Annotated[tuple[str, str], BeforeValidator(as_tuple)] = (
        "lifecycle_mean",
        "lifecycle_high_value",
    )
    top_tier: str = "high"
    folds: Annotated[int, Field(ge=2, le=50)] = 10

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:  # noqa: ARG002 - names of another table
        """Columns that the register has anyway."""
        for name in sorted(COLUMNS & set(self.covariates)):
            yield EditionError(
                f"{name!r} is a column of the register in its own right.",
                where=f"relationships.covariates: {name}",
                expected="a further column of the table customers",
                hint="remove it here: the model knows it already where it can tell who leaves",
            )
