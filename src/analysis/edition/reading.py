"""YAML as it is written: plain scalars by the rules of YAML 1.2, keys given once; size, depth and aliases bounded."""

from __future__ import annotations

import pickle
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import EditionError
from analysis.files import read_params

MAX_DEPTH = 40
"""Mappings and lists inside one another."""
MAX_NODES = 200_000
"""Values of one file, each alias counted as all that it stands for."""

_PLAIN = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    "float": (
        r"[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?[eE][-+]?[0-9]{1,4}|(?:0|[1-9][0-9]*)\."
        r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "null": (r"~|null|Null|NULL|", "~nN\0"),
    "timestamp": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
}
"""Pattern and first characters of the plain scalars that are no text. YAML 1.1 would take 1:30 for 90, 010 for 8 and
`no` for false: they are text."""


_DAMAGE = (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What PyYAML raises; the later ones for values that their tag or form does not allow, such as month 13."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe loader (in C where there is one) that refuses a key given twice, which YAML would silently overwrite."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, (_pattern, _first) in _PLAIN.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), ["" if c == "\0" else c for c in _first]
    )


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is a list or a mapping", key_node.start_mark)
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is given twice in one mapping", key_node.start_mark
            )
        seen.add(key)
    return dict(loader.construct_mapping(node, deep=True))


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path, *, key: str = "", holds: Sequence[str] = ()) -> dict[str, Any]:
    """Read one YAML mapping; raises EditionError when the file is missing, too large, not UTF-8, no YAML or no mapping.

    `key` is the key of the params that names the file, which must hold one of the keys `holds`: what stands in a file
    that is no such file is not shown to anybody.
    """
    text = decode(path, read_params(path, key=key))
    if holds and not re.search(rf"\b(?:{'|'.join(holds)})[\"']?\s*:", text):
        raise EditionError(
            "The file is not of the kind that its place in the params asks for.",
            where=str(path),
            expected=f"a file with the key{'s' * (len(holds) > 1)} {', '.join(holds)}",
            got="none of them",
            hint=f"check the key `{key}`",
        )
    try:
        content = pickle.loads(_parsed(text))
    except _DAMAGE as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        raise EditionError(
            "A params file is not valid YAML.",
            where=where,
            got=str(getattr(error, "problem", None) or error),
            hint="check indentation, colons and quotes near that line",
        ) from None
    if not isinstance(content, dict):
        raise EditionError(
            "A params file holds no keys.", where=str(path), expected="key: value lines", got=type(content).__name__
        )
    return content


@lru_cache(maxsize=64)
def _parsed(text: str) -> bytes:
    """What a YAML text says, pickled: a process that reads many editions of one survey parses what they share once."""
    _check_size(text)
    return pickle.dumps(yaml.load(text, Loader=_Loader))


def decode(path: Path, data: bytes) -> str:
    """Text of a params file; raises EditionError unless it is UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EditionError(
            "A params file is not UTF-8 text.",
            where=f"{path}, byte {error.start}",
            expected="UTF-8",
            hint="save the file as UTF-8 in the editor",
        ) from None


def _check_size(text: str) -> None:
    """Walk over the events of a file, which builds nothing, and raise YAMLError where it is too deep or too large."""
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes and any(anchor == event.anchor for anchor, _ in opened):
                raise _refused("an alias stands inside of what it stands for", event)
            total += sizes.get(str(event.anchor), 0)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            total += 1
            opened.append((event.anchor, total - 1))
            if len(opened) > MAX_DEPTH:
                raise _refused(f"more than {MAX_DEPTH} lists and mappings inside one another", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            if anchor:
                sizes[anchor] = total - before
        if total > MAX_NODES:
            raise _refused(f"more than {MAX_NODES:,} values, aliases counted as all they stand for", event)


def _refused(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def read_model(path: Path) -> str:
    """The text of a model file; raises EditionError for one that measures nothing."""
    text = decode(path, read_params(path, kind="model file", key="model"))
    if not text.strip():
        raise EditionError("The model file is empty.", where=str(path), expected="lavaan syntax (=~, ~, ~~)")
    if "=~" not in text:  # what stands in a file that is no model is not shown to anybody
        raise EditionError(
            "The model file measures no construct.",
            where=str(path),
            expected="lavaan syntax with at least one line such as: a =~ item1 + item2",
            got="no =~",
            hint="check the key `model`",
        )
    return text
