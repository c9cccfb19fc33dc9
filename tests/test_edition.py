"""An edition is its own params over what it extends, with the files it refers to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from analysis.edition import load_edition
from analysis.edition.load import SNAPSHOT, snapshot
from analysis.edition.params import merge
from analysis.edition.sections.publication import Publication


def test_the_default_edition_holds_the_guides_instrument(root: Path) -> None:
    edition = load_edition(root / "params" / "2025.yml")
    assert [len(construct.items) for construct in edition.instrument.constructs] == [4] * 7 + [3, 3, 3, 4]
    assert [construct.key for construct in edition.instrument.dimensions][:2] == ["efficiency", "professionalism"]
    assert edition.instrument.attention is not None
    assert len(edition.instrument.open) == 1
    assert edition.simulated


def test_an_extending_file_changes_only_the_keys_it_names(root: Path, tmp_path: Path) -> None:
    base = root / "params" / "2025.yml"
    path = tmp_path / "2026.yml"
    path.write_text(f"extends: {base}\npublication:\n  year: 2026\ntrend:\n  horizon: 8\n", encoding="utf-8")
    old, new = load_edition(base), load_edition(path)
    assert (new.name, new.publication.year, new.trend.horizon) == ("2026", 2026, 8)
    assert new.publication.title == old.publication.title
    assert new.trend.max_ar == old.trend.max_ar
    assert new.instrument == old.instrument


def test_lists_are_replaced_and_mappings_merged() -> None:
    assert merge({"a": {"x": 1, "y": [1, 2]}, "b": 1}, {"a": {"y": [3]}}) == {"a": {"x": 1, "y": [3]}, "b": 1}


@pytest.mark.parametrize("name", ["2025.yml"])
def test_committed_editions_are_valid(root: Path, name: str) -> None:
    assert load_edition(root / "params" / name).languages == ("zh", "en")


def test_the_snapshot_states_no_more_than_the_params_do(root: Path, tmp_path: Path) -> None:
    """A default that the snapshot spelt out would be told in the report as the edition's own plan."""
    base = root / "params" / "2025.yml"
    content = yaml.safe_load(base.read_text(encoding="utf-8")) | {"sampling": {"design_effect": 1.5}}
    for key in ("instrument", "model", "standards", "benchmarks"):
        content[key] = str(base.parent / content[key])
    (tmp_path / "own.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    edition = load_edition(tmp_path / "own.yml")
    (tmp_path / SNAPSHOT).write_text(json.dumps(snapshot(edition), ensure_ascii=False), encoding="utf-8")
    read = load_edition(tmp_path / SNAPSHOT)
    assert read == edition
    assert read.sampling.states("design_effect")
    assert not read.sampling.states("stratum_margin")
    assert not read.sampling.planned


@pytest.mark.parametrize("name", ["title", "institute"])
@pytest.mark.parametrize("blank", ["", " ", "\r", "\u3000\t"])
def test_a_blank_cover_is_refused(root: Path, name: str, blank: str) -> None:
    publication = load_edition(root / "params" / "2025.yml").publication.model_dump()
    with pytest.raises(ValueError, match=f"{name}.zh must not be blank"):
        Publication.model_validate({**publication, name: {"zh": blank, "en": "Report"}})
    only = {**publication, name: {"zh": blank, "en": "Report"}, "languages": ("en",)}
    assert Publication.model_validate(only).languages == ("en",)
