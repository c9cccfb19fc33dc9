"""Tables of the training."""

from __future__ import annotations

from analysis.publish.parts.training.cells import DELIVERED, STAFF
from analysis.publish.tables.cells import COUNT, NUMBER, PVALUE, SIGNED, WORDS
from analysis.publish.tables.columns import N, construct, count, interval, number, percent, shares
from analysis.publish.tables.spec import Column, Kind, Measure, People, TableSpec
from analysis.publish.words import formats

MEASURE = Kind(WORDS.write, names=True, same_people=True)
SINCE = Kind(COUNT.write, numeric=True, names=True)
HALF = Kind(lambda row, column, labels: formats.wave(str(row[column.sources[0]]), labels.lang), names=True)
HOURS = Kind(NUMBER.write, numeric=True, names=True)


def _effects(name: str, when: Column) -> TableSpec:
    """Net effects on every measure at one time after another."""
    return TableSpec(
        name,
        (
            Column("training_measure", ("measure",), MEASURE, "training_measures", once=True),
            when,
            count("n_trained"),
            count("n_untrained"),
            Column("training_effect", ("effect",), SIGNED),
            interval("ci_low", "ci_high", 1),
        ),
        people=(People(n="n_trained"), People(n="n_untrained")),
        in_book=False,
    )


DELIVERY = TableSpec(
    "training_delivery",
    (
        Column("training_given", ("by", "category"), DELIVERED),
        N,
        percent("share", "staff_taught"),
        shares("ci_low", "ci_high"),
    ),
    people=(People(measures=(Measure("share", ("ci_low", "ci_high"), "taught {category}", tells=("taught",)),)),),
)

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
    TableSpec(
        "needs",
        (
            Column("staff", ("category",), STAFF, once=True),
            construct(heading="dimension"),
            number("gap", 1, "need_gap"),
            number("importance", 2, "need_importance"),
            Column("need_overrating", ("overrating",), SIGNED),
            number("need", 1),
            interval("ci_low", "ci_high", 1),
            percent("p_first_two", "need_first_two"),
        ),
        people=(People("", "group"),),
        in_book=False,
    ),
    DELIVERY,
    _effects("training_course", Column("tests_since", ("since",), SINCE)),
    _effects("training_halves", Column("half_year", ("half",), HALF)),
    TableSpec(
        "training_ratings",
        (
            Column("training_measure", ("measure",), MEASURE, "training_measures", once=True),
            count("n", "staff_tested"),
            count("units", "staff_units"),
            count("tests", "staff_tests"),
            Column("rating_for_ten", ("for_ten",), SIGNED),
            interval("ten_low", "ten_high", 1),
        ),
        people=(People(),),
        in_book=False,
    ),
    TableSpec(
        "training_dose",
        (
            Column("training_measure", ("measure",), MEASURE, "training_measures", once=True),
            Column("training_hours", ("hours",), HOURS, "1"),
            count("n_trained"),
            count("n_untrained"),
            Column("training_effect", ("effect",), SIGNED),
            interval("ci_low", "ci_high", 1),
            number("slope", 2, "training_slope"),
            Column("p_slope", ("p_slope",), PVALUE),
        ),
        people=(People(n="n_trained"), People(n="n_untrained")),
        in_book=False,
    ),
)
"""In the order in which they are published."""
