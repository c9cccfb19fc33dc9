"""What each published table holds: its step, its columns, and which of them stand in the book."""

from __future__ import annotations

from dataclasses import dataclass

STEPS = ("01_sampling", "02_fieldwork", "03_cleaning", "04_weighting", "05_satisfaction", "07_structural", "09_trend")
EDITION = "edition"
"""Stands for a step where a table comes from the params or the run, not from a notebook."""


@dataclass(frozen=True)
class Column:
    """One column of a table as printed: heading in the catalogue, columns of the frame it reads, format of a cell.

    `once`: a value that repeats the one above is left blank. `detail` is what some formats need besides: decimals,
    the group of the catalogue, or the profile question.
    """

    heading: str
    sources: tuple[str, ...]
    kind: str
    detail: str = ""
    once: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One published table; `within`: columns in which categories add up (secondary suppression); None: not a base."""

    name: str
    step: str
    columns: tuple[Column, ...]
    within: tuple[str, ...] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns that the frame must have, in printed order."""
        return tuple(dict.fromkeys(source for column in self.columns for source in column.sources))

    @property
    def label(self) -> str:
        """Name of the table in cross-references."""
        return f"tbl-{self.name.replace('_', '-')}"


def _count(name: str, heading: str = "") -> Column:
    return Column(heading or name, (name,), "count")


def _number(name: str, decimals: int, heading: str = "") -> Column:
    return Column(heading or name, (name,), "number", str(decimals))


def _percent(name: str, heading: str = "") -> Column:
    return Column(heading or name, (name,), "percent")


def _interval(low: str, high: str, decimals: int, heading: str = "interval") -> Column:
    return Column(heading, (low, high), "interval", str(decimals))


def _shares(low: str, high: str) -> Column:
    return Column("interval", (low, high), "percent_interval")


def _construct(name: str = "construct", heading: str = "", *, once: bool = False) -> Column:
    return Column(heading or name, (name,), "construct", once=once)


def _words(name: str, group: str) -> Column:
    return Column(name, (name,), "catalogue", group)


def _local(name: str, *, once: bool = False) -> Column:
    return Column(name, (f"{name}_zh", f"{name}_en"), "localized", once=once)


def _text(name: str) -> Column:
    return Column(name, (name,), "text")


_QUESTION = Column("question", ("question",), "question", once=True)
_SEGMENT = Column("segment", ("segment",), "question", once=True)
_N = _count("n")

