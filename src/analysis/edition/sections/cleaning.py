"""The cleaning rules as params: limits, what each rule does, and combinations of answers that can't occur."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from analysis.edition.instrument import Instrument
from analysis.edition.params import Code
from analysis.edition.sections import Section, unknown
from analysis.errors import EditionError, did_you_mean

Rule = Literal[
    "duplicates",
    "near_duplicates",
    "impossible",
    "speeders",
    "straightlining",
    "attention",
    "missing",
    "low_variance",
    "inconsistent",
    "outlying",
]
RULES: tuple[Rule, ...] = get_args(Rule)
"""Rules in the order of application; an interview is excluded by the first excluding one that it breaks."""

Action = Literal["exclude", "confirm", "flag"]
CONFIRMED: frozenset[Rule] = frozenset({"straightlining"})
"""Rules that exclude only where something else speaks against the interview, unless the params say otherwise."""
REVIEWED: frozenset[Rule] = frozenset({"near_duplicates", "low_variance", "inconsistent", "outlying"})
"""Rules that only flag unless the params say otherwise: careful people break them too."""


def _several(value: object) -> object:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Codes = Annotated[tuple[Code, ...], BeforeValidator(_several), Field(min_length=1)]
Combination = dict[str, Codes]


class Cleaning(Section):
    """Cleaning rules; a rule set to null is not applied.

    `impossible` lists combinations of profile answers that can't occur, each a mapping of question to code(s);
    `min_response_sd` is a share of the scale's range. `actions` says whether a rule excludes an interview or flags it
    for review, or (`confirm`) excludes it where something else speaks against it and flags it otherwise: reversed items
    answered like the others, another sign of carelessness, or a questionnaire that hardly any attentive respondent
    answers so (at most `max_wronged` of them). `min_flags` excludes an interview that so many of the flagging rules
    name, null none of them.
    """

    duplicates: bool = True
    max_match_share: Annotated[float, Field(ge=0.5, lt=1)] | None = 0.95
    impossible: Annotated[tuple[Combination, ...], BeforeValidator(_tuple)] = ()
    min_duration_share: Annotated[float, Field(gt=0, lt=1)] | None = 0.33
    max_longstring_share: Annotated[float, Field(gt=0, le=1)] | None = 0.9
    attention_check: bool = True
    max_missing_share: Annotated[float, Field(gt=0, le=1)] = 0.3
    min_response_sd: Annotated[float, Field(gt=0, lt=0.5)] | None = 0.05
    min_even_odd: Annotated[float, Field(gt=-1, lt=1)] | None = 0.0
    min_mahalanobis_p: Annotated[float, Field(gt=0, lt=0.5)] | None = 0.001
    max_wronged: Annotated[float, Field(ge=0, lt=0.5)] = 0.01
    actions: dict[Rule, Action] = {}
    min_flags: Annotated[int, Field(ge=2)] | None = None

    @model_validator(mode="after")
    def _confirmed(self) -> Cleaning:
        others = sorted(rule for rule, action in self.actions.items() if action == "confirm" and rule not in CONFIRMED)
        if others:
            raise ValueError(
                f"cleaning.actions.{others[0]}: only {', '.join(CONFIRMED)} can be confirmed by other signs"
            )
        return self

    @model_validator(mode="after")
    def _combinations(self) -> Cleaning:
        if any(len(combination) < 2 for combination in self.impossible):
            raise ValueError("a combination in cleaning.impossible needs at least two profile questions")
        return self

    def action(self, rule: Rule) -> Action:
        """What happens to an interview that breaks `rule`."""
        usual: Action = "flag" if rule in REVIEWED else "confirm" if rule in CONFIRMED else "exclude"
        return self.actions.get(rule, usual)

    def faults(self, instrument: Instrument) -> Iterator[EditionError]:
        """Questions and answers in `impossible` that the instrument does not have.

        A question without listed categories takes any answer.
        """
        listed = {question.key: [category.code for category in question.categories] for question in instrument.profile}
        for combination in self.impossible:
            yield from unknown("cleaning.impossible", combination, listed, "profile question")
            for key, codes in combination.items():
                known = listed.get(key, [])
                wrong = [code for code in codes if known and code not in known]
                if wrong:
                    yield EditionError(
                        f"{wrong[0]!r} is not an answer to {key!r}.",
                        where=f"cleaning.impossible: {key}",
                        expected=", ".join(known),
                        hint=did_you_mean(wrong[0], known),
                    )
