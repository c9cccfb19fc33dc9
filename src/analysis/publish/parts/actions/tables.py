"""Tables of the indicators, the register of measures, the promises kept, and the recommendations."""

from __future__ import annotations

from analysis.publish.parts.actions import cells
from analysis.publish.tables.cells import FLAG, NAME, TEXT, WAVE, WORDS
from analysis.publish.tables.columns import number, of_survey
from analysis.publish.tables.spec import Column, Kind, Measure, People, TableSpec

NAMED = Column("indicator", ("indicator_zh", "indicator_en"), NAME)
SUBJECT = ("kind", "subject", "place", "construct", "item", "segment", "category", "name_zh", "name_en")
PERIOD = Kind(WAVE.write, names=True, same_people=True)

REGISTER = TableSpec(
    "action_register",
    (
        Column("action_measure", ("measure_zh", "measure_en", "indicator_zh", "indicator_en"), cells.MEASURE),
        Column("from_to", ("baseline", "target", "unit"), cells.PATH),
        Column("actual", ("actual", "actual_low", "actual_high", "unit"), cells.ACTUAL),
        Column("due", ("due",), cells.DUE),
        Column("action_verdict", ("verdict",), WORDS, "action_verdicts"),
        Column("next_step", ("verdict", "needed_n"), cells.NEXT),
    ),
)

TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "control_summary",
        (
            NAMED,
            Column("target_of", ("target", "unit", "bound"), cells.TARGET, public=True),
            Column("latest", ("value", "unit", "last"), cells.LATEST),
            Column("change_since", ("change", "unit", "earlier", "changed"), cells.CHANGE),
            Column("variation", ("variation",), cells.VERDICT, "variations"),
            Column("assurance", ("assurance",), cells.VERDICT, "assurances"),
        ),
        people=(People(),),
    ),
    TableSpec(
        "control_points",
        (
            NAMED,
            Column("period", ("period",), PERIOD),
            number("value", 1),
            number("centre", 1, "centre_line"),
            number("low", 1, "lower_limit"),
            number("high", 1, "upper_limit"),
            Column("control_rule", ("rule",), WORDS, "control_rules"),
        ),
        people=(People(),),
        in_book=False,
    ),
    REGISTER,
    TableSpec(
        "promises",
        (
            Column(
                "promise",
                ("recommendation_zh", "recommendation_en", "recommendation_id", *SUBJECT, "target"),
                cells.PROMISED,
            ),
            Column("carried_out_by", ("measure_zh", "measure_en"), TEXT),
            Column("due", ("due",), cells.DUE),
            Column("became", ("became",), WORDS, "became"),
        ),
    ),
    TableSpec(
        "records_recovery",
        (
            Column("found_quantity", ("quantity",), WORDS, "found_quantities", once=True),
            Column("found_subject", ("quantity", "subject"), cells.FOUND_OF),
            Column("planted_value", ("quantity", "planted"), cells.FOUND_VALUE),
            Column("estimate", ("quantity", "estimate"), cells.FOUND_VALUE),
            Column("interval", ("quantity", "ci_low", "ci_high"), cells.FOUND_INTERVAL),
            Column("inside", ("inside",), FLAG),
        ),
        people=(People(),),
    ),
    TableSpec(
        "recommendations",
        (
            Column("recommendation", (*SUBJECT, "target"), cells.RECOMMENDATION),
            Column("owner", ("owner_zh", "owner_en"), cells.OWNER),
            Column("by_when", ("due",), cells.MONTH),
            Column(
                "shows_in",
                ("indicator", "indicator_zh", "indicator_en", "unit", "bound", "baseline", "target"),
                cells.MEASURED_BY,
            ),
            *of_survey(
                Column(
                    "effect_loyalty", ("loyalty", "loyalty_low", "loyalty_high", "effect_of"), cells.EFFECT, "loyalty"
                ),
                Column("effect_index", ("index", "index_low", "index_high", "effect_of"), cells.EFFECT, "index"),
            ),
        ),
        people=(
            People(n="base", rests=("figure", "figure_low", "figure_high", "count", "baseline")),
            People(
                "=logged_step",
                "logged_step",
                "",
                rests=("figure", "count", "baseline", "target"),
                measures=(
                    Measure("baseline", of="on_time", top=100, follows=True, tells=("figure", "count", "target")),
                ),
            ),
            People(
                "",
                "texts_of",
                "",
                rows=("kind", ("theme",)),
                rests=("figure", "figure_low", "figure_high", "count", "baseline", "target"),
            ),
            People(
                "segment",
                "category",
                "",
                rests=(
                    *("target", "figure", "figure_low", "figure_high", "count", "loyalty", "loyalty_low"),
                    *("loyalty_high", "index", "index_low", "index_high"),
                ),
            ),
        ),
        rounded=(
            People(
                n="base",
                rows=("kind", ("dimension",)),
                measures=(
                    *(Measure("baseline", top=100), Measure("target", top=100)),
                    Measure("figure", ("figure_low", "figure_high"), top=100),
                ),
            ),
            People(
                n="base",
                rows=("kind", ("step",)),
                measures=(Measure("baseline", top=100, percent=("unit", ("percent",))),),
            ),
            People(
                n="base",
                rows=("kind", ("theme",)),
                measures=(
                    Measure("figure", ("figure_low", "figure_high")),
                    *(Measure(name, top=100, percent=("unit", ("percent",))) for name in ("baseline", "target")),
                ),
            ),
        ),
    ),
)
"""In the order in which they are published."""
