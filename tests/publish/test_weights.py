"""What later steps get of the weights: strata and replicates where there are any, nothing else where not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ResultsError
from analysis.publish.weights import survey_weights, variance_record
from analysis.results import Store


def _save(store: Store, *, stratum: list[str | None] | None = None, replicates: int | None = None) -> None:
    frame = pd.DataFrame({"respondent_id": ["a", "b", "c", "d"], "weight": [1.0, 2.0, 0.5, 0.5]})
    store.save_frame("04_weighting", "weights", frame if stratum is None else frame.assign(stratum=stratum))
    record = {"available": True}
    if replicates is not None:
        columns = {f"r{i + 1:04d}": np.ones(4, dtype=np.float32) for i in range(replicates)}
        store.save_frame("04_weighting", "replicates", pd.DataFrame(columns))
        record |= {"replicate_method": "bootstrap", "replicate_factors": [0.5, 0.5], "replicate_degrees": 1}
    store.save_record("04_weighting", "weighting", record)


def test_plain_weights_have_neither_strata_nor_replicates(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _save(store)
    drawn = survey_weights(store)
    np.testing.assert_array_equal(drawn["weights"], [1.0, 2.0, 0.5, 0.5])
    assert drawn["strata"] is None
    assert drawn["replicates"] is None
    assert variance_record(drawn) == {"variance": "taylor", "replicates": 0, "strata": 0, "units": 0}


def test_strata_and_replicates_are_read_where_they_are_complete(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _save(store, stratum=["n", "n", "s", "s"], replicates=2)
    drawn = survey_weights(store)
    assert list(drawn["strata"]) == ["n", "n", "s", "s"]
    assert drawn["replicates"].weights.shape == (4, 2)
    assert drawn["replicates"].weights.dtype == np.float64
    assert variance_record(drawn) == {"variance": "bootstrap", "replicates": 2, "strata": 2, "units": 0}
    _save(store, stratum=["n", None, "s", "s"])
    assert survey_weights(store)["strata"] is None
    assert survey_weights(store)["replicates"] is None


def test_sampling_units_are_counted_within_their_strata(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _save(store, stratum=["n", "n", "s", "s"])
    frame = store.frame("04_weighting", "weights").assign(psu=[1, 2, 1, 1])
    store.save_frame("04_weighting", "weights", frame)
    drawn = survey_weights(store)
    assert list(drawn["psu"]) == [1, 2, 1, 1]
    assert variance_record(drawn)["units"] == 3


def test_replicates_that_do_not_match_are_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _save(store, replicates=3)
    with pytest.raises(ResultsError, match="do not match the weights"):
        survey_weights(store)
