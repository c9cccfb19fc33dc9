"""Params files: YAML in, validated pydantic models out, every fault named by file and key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

from analysis.errors import EditionError, Problems, SurveyReportError, did_you_mean

LANGUAGES = ("zh", "en")


class Params(BaseModel):
    """Base of everything read from params: strict, frozen, an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Bilingual(Params):
    """Anything said in both languages, or in the one language of its report, which then stands for both."""

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_language(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        told = [lang for lang in LANGUAGES if isinstance(given, Mapping) and lang in given]
        if len(told) != 1 or (other := cls.in_place_of_the_other(given[told[0]])) is None:
            return handler(given)
        made = handler({**dict.fromkeys(LANGUAGES, other), **given})
        made.model_fields_set.intersection_update(given)
        return made

    @classmethod
    def in_place_of_the_other(cls, said: Any) -> Any:
        """What stands in the language that nothing is said in; None: what was said is no such thing."""
        return said if isinstance(said, str) else None


class Worded(Bilingual):
    """Anything with a wording."""

    zh: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return str(getattr(self, lang))


class Text(Worded):
    """One piece of reader-facing wording."""


def unworded(part: Any, languages: Collection[str], where: str = "") -> Iterator[str]:
    """Where params, and all that they hold, lack a wording in one of the languages, as the key that is to be added."""
    if isinstance(part, Bilingual):
        yield from (f"{where}.{lang}" for lang in languages if lang not in part.model_fields_set)
    if isinstance(part, BaseModel):
        part = {name: getattr(part, name) for name in type(part).model_fields if name in part.model_fields_set}
    if isinstance(part, list | tuple):
        part = dict(enumerate(part))
    if isinstance(part, Mapping):
        for name, inner in part.items():
            yield from unworded(inner, languages, f"{where}.{name}".removeprefix("."))


def _code(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Code = Annotated[str, BeforeValidator(_code)]
"""A category code: text; a whole number in YAML is taken as its text."""


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("Not a day: it is written as 2025-06-30, with or without quotes.") from None


Day = Annotated[dt.date, BeforeValidator(_day)]
"""A day, which YAML knows without quotes and takes for a text with them."""

Share = Annotated[float, Field(gt=0, lt=1)]


def as_tuple(value: object) -> object:
    """A list of YAML as a tuple; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ValueError(f"{twice[0]!r} is listed twice")
    return values


Once = AfterValidator(_each_once)
"""Nothing of a list may stand in it twice."""

KeysOnce = AfterValidator(lambda values: (_each_once(tuple(value.key for value in values)), values)[1])
"""No two entries of a list may have the same key."""

Names = Annotated[tuple[str, ...], BeforeValidator(as_tuple), Once]
Codes = Annotated[tuple[Code, ...], BeforeValidator(as_tuple), Once]

MAX_PROBLEMS = 50
"""Faults of one file that are told one by one."""

P = TypeVar("P", bound=Params)


def merge(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` overlaid by `change`: mappings merge key by key, anything else is replaced."""
    merged = dict(base)
    for key, value in change.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def validate(model: type[P], content: Mapping[str, Any], *, path: Path) -> P:
    """Validate `content` as `model`; raises EditionError, or Problems when there are several faults."""
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        # What would have followed from a value that has a fault itself is no fault more.
        details = [one for one in error.errors(include_url=False) if one["type"] != "default_factory_not_called"]
        problems = [_problem(detail, model, path) for detail in details[:MAX_PROBLEMS]]
        if len(details) > MAX_PROBLEMS:
            more = f"{len(details) - MAX_PROBLEMS} more faults follow."
            problems.append(EditionError(more, where=str(path), hint="correct those above, then look again"))
        raise problems[0] if len(problems) == 1 else Problems(problems) from None


def _problem(detail: Mapping[str, Any], model: type[BaseModel], path: Path) -> SurveyReportError:
    """Turn one pydantic error into an EditionError that names file, key, expected and got."""
    location = tuple(str(part) for part in detail["loc"])
    where = f"{path}: {'.'.join(location) or '(top level)'}"
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _keys_at(model, location[:-1])
        return EditionError(
            f"Unknown key {location[-1]!r}.", where=where, hint=did_you_mean(location[-1], known) or "remove the key"
        )
    if kind == "missing":
        return EditionError(f"The key {location[-1]!r} is missing.", where=where, hint="add it")
    if kind in {"value_error", "assertion_error"}:
        return EditionError(str(detail["ctx"]["error"]), where=where, got=_short(detail.get("input")))
    return EditionError(
        "A value has the wrong type or is out of range.",
        where=where,
        expected=str(detail["msg"]),
        got=_short(detail.get("input")),
        hint="correct the value",
    )


def _short(value: object) -> str:
    text = f"{value!r} ({type(value).__name__})"
    return text if len(text) <= 120 else text[:117] + "…"


def _keys_at(model: type[BaseModel], location: tuple[str, ...]) -> list[str]:
    """Names of the keys allowed at `location` inside `model`."""
    current: Any = model
    for part in location:
        current = (
            _inner(current.model_fields[part].annotation) if part in getattr(current, "model_fields", {}) else current
        )
        current = _inner(current)
    return [field.alias or name for name, field in getattr(current, "model_fields", {}).items()]


def _inner(annotation: Any) -> Any:
    """First pydantic model found inside an annotation such as `tuple[Item, ...]` or `Item | None`."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation
    for argument in get_args(annotation):
        found = _inner(argument)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return annotation
