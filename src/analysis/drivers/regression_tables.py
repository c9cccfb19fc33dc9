"""The regressions of an edition: index, satisfaction and loyalty on dimensions and background, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.drivers import regression as fits
from analysis.drivers.fitting import weighted_products
from analysis.drivers.model_matrix import COLUMN_LABELS, model_matrix
from analysis.errors import MethodError
from analysis.survey.design.codes import categorical
from analysis.survey.design.survey_design import design_of
from analysis.survey.estimation.concentration import TOP, concentration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from analysis.drivers.model_matrix import ModelMatrix
    from analysis.drivers.regression import Family, Regression
    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.drivers import Drivers
    from analysis.survey.design.survey_design import SurveyDesign

    Floats = NDArray[np.float64]

INDEX, SATISFIED = "csi", "satisfied"
"""Columns of the scores that are outcomes beside the constructs."""
MODEL_COLUMNS = ("outcome", "family", "n", "degrees", "r_squared")
COEFFICIENT_COLUMNS = (
    *("outcome", "family", *COLUMN_LABELS, "group", "estimate", "se", "ci_low", "ci_high", "pvalue"),
    *("std", "std_low", "std_high", "odds", "odds_low", "odds_high", "n"),
)
ADJUSTED_COLUMNS = ("outcome", "question", "category", "n", "adjusted", "adjusted_low", "adjusted_high", *TOP)
INFLATION_COLUMNS = ("term", "columns", "inflation", "per_column")


@dataclass(frozen=True)
class Asked:
    """One regression: an outcome, how it is modelled, and the scores it is set against besides the background."""

    outcome: str
    family: Family
    scores: tuple[str, ...]


@dataclass(frozen=True)
class RegressionTables:
    """Regressions of an edition; rows with an answer to everything in them, as a domain of the design.

    models: outcome, family, n, degrees, r_squared (linear only). coefficients: outcome, family, term, category,
    other_term, other_category (of an interaction), group (the answers it rests on, None of a score), estimate, se,
    ci_low, ci_high, pvalue, std with interval (in standard deviations of the column and, linear, of the outcome), odds
    with interval (logistic and ordered: e to the estimate), n. adjusted: outcome, question, category, n, adjusted mean
    (0–100; of `satisfied` a share of 0–100 %) with interval, top_1, top_2. inflation: term, columns, inflation
    (generalised VIF), per_column (its columns-th root, comparable to a VIF). omitted: outcome and reason of
    regressions that could not be fitted.
    """

    models: pd.DataFrame
    coefficients: pd.DataFrame
    adjusted: pd.DataFrame
    inflation: pd.DataFrame
    omitted: pd.DataFrame

    @property
    def of_scores(self) -> pd.DataFrame:
        """Coefficients of the drivers: rows that rest on everybody."""
        return self.coefficients[self.coefficients["group"].isna()].reset_index(drop=True)

    @property
    def of_background(self) -> pd.DataFrame:
        """Coefficients of categories and interactions: rows that rest on a group."""
        return self.coefficients[self.coefficients["group"].notna()].reset_index(drop=True)

    @property
    def adjusted_index(self) -> pd.DataFrame:
        """Adjusted means of the index."""
        return self.adjusted[self.adjusted["outcome"] == INDEX].reset_index(drop=True)

    @property
    def adjusted_outcomes(self) -> pd.DataFrame:
        """Adjusted means of the outcomes beside the index."""
        return self.adjusted[self.adjusted["outcome"] != INDEX].reset_index(drop=True)

    def record(self) -> dict[str, Any]:
        """Outcomes that were fitted, and why others were not."""
        return {"fitted": self.models["outcome"].tolist(), "omitted": self.omitted.to_dict("records")}


def regressions_of(drivers: Drivers, instrument: Instrument, *, satisfied: str) -> list[Asked]:
    """Which regressions an edition has.

    The index on the background alone (dimensions are what it is made of); every outcome and the share of satisfied
    customers on drivers and background; the items of `drivers.ordered` as ordered answers.
    """
    scores = drivers.driving(instrument)
    asked = [Asked(INDEX, "linear", ())] if drivers.background else []
    asked += [Asked(outcome, "linear", scores) for outcome in drivers.explained(instrument, satisfied)]
    if satisfied not in scores:
        asked.append(Asked(SATISFIED, "logistic", scores))
    return asked + [Asked(item, "ordered", scores) for item in drivers.ordered]


def run_regressions(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    instrument: Instrument,
    drivers: Drivers,
    satisfied: str,
    design: SurveyDesign | None = None,
) -> RegressionTables:
    """Fit every regression of the edition; `satisfied` is the construct that makes a customer satisfied.

    `responses` and `scores` have the rows of the design and no answers of those who are no customers. Variances come
    from the sandwich over the design (weights taken as given), intervals from t with the degrees of freedom of the
    regression. Raises MethodError where none can be fitted.
    """
    drawn, tables, omitted = replace(design_of(design, len(scores)), replicates=None), _Tables(), []
    frame = _answers(responses, scores, instrument, drivers)
    for asked in regressions_of(drivers, instrument, satisfied=satisfied):
        try:
            one = _Fitted.of(asked, frame, drivers, drawn)
        except MethodError as error:
            omitted.append({"outcome": asked.outcome, "reason": str(error)})
            continue
        tables.add(one, drivers)
        del one  # before the next one is fitted
    if not tables.models:
        raise MethodError("No regression could be fitted.", got=omitted[0]["reason"] if omitted else "none was asked")
    margins = tables.margins
    return RegressionTables(
        models=pd.DataFrame(tables.models, columns=list(MODEL_COLUMNS)),
        coefficients=pd.concat(tables.coefficients, ignore_index=True),
        adjusted=pd.concat(margins, ignore_index=True) if margins else pd.DataFrame(columns=list(ADJUSTED_COLUMNS)),
        inflation=tables.inflation,
        omitted=pd.DataFrame(omitted, columns=["outcome", "reason"]),
    )


@dataclass
class _Tables:
    """Tables of the regressions so far: a regression holds its rows, so that only one of them is kept at a time."""

    models: list[dict[str, Any]] = field(default_factory=list)
    coefficients: list[pd.DataFrame] = field(default_factory=list)
    margins: list[pd.DataFrame] = field(default_factory=list)
    inflation: pd.DataFrame = field(default_factory=pd.DataFrame)
    explained: bool = False

    def add(self, one: _Fitted, drivers: Drivers) -> None:
        """The inflation is that of the first regression on scores, or else of the first."""
        self.models.append(one.model())
        self.coefficients.append(one.coefficients(drivers.confidence))
        self.margins += one.margins(drivers) if one.asked.family != "ordered" else ()
        if len(self.models) == 1 or (one.asked.scores and not self.explained):
            self.inflation, self.explained = one.inflation(), bool(one.asked.scores)


def _answers(responses: pd.DataFrame, scores: pd.DataFrame, instrument: Instrument, drivers: Drivers) -> pd.DataFrame:
    """Scores, background (categories in the order of the instrument) and ordered items in one frame."""
    found = {str(name): scores[name] for name in scores.columns if name != "respondent_id"}
    for key in (name for name in drivers.background if name in responses):
        found[key] = ordered(responses[key], instrument)
    found |= {key: responses[key] for key in drivers.ordered}
    return pd.DataFrame(found)


def ordered(answers: pd.Series[Any], instrument: Instrument) -> pd.Series[Any]:
    """Answers to a profile question as a categorical: categories of the instrument in its order, then any others."""
    return categorical(answers, [one.code for one in instrument.question(str(answers.name)).categories])


@dataclass(frozen=True)
class _Fitted:
    """One regression with the rows, columns and design that it was fitted to."""

    asked: Asked
    frame: pd.DataFrame
    matrix: ModelMatrix
    y: Floats
    design: SurveyDesign
    fit: Regression

    @classmethod
    def of(cls, asked: Asked, frame: pd.DataFrame, drivers: Drivers, design: SurveyDesign) -> _Fitted:
        """Fit a regression to the rows with an answer to everything in it."""
        questions = [key for key in drivers.background if key in frame and frame[key].notna().any()]
        complete = frame[[asked.outcome, *asked.scores, *questions]].notna().all(axis=1).to_numpy()
        used, part = frame[complete], design.subset(complete)
        pairs = [pair for pair in drivers.interactions if set(pair) <= {*asked.scores, *questions}]
        options: dict[str, Any] = {"reference": drivers.reference, "interactions": pairs}
        matrix = model_matrix(used, scores=asked.scores, questions=questions, **options)
        y = used[asked.outcome].to_numpy(dtype=np.float64)
        return cls(asked, used, matrix, y, part, _fit(asked.family, y, matrix.columns, part))

    def model(self) -> dict[str, Any]:
        """The regression as a row: its base and, of a linear one, the share of variance it explains."""
        explained = np.nan
        if self.asked.family == "linear":
            weights, rest = self.design.weights, self.y - self.matrix.columns @ self.fit.estimate
            around = self.y - weights @ self.y / weights.sum()
            explained = 1 - float(weights @ rest**2) / float(weights @ around**2)
        values = (self.asked.outcome, self.asked.family, self.fit.n, self.fit.degrees, explained)
        return dict(zip(MODEL_COLUMNS, values, strict=True))

    def coefficients(self, confidence: float) -> pd.DataFrame:
        """Coefficients without intercept and thresholds."""
        from scipy.special import stdtr, stdtrit

        columns = self.matrix.columns[:, 1:]
        first = 0 if self.asked.family == "ordered" else 1
        shown = slice(first, first + columns.shape[1])
        estimate, se = self.fit.estimate[shown], self.fit.se[shown]
        half = stdtrit(self.fit.degrees, 0.5 + confidence / 2) * se
        scale = _spread(columns, self.design.weights)
        if self.asked.family == "linear":
            scale = scale / _spread(self.y[:, None], self.design.weights)
        table = self.matrix.labels.iloc[1:].reset_index(drop=True)
        table["outcome"], table["family"] = self.asked.outcome, self.asked.family
        table["estimate"], table["se"] = estimate, se
        table["ci_low"], table["ci_high"] = estimate - half, estimate + half
        table["pvalue"] = 2 * stdtr(self.fit.degrees, -np.abs(estimate / se))
        for name, value in (("", estimate), ("_low", estimate - half), ("_high", estimate + half)):
            table[f"std{name}"] = value * scale
            table[f"odds{name}"] = np.exp(value) if self.asked.family != "linear" else np.nan
        table["group"] = pd.Series([_group(row) for row in table.to_dict("records")], dtype=object)
        own = table["group"].notna().to_numpy()
        table["n"] = np.where(own, (columns != 0).sum(axis=0), len(columns))
        return table[list(COEFFICIENT_COLUMNS)]

    def margins(self, drivers: Drivers) -> Iterator[pd.DataFrame]:
        """Adjusted means of the categories of every background question."""
        from scipy.special import stdtrit

        scale = 100.0 if self.asked.family == "logistic" else 1.0
        for question, levels in self.matrix.levels.items():
            changed = (self.matrix.had_all_said(question, level) for level in levels)
            value, covariance = fits.predictive_margins(self.fit, changed, self.design)
            half = stdtrit(self.fit.degrees, 0.5 + drivers.confidence / 2) * np.sqrt(np.diag(covariance))
            answers = self.frame[question].cat.remove_unused_categories()
            table = pd.DataFrame({"category": list(levels), "adjusted": scale * value})
            table["adjusted_low"], table["adjusted_high"] = scale * (value - half), scale * (value + half)
            table["outcome"], table["question"] = self.asked.outcome, question
            table["n"] = [int((answers == level).sum()) for level in levels]
            heaviest = concentration(pd.DataFrame({"y": self.y}), design=self.design, domain=answers)
            names = [str(name) for name in answers.cat.categories]
            table[list(TOP)] = heaviest[[names.index(level) for level in levels]]
            table = table.set_index("category").loc[names].reset_index()
            yield table[list(ADJUSTED_COLUMNS)]

    def inflation(self) -> pd.DataFrame:
        """Variance inflation of every term, the largest first."""
        names = self.matrix.terms
        if len(names) < 2:
            return pd.DataFrame(columns=list(INFLATION_COLUMNS))
        own = [self.matrix.positions(name) - 1 for name in names]
        main = np.concatenate(own)
        places = [np.flatnonzero(np.isin(main, part)) for part in own]
        found = fits.variance_inflation(self.matrix.columns[:, 1:][:, main], self.design.weights, places)
        table = pd.DataFrame({"term": list(names), "columns": [len(part) for part in own], "inflation": found})
        table["per_column"] = table["inflation"] ** (1 / table["columns"])
        return table.sort_values("per_column", ascending=False, kind="stable", ignore_index=True)


def _fit(family: Family, y: Floats, x: Floats, design: SurveyDesign) -> Regression:
    if not (y != y[:1]).any():
        raise MethodError("All interviews have the same outcome, which nothing can explain.", got=str(y[:1]))
    if family == "linear":
        return fits.fit_linear(y, x, design)
    if family == "logistic":
        return fits.fit_logistic(y, x, design)
    return fits.fit_ordered(np.unique(y, return_inverse=True)[1], x[:, 1:], design)


def _spread(columns: Floats, weights: Floats) -> Floats:
    """Weighted standard deviation of each column."""
    products = weighted_products(columns, weights, middle=weights @ columns / weights.sum())
    return np.asarray(np.sqrt(np.diag(products) / weights.sum()), dtype=np.float64)


def _group(row: dict[Any, Any]) -> str | None:
    """The answers a coefficient rests on, as disclosure reads them: age=60+; region=east. None of a score alone."""
    pairs = [(row["term"], row["category"]), (row["other_term"], row["other_category"])]
    named = [f"{question}={code}" for question, code in pairs if code is not None]
    return "; ".join(sorted(named)) or None