_SAMPLE = (
    TableSpec(
        "sample_size",
        "01_sampling",
        (
            _words("quantity", "quantities"),
            Column("target_index", ("quantity", "index"), "quantity"),
            Column("target_of_share", ("quantity", "share"), "quantity"),
            Column("target_item", ("quantity", "item"), "quantity"),
        ),
    ),
    TableSpec(
        "allocation",
        "01_sampling",
        (
            Column("stratum", ("category",), "stratum"),
            _count("population"),
            _percent("share", "population_share"),
            _count("n", "planned_n"),
            _count("invitations"),
            _number("margin", 2, "expected_margin"),
            _count("cost"),
        ),
    ),
    TableSpec(
        "allocation_rules",
        "01_sampling",
        (
            _words("rule", "allocations"),
            _count("n", "planned_n"),
            _count("smallest"),
            _count("largest"),
            _number("margin", 2, "overall_margin"),
            _number("width", 1, "widest"),
            _count("cost"),
        ),
    ),
    TableSpec(
        "domain_precision",
        "01_sampling",
        (
            _QUESTION,
            Column("category", ("question", "category"), "category"),
            _percent("share", "population_share"),
            _count("expected_n"),
            _count("needed_n"),
            _number("width", 1),
            Column("rule_met", ("met",), "flag"),
        ),
    ),
    TableSpec(
        "selection",
        "01_sampling",
        (
            Column("stratum", ("category",), "stratum"),
            _count("units"),
            _count("selected_units"),
            _count("cases"),
            _interval("weight_low", "weight_high", 0, "base_weight"),
            _count("customers", "listed"),
            _count("estimate", "listed_estimate"),
        ),
    ),
    TableSpec(
        "rmsea_power",
        "01_sampling",
        (
            _words("test", "fit_tests"),
            _number("null", 2, "rmsea_null"),
            _number("alternative", 2, "rmsea_alternative"),
            _count("needed_n", "needed_cases"),
            Column("power", ("power",), "power"),
            Column("power_met", ("met",), "flag"),
        ),
    ),
    TableSpec(
        "frame_coverage",
        "02_fieldwork",
        (
            Column("stratum", ("category",), "stratum"),
            _count("listed"),
            _count("population"),
            _percent("coverage"),
        ),
    ),
    TableSpec(
        "outcomes",
        "02_fieldwork",
        (
            Column("disposition", ("outcome",), "catalogue", "outcomes"),
            _count("approaches"),
            _count("customers"),
            _percent("share"),
        ),
    ),
    TableSpec(
        "response_rates",
        "02_fieldwork",
        (
            _words("rate", "rates"),
            _percent("value", "rate_value"),
            _shares("ci_low", "ci_high"),
            _count("base"),
            _percent("weighted", "weighted_rate"),
        ),
    ),
    *(
        TableSpec(
            name,
            "02_fieldwork",
            (
                Column(heading, ("category",), heading),
                _count("n", "cases"),
                _percent("rr1"),
                _shares("ci_low", "ci_high"),
                _percent("cooperation_rate"),
                _percent("refusal_rate"),
                _percent("contact_rate"),
            ),
            within=(),
        )
        for name, heading in (("response_channels", "channel"), ("response_strata", "stratum"))
    ),
    TableSpec(
        "channel_norms",
        "02_fieldwork",
        (
            _words("norm", "norms"),
            Column("required", ("norm", "required"), "norm_required"),
            Column("norm_value", ("norm", "value"), "norm"),
            _shares("ci_low", "ci_high"),
            _count("n", "customers"),
            _words("verdict", "norm_verdicts"),
        ),
    ),
    TableSpec(
        "representativity",
        "02_fieldwork",
        (
            _words("variable", "layers"),
            _number("unconditional", 3),
            _number("conditional", 3),
            Column("lowest_rate", ("variable", "low_category", "low_rate"), "layer"),
            Column("highest_rate", ("variable", "high_category", "high_rate"), "layer"),
        ),
    ),
    TableSpec(
        "margin_gaps",
        "02_fieldwork",
        (
            _QUESTION,
            _percent("dissimilarity"),
            Column("over", ("question", "over_category"), "category"),
            Column("gap_points", ("over_gap",), "points"),
            Column("under", ("question", "under_category"), "category"),
            Column("gap_points", ("under_gap",), "points"),
            _N,
        ),
        within=(),
    ),
    TableSpec(
        "mode_index",
        "02_fieldwork",
        (
            Column("channel", ("category",), "channel"),
            _N,
            _number("estimate", 1, "raw_index"),
            _interval("ci_low", "ci_high", 1),
            _number("adjusted", 1, "adjusted_index"),
            _interval("adjusted_low", "adjusted_high", 1),
        ),
        within=(),
    ),
    TableSpec(
        "intake",
        EDITION,
        (
            _words("table", "raw_tables"),
            _count("read"),
            _count("filtered"),
            _count("quarantined"),
            _count("accepted"),
        ),
    ),
    TableSpec(
        "exclusion_log",
        "03_cleaning",
        (
            _words("rule", "rules"),
            _count("flagged"),
            _count("excluded"),
            _count("remaining"),
            _percent("share", "share_of_raw"),
        ),
    ),
    TableSpec(
        "sample_profile",
        "04_weighting",
        (
            _QUESTION,
            Column("category", ("question", "category"), "category"),
            _N,
            _percent("share", "sample_share"),
            _percent("weighted_share"),
        ),
        within=("question",),
    ),
    TableSpec(
        "weighting_margins",
        "04_weighting",
        (
            Column("question", ("margin",), "question", once=True),
            Column("category", ("margin", "category"), "category"),
            _N,
            _percent("target_share"),
            _percent("sample_share", "base_share"),
            _percent("weighted_share"),
        ),
        within=("margin",),
    ),
    TableSpec(
        "weighting_diagnostics",
        "04_weighting",
        (
            _words("stage", "stages"),
            _N,
            _number("min", 2),
            _number("max", 2),
            _number("cv", 3),
            _number("deff", 3),
            _count("n_eff"),
            _count("iterations"),
            Column("max_deviation", ("max_deviation",), "deviation"),
            Column("converged", ("converged",), "flag"),
        ),
    ),
)

_SATISFACTION = (
    TableSpec(
        "csi_overall",
        "05_satisfaction",
        (
            _words("measure", "measures"),
            Column("estimate", ("measure", "estimate"), "measure"),
            Column("interval", ("measure", "ci_low", "ci_high"), "measure_interval"),
            Column("se", ("measure", "se"), "measure_error"),
            _N,
            _count("n_eff"),
            _number("deff", 2),
        ),
        within=(),
    ),
    TableSpec(
        "csi_dimensions",
        "05_satisfaction",
        (
            _construct(heading="dimension"),
            _number("score", 1),
            _interval("ci_low", "ci_high", 1),
            _percent("satisfied_share"),
            _shares("satisfied_low", "satisfied_high"),
            _N,
            _count("n_eff"),
        ),
        within=(),
    ),
    TableSpec(
        "csi_items",
        "05_satisfaction",
        (
            _construct(once=True),
            Column("item", ("item",), "item"),
            _number("mean", 2),
            _interval("ci_low", "ci_high", 2),
            _percent("satisfied_share"),
            _N,
            _percent("missing_share"),
        ),
        within=(),
    ),
    TableSpec(
        "csi_segments",
        "05_satisfaction",
        (
            _SEGMENT,
            Column("category", ("segment", "category"), "category"),
            _number("csi", 1),
            _interval("ci_low", "ci_high", 1),
            _percent("csat"),
            _shares("csat_low", "csat_high"),
            _N,
            _count("n_eff"),
        ),
        within=("segment",),
    ),
    TableSpec(
        "construct_levels",
        "05_satisfaction",
        (
            _construct(once=True),
            Column("category", ("segment", "category"), "category"),
            _number("score", 1),
            _interval("ci_low", "ci_high", 1),
            _percent("high_share"),
            _shares("high_low", "high_high"),
            _N,
        ),
        within=("construct", "segment"),
    ),
    TableSpec(
        "segment_dimensions",
        "05_satisfaction",
        (
            Column("category", ("segment", "category"), "category", once=True),
            _construct(heading="dimension"),
            _number("score", 1),
            _interval("ci_low", "ci_high", 1),
            _N,
        ),
        within=("segment", "construct"),
    ),
)

