"""Open answers of the survey: how many customers speak of what, in what tone, and how they rate it.

Everything is weighted with the design of the survey, and the writers are a part of all who were asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.survey.estimation.differences import (
    Adjustment,
    adjust_p_values,
    compare_estimates,
    estimate_jointly,
)
from analysis.survey.estimation.estimates import proportions
from analysis.text.labelling import labelled_texts
from analysis.text.sentiment import NEGATIVE, TONES
from analysis.text.shares import MIN_LABELS, Labelled, corrected_share, logit_interval, quality
from analysis.text.themes import NO_THEME, named_themes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.edition.dictionary import Dictionary
    from analysis.edition.sections.text import TextReading
    from analysis.survey.design.survey_design import SurveyDesign
    from analysis.text.analysis import AnalysedTexts

RATED = ("score", "others", "difference", "difference_low", "difference_high", "p_adjusted")
ANSWER_COLUMNS = (
    *("category", "n", "mentions", "share", "ci_low", "ci_high", "negative", "negative_low", "negative_high"),
    *("labelled", "corrected"),
)


@dataclass(frozen=True)
class AnswerTexts:
    """tone, themes and aspects of the open answers (ANSWER_COLUMNS; themes and aspects with construct and RATED);
    quality by the labels (or None).
    """

    tone: pd.DataFrame
    themes: pd.DataFrame
    aspects: pd.DataFrame
    quality: pd.DataFrame | None

    def tables(self) -> dict[str, pd.DataFrame | None]:
        """The tables to publish; group names the writers of a row."""
        named = {"comment_themes": (self.themes, "theme"), "comment_aspects": (self.aspects, "aspect")}
        return {
            name: table.assign(group=f"comment.{kind}=" + table["category"].astype(str))
            for name, (table, kind) in named.items()
        }


def measure_answers(
    texts: AnalysedTexts,
    responses: pd.DataFrame,
    *,
    dictionary: Dictionary,
    rules: TextReading,
    design: SurveyDesign,
    scores: pd.DataFrame | None = None,
    labels: pd.DataFrame | None = None,
    adjustment: Adjustment = "holm",
    min_n: int = 30,
    seed: int = 0,
) -> AnswerTexts:
    """Everything that the open answers say (texts: by the rows of `responses`, which are those of the design).

    scores: of all respondents, in the same rows; without them nothing is said of how the writers rate.
    """
    read, rows, level = texts.frame, responses.index, rules.confidence
    scores = pd.DataFrame(index=rows) if scores is None else scores
    themes = named_themes(read, dictionary)
    told = {what: labelled_texts(labels, read, "answers", what) for what in ("tone", "theme")}
    each = pd.DataFrame({name: read["theme"] == name for name in themes}, index=read.index)
    options: dict[str, Any] = {"design": design, "confidence": level}
    by_theme = mentions_of_answers(read, each, rows, labels=told["theme"], **options)
    by_aspect = mentions_of_answers(
        read, texts.aspects.assign(**{NO_THEME: ~texts.aspects.any(axis=1)}), rows, **options
    )
    constructs = construct_of(dictionary, list(scores.columns))
    options |= {"adjustment": adjustment, "min_n": min_n}
    rated = rated_by_writers(each, scores, constructs, **options)
    rated_aspects = rated_by_writers(texts.aspects, scores, {str(name): str(name) for name in texts.aspects}, **options)
    judged = [
        quality(read[what], categories, labels_of, confidence=level, seed=seed).assign(source="answers", what=what)
        for what, categories in (("tone", list(TONES)), ("theme", themes))
        if (labels_of := told[what]) is not None
    ]
    return AnswerTexts(
        tone=tone_of_answers(read, rows, labels=told["tone"], design=design, confidence=level),
        themes=_ordered(by_theme.merge(rated, on="category", how="left")).assign(
            construct=lambda table: table["category"].map(constructs).astype(object)
        ),
        aspects=_ordered(by_aspect.merge(rated_aspects, on="category", how="left")),
        quality=pd.concat(judged, ignore_index=True) if judged else None,
    )


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """The largest share first, and last those that nothing was found for."""
    last = (table["category"] == NO_THEME).to_numpy()
    return table.iloc[np.lexsort((-table["share"].to_numpy(dtype=float), last))].reset_index(drop=True)


def tone_of_answers(
    read: pd.DataFrame, rows: pd.Index[Any], *, design: SurveyDesign, labels: Labelled | None, confidence: float
) -> pd.DataFrame:
    """Weighted share of each tone among the writers, with the columns of ANSWER_COLUMNS that have a meaning there."""
    each = pd.DataFrame({tone: read["tone"] == tone for tone in TONES}, index=read.index)
    table = _shares(each, rows, design, confidence)
    table = _corrected(table, read["tone"], labels, rows, design, confidence)
    return table[["category", "n", "mentions", "share", "ci_low", "ci_high", "labelled", "corrected"]]


def mentions_of_answers(
    read: pd.DataFrame,
    each: pd.DataFrame,
    rows: pd.Index[Any],
    *,
    design: SurveyDesign,
    labels: Labelled | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Weighted share of the writers who speak of each thing, and of these the share whose tone is negative.

    read: the texts with theme and tone, `each`: whether each speaks of each thing (columns), both by the index of the
    respondents; rows: that of all respondents, as the design has them. Returns ANSWER_COLUMNS: n writers, mentions of
    them who speak of it. Shares are corrected where `labels` tell the theme of some.
    """
    table = _shares(each, rows, design, confidence)
    if labels is not None:
        table = _corrected(table, read["theme"], labels, rows, design, confidence)
    tone = (read["tone"] == NEGATIVE).astype(float)
    values = pd.DataFrame({name: tone.where(each[name]) for name in each}).reindex(rows)
    negative = proportions(values, design=design, confidence=confidence)
    told = {"negative": negative["estimate"], "negative_low": negative["ci_low"], "negative_high": negative["ci_high"]}
    return table.assign(**{name: column.to_numpy() for name, column in told.items()})[list(ANSWER_COLUMNS)]


