"""What a part takes over of the whole: its rows, the decisions on them, and their weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_survey import Survey

from analysis.edition import Edition
from analysis.edition.sections.domain import Domain
from analysis.errors import ResultsError
from analysis.pipeline.part_of_whole import belongs, take_table, taken_files
from analysis.pipeline.taken_over import take_over
from analysis.results import Store
from analysis.satisfaction.index import score_respondents
from analysis.survey.cleaning.rules import clean
from analysis.survey.design.survey_design import restore_design, specify_design
from analysis.survey.estimation.estimates import means


@pytest.fixture
def part(survey: Survey, tmp_path: Path) -> tuple[Edition, Store, Store]:
    """Edition and empty store of those who rate a bank, and the whole, cleaned and weighted."""
    whole, edition = Store(tmp_path / "whole"), survey.edition({})
    rng, n = np.random.default_rng(3), 200
    responses = pd.DataFrame(
        {
            "respondent_id": [f"r{number:03d}" for number in range(n)],
            "kind": rng.choice(["bank", "fund"], n),
            "city": rng.choice(["x", "y"], n),
            **{key: rng.integers(1, 6, n).astype(float) for key in ("q1", "q2", "s1")},
            "check": 4,
        }
    )
    responses.loc[:9, "check"] = 1
    cleaned = clean(responses, instrument=edition.instrument, cleaning=edition.cleaning)
    scores = score_respondents(responses, instrument=edition.instrument, index=edition.index)[cleaned.is_kept]
    design = specify_design(len(cleaned.kept), weights=rng.uniform(1, 2, len(cleaned.kept)))
    told = {"available": True, "read": n, "accepted": n, "filtered": 0, "quarantined": 0}
    whole.save_frame("intake", "responses", responses)
    whole.save_record("intake", "responses", told)
    others = {"population": pd.DataFrame({"kind": ["bank"]}), "training": pd.DataFrame({"unit": ["a"]})}
    for table, frame in others.items():
        whole.save_frame("intake", table, frame)
        whole.save_record("intake", table, told)
    whole.save_record("intake", "frame", {"available": False})
    frames = {"responses": cleaned.kept, "scores": scores, "flags": cleaned.flags, "decisions": cleaned.decisions}
    for name, frame in frames.items():
        whole.save_frame("03_cleaning", name, frame.reset_index(drop=True))
    whole.save_tables("03_cleaning", {"exclusion_log": cleaned.log})
    whole.save_frame("04_weighting", "design", design.frame())
    whole.save_record("04_weighting", "design", design.record())
    whole.save_record("04_weighting", "weighting", {"available": False, "trimmed": 3})
    whole.save_frame("05_satisfaction", "scores", scores.reset_index(drop=True))
    domain = Domain(of=str(tmp_path / "whole"), where={"kind": ("bank",)})
    own = edition.model_copy(update={"domain": domain})
    store = Store(tmp_path / "part")
    take_table(own, store, "responses")
    return own, store, whole


def test_a_part_is_a_domain_of_the_design_of_the_whole(
    part: tuple[Edition, Store, Store],
) -> None:
    own, store, whole = part
    for step in ("03_cleaning", "04_weighting"):
        take_over(own, store, step)
    kept, all_kept = store.frame("03_cleaning", "responses"), whole.frame("03_cleaning", "responses")
    assert set(kept["kind"]) == {"bank"}
    design = restore_design(store.frame("04_weighting", "design"), store.record("04_weighting", "design"))
    drawn = restore_design(whole.frame("04_weighting", "design"), whole.record("04_weighting", "design"))
    csi = whole.frame("05_satisfaction", "scores")[["csi"]]
    expected = means(csi, design=drawn, domain=all_kept["kind"]).set_index("category").loc["bank"]
    found = means(store.frame("03_cleaning", "scores")[["csi"]], design=design).iloc[0]
    assert found[["estimate", "se", "n"]].tolist() == pytest.approx(
        expected[["estimate", "se", "n"]].tolist(), rel=1e-12
    )
    compared = store.tables("04_weighting")["against_whole"].set_index("measure")
    assert compared.loc["csi", "value"] == pytest.approx(expected["estimate"])
    assert compared.loc["csi", "whole"] == pytest.approx(np.average(csi["csi"], weights=drawn.weights))


def test_decisions_and_counts_of_a_part_are_its_own(part: tuple[Edition, Store, Store]) -> None:
    own, store, whole = part
    take_over(own, store, "03_cleaning")
    accepted = whole.frame("intake", "responses")
    record = store.record("03_cleaning", "cleaning")
    assert record["raw"] == (accepted["kind"] == "bank").sum()
    assert record["excluded"] == (accepted.loc[:9, "kind"] == "bank").sum()
    log = store.tables("03_cleaning")["exclusion_log"].set_index("rule")
    assert log.loc["kept", "remaining"] == record["kept"] == len(store.frame("03_cleaning", "responses"))


@pytest.mark.parametrize("table", ["population", "training", "frame"])
def test_tables_of_the_whole_alone_are_left_out(part: tuple[Edition, Store, Store], table: str) -> None:
    own, store, _ = part
    take_table(own, store, table)
    assert store.lacks(table)


def test_a_part_of_nobody_and_a_whole_that_was_not_made_are_errors(part: tuple[Edition, Store, Store]) -> None:
    own, store, whole = part
    nobody = own.model_copy(update={"domain": Domain(of=str(whole.root), where={"kind": ("none",)})})
    with pytest.raises(ResultsError, match="Nobody"):
        take_table(nobody, store, "responses")
    lost = own.model_copy(update={"domain": Domain(of=str(whole.root / "no"), where={"kind": ("bank",)})})
    with pytest.raises(ResultsError, match="has not been made"):
        take_table(lost, store, "responses")


def test_what_a_part_takes_is_what_its_stamps_are_made_of(part: tuple[Edition, Store, Store]) -> None:
    own, _, whole = part
    names = {path.relative_to(whole.root / "results").as_posix() for path in taken_files(own.domain, "responses")}
    assert {"intake/responses.parquet", "03_cleaning/decisions.parquet", "04_weighting/design.parquet"} <= names
    assert taken_files(own.domain, "waves") == []


def test_who_gave_no_answer_belongs_to_no_part() -> None:
    frame = pd.DataFrame({"a": ["x", None, "y", "nan"], "b": ["1", "1", "1", "2"]})
    assert belongs(frame, {"a": ("x", "nan"), "b": ("1", "2")}).tolist() == [True, False, False, True]
    assert belongs(frame, {}).all()
