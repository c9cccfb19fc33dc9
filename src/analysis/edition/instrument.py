"""The instrument: constructs, items, scale and profile questions, worded in Chinese and English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from analysis.edition.item_changes import with_other_items
from analysis.edition.params import Code, Codes, Params, Text, Worded, as_tuple, validate
from analysis.edition.reading import read_yaml
from analysis.edition.scales import Scale
from analysis.errors import EditionError

Role = Literal["dimension", "satisfaction", "emotional", "loyalty", "other"]
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
NOT_ASKED = "not_asked"
"""Column of the responses with the keys of the items that a respondent was not asked, separated by blanks."""
UNANSWERED = "unanswered"
"""Column of the responses with the questions that a respondent declined, each as key:reason, separated by blanks."""
RESERVED = frozenset(
    {"respondent_id", "submitted_at", "duration_s", "customer_id", "weight", "wave", "row", NOT_ASKED, UNANSWERED}
)
"""Columns of the responses table that are not questions."""
RESULTS = frozenset({"csi", "csat", "satisfied", "dimensions"})
"""Names of what is computed from the answers, which stand beside constructs and answers in the results."""


def _check_key(key: str) -> str:
    if not _KEY.match(key):
        raise ValueError(f"the key {key!r} must start with a letter and hold only letters, digits and _")
    return key


def _check_free(key: str) -> str:
    if key in RESERVED | RESULTS:
        raise ValueError(f"the key {key!r} is a column name of its own: choose another")
    return key


class Keyed(Params):
    """Anything with a key that becomes a column name or a variable of the model."""

    key: str

    _key_is_a_name = field_validator("key")(_check_key)


class Asked(Keyed):
    """What is asked or measured: its key is a column of the responses or of the scores."""

    _key_is_free = field_validator("key")(_check_free)


class Item(Asked, Worded):
    """One rated statement; `reverse` marks one where a low answer is good (recoded at intake).

    `asked_if`: the answers to background questions (question: codes) that lead to it. Whoever gave none of them and has
    no answer was not asked, which is no refusal. `scale`: its own, where it is not that of the construct.
    """

    reverse: bool = False
    scale: Scale | None = None
    asked_if: dict[str, Codes] = {}


class Construct(Asked):
    """A latent variable of the survey with its items, and their scale where it is not that of the instrument.

    The index is made of those whose `role` is dimension, as it is where none is given.
    """

    role: Role = "dimension"
    name: Text
    definition: Text | None = None
    scale: Scale | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, strict=False)]


class Stage(Keyed):
    """One stage of the customer journey, and the items that rate it."""

    name: Text
    items: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]


class Category(Worded):
    """One answer of a question.

    `joins`: further answers of the file that count as this one. `plural`: what those who gave it are called in an
    English sentence.
    """

    code: Code
    plural: str = ""
    joins: Codes = ()


def _category(given: object) -> object:
    """An answer that is given by its text alone, which is its code and its wording."""
    plain = given if isinstance(given, str) else str(given) if type(given) is int else None
    return given if plain is None else {"code": plain, "zh": plain, "en": plain}


def _codes_once(answers: tuple[Category, ...]) -> tuple[Category, ...]:
    twice = [code for code, count in Counter(answer.code for answer in answers).items() if count > 1]
    if twice:
        raise ValueError(f"the code {twice[0]!r} is used more than once")
    return answers


CodesOnce = AfterValidator(_codes_once)
"""No two answers of a question may have the same code."""

Categories = Annotated[
    tuple[Annotated[Category, BeforeValidator(_category)], ...], BeforeValidator(as_tuple), Field(strict=False)
]
"""Answers in their order, each with code and wordings, or as one text."""


_YES_OR_NO = ({"code": "yes", "zh": "是", "en": "Yes"}, {"code": "no", "zh": "否", "en": "No"})


class ProfileQuestion(Asked):
    """A background question; without categories every answer of the file is its own category.

    `classes`: the lower bounds of the classes that a numeric answer falls into, in ascending order: [18, 30, 45] makes
    18–29, 30–44, 45 or over. Categories given beside them, one for each, name the classes.
    `option`: an answer of a question of several choices, `channels.app`, that this question asks for: those who gave it
    are in the first of two categories (yes and no, unless they are named), those who did not in the second.
    """

    name: Text
    question: Text
    classes: Annotated[tuple[float | int, ...], BeforeValidator(as_tuple)] = ()
    option: str | None = None
    categories: Categories = ()

    @model_validator(mode="before")
    @classmethod
    def _classes_are_categories(cls, given: object) -> object:
        bounds = given.get("classes") if isinstance(given, Mapping) else None
        if isinstance(given, Mapping) and given.get("option") and not given.get("categories"):
            return {**given, "categories": list(_YES_OR_NO)}
        if not bounds or not isinstance(given, Mapping) or given.get("categories"):
            return given
        if not all(isinstance(bound, int | float) for bound in bounds):
            return given
        return {**given, "categories": [_class(bounds, place) for place in range(len(bounds))]}

    @model_validator(mode="after")
    def _classes_ascend(self) -> ProfileQuestion:
        if any(after <= before for before, after in pairwise(self.classes)):
            raise ValueError(f"the classes of {self.key!r} must be given by ascending lower bounds")
        if self.option is not None and (self.classes or len(self.categories) != 2):
            raise ValueError(
                f"{self.key!r} asks for an option: it has two categories, those who gave it and the others"
            )
        if self.classes and len(self.categories) != len(self.classes):
            counts = f"{len(self.classes)} classes and {len(self.categories)} categories"
            raise ValueError(f"{self.key!r} has {counts}: name each class, or none")
        return self

    @model_validator(mode="after")
    def _codes_are_unique(self) -> ProfileQuestion:
        for kind, texts in (
            ("code", [category.code for category in self.categories]),
            ("wording zh", [category.zh for category in self.categories]),
            ("wording en", [category.en for category in self.categories]),
        ):
            twice = [text for text, count in Counter(texts).items() if count > 1]
            if twice:
                raise ValueError(f"the categories of {self.key!r} use the {kind} {twice[0]!r} more than once")
        return self

    def label(self, code: str, lang: str) -> str:
        """Reader-facing label of `code`, or the code itself when the instrument gives none."""
        return next((category[lang] for category in self.categories if category.code == code), code)

    def group(self, code: str, lang: str) -> str:
        """All who gave this answer, inside a sentence: the plural, or the label in quotation marks without one."""
        plural = next((category.plural for category in self.categories if category.code == code), "")
        return self.label(code, lang) if lang == "zh" else plural or f"“{self.label(code, lang)}”"


def _class(bounds: Sequence[float], place: int) -> dict[str, str]:
    """Code and wordings of the class from one bound to the next: 18-29, or 18–<30 where bounds are no whole numbers."""
    low = bounds[place]
    if place == len(bounds) - 1:
        return {"code": f"{low:g}+", "zh": f"{low:g}及以上", "en": f"{low:g} or over"}
    high, whole = bounds[place + 1], all(float(bound).is_integer() for bound in bounds)
    last = f"{high - 1:g}" if whole else f"<{high:g}"
    shown = f"{low:g}" if whole and high - 1 == low else f"{low:g}–{last}"
    return {"code": shown.replace("–", "-"), "zh": shown, "en": shown}


class MultipleQuestion(Asked):
    """A question to which several answers may be given: their shares may add to more than 100 %.

    `options` are the answers. The file has them in one column, joined by `separator` (where none is given: ┋, a
    semicolon, a vertical bar, a comma or a line break, whichever leaves parts that are answers), or in a column each,
    mapped to `<key>.<code>`.
    """

    name: Text
    question: Text
    separator: str | None = None
    options: Annotated[Categories, Field(min_length=2), CodesOnce]

    def column(self, option: Category) -> str:
        """The column of the responses that says whether `option` was chosen."""
        return f"{self.key}.{option.code}"

    def label(self, code: str, lang: str) -> str:
        """Reader-facing label of `code`, or the code itself when the instrument gives none."""
        return next((option[lang] for option in self.options if option.code == code), code)


class NumericQuestion(Asked):
    """A question answered with a number: an amount, a count, a time. An answer below `min` or above `max` is none."""

    name: Text
    question: Text
    unit: Text | None = None
    min: float | None = None
    max: float | None = None


class AttentionCheck(Asked, Worded):
    """An item whose right answer is known: any other answer shows that the question was not read."""

    expected: int
    scale: Scale | None = None


class OpenQuestion(Asked, Worded):
    """A question answered in the respondent's own words."""


