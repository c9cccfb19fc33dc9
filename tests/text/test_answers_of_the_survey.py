"""What open answers say is told without scores too: only how their writers rate is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.edition.dictionary import DEFAULT_DICTIONARY, load_dictionary
from analysis.edition.sections.text import TextReading
from analysis.survey.design.survey_design import specify_design
from analysis.text.analysis import analyse_texts
from analysis.text.answers import RATED, measure_answers

SAID = (
    "The wait at the counter was far too long",
    "Fees were not explained clearly",
    "Staff were friendly and helpful",
)


def test_shares_of_open_answers_do_not_hang_on_scores() -> None:
    said = [SAID[place % 3] if place % 2 else "" for place in range(300)]
    responses = pd.DataFrame({"respondent_id": [str(place) for place in range(300)], "comment": said})
    scores = responses[["respondent_id"]].assign(efficiency=np.arange(300) % 100.0)
    reading = {"dictionary": load_dictionary(DEFAULT_DICTIONARY), "rules": TextReading()}
    texts = analyse_texts(responses, columns=["comment"], ids="respondent_id", constructs=["efficiency"], **reading)
    design = specify_design(300)
    rated = measure_answers(texts, responses, design=design, scores=scores, **reading)
    alone = measure_answers(texts, responses, design=design, **reading)
    pd.testing.assert_frame_equal(alone.tone, rated.tone)
    left = [name for name in rated.themes if name not in (*RATED, "construct")]
    pd.testing.assert_frame_equal(alone.themes[left], rated.themes[left])
    assert rated.themes["score"].notna().any()
    assert alone.themes["score"].isna().all()
    assert alone.themes["mentions"].sum() >= 100
