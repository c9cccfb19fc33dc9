"""The page on the params: its examples are valid, and it names every key there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from analysis.edition.expressions import FUNCTIONS, parse
from analysis.edition.instrument import Instrument
from analysis.edition.load import Sections
from analysis.edition.params import Params, validate
from analysis.edition.sections.data import Filter, TableSource
from analysis.edition.sections.publication import Publication
from analysis.edition.sections.weighting import Weighting

ASKED = (
    "Scale",
    "Construct",
    "Item",
    "ProfileQuestion",
    "Category",
    "MultipleQuestion",
    "NumericQuestion",
    "AttentionCheck",
)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "params" / "README.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_are_valid(page: str, root: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.S)
    source, made, instrument, publication, weighting = (yaml.safe_load(block) for block in blocks)
    read = validate(TableSource, source["responses"], path=root)
    for text in made["derive"].values():
        parse(text)
    asked = validate(Instrument, instrument, path=root)
    assert validate(Publication, publication["publication"], path=root).people.en.many == "patients"
    assert validate(Weighting, weighting, path=root).calibration.numbers == ("income", "visits")
    known = {*asked.item_keys, *asked.profile_keys, "respondent_id", "submitted_at", "duration_s", "weight", "wave"}
    known |= {question.key for question in asked.multiple}
    known |= {question.column(option) for question in asked.multiple for option in question.options}
    assert set(read.columns) <= known
    assert [category.code for category in asked.question("age").categories] == ["18-29", "30-44", "45-59", "60+"]


def test_the_page_names_every_key(page: str) -> None:
    import analysis.edition.instrument as asked

    examples = "\n".join(re.findall(r"```yaml\n(.*?)```", page, re.S))
    models: list[type[Params]] = [TableSource, Filter, Instrument, *(getattr(asked, name) for name in ASKED)]
    for model in models:
        lacking = [key for key in model.model_fields if not re.search(rf"\b{key}\b", examples)]
        assert not lacking, f"{model.__name__}: {lacking}"
    rows = dict(re.findall(r"^`(\w+)` \| (.+)$", page, re.M))
    for name, field in Sections.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            named = set(re.findall(r"`(\w+)`", rows[name]))
            assert set(section.model_fields) <= named, name


def test_the_page_names_every_function_of_expressions(page: str) -> None:
    assert [name for name in FUNCTIONS if not re.search(rf"\b{name}\b", page)] == []
