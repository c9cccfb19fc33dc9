"""Tables of what moves customers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from analysis.publish.parts.drivers.cells import OUTCOME, TERM, TERM_ALONE, TIMES
from analysis.publish.tables.cells import CATEGORY, FLAG, FOUND_CATEGORY, ITEM, NAME, NUMBER, PVALUE, QUESTION, SIGNED
from analysis.publish.tables.columns import N, construct, count, interval, number, percent, shares, words
from analysis.publish.tables.spec import Column, Measure, People, TableSpec

if TYPE_CHECKING:
    import pandas as pd

FIRST = Column("probability_first", ("first",), TIMES)
LEADING = Column("probability_leading", ("leading",), TIMES)
OUTCOME_ONCE = Column("outcome", ("outcome",), OUTCOME, once=True)
GROUP = Column("category", ("segment", "category"), CATEGORY, once=True)
SCORE = Measure("performance", ("performance_low", "performance_high"), "score {construct}", 100)
SHORT = replace(
    SCORE,
    tells=(
        *("gap", "gap_low", "gap_high", "priority", "priority_low", "priority_high"),
        *("index_gain", "index_low", "index_high"),
    ),
)
"""A score beside its target: how far it is short of it, and what that is worth, would tell it."""
ANSWER = Measure("performance", ("performance_low", "performance_high"), "mean {item}", 100)
MAP = (
    number("importance", 3),
    interval("importance_low", "importance_high", 3),
    number("performance", 1),
    interval("performance_low", "performance_high", 1),
    words("quadrant", "quadrants"),
    Column("probability", ("probability",), TIMES),
)
BEST = People(
    "target_segment",
    "target_category",
    "",
    rests=(
        *("target", "target_category", "gap", "gap_low", "gap_high", "priority", "priority_low", "priority_high"),
        *("index_gain", "index_low", "index_high"),
    ),
)
"""Whose score is the target of a dimension."""
LEVEL = (
    Column("measured", ("measured_zh", "measured_en"), NAME, public=True),
    percent("share", "satisfied_now"),
    Column("benchmark_percent", ("benchmark",), NUMBER, "1", public=True),
    Column("gap_to_benchmark", ("gap",), SIGNED),
    Column("gain_points", ("gain",), SIGNED),
    FIRST,
)
SHARE = Measure("share", ("share_low", "share_high", "gap", "gain", "gain_low", "gain_high"), "high {stands_for}")

IMPORTANCE: tuple[TableSpec, ...] = (
    TableSpec(
        "importance",
        (
            construct("outcome", once=True),
            construct("predictor", "driver"),
            percent("share", "share_explained"),
            shares("share_low", "share_high"),
            FIRST,
            LEADING,
        ),
        people=(People(),),
    ),
    TableSpec(
        "importance_measures",
        (
            construct("outcome", once=True),
            construct("predictor", "driver"),
            number("lmg", 3),
            number("johnson", 3),
            number("pratt", 3),
            number("zero_order", 3),
            number("r_squared", 3),
        ),
        people=(People(),),
    ),
    TableSpec(
        "importance_ranks",
        (
            construct("outcome", once=True),
            construct("predictor", "driver", once=True),
            count("rank"),
            Column("probability", ("probability",), TIMES),
        ),
        in_book=False,
    ),
)
REGRESSION: tuple[TableSpec, ...] = (
    TableSpec(
        "regressions",
        (Column("outcome", ("outcome",), OUTCOME), words("family", "families"), N, number("r_squared", 3)),
        people=(People(),),
    ),
    TableSpec(
        "coefficients",
        (
            OUTCOME_ONCE,
            Column("driver", ("term", "category", "other_term", "other_category"), TERM),
            number("estimate", 3, "coefficient"),
            interval("ci_low", "ci_high", 3),
            Column("pvalue", ("pvalue",), PVALUE),
            number("std", 3),
            number("odds", 2),
        ),
        people=(People(),),
    ),
    TableSpec(
        "background_coefficients",
        (
            OUTCOME_ONCE,
            Column("term", ("term", "category", "other_term", "other_category"), TERM),
            number("estimate", 3, "coefficient"),
            interval("ci_low", "ci_high", 3),
            Column("pvalue", ("pvalue",), PVALUE),
            number("std", 3),
            number("odds", 2),
            N,
        ),
        people=(People("", "group", adds=False),),
        in_book=False,
    ),
    TableSpec(
        "adjusted_index",
        (
            Column("question", ("question",), QUESTION, once=True),
            Column("category", ("question", "category"), CATEGORY),
            number("adjusted", 1, "adjusted_index"),
            interval("adjusted_low", "adjusted_high", 1),
            N,
        ),
        people=(People("question", "category"),),
    ),
    TableSpec(
        "adjusted_means",
        (
            OUTCOME_ONCE,
            Column("question", ("question",), QUESTION, once=True),
            Column("category", ("question", "category"), CATEGORY),
            number("adjusted", 1, "adjusted_mean"),
            interval("adjusted_low", "adjusted_high", 1),
            N,
        ),
        people=(People("question", "category"),),
        in_book=False,
    ),
    TableSpec(
        "inflation",
        (
            Column("driver", ("term",), TERM_ALONE),
            count("columns", "dummies"),
            number("inflation", 2),
            number("per_column", 2),
        ),
    ),
)


def _basis(frame: pd.DataFrame) -> str:
    """What the importance of a dimension is: effects of the model, or shares of what is explained."""
    return "model" if frame["basis"].eq("model").all() else "importance"


def _target(frame: pd.DataFrame) -> str:
    """What is to be reached: the score of the best-rated group, or full marks."""
    return "best" if frame["target_category"].notna().any() else "full"


PRIORITIES: tuple[TableSpec, ...] = (
    TableSpec(
        "importance_performance",
        (OUTCOME_ONCE, construct(heading="dimension"), *MAP),
        people=(People(measures=(SCORE,)),),
        noted=lambda frame: (f"importance_performance_{_basis(frame)}", "importance_performance"),
    ),
    TableSpec(
        "importance_performance_groups",
        (OUTCOME_ONCE, GROUP, construct(heading="dimension"), *MAP),
        people=(People("segment", "category", measures=(SCORE,)),),
        in_book=False,
    ),
    TableSpec(
        "importance_performance_items",
        (OUTCOME_ONCE, Column("item", ("item",), ITEM), *MAP),
        people=(People(measures=(ANSWER,)),),
        in_book=False,
    ),
    TableSpec(
        "group_item_performance",
        (OUTCOME_ONCE, GROUP, Column("item", ("item",), ITEM), *MAP),
        people=(People("segment", "category", measures=(ANSWER,)),),
        in_book=False,
    ),
    TableSpec(
        "priorities",
        (
            construct(heading="dimension"),
            number("gap", 1, "gap_to_best"),
            number("priority", 2),
            interval("priority_low", "priority_high", 2),
            FIRST,
            LEADING,
        ),
        people=(People(measures=(SHORT,)), BEST),
        noted=lambda frame: (f"priorities_to_{_target(frame)}", f"priorities_{_basis(frame)}"),
    ),
    TableSpec(
        "group_priorities",
        (
            GROUP,
            construct(heading="dimension"),
            number("performance", 1),
            Column("target_category", ("target_segment", "target_category"), FOUND_CATEGORY),
            number("gap", 1, "gap_to_best"),
            number("priority", 2),
            number("index_gain", 2),
            interval("index_low", "index_high", 2),
            FIRST,
        ),
        people=(People("segment", "category", measures=(SHORT,)), BEST),
    ),
    TableSpec("suggestions", LEVEL, people=(People(measures=(SHARE,)),)),
    TableSpec("reached_levels", LEVEL[:-1], people=(People(measures=(SHARE,)),)),
    TableSpec(
        "driver_recovery",
        (
            construct("outcome", once=True),
            construct("predictor"),
            number("population", 3, "population_path"),
            number("std", 3, "estimate"),
            interval("std_low", "std_high", 3),
            Column("inside", ("inside",), FLAG),
            count("planted_rank"),
            count("rank"),
        ),
    ),
)

TABLES: tuple[TableSpec, ...] = (*IMPORTANCE, *REGRESSION, *PRIORITIES)
"""In the order in which they are published."""
