"""`make new` as a user calls it: two files that `make check` accepts, and nothing that was there is touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from running import make

pytestmark = pytest.mark.build


@pytest.fixture
def export(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    level = random.normal(size=(60, 1)) + random.normal(size=(60, 4))
    frame = pd.DataFrame(np.clip(np.round(3 + level), 1, 5).astype(int), columns=["a1", "a2", "b1", "b2"])
    path = tmp_path / "it's an export.csv"
    frame.assign(region=random.choice(["east", "west"], 60)).to_csv(path, index=False)
    return path


def test_a_draft_is_checked_as_it_is_and_never_written_over(export: Path, tmp_path: Path) -> None:
    params = tmp_path / "params" / "mine.yml"
    arguments = [f"PARAMS={params}", f"OUT={tmp_path / 'out'}"]
    done = make("new", f"FROM={export}", *arguments)
    assert "60 interviews" in done.stdout
    files = [params, params.parent / "instruments" / "mine.yml"]
    drafted = [path.read_text(encoding="utf-8") for path in files]
    assert all("# decide:" in text for text in drafted)
    assert "are valid" in make("check", *arguments).stdout
    again = make("new", f"FROM={export}", *arguments, check=False)
    assert again.returncode
    assert "nothing is overwritten" in again.stderr
    assert [path.read_text(encoding="utf-8") for path in files] == drafted


def test_a_draft_without_a_file_says_how_it_is_called(tmp_path: Path) -> None:
    done = make("new", f"PARAMS={tmp_path / 'mine.yml'}", f"OUT={tmp_path / 'out'}", check=False)
    assert done.returncode
    assert "make new EDITION=mysurvey FROM=export.xlsx" in done.stderr
    assert not (tmp_path / "mine.yml").exists()
