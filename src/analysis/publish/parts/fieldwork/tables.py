"""Tables of the fieldwork."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.publish.parts.fieldwork.cells import LAYER, NORM, NORM_REQUIRED
from analysis.publish.tables.cells import CHANNEL, FOUND_CATEGORY, POINTS, QUESTION, STRATUM, WORDS
from analysis.publish.tables.columns import N, count, interval, number, percent, shares, words
from analysis.publish.tables.spec import Column, Measure, People, TableSpec, Values
from analysis.publish.words import formats

if TYPE_CHECKING:
    import pandas as pd


def _eligible(frame: pd.DataFrame) -> Values:
    """Share of the cases of unknown eligibility that counts as eligible: the same in every row."""
    return {"e": formats.percent(float(frame["e"].iloc[0]) if "e" in frame and len(frame) else None)}


RATES = (
    count("n", "cases"),
    percent("rr1"),
    shares("ci_low", "ci_high"),
    percent("cooperation_rate"),
    percent("refusal_rate"),
    percent("contact_rate"),
)

ANSWERED = (
    Measure("rr1", ("ci_low", "ci_high", "rr3", "cooperation_rate", "refusal_rate", "contact_rate"), of="response"),
)
"""Where nearly all or nearly nobody of a layer answered, all its rates go."""

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "frame_coverage",
        (
            Column("stratum", ("category",), STRATUM),
            count("listed"),
            count("population"),
            percent("coverage"),
        ),
    ),
    TableSpec(
        "outcomes",
        (
            Column("disposition", ("outcome",), WORDS, "outcomes"),
            count("approaches"),
            count("customers"),
            percent("share"),
        ),
    ),
    TableSpec(
        "response_rates",
        (
            words("rate", "rates"),
            percent("value", "rate_value"),
            shares("ci_low", "ci_high"),
            count("base"),
            percent("weighted", "weighted_rate"),
        ),
        placeholders=_eligible,
    ),
    TableSpec(
        "response_channels",
        (
            Column("channel", ("category",), CHANNEL),
            *RATES,
        ),
        people=(People("=contacted", "category", measures=ANSWERED),),
    ),
    TableSpec(
        "response_strata",
        (
            Column("stratum", ("category",), STRATUM),
            *RATES,
        ),
        people=(People("=stratum", "category", measures=ANSWERED),),
    ),
    TableSpec(
        "channel_norms",
        (
            words("norm", "norms"),
            Column("required", ("norm", "required"), NORM_REQUIRED),
            Column("norm_value", ("norm", "value"), NORM),
            shares("ci_low", "ci_high"),
            count("n", "customers"),
            words("verdict", "norm_verdicts"),
        ),
    ),
    TableSpec(
        "representativity",
        (
            words("variable", "layers"),
            number("unconditional", 3),
            number("conditional", 3),
            Column("lowest_rate", ("variable", "low_category", "low_rate"), LAYER),
            Column("highest_rate", ("variable", "high_category", "high_rate"), LAYER),
        ),
        people=tuple(
            People(
                "variable",
                f"{end}_category",
                f"{end}_n",
                adds=False,
                rests=(f"{end}_category", f"{end}_rate", f"{end}_n"),
                measures=(Measure(f"{end}_rate", (f"{end}_category",), of="response"),),
            )
            for end in ("low", "high")
        ),
    ),
    TableSpec(
        "margin_gaps",
        (
            Column("question", ("question",), QUESTION, once=True),
            percent("dissimilarity"),
            Column("over", ("question", "over_category"), FOUND_CATEGORY),
            Column("gap_points", ("over_gap",), POINTS),
            Column("under", ("question", "under_category"), FOUND_CATEGORY),
            Column("gap_points", ("under_gap",), POINTS),
            N,
        ),
        people=(People("question", every=True),),
    ),
    TableSpec(
        "mode_index",
        (
            Column("channel", ("category",), CHANNEL),
            N,
            number("estimate", 1, "raw_index"),
            interval("ci_low", "ci_high", 1),
            number("adjusted", 1, "adjusted_index"),
            interval("adjusted_low", "adjusted_high", 1),
        ),
        people=(
            People(
                "=channel",
                "category",
                measures=(
                    Measure("estimate", ("ci_low", "ci_high", "adjusted", "adjusted_low", "adjusted_high"), "csi", 100),
                ),
            ),
        ),
    ),
)
"""In the order in which they are published."""
