"""make instrument, make data-release: whole folders or none, only what changed, and results close to the report's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml
from ddi_structure import faults
from lxml import etree
from running import ROOT, edition_arguments, make, own_environment

from analysis.data.intake import load_table
from analysis.edition import load_edition
from analysis.pipeline.exposure import PEOPLE
from analysis.results import Store
from analysis.satisfaction.index import satisfaction_index, score_respondents
from analysis.survey.design.survey_design import specify_design

FORM = {"xlsform.xlsx", "questionnaire.zh.pdf", "questionnaire.en.pdf"}


@pytest.fixture(scope="module")
def params(small_params: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Params of the small edition, to be changed."""
    return Path(shutil.copy2(small_params, tmp_path_factory.mktemp("params")))


@pytest.fixture(scope="module")
def built(small: Path, params: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small edition with its questionnaire and its public-use file."""
    output = Path(shutil.copytree(small, tmp_path_factory.mktemp("outgoing") / "built"))
    make("instrument", "data-release", *edition_arguments(params, output))
    return output


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_both_folders_are_whole_and_stay_as_they_are(built: Path, params: Path) -> None:
    assert set(_contents(built / "instrument")) == FORM
    assert {"responses.csv", "responses.zh.sav", "responses.parquet", "ddi.xml", "report.json"} <= set(
        _contents(built / "data-release")
    )
    assert faults(etree.parse(built / "data-release" / "ddi.xml").getroot()) == []
    times = {path: path.stat().st_mtime_ns for path in built.rglob("*.xlsx")}
    make("instrument", "data-release", *edition_arguments(params, built))
    assert {path: path.stat().st_mtime_ns for path in built.rglob("*.xlsx")} == times


def test_no_id_of_a_person_is_in_any_file_that_can_be_read(built: Path) -> None:
    store = Store(built)
    frames = [store.frame("intake", table, ending="_id") for table in PEOPLE if store.has("intake", f"{table}.parquet")]
    ids = {str(one) for frame in frames for name in frame for one in frame[name].dropna() if len(str(one)) > 5}
    assert len(ids) > 1000
    sav = (built / "data-release" / "responses.zh.sav").read_bytes().decode("latin-1")
    table = pd.read_parquet(built / "data-release" / "responses.parquet").to_csv()
    texts = "".join(path.read_text(encoding="utf-8") for path in (built / "data-release").glob("*.[chxyj]*[lvmn]"))
    assert not [one for one in ids if one in sav or one in table or one in texts]


def test_the_index_of_the_file_is_close_to_the_one_published(built: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built / "data-release", tmp_path / "file"))
    written = yaml.safe_load((folder / "params.yml").read_text(encoding="utf-8"))
    written["data"]["tables"]["responses"]["path"] = str(folder / "responses.zh.sav")
    (folder / "params.yml").write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    edition = load_edition(folder / "params.yml")
    taken = load_table(edition, "responses")
    assert taken is not None
    frame = taken.frame
    scores = score_respondents(frame, instrument=edition.instrument, index=edition.index)
    options = {"instrument": edition.instrument, "index": edition.index}
    design = specify_design(len(frame), weights=frame["weight"].to_numpy())
    found = satisfaction_index(frame, scores, **options, design=design)
    published = Store(built).tables("05_satisfaction")
    for name, ours, column in (
        ("csi_overall", found.overall, "estimate"),
        ("csi_dimensions", found.dimensions, "score"),
    ):
        away = (ours[column] - published[name][column]).abs()
        assert (away < published[name]["se"]).all(), name


def test_another_k_runs_the_release_alone(built: Path, params: Path, tmp_path: Path) -> None:
    output = Path(shutil.copytree(built, tmp_path / "copy"))
    own = Path(shutil.copy2(params, tmp_path / params.name))
    own.write_text(f"{own.read_text(encoding='utf-8')}data_release:\n  k: 9\n", encoding="utf-8")
    done = make("instrument", "data-release", *edition_arguments(own, output))
    assert "_" not in "".join(line for line in done.stdout.splitlines() if line.startswith("["))
    told = json.loads((output / "data-release" / "report.json").read_text(encoding="utf-8"))
    assert (told["k"], told["smallest"] >= 9) == (9, True)
    assert _contents(output / "instrument") == _contents(built / "instrument")


def test_a_release_that_was_killed_is_made_anew_with_the_same_bytes(built: Path, params: Path, tmp_path: Path) -> None:
    output = Path(shutil.copytree(built, tmp_path / "copy"))
    whole, partial = _contents(output / "data-release"), output / ".data-release.partial"
    (output / "data-release" / "ddi.xml").unlink()
    command = ["make", "data-release", *edition_arguments(params, output)]
    options = {"cwd": ROOT, "env": own_environment(), "start_new_session": True}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) as run:
        deadline = time.monotonic() + 120
        while not partial.exists() and run.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        os.killpg(run.pid, signal.SIGKILL)
    assert "ddi.xml" not in _contents(output / "data-release")
    make("data-release", *edition_arguments(params, output))
    assert _contents(output / "data-release") == whole
    assert not partial.exists()
