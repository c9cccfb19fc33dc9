"""What follows from the source alone is made once for all editions beside each other: rules for make, and pages."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from running import ROOT

from analysis.pipeline import deps, pages
from analysis.pipeline.command import Call
from analysis.project import steps
from analysis.results import Store

SMALL = ROOT / "tests" / "editions" / "small.yml"


def _call(output: Path, params: Path = SMALL) -> Call:
    return Call(params=params, output=output, options=argparse.Namespace())


def _not_again(*_: object) -> None:
    pytest.fail("made again")


def test_the_rules_of_an_edition_beside_are_taken_but_not_its_predecessor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "older.yml"
    older.write_text(f"extends: {SMALL}\npublication: {{predecessor: oldest}}\n", encoding="utf-8")
    deps.main(_call(tmp_path / "first", older))
    with monkeypatch.context() as patched:
        patched.setattr(deps, "_derived", _not_again)
        deps.main(_call(tmp_path / "second"))
    first, second = (tmp_path / name / "deps.mk" for name in ("first", "second"))
    assert "oldest" in first.read_text(encoding="utf-8")
    assert "oldest" not in second.read_text(encoding="utf-8")
    deps.main(_call(tmp_path / "apart" / "third"))
    assert second.read_text(encoding="utf-8") == (tmp_path / "apart" / "third" / "deps.mk").read_text(encoding="utf-8")
    records = [tmp_path / name / "deps.json" for name in ("second", "apart/third")]
    assert records[0].read_bytes() == records[1].read_bytes()


def test_rules_of_another_source_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "deps.mk").write_text("LANGUAGES := en\n# of the source 0\nSTEPS := nothing\n", encoding="utf-8")
    (other / "deps.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(deps, "_derived", lambda _: ["STEPS := own"])
    deps.main(_call(tmp_path / "mine"))
    assert "STEPS := own" in (tmp_path / "mine" / "deps.mk").read_text(encoding="utf-8")


def test_a_part_takes_the_pages_of_its_whole_where_they_are_of_the_same_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {step: f"<p>{step}</p>" for step in steps()}
    monkeypatch.setattr(pages, "_from_notebooks", lambda: texts)
    whole, part = tmp_path / "whole", tmp_path / "part"
    for folder, content in ((whole, {}), (part, {"domain": {"of": str(whole)}})):
        folder.mkdir()
        _call(folder).snapshot.write_text(json.dumps(content), encoding="utf-8")
    pages.main(_call(whole))
    with monkeypatch.context() as patched:
        patched.setattr(pages, "_from_notebooks", _not_again)
        pages.main(_call(part))
    assert {step: Store(part).page(step).read_text(encoding="utf-8") for step in steps()} == texts
    texts |= dict.fromkeys(texts, "other")
    Store(whole).remember(pages.RECORD, {"made_from": "other notebooks"})
    pages.main(_call(part))
    assert Store(part).page(steps()[0]).read_text(encoding="utf-8") == "other"
