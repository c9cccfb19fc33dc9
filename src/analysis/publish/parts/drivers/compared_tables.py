"""Tables of comparisons: units once adjusted, gains and losses, necessary levels, the effect of digital service."""

from __future__ import annotations

from analysis.publish.comparison import verdict
from analysis.publish.tables.cells import CATEGORY, FLAG, PVALUE, QUESTION, SIGNED
from analysis.publish.tables.columns import N, construct, interval, number, percent, shares, words
from analysis.publish.tables.spec import Column, Kind, Measure, People, Row, TableSpec, Values
from analysis.publish.words import formats
from analysis.publish.words.labels import Labels
from analysis.publish.words.phrases import construct_inside, lowered, question_inside


def _band(row: Row, column: Column, labels: Labels) -> str:
    difference, p = (row[source] for source in column.sources)
    if formats.is_missing(difference):
        return formats.MISSING
    return labels.text(f"bands.{verdict(difference, p, confidence=labels.edition.drivers.confidence)}")


def _required(row: Row, column: Column, labels: Labels) -> str:
    value = row[column.sources[0]]
    return labels.text("text.not_necessary") if formats.is_missing(value) else formats.number(value, 0)


BAND = Kind(_band)
REQUIRED = Kind(_required, numeric=True)
UNIT = Column("category", ("segment", "category"), CATEGORY)
ADJUSTED = (
    number("adjusted", 1, "adjusted_score"),
    interval("range_low", "range_high", 1, "expected_range"),
    Column("band", ("difference", "p_adjusted"), BAND),
    N,
)

NEAR = (
    *("adjusted", "adjusted_low", "adjusted_high", "difference", "ci_low", "ci_high", "se", "p", "p_adjusted"),
    *("range_low", "range_high"),
)
"""The same score among like customers, which goes with it."""

COMPARED: tuple[TableSpec, ...] = (
    TableSpec(
        "fair_index",
        (UNIT, number("score", 1), *ADJUSTED),
        people=(People("segment", "category", measures=(Measure("score", of="csi", top=100, tells=NEAR),)),),
    ),
    TableSpec(
        "fair_dimensions",
        (construct("construct", "dimension", once=True), UNIT, number("score", 1), *ADJUSTED),
        people=(
            People("segment", "category", measures=(Measure("score", of="score {construct}", top=100, tells=NEAR),)),
        ),
        in_book=False,
    ),
    TableSpec("fair_funnel", (UNIT, *ADJUSTED), people=(People("segment", "category"),), in_book=False),
    TableSpec(
        "fair_spread",
        (
            construct("measure"),
            number("spread_raw", 2),
            number("spread_adjusted", 2),
            number("dispersion", 2),
            number("tau", 2),
        ),
        in_book=False,
    ),
    TableSpec(
        "asymmetry",
        (
            construct(heading="dimension"),
            number("penalty", 1),
            interval("penalty_low", "penalty_high", 1),
            number("reward", 1),
            interval("reward_low", "reward_high", 1),
            words("kind", "factor_kinds"),
        ),
        people=(People(),),
        in_book=False,
    ),
    TableSpec(
        "necessity",
        (
            construct(heading="dimension"),
            number("effect", 2, "necessity_effect"),
            words("size", "necessity_sizes"),
            Column("pvalue", ("p",), PVALUE),
            Column("must_reach", ("required",), REQUIRED),
        ),
        placeholders=lambda frame: {"necessity_level": formats.number(frame["level"].max(), 0)},
    ),
    TableSpec(
        "bottleneck",
        (
            number("level", 0, "outcome_level"),
            construct(heading="dimension"),
            Column("lowest", ("required",), REQUIRED),
            percent("percent", "of_the_range"),
        ),
        in_book=False,
    ),
    TableSpec(
        "service_effect",
        (
            construct("outcome", once=True),
            words("method", "effect_methods"),
            Column("difference", ("estimate",), SIGNED),
            interval("ci_low", "ci_high", 1),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        people=(People(),),
    ),
    TableSpec(
        "service_share",
        (
            Column("question", ("question",), QUESTION),
            percent("share", "share_served"),
            shares("ci_low", "ci_high"),
            percent("benchmark", "published_share"),
            Column("pvalue", ("p",), PVALUE),
            N,
        ),
        people=(People(measures=(Measure("share", ("ci_low", "ci_high", "p"), of="treated"),)),),
        in_book=False,
    ),
    TableSpec(
        "service_effect_groups",
        (
            construct("outcome", once=True),
            UNIT,
            Column("plain_difference", ("naive",), SIGNED),
            Column("effect_of_service", ("estimate",), SIGNED),
            interval("ci_low", "ci_high", 1),
            N,
        ),
        people=(People("segment", "category", alone=True),),
    ),
    TableSpec(
        "service_balance",
        (
            Column("question", ("question",), QUESTION),
            number("before", 2, "unlike_before"),
            number("after", 2, "unlike_after"),
        ),
        in_book=False,
    ),
    TableSpec(
        "service_recovery",
        (
            construct("outcome", once=True),
            UNIT,
            number("planted", 1, "planted_effect"),
            number("estimate", 1),
            interval("ci_low", "ci_high", 1),
            Column("inside", ("inside",), FLAG),
        ),
        people=(People("segment", "category", alone=True),),
        in_book=False,
    ),
)
"""In the order in which they are published."""


def values(labels: Labels) -> Values:
    """What the notes of these tables name: questions held constant, the outcome, ways of being served."""
    edition = labels.edition
    drivers, effect = edition.drivers, edition.drivers.effect
    asked = tuple(dict.fromkeys([*effect.adjust, *([effect.by] if effect.by else [])]))
    served = [lowered(labels.category(str(effect.treatment), code), labels) for code in effect.treated]
    return {
        "unit": question_inside(drivers.fair.unit, labels) if drivers.fair.unit else "",
        "fair_questions": formats.listed([question_inside(key, labels) for key in drivers.fair.adjust], labels.lang),
        "effect_questions": formats.listed([question_inside(key, labels) for key in asked], labels.lang),
        "treated": formats.listed(served, labels.lang),
        "satisfaction": construct_inside(edition.index.csat.construct_key, labels),
        "adjustment": labels.text(f"adjustments.{edition.index.adjustment}"),
    }
