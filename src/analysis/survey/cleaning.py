"""Named rules that exclude an interview, each with its reason and value, and a log that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from analysis.edition import Cleaning
    from analysis.instrument import Instrument

    Floats = NDArray[np.float64]

RULES = ("duplicates", "speeders", "straightlining", "attention", "missing")
"""Rules in the order of application; an interview is excluded by the first one that it breaks."""

LONG_INSTRUMENT = 20
"""Answered items from which equal answers throughout can't be chance."""

MIN_RATED_ITEMS = 10
"""Items below which the same answer to all of them is no sign of carelessness."""


@dataclass(frozen=True)
class CleaningResult:
    """Interviews kept, flags (respondent_id, rule, value) and the exclusion log.

    log: rule, flagged, excluded, remaining, share (of the raw interviews), applied; the first row is `raw`, the last
    `kept` (both without flagged and excluded), and raw = kept + the sum of excluded. `applied` is False for a rule
    that is switched off or that lacks the column it needs.
    """

    kept: pd.DataFrame
    flags: pd.DataFrame
    log: pd.DataFrame


def clean(responses: pd.DataFrame, *, instrument: Instrument, cleaning: Cleaning) -> CleaningResult:
    """Apply the rules to `responses` (after intake; one row per interview) and log what each one excludes.

    - duplicates: a later copy of an earlier interview; the value is its place among the copies (2, 3, …).
      Copies agree in every item, profile question, attention check and open answer, and moreover either in
      `submitted_at` (with a time of day) and `duration_s`, or, without that proof, in at least 20 answered items that
      are not all alike: two people may well give the same answers to a short or uniform questionnaire.
    - speeders: `duration_s` below `min_duration_share` of the median; the value is the share of the median.
    - straightlining: longest run of the same answer, in questionnaire order and as given (reverse items turned
      back), at least `max_longstring_share` of all rated items; missing answers are skipped, so that who answered
      little is not caught here. Needs at least 10 items. The value is the share.
    - attention: the attention check answered otherwise than expected (not answered is not failed); the answer.
    - missing: more than `max_missing_share` of the rated items unanswered; the share.

    Raises MethodError when nothing was collected, a rated item is not a column, or no interview is left.
    Sources: longstring: Johnson 2005, J. Research in Personality 39; speeding: Greszki, Meyer & Schoen 2015,
    Public Opinion Quarterly 79; order of screening: Curran 2016, J. Experimental Social Psychology 66.
    """
    _check(responses, instrument)
    answers = responses[instrument.item_keys].to_numpy(dtype=np.float64, na_value=np.nan)
    measures: dict[str, Callable[[], tuple[NDArray[np.bool_], Floats] | None]] = {
        "duplicates": lambda: _duplicates(responses, answers, instrument, cleaning),
        "speeders": lambda: _speeders(responses, cleaning),
        "straightlining": lambda: _straightlining(answers, instrument, cleaning),
        "attention": lambda: _attention(responses, instrument, cleaning),
        "missing": lambda: _missing(answers, cleaning),
    }
    left = np.ones(len(responses), dtype=bool)
    flags, log = [], [_entry("raw", len(left), left, flagged=None, excluded=None)]
    for rule in RULES:
        outcome = measures[rule]()
        if outcome is None:
            log.append(_entry(rule, len(left), left, flagged=0, excluded=0, applied=False))
            continue
        broken, value = outcome
        excluded = int((left & broken).sum())
        left = left & ~broken
        identity = responses["respondent_id"].to_numpy()[broken]
        flags.append(pd.DataFrame({"respondent_id": identity, "rule": rule, "value": value[broken]}))
        log.append(_entry(rule, len(left), left, flagged=int(broken.sum()), excluded=excluded))
    log.append({**_entry("kept", len(left), left, flagged=None, excluded=None), "share": float(left.mean())})
    if not left.any():
        raise MethodError(
            "The cleaning rules leave no interview.",
            where="cleaning",
            got=", ".join(f"{row['rule']}: {row['excluded']}" for row in log[1:-1] if row["excluded"]),
            hint="relax the rule that excludes most, or check the value map of the items",
        )
    return CleaningResult(
        kept=responses[left].reset_index(drop=True),
        flags=pd.concat(flags, ignore_index=True),
        log=pd.DataFrame(log).astype({"flagged": "Int64", "excluded": "Int64"}),
    )


def _check(responses: pd.DataFrame, instrument: Instrument) -> None:
    if responses.empty:
        raise MethodError("There is no interview to clean.", hint="check the filters of the responses table")
    absent = [key for key in ["respondent_id", *instrument.item_keys] if key not in responses]
    if absent:
        raise MethodError(
            "The responses lack columns.", where=", ".join(absent), expected="every item of the instrument"
        )


