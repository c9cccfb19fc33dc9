"""Several hundred broken params: each is accepted as it is written, or ends in a clear error. Nothing hangs."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hostile import Tally, is_clear
from small_survey import Survey, as_yaml

from analysis.edition import Edition, load_edition
from analysis.edition.load import Sections
from analysis.errors import EditionError, SurveyReportError
from analysis.sem.model.reader import check_model

Content = dict[str, Any]
WRONG: tuple[object, ...] = (None, -1, 1e308, "text", [], {"x": 1}, True, "1:30", [["a"]])


@pytest.fixture
def base(survey: Survey) -> Content:
    """The whole params of the small survey: every key of every section."""
    edition = survey.edition({})
    content = edition.model_dump(mode="json", by_alias=True)
    named = {"instrument": "instrument.yml", "standards": "standards.yml"}
    return {name: content[name] for name in Sections.model_fields} | named


def _leaves(content: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, (*path, key))


def _changed(content: Content, path: tuple[Any, ...], value: object) -> Content:
    changed = copy.deepcopy(content)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def _write(folder: Path, content: Content) -> Path:
    """As JSON, which is YAML too and written in a tenth of the time; YAML wants a point in numbers and bare dates."""
    text = json.dumps(content, ensure_ascii=False).replace("1e+308", "1.0e+308")
    for day in ("2025-12-31", "2025-09-01", "2025-10-31"):
        text = text.replace(f'"{day}"', day)
    path = folder / "hostile.yml"
    path.write_text(text, encoding="utf-8")
    return path


def _says(edition: object, path: tuple[Any, ...], value: object) -> bool:
    """Whether an accepted edition holds the very value that was written."""
    assert isinstance(edition, Edition)
    found: Any = edition.model_dump(mode="json", by_alias=True)
    for key in path:
        found = found[key]
    if isinstance(value, dict):
        return all(found.get(key) in {inner, str(inner)} for key, inner in value.items())  # codes are texts
    return type(found) in {type(value), float} and bool(found == value)


def test_every_key_with_every_wrong_value(base: Content, survey: Survey, capsys: pytest.CaptureFixture[str]) -> None:
    """The file holds what it must and the section that is wrong: all others have their defaults anyway."""
    tally = Tally()
    places, stated = list(_leaves(base)), yaml.safe_load((survey.folder / "edition.yml").read_text(encoding="utf-8"))
    needed = {name: base[name] for name in stated}
    for number, path in enumerate(places):
        own = needed | {path[0]: base[path[0]]}
        for value in WRONG[number % 3 :: 3]:
            written = _write(survey.folder, _changed(own, path, value))
            tally.judge(
                f"{'.'.join(map(str, path))} = {value!r}",
                lambda written=written: load_edition(written),
                right=lambda edition, path=path, value=value: _says(edition, path, value),
            )
    for path in places:
        own = needed | {path[0]: base[path[0]]}
        for key in ("", "x" * 10_000, "ключ"):
            inner = own
            for step in path[:-1]:
                inner = inner[step]
            if key == "" and isinstance(inner, dict):
                written = _write(survey.folder, _changed(own, (*path[:-1], f"{path[-1]}_"), 1))
                name = f"{'.'.join(map(str, path))}_"
                outcome = tally.judge(name, lambda written=written: load_edition(written), right=lambda _: False)
                if path[:-1] not in {("index", "weights"), ("cleaning", "actions"), ("data", "tables")}:
                    assert outcome == "clear error", name
    with capsys.disabled():
        print(f"\nkeys and values: {sum(tally.counts.values())} params: {tally}")
    assert not tally.faults, "\n".join(tally.faults)
    assert sum(tally.counts.values()) >= 300
    assert tally.counts["clear error"] > 200


TEXTS: dict[str, bytes] = {
    "nested 2,000 deep": b"seed: " + b"[" * 2000 + b"]" * 2000,
    "mappings nested 2,000 deep": b"seed: " + b"{a: " * 2000 + b"1" + b"}" * 2000,
    "nested by indentation": b"".join(b" " * i + b"k:\n" for i in range(300)),
    "never closed": b"seed: " + b"[" * 100_000,
    "a list as key": b"? [a, b]\n: 1\n",
    "a mapping as key": b"? {a: b}\n: 1\n",
    "a list as inner key": b"data:\n  ? [a]\n  : 1\n",
    "a number as key": b"1: 2\n",
    "a date as key": b"2025-01-01: 2\n",
    "nothing as key": b"~: 2\n",
    "billion laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(9)),
    "laughs in keys": b"a: &a {x: 1}\nb: {? *a : 1}\n",
    "an alias of itself": b"a: &a [*a]\n",
    "an alias of its parent": b"a: &a {b: {c: *a}}\n",
    "an unknown alias": b"a: *b\n",
    "a merge key": b"a: &a {seed: 1}\n<<: *a\n",
    "a python tag": b"seed: !!python/object/apply:os.system [echo]\n",
    "a tag of its own": b"seed: !secret 1\n",
    "a false integer": b"seed: !!int text\n",
    "a false float": b"seed: !!float text\n",
    "a false date": b"seed: !!timestamp text\n",
    "a false switch": b"seed: !!bool maybe\n",
    "a false binary": b"seed: !!binary '\xc3\xa9'\n",
    "a set": b"seed: !!set {a, b}\n",
    "an ordered mapping": b"seed: !!omap [a: 1]\n",
    "month 13": b"publication:\n  date: 2025-13-01\n",
    "day 31 in June": b"publication:\n  date: 2025-06-31\n",
    "a number of 5,000 digits": b"seed: " + b"9" * 5000,
    "a number in base 60": b"seed: 1:30\n",
    "a number in base 8": b"seed: 010\n",
    "a number in base 16": b"seed: 0x10\n",
    "a number with underscores": b"seed: 1_000\n",
    "a number with commas": b"seed: 1,000\n",
    "infinity": b"seed: .inf\n",
    "not a number": b"seed: .nan\n",
    "zero bytes": b"seed: 1\n\x00\x00",
    "a bell": b"seed: \x07\n",
    "half a surrogate": b'seed: "\\ud800"\n',
    "UTF-16": "seed: 1\n".encode("utf-16"),
    "UTF-32": "seed: 1\n".encode("utf-32"),
    "Latin-1": "title: déjà\n".encode("latin-1"),
    "Shift JIS": "title: 東京\n".encode("shift_jis"),
    "two documents": b"seed: 1\n---\nseed: 2\n",
    "a directive": b"%YAML 9.9\n---\nseed: 1\n",
    "JSON cut off": b'{"seed": 1, "data": {',
    "HTML": b"<html><body>404</body></html>",
    "a script": b"#!/bin/sh\nrm -rf x\n",
    "only comments": b"# nothing\n",
    "a scalar": b"hello",
    "a long line": b"x" * 1_000_000,
    "3 MB": b"# " + b"x" * 3_000_000,
    "100,000 keys": b"".join(b"k%d: 1\n" % i for i in range(100_000)),
    "300,000 values": b"a: [" + b"1," * 300_000 + b"1]\n",
    "5,000 unknown keys": b"".join(b"wieghting%d: 1\n" % i for i in range(5_000)),
    "extends a folder": b"extends: .\n",
    "extends a device": b"extends: /dev/zero\n",
    "extends a path with NUL": b'extends: "a\\0b"\n',
    "extends a name of 5,000 letters": b"extends: " + b"x" * 5000,
    "extends nothing": b"extends:\n",
    "extends a number": b"extends: 1\n",
    "extends what is below a file": b"extends: hostile.yml/x.yml\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_ends_in_a_clear_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.yml"
    path.write_bytes(TEXTS[name])
    tally = Tally()
    assert tally.judge(name, lambda: load_edition(path), right=lambda _: False) == "clear error", tally.faults


PLACES: dict[str, Callable[[Path], object]] = {
    "folder": lambda path: path.mkdir(),
    "FIFO": os.mkfifo,
    "link to itself": lambda path: path.symlink_to(path),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to nothing": lambda path: path.symlink_to("nowhere"),
    "two links in a circle": lambda path: (
        path.symlink_to(path.with_name("other")),
        path.with_name("other").symlink_to(path),
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", ["params", "instrument", "standards", "benchmarks", "model", "extends", "responses"])
def test_what_is_no_file_is_refused_wherever_it_is_named(
    place: str, key: str, base: Content, survey: Survey, tmp_path: Path
) -> None:
    from analysis.data.intake import check_tables

    odd = tmp_path / "odd.yml"
    PLACES[place](odd)
    content = base | {key: "odd.yml"}
    if key == "responses":
        odd = odd.rename(tmp_path / "odd.csv") if place != "link to itself" else odd
        source = {"path": str(odd), "format": "csv"}
        edition = survey.edition({"responses": source | {"path": odd.name}})
        tally = Tally()

        def read() -> object:
            problems = check_tables(edition)[1]
            if problems:
                raise problems[0]
            return None

        assert tally.judge(place, read, right=lambda _: False) == "clear error", tally.faults
        return
    path = odd if key == "params" else _write(survey.folder, content)
    tally = Tally()
    assert tally.judge(f"{key}: {place}", lambda: load_edition(path), right=lambda _: False) == "clear error", (
        tally.faults
    )


def test_1500_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"e{number}.yml").write_text(f"extends: e{number + 1}.yml\nseed: 1\n", encoding="utf-8")
    with pytest.raises(EditionError, match="at most 20 files in a row"):
        load_edition(tmp_path / "e0.yml")


SECRET = "hunter2-top-secret"
PRIVATE = {
    "passwords": f"root:x:0:0:{SECRET}\n",
    "a mapping": f"password: {SECRET}\nuser: {SECRET}\n",
    "broken YAML": f"password: [{SECRET}\n  {SECRET}: }}\n",
    "a key twice": f"{SECRET}: 1\n{SECRET}: 2\n",
    "a tag": f"a: !{SECRET} 1\n",
    "an environment": f"export TOKEN={SECRET}\n",
    "a table": f"id,{SECRET}\n1,{SECRET}\n",
    "not UTF-8": f"é {SECRET}\n",
}


@pytest.mark.parametrize("content", PRIVATE)
@pytest.mark.parametrize("key", ["instrument", "model", "standards", "benchmarks", "extends"])
def test_a_wrong_path_does_not_print_what_stands_in_that_file(
    key: str, content: str, base: Content, survey: Survey
) -> None:
    private = survey.folder / "private"
    private.write_bytes(PRIVATE[content].encode("latin-1" if content == "not UTF-8" else "utf-8"))
    with pytest.raises(SurveyReportError) as caught:
        load_edition(_write(survey.folder, base | {key: "private"}))
    assert SECRET not in str(caught.value)
    assert "private" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "read"),
    [("1:30", "1:30"), ("010", "010"), ("no", "no"), ("0x1F", "0x1F"), ("on", "on"), ("1_000", "1_000"), ("7", "7")],
)
def test_codes_are_read_as_they_are_written(written: str, read: str, tmp_path: Path) -> None:
    from analysis.edition.sections.data import TableSource

    path = tmp_path / "codes.yml"
    path.write_text(f"path: a.csv\nmissing: [{written}]\n", encoding="utf-8")
    from analysis.edition.reading import read_yaml

    assert TableSource.model_validate(read_yaml(path)).missing == (read,)


TWICE: dict[str, Content] = {
    "segments": {"index": {"csat": {"construct": "overall", "satisfied_from": 4.0}, "segments": ["kind", "kind"]}},
    "margins": {"weighting": {"margins": ["kind", "city", "kind"]}},
    "nonresponse": {"weighting": {"nonresponse": {"variables": ["kind", "kind"]}}},
    "domains": {"sampling": {"domains": ["city", "city"]}},
    "languages": {"publication": {"languages": ["zh", "zh"]}},
    "adjust": {"fieldwork": {"adjust": ["kind", "kind"]}},
}


@pytest.mark.parametrize("name", TWICE)
def test_a_name_listed_twice_is_refused(name: str, base: Content, survey: Survey) -> None:
    content = {key: base[key] | TWICE[name].get(key, {}) if isinstance(base[key], dict) else base[key] for key in base}
    with pytest.raises(SurveyReportError, match="is listed twice"):
        load_edition(_write(survey.folder, content))


CATEGORIES = [{"code": "a", "zh": "甲", "en": "A"}, {"code": "b", "zh": "乙", "en": "B"}]
INSTRUMENTS: dict[str, tuple[Callable[[Content], object], str]] = {
    "construct csi": (lambda c: c["constructs"][0].update(key="csi"), "column name of its own"),
    "construct csat": (lambda c: c["constructs"][0].update(key="csat"), "column name of its own"),
    "construct satisfied": (lambda c: c["constructs"][0].update(key="satisfied"), "column name of its own"),
    "construct dimensions": (lambda c: c["constructs"][0].update(key="dimensions"), "column name of its own"),
    "question csi": (lambda c: c["profile"][0].update(key="csi"), "column name of its own"),
    "item weight": (lambda c: c["constructs"][0]["items"][0].update(key="weight"), "column name of its own"),
    "code twice": (lambda c: c["profile"][0].update(categories=[*CATEGORIES, CATEGORIES[0]]), "'a' more than once"),
    "wording twice": (
        lambda c: c["profile"][0].update(categories=[*CATEGORIES, {"code": "c", "zh": "甲", "en": "C"}]),
        "wording zh '甲' more than once",
    ),
    "number and text": (
        lambda c: c["profile"][0].update(
            categories=[{"code": 1, "zh": "甲", "en": "A"}, CATEGORIES[0] | {"code": "1"}]
        ),
        "'1' more than once",
    ),
    "key with a dot": (lambda c: c["profile"][0].update(key="a.b"), "letters, digits"),
    "key with NUL": (lambda c: c["profile"][0].update(key="a\x00b"), "letters, digits|not valid YAML"),
    "empty key": (lambda c: c["profile"][0].update(key=""), "letters, digits"),
}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_keys_and_codes_that_would_collide_are_refused(name: str, base: Content, survey: Survey) -> None:
    change, words = INSTRUMENTS[name]
    instrument = yaml.safe_load((survey.folder / "instrument.yml").read_text(encoding="utf-8"))
    change(instrument)
    (survey.folder / "instrument.yml").write_text(as_yaml(instrument), encoding="utf-8")
    with pytest.raises(SurveyReportError, match=words):
        load_edition(_write(survey.folder, base))


LOADINGS = "service =~ q1 + q2\noverall =~ s1\noverall ~ a*service\n"
MODELS: dict[str, str] = {
    "label inf": LOADINGS.replace("a*", "inf*"),
    "label nan": LOADINGS.replace("a*", "nan*"),
    "label Infinity": LOADINGS.replace("a*", "Infinity*"),
    "number out of range": LOADINGS.replace("a*", "1e999*"),
    "full-width number": LOADINGS.replace("a*", "１e9*"),
    "tower of powers": f"{LOADINGS}x := 9^9^9^9\n",
    "tower inside": f"{LOADINGS}x := a + 9^9^9^9^9\n",
    "division by zero": f"{LOADINGS}x := a / 0\n",
    "logarithm of zero": f"{LOADINGS}x := a * log(0)\n",
    "large exponential": f"{LOADINGS}x := exp(9999)\n",
    "deep brackets": f"{LOADINGS}x := {'(' * 500}a{')' * 500}\n",
    "many signs": f"{LOADINGS}x := {'-' * 900}a\n",
    "long sum": f"{LOADINGS}x := {'+'.join(['a'] * 900)}\n",
    "long definition": f"{LOADINGS}x := {'a*' * 90_000}a\n",
    "a call": f"{LOADINGS}x := __import__('os')\n",
    "an attribute": f"{LOADINGS}x := a.__class__\n",
    "long term": f"service =~ {'q' * 100_000}\n",
    "spaces before a star": f"service =~ a{' ' * 50_000}b\n",
    "5,000 statements": "service =~ q1 + q2\n" * 5_000,
    "3,000 unknown items": "service =~ " + " + ".join(f"q1{i}" for i in range(3_000)),
    "zero byte": "service =~ q1\x00 + q2\n",
    "only operators": "=~ ~ ~~ :=",
}


@pytest.mark.parametrize("name", MODELS)
def test_a_hostile_model_ends_in_a_clear_error(name: str, survey: Survey) -> None:
    instrument, tally = survey.edition({}).instrument, Tally()
    outcome = tally.judge(
        name, lambda: check_model(MODELS[name], instrument=instrument, where="m.lav"), right=lambda _: False
    )
    assert outcome == "clear error", tally.faults


def test_a_clear_error_says_where_and_what_to_do() -> None:
    assert not is_clear(EditionError("wrong"))
    assert is_clear(EditionError("wrong", where="a.yml", hint="mend it"))