def _shares(each: pd.DataFrame, rows: pd.Index[Any], design: SurveyDesign, confidence: float) -> pd.DataFrame:
    found = proportions(each.astype(float).reindex(rows), design=design, confidence=confidence)
    table = found.drop(columns="category").rename(columns={"variable": "category", "estimate": "share"})
    return table.assign(mentions=each.sum().to_numpy(dtype=int), labelled=0, corrected=False)


def _corrected(
    table: pd.DataFrame,
    said: pd.Series[Any],
    labels: Labelled | None,
    rows: pd.Index[Any],
    design: SurveyDesign,
    confidence: float,
) -> pd.DataFrame:
    """Shares by PPI++ with the weights of the design, where enough answers were labelled."""
    told = 0 if labels is None else len(labels.truth)
    table = table.assign(labelled=told)
    if labels is None or told < MIN_LABELS:
        return table
    weights: Any = pd.Series(design.weights, index=rows).reindex(said.index).to_numpy(dtype=np.float64)
    strata = labels.strata.reindex(said.index).to_numpy(dtype=object).astype(str)
    places = said.index.get_indexer(labels.truth.index)
    for row, category in enumerate(table["category"]):
        truth = (labels.truth.to_numpy(dtype=object) == category).astype(float)
        predicted = (said == category).to_numpy(dtype=float)
        share, se = corrected_share(predicted, strata, places, truth, weights=weights)
        bounds = logit_interval(share, se, confidence=confidence)
        table.loc[table.index[row], ["share", "ci_low", "ci_high"]] = share, *bounds
    return table.assign(corrected=True)


def rated_by_writers(
    each: pd.DataFrame,
    scores: pd.DataFrame,
    constructs: dict[str, str],
    *,
    design: SurveyDesign,
    confidence: float,
    adjustment: Adjustment = "holm",
    min_n: int = 30,
) -> pd.DataFrame:
    """Score of a construct among those who speak of a thing, and among the other writers.

    each: as above; scores: of all respondents, in the rows of the design; constructs: the one that each thing belongs
    to. Returns category and RATED; nothing is told of fewer than `min_n` writers.
    """
    rows = []
    for name, construct in constructs.items():
        if name not in each or construct not in scores:
            continue
        said = each[name]
        if min(int(said.sum()), int((~said).sum())) < min_n:
            continue
        side = pd.Series("others", index=said.index, dtype=object).mask(said, "own").reindex(scores.index)
        values = scores[[construct]]
        domain = side.astype(pd.CategoricalDtype(["own", "others"]))
        joint = estimate_jointly(values, domain=domain, design=design)
        found = compare_estimates(joint, adjustment="none", confidence=confidence).iloc[0]
        level = np.asarray(joint.estimate, dtype=float).ravel()
        rows.append((name, *level[:2], *found[["difference", "ci_low", "ci_high", "p"]]))
    table = pd.DataFrame(rows, columns=["category", *RATED[:-1], "p"])
    table["p_adjusted"] = adjust_p_values(table["p"].to_numpy(dtype=float), method=adjustment)
    return table[["category", *RATED]]


def construct_of(dictionary: Dictionary, known: Sequence[str]) -> dict[str, str]:
    """The construct of each theme, among those that the instrument has."""
    return {one.key: one.construct_key for one in dictionary.themes if one.construct_key and one.construct_key in known}
