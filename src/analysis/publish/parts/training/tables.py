"""Tables of the training."""

from __future__ import annotations

from analysis.publish.parts.training.cells import STAFF
from analysis.publish.tables.cells import PVALUE, SIGNED, WORDS
from analysis.publish.tables.columns import count, interval
from analysis.publish.tables.spec import Column, Kind, People, TableSpec

MEASURE = Kind(WORDS.write, names=True, same_people=True)

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "training_effects",
        (
            Column("training_measure", ("measure",), MEASURE, "training_measures", once=True),
            Column("staff", ("category",), STAFF),
            count("n_trained"),
            count("n_untrained"),
            Column("change_trained", ("change_trained",), SIGNED),
            Column("change_untrained", ("change_untrained",), SIGNED),
            Column("training_effect", ("effect",), SIGNED),
            interval("ci_low", "ci_high", 1),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(People("", "trained", n="n_trained"), People("", "untrained", n="n_untrained")),
    ),
)
"""In the order in which they are published."""