class Instrument(Params):
    """The questionnaire as data: what was asked, on which scale, and what each item measures.

    `scale` holds for every item that has none of its own and whose construct has none.

    `profile` are background questions with one answer, `multiple` those with several, `numeric` those with a number.

    `guide` says that it is the guide's own: the report's prose then speaks of its items as those of this edition.
    `journey`: stages in the order in which customers pass them, each rated by some of the items. Without `constructs`
    nothing is rated: the profile questions alone name the categories that records of the service are kept by.
    """

    name: Text
    guide: bool = False
    scale: Scale = Scale(min=0, max=100)
    constructs: Annotated[tuple[Construct, ...], Field(strict=False)] = ()
    profile: Annotated[tuple[ProfileQuestion, ...], Field(strict=False)] = ()
    multiple: Annotated[tuple[MultipleQuestion, ...], Field(strict=False)] = ()
    numeric: Annotated[tuple[NumericQuestion, ...], Field(strict=False)] = ()
    attention: AttentionCheck | None = None
    open: Annotated[tuple[OpenQuestion, ...], Field(strict=False)] = ()
    journey: Annotated[tuple[Stage, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Instrument:
        keys = [c.key for c in self.constructs] + self.item_keys + self.profile_keys
        keys += [question.key for question in (*self.open, *self.multiple, *self.numeric)]
        keys += [self.attention.key] if self.attention else []
        twice = sorted(key for key, count in Counter(keys).items() if count > 1)
        if twice:
            raise ValueError(f"these keys are used more than once: {', '.join(twice)}")
        if "scale" not in self.model_fields_set:
            bare = [item.key for c in self.constructs if c.scale is None for item in c.items if item.scale is None]
            if bare:
                raise ValueError(f"the key 'scale' is missing: {bare[0]} is rated on it, and has no scale of its own")
        return self

    @model_validator(mode="after")
    def _routes_are_answers(self) -> Instrument:
        answers = {key: set(codes) for key, codes in self.answers.items()}
        for item in (item for construct in self.constructs for item in construct.items):
            for key, codes in item.asked_if.items():
                if key not in answers:
                    raise ValueError(f"asked_if of {item.key!r} names {key!r}, which is no background question")
                strange = sorted(set(codes) - answers[key]) if answers[key] else []
                if strange:
                    raise ValueError(f"asked_if of {item.key!r} names {strange[0]!r}, which is no answer to {key!r}")
        return self

    @model_validator(mode="after")
    def _options_are_offered(self) -> Instrument:
        offered = {question.column(option) for question in self.multiple for option in question.options}
        for question in self.profile:
            if question.option is not None and question.option not in offered:
                told = f"; there are {', '.join(sorted(offered)[:8])}" if offered else ""
                raise ValueError(f"{question.key!r} asks for {question.option!r}, which no question offers{told}")
        return self

    @model_validator(mode="after")
    def _stages_are_rated(self) -> Instrument:
        known, keys = set(self.item_keys), Counter(stage.key for stage in self.journey)
        for key in (key for key, count in keys.items() if count > 1):
            raise ValueError(f"the journey has the stage {key!r} more than once")
        for stage in self.journey:
            strange = [item for item in stage.items if item not in known]
            if strange:
                raise ValueError(f"the stage {stage.key!r} of the journey names {strange[0]!r}, which is no item")
        return self

    @property
    def item_keys(self) -> list[str]:
        """Keys of all items, in questionnaire order."""
        return [item.key for construct in self.constructs for item in construct.items]

    @property
    def scales(self) -> dict[str, Scale]:
        """The scale of every item, in questionnaire order: its own, its construct's, or that of the instrument."""
        return {item.key: item.scale or c.scale or self.scale for c in self.constructs for item in c.items}

    def scale_of(self, key: str) -> Scale:
        """The scale of an item, or of a construct, whose answers are put on that of its first item."""
        items = next((c.items for c in self.constructs if c.key == key), None)
        return self.scales[items[0].key if items else key]

    @property
    def usual_scale(self) -> Scale:
        """The scale of most items."""
        return self.scales[max(self.blocks, key=len)[0]] if self.constructs else self.scale

    @property
    def blocks(self) -> list[list[str]]:
        """Keys of the items by the ends of their scales, each block in questionnaire order."""
        found: dict[tuple[int, int], list[str]] = {}
        for key, scale in self.scales.items():
            found.setdefault(scale.ends, []).append(key)
        return list(found.values())

    @property
    def profile_keys(self) -> list[str]:
        """Keys of the profile questions, in questionnaire order."""
        return [question.key for question in self.profile]

    @property
    def answers(self) -> dict[str, list[str]]:
        """Codes of the answers to every profile question, both in questionnaire order."""
        return {question.key: [category.code for category in question.categories] for question in self.profile}

    @property
    def dimensions(self) -> list[Construct]:
        """Constructs whose role is `dimension`."""
        return [construct for construct in self.constructs if construct.role == "dimension"]

    @property
    def satisfaction(self) -> Construct | None:
        """The first construct whose role is `satisfaction`; None where nobody was asked."""
        return next((construct for construct in self.constructs if construct.role == "satisfaction"), None)

    def find(self, key: str) -> Construct:
        """The construct with this key (KeyError when there is none)."""
        return next(c for c in self.constructs if c.key == key)

    def question(self, key: str) -> ProfileQuestion:
        """The profile question with this key (StopIteration when there is none)."""
        return next(q for q in self.profile if q.key == key)


NOTHING_ASKED = Instrument(name=Text(zh="", en=""))
"""The instrument of an edition that names none."""


def load_instrument(path: Path) -> Instrument:
    """Read an instrument file; raises EditionError or Problems that name the file and the key.

    A file that `extends` another is the same questionnaire with other items: `items` says by key what is different in
    each, or null where it was not asked.
    """
    holds = ("constructs", "scale", "profile", "extends")
    content = read_yaml(path, key="instrument", holds=holds)
    base = content.pop("extends", None)
    if base is None:
        return validate(Instrument, content, path=path)
    if not isinstance(base, str) or set(content) - {"items"} or not isinstance(content.get("items"), Mapping):
        raise EditionError(
            "An instrument that extends another says what is different in its items.",
            where=f"{path}: extends",
            expected="`extends` with the name of a file, and `items` by their keys",
        )
    asked = read_yaml(path.parent / base, key="instrument", holds=holds[:-1])
    return validate(Instrument, with_other_items(asked, content["items"], path), path=path)
