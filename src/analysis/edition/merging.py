"""Categories of background questions joined for one edition: its params say which, the questionnaire stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from analysis.edition.instrument import Category, Instrument, ProfileQuestion
from analysis.edition.sections.data import Joined, Merges
from analysis.errors import EditionError, did_you_mean


def merge_categories(instrument: Instrument, merges: Merges) -> Instrument:
    """The instrument whose background questions have the categories of `merges` joined.

    A merged category keeps the name of the one that the others join, or has a name of its own, and stands where the
    first of them stood; the answers of the others count as its own in every table. Raises EditionError for a question
    or category that there is not, one that is joined twice, a new name without wording, and classes that do not follow
    each other.
    """
    if not merges:
        return instrument
    questions = {question.key: question for question in instrument.profile}
    for key, groups in merges.items():
        where = f"data.merge.{key}"
        if key not in questions:
            hint = did_you_mean(key, questions)
            raise EditionError(f"{key!r} is not a background question of the instrument.", where=where, hint=hint)
        questions[key] = _joined(questions[key], groups, where)
    try:
        return Instrument.model_validate(
            instrument.model_copy(update={"profile": tuple(questions.values())}).model_dump()
        )
    except ValidationError as error:
        told = error.errors(include_url=False)[0]
        problem = str(told.get("ctx", {}).get("error", told["msg"]))
        raise EditionError(problem, where="data.merge", hint="join other categories") from None


def _joined(question: ProfileQuestion, groups: Mapping[str, Joined], where: str) -> ProfileQuestion:
    known = {category.code: category for category in question.categories}
    if not known:
        raise EditionError(
            f"The categories of {question.key!r} are not listed.",
            where=where,
            expected="a question whose categories the instrument lists",
            hint="map its answers in data.tables.responses.values, or list the categories",
        )
    owner: dict[str, str] = {}
    for code, group in groups.items():
        for name in (*group.of, *([code] if code in known else [])):
            _check_code(name, code, known, owner, f"{where}.{code}")
            owner[name] = code
    made = dict(_merged(code, group, known, question, f"{where}.{code}") for code, group in groups.items())
    places: dict[str, tuple[Category, int]] = {}
    for place, category in enumerate(question.categories):
        code = owner.get(category.code, category.code)
        places.setdefault(code, (made.get(code, category), place))
    kept = [category for category, _ in places.values()]
    update: dict[str, Any] = {"categories": tuple(kept)}
    if question.classes:
        update["classes"] = tuple(question.classes[place] for _, place in places.values())
    return question.model_copy(update=update)


def _check_code(name: str, code: str, known: Mapping[str, Category], owner: Mapping[str, str], where: str) -> None:
    if name not in known:
        raise EditionError(f"There is no category {name!r} to join.", where=where, hint=did_you_mean(name, known))
    if name in owner:
        raise EditionError(
            f"The category {name!r} joins {owner[name]!r} and {code!r}.", where=where, expected="one of them"
        )


def _merged(
    code: str, group: Joined, known: Mapping[str, Category], question: ProfileQuestion, where: str
) -> tuple[str, Category]:
    """The category that others join."""
    parts = [known[name] for name in known if name in group.of or name == code]
    if question.classes:
        places = [place for place, name in enumerate(known) if name in group.of or name == code]
        if places != list(range(places[0], places[-1] + 1)):
            problem = "Classes that do not follow each other can't be joined."
            raise EditionError(problem, where=where, got=", ".join(part.code for part in parts))
    wording = {lang: text for lang, text in (("zh", group.zh), ("en", group.en)) if text}
    if not wording and (code not in known or question.classes):
        raise EditionError(
            f"The joined category {code!r} has no name.",
            where=where,
            expected=f"{{zh: …, en: …, of: [{', '.join(group.of)}]}}",
            hint="name it, or join the others to one that there is",
        )
    base = known[code].model_dump() if code in known else {"code": code, "zh": group.en, "en": group.zh}
    plural = group.plural or ("" if wording else base.get("plural", ""))
    return code, Category.model_validate({**base, **wording, "plural": plural, "joins": tuple(_answers(parts, code))})


def _answers(parts: list[Category], code: str) -> Iterator[str]:
    """All that the file may hold for the joined categories, each once."""
    said = [text for part in parts for text in (part.code, part.zh, part.en, *part.joins)]
    yield from dict.fromkeys(text for text in said if text != code)


def told_of_merged(fault: EditionError, merges: Merges) -> EditionError:
    """A fault that names a category which the edition joins to another says to which."""
    for key, groups in merges.items():
        for code, group in groups.items():
            named = next((name for name in group.of if fault.problem.startswith(repr(name))), None)
            if named is not None and key in str(fault.where):
                hint = f"data.merge.{key} joins it to {code!r}: name that one"
                return EditionError(fault.problem, where=fault.where, expected=fault.expected, got=fault.got, hint=hint)
    return fault
