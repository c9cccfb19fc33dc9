"""Tables of the satisfaction index."""

from __future__ import annotations

from math import inf

import numpy as np

from analysis.publish.parts.satisfaction.cells import (
    AGAINST,
    ANSWERED,
    ASKED,
    COMPARED,
    MEASURE,
    MEASURE_ERROR,
    MEASURE_INTERVAL,
)
from analysis.publish.tables.cells import CATEGORY, ITEM_ON_SCALE, NUMBER, PVALUE, QUESTION, SIGNED
from analysis.publish.tables.columns import EFFECTIVE, N, construct, interval, number, percent, shares, words
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

SPREAD = ("se", "ci_low", "ci_high", "deff", "n_eff")
SCORE = Measure("score", SPREAD, "score {construct}", 100)
HIGH = Measure("high_share", ("high_low", "high_high"), "high {construct}")
GROUPS = (
    Column("question", ("question",), ASKED, once=True),
    Column("category", ("question", "category"), ANSWERED, once=True),
    Column("crossed_with", ("other",), ASKED, once=True),
    Column("crossed_category", ("other", "other_category"), ANSWERED),
)
"""One question, or two at once."""

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "csi_overall",
        (
            words("measure", "measures"),
            Column("estimate", ("measure", "estimate"), MEASURE),
            Column("interval", ("measure", "ci_low", "ci_high"), MEASURE_INTERVAL),
            Column("se", ("measure", "se"), MEASURE_ERROR),
            N,
            EFFECTIVE,
            Column("deff", ("deff",), NUMBER, "2", unlike=1.0),
        ),
        people=(
            People(rows=("measure", ("csi",)), measures=(Measure("estimate", SPREAD, "csi", 100),)),
            People(rows=("measure", ("csat",)), measures=(Measure("estimate", SPREAD, "csat"),)),
        ),
        noted=lambda frame: ("csi_overall", *(["effective_n"] if not np.allclose(frame["deff"], 1.0) else [])),
    ),
    TableSpec(
        "index_weights",
        (construct(heading="dimension"), percent("weight", "index_weight"), shares("ci_low", "ci_high"), N),
        people=(People(),),
    ),
    TableSpec(
        "csi_dimensions",
        (
            construct(heading="dimension"),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            percent("satisfied_share"),
            shares("satisfied_low", "satisfied_high"),
            N,
            EFFECTIVE,
        ),
        people=(
            People(
                measures=(SCORE, Measure("satisfied_share", ("satisfied_low", "satisfied_high"), "high {construct}"))
            ),
        ),
    ),
    TableSpec(
        "csi_items",
        (
            construct(once=True),
            Column("item", ("item",), ITEM_ON_SCALE),
            number("mean", 2),
            interval("ci_low", "ci_high", 2),
            percent("satisfied_share"),
            N,
            percent("missing_share"),
        ),
        people=(
            People(
                measures=(
                    Measure("mean", SPREAD, "mean {item}", inf),
                    Measure("satisfied_share", of="high {item}"),
                )
            ),
        ),
    ),
    TableSpec(
        "csi_segments",
        (
            Column("segment", ("segment",), QUESTION, once=True),
            Column("category", ("segment", "category"), CATEGORY),
            number("csi", 1),
            interval("ci_low", "ci_high", 1),
            percent("csat"),
            shares("csat_low", "csat_high"),
            N,
            EFFECTIVE,
        ),
        people=(
            People(
                "segment",
                "category",
                measures=(
                    Measure("csi", SPREAD, "csi", 100),
                    Measure("csat", ("csat_se", "csat_low", "csat_high"), "csat"),
                ),
            ),
        ),
    ),
    TableSpec(
        "csi_outside",
        (
            Column("category", ("segment", "category"), CATEGORY),
            number("csi", 1),
            interval("ci_low", "ci_high", 1),
            Column("against_customers", ("difference",), SIGNED),
            interval("difference_low", "difference_high", 1, "against_customers_interval"),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        people=(
            People(
                "segment",
                "category",
                adds=False,
                measures=(
                    Measure(
                        "csi", (*SPREAD, "difference", "difference_low", "difference_high", "p_adjusted"), "csi", 100
                    ),
                ),
            ),
        ),
    ),
    TableSpec(
        "against_whole",
        (
            Column("measure", ("measure",), COMPARED),
            number("value", 1, "of_part"),
            interval("ci_low", "ci_high", 1),
            Column("of_whole", ("whole",), NUMBER, "1", public=True),
            Column("against_all", ("difference",), SIGNED),
            interval("difference_low", "difference_high", 1, "against_all_interval"),
            Column("verdict", ("difference", "p_adjusted"), AGAINST),
            N,
        ),
        people=(
            People(
                measures=(
                    Measure(
                        "value",
                        (
                            "se",
                            "ci_low",
                            "ci_high",
                            "difference",
                            "difference_low",
                            "difference_high",
                            "p",
                            "p_adjusted",
                        ),
                        "{measured}",
                        100,
                        gap=("difference", "whole"),
                        percent=("measure", ("csat",)),
                    ),
                )
            ),
        ),
    ),
    TableSpec(
        "associations",
        (
            Column("characteristic", ("segment",), QUESTION),
            number("cramers_v", 3),
            number("f", 2),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
            N,
        ),
        people=(People("segment"),),
    ),
    TableSpec(
        "choices",
        (
            Column("choice_question", ("question",), QUESTION, once=True),
            Column("choice", ("question", "option"), CATEGORY),
            Column("category", ("segment", "category"), CATEGORY),
            percent("share", "share_choosing"),
            shares("ci_low", "ci_high"),
            N,
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(
            People("segment", "category", measures=(Measure("share", ("ci_low", "ci_high"), "{question} {option}"),)),
        ),
        in_book=False,
    ),
    TableSpec(
        "construct_levels",
        (
            construct(once=True),
            Column("category", ("segment", "category"), CATEGORY),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            percent("high_share"),
            shares("high_low", "high_high"),
            N,
        ),
        people=(People("segment", "category", measures=(SCORE, HIGH)),),
    ),
    TableSpec(
        "segment_dimensions",
        (
            construct(heading="dimension", once=True),
            Column("category", ("segment", "category"), CATEGORY),
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            N,
        ),
        people=(People("segment", "category", measures=(SCORE,)),),
    ),
    TableSpec(
        "dimension_pairs",
        (
            construct(heading="dimension", once=True),
            Column("category", ("segment", "a"), CATEGORY),
            Column("compared_with", ("segment", "b"), CATEGORY),
            Column("pair_difference", ("difference",), SIGNED),
            interval("ci_low", "ci_high", 1),
            Column("p_adjusted", ("p_adjusted",), PVALUE),
        ),
        people=(
            People("segment", "a", n="n_a", adds=False),
            People("segment", "b", n="n_b", adds=False),
        ),
        in_book=False,
    ),
    TableSpec(
        "index_groups",
        (*GROUPS, number("score", 1, "csi"), interval("ci_low", "ci_high", 1), N, EFFECTIVE),
        people=(People("", "group", measures=(Measure("score", SPREAD, "csi", 100),)),),
        in_book=False,
    ),
    TableSpec(
        "dimension_groups",
        (
            construct(heading="dimension", once=True),
            *GROUPS,
            number("score", 1),
            interval("ci_low", "ci_high", 1),
            N,
            EFFECTIVE,
        ),
        people=(People("", "group", measures=(SCORE,)),),
        in_book=False,
    ),
)
"""In the order in which they are published."""
