"""Tables of what tickets and open answers say."""

from __future__ import annotations

from analysis.publish.parts.feedback.cells import ASPECT, CLASS, DIMENSION, JUDGED, SHARE, THEME, TICKETS, WHERE_FROM
from analysis.publish.tables.cells import INTERVAL, NUMBER, POINTS, PVALUE, SIGNED, TEXT, VOICE, WORDS
from analysis.publish.tables.columns import N, count, interval, number, of_survey, percent, shares
from analysis.publish.tables.spec import Column, Kind, Measure, People, TableSpec

SHARE_OF = Column("share", ("share", "corrected"), SHARE)
BOUNDS = ("ci_low", "ci_high")
TESTED = (*BOUNDS, "difference", "p_adjusted")
COMPLAINTS = ("negative_low", "negative_high")
SOURCE = Column("text_source", ("source",), Kind(WORDS.write, names=True), "text_sources", once=True)
STATED = Kind(TEXT.write, names=True)


def _shared(of: str) -> Measure:
    """A share of texts, as corrected by labels and, beside it, by the rules alone."""
    return Measure("share", (*BOUNDS, "mentions"), of, tells=("rules",))


def _spoken_of(name: str, first: Column, *more: Column) -> TableSpec:
    """Shares of texts that speak of something: of all texts, and those of them that complain."""
    rated = ("score", "others", "difference", "difference_low", "difference_high", "p_adjusted") if more else ()
    return TableSpec(
        name,
        (first, count("mentions"), SHARE_OF, shares(*BOUNDS), percent("negative", "complaining"), *more),
        people=(
            People("", "", measures=(_shared(f"{name} {{category}}"),)),
            People(
                "",
                "group",
                n="mentions",
                adds=name != "comment_aspects",
                measures=(
                    Measure("negative", COMPLAINTS, of=f"{name} complaining"),
                    *([Measure("score", rated, of=f"{name} {{category}} score", top=100)] if more else []),
                ),
            ),
        ),
        in_book=name != "ticket_themes",
    )


THEME_NAME = Column("text_theme", ("category",), THEME)
RATED = (
    number("score", 1, "writers_score"),
    number("others", 1, "other_writers"),
    Column("p_adjusted", ("p_adjusted",), PVALUE),
)

TEXT_TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "ticket_classes",
        (
            Column("triage_class", ("triage_class",), CLASS),
            N,
            Column("limit_hours", ("limit",), NUMBER, "0", public=True),
            count("due", "cases_due"),
            percent("on_time", "on_time_share"),
            shares(*BOUNDS),
        ),
        people=(
            People("", "group"),
            People("", "group", n="due", measures=(Measure("on_time", BOUNDS, of="limit of the class"),)),
        ),
    ),
    TableSpec(
        "ticket_class_shares",
        (Column("triage_class", ("category",), CLASS), N, count("mentions"), SHARE_OF, shares(*BOUNDS)),
        people=(
            People("", "", measures=(_shared("class {category}"),)),
            People("", "group", n="mentions"),
        ),
        in_book=False,
    ),
    TableSpec(
        "ticket_repeats",
        (
            Column("tickets_of", ("question", "category"), TICKETS),
            N,
            percent("share", "repeated_tickets"),
            shares(*BOUNDS),
            Column("ticket_gap", ("difference",), POINTS),
            Column("told_by", ("told_by",), Kind(WORDS.write, names=True), "ticket_told_by"),
            Column("repeat_days", ("days",), Kind(NUMBER.write, names=True, numeric=True), "0", public=True),
        ),
        people=(
            People("", "group", measures=(Measure("share", (*BOUNDS, "difference", "p"), of="repeated by {told_by}"),)),
        ),
        in_book=False,
    ),
    TableSpec(
        "ticket_equity",
        (
            Column("tickets_of", ("question", "category"), TICKETS),
            N,
            number("mean", 1, "mean_days"),
            Column("adjusted_gap", ("difference",), SIGNED),
            Column("interval", BOUNDS, INTERVAL, "1"),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(People("", "group"),),
    ),
    _spoken_of("ticket_themes", THEME_NAME),
    TableSpec(
        "theme_changes",
        (
            THEME_NAME,
            Column("share_before", ("share_before",), percent("share").kind),
            percent("share", "share_lately"),
            Column("change_points", ("difference",), POINTS),
            shares(*BOUNDS),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            Column("period_from", ("period",), STATED),
        ),
        people=(
            People("", "late", measures=(Measure("share", TESTED, of="late {category}"),)),
            People(
                "",
                "early",
                n="n_before",
                measures=(Measure("share_before", TESTED, of="early {category}"),),
            ),
        ),
        in_book=False,
    ),
    _spoken_of("comment_themes", THEME_NAME, *RATED),
    _spoken_of("comment_aspects", Column("dimension", ("category",), ASPECT), *RATED),
    TableSpec(
        "text_tone",
        (
            SOURCE,
            Column("tone", ("category",), Kind(WORDS.write, names=True), "text_tones"),
            N,
            SHARE_OF,
            shares(*BOUNDS),
        ),
        people=(
            People(
                "",
                "",
                measures=(_shared("tone {source} {category}"),),
            ),
            People("", "group", n="mentions"),
        ),
        in_book=False,
    ),
    TableSpec(
        "topics",
        (
            SOURCE,
            Column("found_topic", ("topic",), Kind(NUMBER.write, names=True, numeric=True), "0"),
            Column("topic_words", ("words",), TEXT),
            N,
            percent("share"),
            number("stability", 2),
        ),
        people=(People("", "group"),),
    ),
    *(
        TableSpec(
            name,
            (
                Column("text_theme", ("theme",), THEME),
                Column("quote", ("quote",), VOICE),
                Column("institution_type", ("institution_type",), WHERE_FROM, optional=True),
            ),
            people=(People("", "group"),),
        )
        for name in ("ticket_quotes", "comment_quotes")
    ),
    TableSpec(
        "weak_points",
        (
            number("rank", 0),
            Column("text_theme", ("theme",), THEME),
            *of_survey(Column("dimension", ("construct",), DIMENSION)),
            Column("share", ("share", "corrected"), SHARE),
            number("severity", 2),
            *of_survey(percent("importance", "weak_importance")),
        ),
        people=(
            People("", "", n="texts", measures=(Measure("share", (*BOUNDS, "n", "score"), of="weak {theme}"),)),
            People("", "group"),
        ),
    ),
    TableSpec(
        "text_quality",
        (
            SOURCE,
            Column("judged", ("what",), Kind(WORDS.write, names=True), "text_judged", once=True),
            Column("judged_category", ("what", "category"), JUDGED),
            N,
            number("value", 2, "judged_value"),
            interval(*BOUNDS, 2),
        ),
        in_book=False,
    ),
    TableSpec(
        "text_recovery",
        (
            Column("judged", ("what",), Kind(WORDS.write, names=True), "text_judged", once=True),
            Column("judged_category", ("what", "category"), JUDGED),
            Column("planted_share", ("planted",), percent("share").kind, public=True),
            N,
            percent("share"),
            shares(*BOUNDS),
        ),
        people=(People("", "", measures=(Measure("share", BOUNDS, of="{what} {category}"),)),),
        in_book=False,
    ),
)
"""In the order in which they are published."""
