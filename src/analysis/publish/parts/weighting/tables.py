"""Tables of the weighting."""

from __future__ import annotations

from math import inf

from analysis.publish.parts.weighting.cells import CLASS
from analysis.publish.tables.cells import CATEGORY, DEVIATION, FLAG, NUMBER, PERCENT, QUESTION
from analysis.publish.tables.columns import N, count, interval, number, percent, words
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "sample_profile",
        (
            Column("question", ("question",), QUESTION, once=True),
            Column("category", ("question", "category"), CATEGORY),
            N,
            percent("share", "sample_share"),
            Column("weighted_share", ("weighted_share",), PERCENT, unlike="share"),
        ),
        people=(People("question", "category", bare=True),),
    ),
    TableSpec(
        "weighting_margins",
        (
            Column("question", ("margin",), QUESTION, once=True),
            Column("category", ("margin", "category"), CATEGORY),
            N,
            Column("target_share", ("target_share",), PERCENT, public=True),
            percent("sample_share", "base_share"),
            percent("weighted_share"),
        ),
        people=(People("margin", "category", bare=True),),
    ),
    TableSpec(
        "weighting_means",
        (
            Column("question", ("variable",), QUESTION),
            N,
            Column("target_mean", ("target",), NUMBER, "2", public=True),
            number("sample_mean", 2),
            number("weighted_mean", 2),
        ),
        people=(
            People(
                "variable",
                measures=(
                    Measure("sample_mean", ("weighted_mean",), "{variable}", top=inf, top_of="largest", digits=True),
                ),
            ),
        ),
    ),
    TableSpec(
        "nonresponse_classes",
        (
            Column("response_class", ("category",), CLASS),
            count("cases", "eligible_cases"),
            count("n", "kept_interviews"),
            percent("response_rate"),
            number("factor", 2),
        ),
        people=(People(category="category"),),
    ),
    TableSpec(
        "weighting_diagnostics",
        (
            words("stage", "stages"),
            interval("min", "max", 2, "weight_range"),
            number("cv", 3),
            number("deff", 3),
            count("n_eff"),
            count("iterations"),
            Column("max_deviation", ("max_deviation",), DEVIATION),
            Column("converged", ("converged",), FLAG),
        ),
        unless_withheld=(
            "weighting_margins",
            "nonresponse_classes",
            "=stratum",
        ),  # target ÷ largest weight is a share, and so is N ÷ weight
    ),
)
"""In the order in which they are published."""