def _entry(
    rule: str, raw: int, left: NDArray[np.bool_], *, flagged: int | None, excluded: int | None, applied: bool = True
) -> dict[str, object]:
    share = 1.0 if excluded is None else excluded / raw
    return {
        "rule": rule,
        "flagged": flagged,
        "excluded": excluded,
        "remaining": int(left.sum()),
        "share": share,
        "applied": applied,
    }


def _duplicates(
    responses: pd.DataFrame, answers: Floats, instrument: Instrument, cleaning: Cleaning
) -> tuple[NDArray[np.bool_], Floats] | None:
    if not cleaning.duplicates:
        return None
    keys = [*instrument.item_keys, *instrument.profile_keys, *(question.key for question in instrument.open)]
    keys += [instrument.attention.key] if instrument.attention else []
    keys = [key for key in keys if key in responses]
    place = responses.groupby(keys, dropna=False, sort=False).cumcount().to_numpy()
    answered = (~np.isnan(answers)).sum(axis=1)
    varied = _distinct(answers) > 1
    copied = (place > 0) & varied & (answered >= LONG_INSTRUMENT)
    stamp = _time_stamp(responses)
    if stamp:
        same_time = responses.groupby([*keys, *stamp], dropna=False, sort=False).cumcount().to_numpy()
        stamped = responses[stamp[0]].notna().to_numpy()
        copied |= (same_time > 0) & stamped
    elif len(instrument.item_keys) < LONG_INSTRUMENT:
        return None
    return copied, (place + 1).astype(np.float64)


def _time_stamp(responses: pd.DataFrame) -> list[str]:
    """Columns that pin an interview to a moment: only when the submission has a time of day."""
    if "submitted_at" not in responses:
        return []
    submitted = pd.to_datetime(responses["submitted_at"])
    if not (submitted.dropna() != submitted.dropna().dt.normalize()).any():
        return []
    return ["submitted_at", *(["duration_s"] if "duration_s" in responses else [])]


def _speeders(responses: pd.DataFrame, cleaning: Cleaning) -> tuple[NDArray[np.bool_], Floats] | None:
    if cleaning.min_duration_share is None or "duration_s" not in responses:
        return None
    duration = responses["duration_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(duration).all():
        return None
    median = float(np.nanmedian(duration))
    if median <= 0:
        return None
    pace = np.asarray(duration / median, dtype=np.float64)
    return pace < cleaning.min_duration_share, pace


def _straightlining(
    answers: Floats, instrument: Instrument, cleaning: Cleaning
) -> tuple[NDArray[np.bool_], Floats] | None:
    if cleaning.max_longstring_share is None or answers.shape[1] < MIN_RATED_ITEMS:
        return None
    reverse = np.array([item.reverse for construct in instrument.constructs for item in construct.items])
    given = np.where(reverse, instrument.scale.min + instrument.scale.max - answers, answers)
    share = longest_run(given) / answers.shape[1]
    return share >= cleaning.max_longstring_share, share


def longest_run(answers: Floats) -> NDArray[np.int64]:
    """Length of the longest run of one answer in each row of `answers` (rows × items), missing answers skipped."""
    rows = len(answers)
    previous = np.full(rows, np.nan)
    run = np.zeros(rows, dtype=np.int64)
    longest = np.zeros(rows, dtype=np.int64)
    for answer in answers.T:
        present = ~np.isnan(answer)
        run = np.where(present, np.where(answer == previous, run + 1, 1), run)
        previous = np.where(present, answer, previous)
        longest = np.maximum(longest, run)
    return longest


def _attention(
    responses: pd.DataFrame, instrument: Instrument, cleaning: Cleaning
) -> tuple[NDArray[np.bool_], Floats] | None:
    check = instrument.attention
    if not cleaning.attention_check or check is None or check.key not in responses:
        return None
    answer = responses[check.key].to_numpy(dtype=np.float64, na_value=np.nan)
    failed = ~np.isnan(answer) & (answer != check.expected)
    return np.asarray(failed, dtype=bool), answer


def _missing(answers: Floats, cleaning: Cleaning) -> tuple[NDArray[np.bool_], Floats]:
    share = np.isnan(answers).mean(axis=1)
    return share > cleaning.max_missing_share, share


def _distinct(answers: Floats) -> NDArray[np.int64]:
    """Number of different answers in each row."""
    ordered = np.sort(answers, axis=1)
    steps = (np.diff(ordered, axis=1) > 0).sum(axis=1)
    return np.asarray(steps + (~np.isnan(answers)).any(axis=1), dtype=np.int64)