_INFERENCE = (
    _number("std", 3),
    _interval("std_low", "std_high", 3),
    _number("estimate", 3, "unstandardised"),
    _number("se", 3),
    Column("pvalue", ("pvalue",), "pvalue"),
)

_MODELS = (
    TableSpec("paths", "07_structural", (_construct("outcome", once=True), _construct("predictor"), *_INFERENCE)),
    TableSpec(
        "effects",
        "07_structural",
        (
            _construct("outcome", once=True),
            _construct("predictor", once=True),
            _words("effect", "effects"),
            *_INFERENCE,
        ),
    ),
    TableSpec(
        "fit",
        "07_structural",
        (
            _words("index", "indices"),
            Column("value", ("index", "value"), "fit"),
            _interval("low", "high", 3, "interval90"),
            Column("threshold", ("index", "threshold"), "threshold"),
            Column("met", ("met",), "flag"),
        ),
    ),
    TableSpec(
        "loadings",
        "07_structural",
        (
            _construct(once=True),
            Column("item", ("item",), "item"),
            _number("std", 3, "std_loading"),
            _interval("std_low", "std_high", 3),
            _number("estimate", 3, "unstandardised"),
            _number("se", 3),
        ),
    ),
    TableSpec("r_squared", "07_structural", (_construct("construct", "endogenous"), _number("r_squared", 3))),
    TableSpec(
        "waves",
        "09_trend",
        (
            Column("wave", ("wave",), "wave"),
            _number("csi", 1),
            _interval("ci_low", "ci_high", 1),
            _number("se", 2),
            _N,
            _words("source", "sources"),
        ),
        within=(),
    ),
    TableSpec(
        "forecast",
        "09_trend",
        (
            Column("wave", ("wave",), "wave"),
            _number("estimate", 1, "forecast"),
            _interval("ci_low", "ci_high", 1, "prediction_interval"),
        ),
    ),
    TableSpec(
        "arima_candidates",
        "09_trend",
        (
            Column("order", ("order",), "order"),
            _count("parameters"),
            _number("loglik", 2),
            _number("aicc", 2),
            _number("delta", 2),
            Column("chosen", ("chosen",), "flag"),
        ),
    ),
)

_EDITION = (
    TableSpec(
        "standards",
        EDITION,
        (
            Column("scenario", ("scenario",), "scenario", once=True),
            _local("step"),
            _local("owner"),
            _local("rule"),
            Column("limit", ("limit", "unit", "bound"), "limit"),
        ),
    ),
    TableSpec(
        "benchmarks",
        EDITION,
        (
            _local("benchmark"),
            Column("value", ("value", "unit"), "amount"),
            Column("year", ("year",), "text"),
            _text("section"),
            _local("disagrees"),
        ),
    ),
    TableSpec(
        "benchmark_comparison",
        EDITION,
        (
            _local("measured"),
            Column("benchmark", ("benchmark", "unit"), "amount"),
            Column("year", ("year",), "text"),
            Column("this_edition", ("value", "unit"), "amount"),
            _interval("ci_low", "ci_high", 1),
            _N,
            Column("gap", ("gap",), "signed"),
            _words("verdict", "verdicts"),
        ),
    ),
    TableSpec(
        "instrument",
        EDITION,
        (_construct(), _words("role", "roles"), _local("definition"), _count("items", "item_count")),
    ),
    TableSpec(
        "questionnaire",
        EDITION,
        (_construct(once=True), Column("number", ("number",), "text"), _local("wording")),
    ),
    TableSpec("profile_questions", EDITION, (_local("topic"), _local("wording"), _local("answers"))),
    TableSpec("software", EDITION, (_text("package"), _text("version"))),
    TableSpec("run_steps", EDITION, (_text("step"), _words("title", "steps"), _text("sections"))),
)

TABLES: dict[str, TableSpec] = {spec.name: spec for spec in (*_SAMPLE, *_SATISFACTION, *_MODELS, *_EDITION)}
"""Every table of the report by name, in the order in which they are published."""
