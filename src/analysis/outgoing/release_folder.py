"""The files of the public-use release in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from analysis.outgoing.account import report_page
from analysis.outgoing.background import with_joined
from analysis.outgoing.codebook import codebook_page, summaries
from analysis.outgoing.datafiles import csv_bytes, reading_params, sav_bytes, write_parquet
from analysis.outgoing.ddi import ddi_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.edition import Edition
    from analysis.outgoing.public_file import PublicFile

PUBLICATION = (
    "year",
    "title",
    "subtitle",
    "institute",
    "sponsor",
    "population",
    "mode",
    "date",
    "fieldwork",
    "languages",
)


def write_release(made: PublicFile, edition: Edition, folder: Path) -> None:
    """Write data, codebook, account and metadata into `folder`, and params that read the data again."""
    edition = with_joined(edition, made.safety.joined)
    first, day = edition.languages[0], edition.publication.date
    titles = {lang: edition.publication.title[lang] for lang in edition.languages}
    (folder / "responses.csv").write_bytes(csv_bytes(made))
    write_parquet(made, folder / "responses.parquet", title=titles[first])
    for lang, title in titles.items():
        (folder / f"responses.{lang}.sav").write_bytes(sav_bytes(made, lang, title=title, day=day))
    found, sav = summaries(made), [f"responses.{lang}.sav" for lang in edition.languages]
    for lang in edition.languages:
        (folder / f"codebook.{lang}.html").write_text(codebook_page(made, found, edition, lang), encoding="utf-8")
        (folder / f"report.{lang}.html").write_text(report_page(made, edition, lang, sav=sav), encoding="utf-8")
    files = ["responses.csv", *sav, "responses.parquet"]
    (folder / "ddi.xml").write_bytes(ddi_bytes(made, found, edition, files))
    asked = released_instrument(made, edition)
    if _is_readable(asked, edition):
        (folder / "instrument.yml").write_text(_yaml(asked), encoding="utf-8")
        (folder / "params.yml").write_text(_yaml(released_params(made, edition, sav[0])), encoding="utf-8")


def released_instrument(made: PublicFile, edition: Edition) -> dict[str, Any]:
    """The instrument as far as the file holds its questions: what was left out, and all that rests on it, is gone."""
    there = {variable.key for variable in made.variables}
    asked: dict[str, Any] = _plain(edition.instrument.model_dump(exclude_unset=True))
    for construct in asked["constructs"]:
        construct["items"] = [_routed(item, there) for item in construct["items"] if item["key"] in there]
    asked["constructs"] = [construct for construct in asked["constructs"] if construct["items"]]
    items = {item["key"] for construct in asked["constructs"] for item in construct["items"]}
    asked["profile"] = [question for question in asked.get("profile", ()) if question["key"] in there]
    asked["open"] = [question for question in asked.get("open", ()) if question["key"] in there]
    several = {
        question.key for question in edition.instrument.multiple if question.column(question.options[0]) in there
    }
    asked["multiple"] = [question for question in asked.get("multiple", ()) if question["key"] in several]
    stages = [stage | {"items": [key for key in stage["items"] if key in items]} for stage in asked.get("journey", ())]
    asked["journey"] = [stage for stage in stages if stage["items"]]
    if asked.get("attention") and asked["attention"]["key"] not in there:
        del asked["attention"]
    return {key: value for key, value in asked.items() if value not in ([], None)}


def _routed(item: dict[str, Any], there: set[str]) -> dict[str, Any]:
    route = {key: codes for key, codes in item.get("asked_if", {}).items() if key in there}
    rest = {key: value for key, value in item.items() if key != "asked_if"}
    return rest | ({"asked_if": route} if route else {})


def released_params(made: PublicFile, edition: Edition, path: str) -> dict[str, Any]:
    """Params that read the file again, and make the index of the edition from it."""
    publication = _plain(edition.publication.model_dump(exclude_none=True))
    index = _plain(edition.index.model_dump(by_alias=True, exclude_unset=True))
    there = {variable.key for variable in made.variables}
    index["segments"] = [key for key in index.get("segments", ()) if key in there]
    index["exclude"] = {key: codes for key, codes in index.get("exclude", {}).items() if key in there}
    if edition.index.estimated:  # by replicates of the weighting, which are not made from this file
        del index["weights"]
    design = {part: part for part in ("stratum", "psu") if part in there}
    cleaning = {"duplicates": False, "attention_check": False, "max_longstring_share": None, "min_duration_share": None}
    return {
        "publication": {key: publication[key] for key in PUBLICATION if key in publication},
        "seed": edition.seed,
        "instrument": "instrument.yml",
        "data": {"source": "files", "tables": {"responses": reading_params(made.variables, path)}},
        "cleaning": cleaning,
        **({"weighting": design | {"singleton": edition.weighting.singleton}} if design else {}),
        "index": {key: value for key, value in index.items() if value},
        "disclosure": _plain(edition.disclosure.model_dump(exclude_unset=True)),
    }


def _plain(value: Any) -> Any:
    """Mappings and lists as YAML writes them; days stay days, and numbers that are keys stay numbers."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, tuple | list) else value


def _is_readable(asked: dict[str, Any], edition: Edition) -> bool:
    """Whether what goes out can be reported on again: a dimension and the measure of satisfaction are there."""
    keys = {construct["key"] for construct in asked["constructs"]}
    rated = any(construct["role"] == "dimension" for construct in asked["constructs"])
    return rated and edition.index.csat.construct_key in keys


def _yaml(content: dict[str, Any]) -> str:
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120))
