"""The simulated interviews: who answers what, when, how carefully, and what goes wrong on the way into the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.data.simulation.answers import Codes, answer_items, draw_latents
from analysis.data.simulation.drawing import Floats, Ints, generator, numbered, pick, stamps, working_moments
from analysis.data.simulation.people import base_weights, draw_profiles
from analysis.data.simulation.planted import Planted
from analysis.data.simulation.texts import Texts, write_comments
from analysis.edition import Edition
from analysis.edition.instrument import AttentionCheck, Instrument
from analysis.edition.scales import Scale
from analysis.errors import EditionError

MISSING = np.iinfo(np.int16).min
"""Stands for an unanswered item among whole-number answers."""

_BLOCK = 50_000
_ATTENTION_AFTER = 0.5
"""Share of the items that stand before the attention check."""


@dataclass(frozen=True)
class Interviews:
    """Distinct interviews in the order of their dates: one row each in every part."""

    profiles: pd.DataFrame
    weights: pd.Series
    answers: Codes
    attention: Codes
    submitted: npt.NDArray[np.datetime64]
    seconds: npt.NDArray[np.int64]
    comments: npt.NDArray[np.object_]
    careless: npt.NDArray[np.object_]
    broken_off: npt.NDArray[np.bool_]
    said: npt.NDArray[np.object_]


@dataclass(frozen=True)
class StoredInterviews:
    """What the file holds: `source` is the interview behind each row, `cells` replaces single cells by text."""

    interviews: Interviews
    source: Ints
    ids: npt.NDArray[np.object_]
    cells: dict[tuple[int, str], str]
    truth: dict[str, Any]


def draw_interviews(edition: Edition, planted: Planted, texts: Texts) -> StoredInterviews:
    """Draw the survey of `edition`: `simulation.responses` rows, copies and faulty rows among them."""
    rng, size = generator(edition, "responses"), edition.simulation.responses
    copies = round(size * edition.simulation.duplicate_share)
    repeated = round(size * planted.faults.repeated_id)
    interviews = _hold_interviews(rng, edition, planted, texts, size - copies - repeated)
    return _store(rng, interviews, edition, planted, copies=copies, repeated=repeated)


def write_responses(
    stored: StoredInterviews, instrument: Instrument, path: Path, *, behind: npt.NDArray[np.object_] | None = None
) -> Path:
    """Write the interviews block by block, so that a million rows need little memory beyond the answers.

    `behind`: identifier of the customer behind each interview.
    """
    cells: dict[int, list[tuple[int, str, str]]] = {}
    for (row, column), text in stored.cells.items():
        cells.setdefault(row // _BLOCK, []).append((row % _BLOCK, column, text))
    with path.open("w", encoding="utf-8", newline="") as file:
        for block, start in enumerate(range(0, len(stored.source), _BLOCK)):
            rows = slice(start, start + _BLOCK)
            frame = _block(stored, instrument, rows)
            if behind is not None:
                frame.insert(1, "customer_id", behind[stored.source[rows]])
            for row, column, text in cells.get(block, ()):
                frame.loc[row, column] = text
            frame.to_csv(file, index=False, header=start == 0, lineterminator="\n")
    return path


def _hold_interviews(
    rng: np.random.Generator, edition: Edition, planted: Planted, texts: Texts, size: int
) -> Interviews:
    instrument, fieldwork = edition.instrument, edition.publication.fieldwork
    profiles = draw_profiles(rng, planted, size)
    weights = base_weights(planted, profiles)
    latents = draw_latents(rng, planted, profiles)
    by_construct = answer_items(rng, latents, planted=planted, instrument=instrument)
    answers = np.column_stack([by_construct[construct.key] for construct in instrument.constructs])
    careless = _careless_kinds(rng, planted, size, edition.simulation.careless_share)
    _answer_carelessly(rng, answers, careless, instrument)
    attention = _attention(rng, answers, careless, planted=planted, instrument=instrument)
    broken_off = _leave_out(rng, answers, attention, careless, planted=planted, edition=edition)
    days = (fieldwork.end - fieldwork.start).days + 1
    submitted = np.sort(working_moments(rng, np.datetime64(fieldwork.start), days, size))
    for key, share in planted.survey.undisclosed.items():
        profiles[key] = profiles[key].mask(rng.random(size) < share, "")
    writers = np.flatnonzero((careless == "") & ~broken_off & (rng.random(size) < planted.interview.comment_share))
    written = write_comments(rng, latents, writers, planted=planted, texts=texts.comments)
    comments, said = np.full(size, "", dtype=object), np.full(size, "", dtype=object)
    comments[writers] = written.texts
    said[writers] = np.where(written.themes == "", written.polarity, written.polarity + ":" + written.themes)
    seconds = _durations(rng, careless, broken_off, planted)
    return Interviews(profiles, weights, answers, attention, submitted, seconds, comments, careless, broken_off, said)


def _careless_kinds(rng: np.random.Generator, planted: Planted, size: int, share: float) -> npt.NDArray[np.object_]:
    """Kind of careless answering of every respondent, "" for the careful; the shares are exact."""
    kinds = np.full(size, "", dtype=object)
    chosen = rng.permutation(pick(rng, size, share))
    names = list(planted.faults.careless)
    edges = np.cumsum([planted.faults.careless[name].share for name in names])
    for name, members in zip(
        names, np.split(chosen, np.rint(edges[:-1] / edges[-1] * len(chosen)).astype(int)), strict=True
    ):
        kinds[members] = name
    return kinds


def _answer_carelessly(
    rng: np.random.Generator, answers: Codes, careless: npt.NDArray[np.object_], instrument: Instrument
) -> None:
    """Overwrite the answers of straight-liners and random answerers; speeders keep a blurred version of theirs.

    Straight-liners stay at one place of every scale.
    """
    scales = list(instrument.scales.values())
    lines, first = np.flatnonzero(careless == "straightline"), scales[0]
    middle = (first.min + first.max + 1) // 2
    given = rng.integers(middle, first.max + 1, (len(lines), 1), dtype=np.int16)
    answers[lines] = np.hstack([np.rint(first.onto(given, scale)) for scale in scales]).astype(np.int16)
    chance = np.flatnonzero(careless == "random")
    for block in instrument.blocks:
        own, places = instrument.scales[block[0]], np.array([instrument.item_keys.index(key) for key in block])
        drawn = rng.integers(own.min, own.max + 1, (len(chance), len(block)), dtype=np.int16)
        answers[np.ix_(chance, places)] = drawn
    fast = np.flatnonzero(careless == "speeder")
    blur = rng.integers(-1, 2, (len(fast), answers.shape[1]), dtype=np.int16)
    low, high = np.array([scale.ends for scale in scales], dtype=np.int16).T
    step = np.maximum((high - low) // 4, 1).astype(np.int16)
    answers[fast] = np.clip(answers[fast] + step * blur, low, high)


def _attention(
    rng: np.random.Generator,
    answers: Codes,
    careless: npt.NDArray[np.object_],
    *,
    planted: Planted,
    instrument: Instrument,
) -> Codes:
    """Answers to the attention check: a respondent who misses it gives another code of the scale."""
    check = attention_check(instrument)
    scale, first = check.scale or instrument.scale, next(iter(instrument.scales.values()))
    failing = {"": planted.faults.attention_slip}
    failing |= {name: kind.attention_failed for name, kind in planted.faults.careless.items()}
    missed = rng.random(len(careless)) < pd.Series(careless).map(failing).to_numpy(dtype=float)
    others = np.array([code for code in range(scale.min, scale.max + 1) if code != check.expected], dtype=np.int16)
    given = np.where(missed, others[rng.integers(0, len(others), len(careless))], np.int16(check.expected))
    lines = np.flatnonzero(careless == "straightline")
    given[lines] = np.rint(first.onto(answers[lines, 0], scale)).astype(np.int16)
    return np.asarray(given, dtype=np.int16)


def _leave_out(
    rng: np.random.Generator,
    answers: Codes,
    attention: Codes,
    careless: npt.NDArray[np.object_],
    *,
    planted: Planted,
    edition: Edition,
) -> npt.NDArray[np.bool_]:
    """Blank single answers, and everything after the point where an interview was broken off; returns who broke off."""
    size, items = answers.shape
    for column in range(items):
        answers[rng.random(size) < edition.simulation.missing_share, column] = MISSING
    careful = np.flatnonzero(careless == "")
    broken = careful[pick(rng, len(careful), planted.faults.breakoff)]
    last = rng.integers(items // 4, (2 * items) // 3, len(broken))
    answers[broken] = np.where(np.arange(items) < last[:, None], answers[broken], MISSING)
    attention[broken[last <= items * _ATTENTION_AFTER]] = MISSING
    flags = np.zeros(size, dtype=bool)
    flags[broken] = True
    return flags


def _durations(
    rng: np.random.Generator, careless: npt.NDArray[np.object_], broken_off: npt.NDArray[np.bool_], planted: Planted
) -> npt.NDArray[np.int64]:
    """Seconds per interview, log-normal around the median of its kind; half of it where it was broken off."""
    medians = {"": planted.interview.minutes} | {name: kind.minutes for name, kind in planted.faults.careless.items()}
    minutes = pd.Series(careless).map(medians).to_numpy(dtype=float) * np.where(broken_off, 0.5, 1.0)
    spread: Floats = np.exp(planted.interview.spread * rng.standard_normal(len(careless)))
    return np.rint(60 * minutes * spread).astype(np.int64)


def _store(
    rng: np.random.Generator, interviews: Interviews, edition: Edition, planted: Planted, *, copies: int, repeated: int
) -> StoredInterviews:
    """Number the rows, store some interviews twice and spoil single cells; all of it goes into the truth."""
    distinct, size = len(interviews.careless), edition.simulation.responses
    careful = rng.permutation(np.flatnonzero((interviews.careless == "") & ~interviews.broken_off))
    counts = [copies, repeated, round(size * planted.faults.out_of_range), round(size * planted.faults.unreadable)]
    copied, doubled, outside, spoiled = np.split(careful, np.cumsum(counts))[:4]
    source = np.concatenate([np.arange(distinct), copied, doubled])
    kind = np.repeat(["", "copy", "repeated"], [distinct, copies, repeated])
    order = np.argsort(source, kind="stable")
    source, kind = source[order], kind[order]
    ids, numbers = np.empty(len(source), dtype=object), kind != "repeated"
    ids[numbers] = numbered("R", int(numbers.sum()), width=max(6, len(str(size))))
    first_rows = np.searchsorted(source, np.arange(distinct))
    ids[~numbers] = ids[first_rows[source[~numbers]]]
    cells = _spoil(rng, edition.instrument, first_rows[outside], first_rows[spoiled])
    first_ids = ids[first_rows]
    truth = {
        "careless": {name: first_ids[interviews.careless == name].tolist() for name in planted.faults.careless},
        "broken_off": first_ids[interviews.broken_off].tolist(),
        "duplicates": dict(zip(ids[kind == "copy"], first_ids[source[kind == "copy"]], strict=True)),
        "repeated_ids": ids[kind == "repeated"].tolist(),
        "out_of_range": ids[first_rows[outside]].tolist(),
        "unreadable": ids[first_rows[spoiled]].tolist(),
        "comments": {key: said for key, said in zip(first_ids, interviews.said, strict=True) if said},
    }
    return StoredInterviews(interviews, source, ids, cells, truth)


def _spoil(
    rng: np.random.Generator, instrument: Instrument, outside: Ints, spoiled: Ints
) -> dict[tuple[int, str], str]:
    """Codes outside the scale, and cells that cost their row: a weight that is no number, an unknown answer."""
    scales, items = instrument.scales, instrument.item_keys
    broken = [
        ("weight", "一点二"),
        (instrument.profile_keys[0], "未知"),
        ("weight", ""),
        ("", "说不清"),
    ]
    cells = {}
    for i, row in enumerate(outside):
        item = items[rng.integers(len(items))]
        low, high = scales[item].ends
        cells[int(row), item] = str((high + 4, low - 1, 11 * high)[i % 3])
    for i, row in enumerate(spoiled):
        column, text = broken[i % len(broken)]
        cells[int(row), column or items[rng.integers(len(items))]] = text
    return cells


def _block(stored: StoredInterviews, instrument: Instrument, rows: slice) -> pd.DataFrame:
    """Rows of the file as text and numbers, in the order of the questionnaire."""
    held, source = stored.interviews, stored.source[rows]
    columns: dict[str, Any] = {
        "respondent_id": stored.ids[rows],
        "submitted_at": stamps(held.submitted[source]),
        "duration_s": held.seconds[source].astype(str).astype(object),
        "weight": held.weights.to_numpy()[source],
    }
    columns |= {key: held.profiles[key].to_numpy(dtype=object)[source] for key in instrument.profile_keys}
    for position, (key, scale) in enumerate(instrument.scales.items()):
        columns[key] = _shown(held.answers[source, position], scale)
    check = attention_check(instrument)
    columns[check.key] = _shown(held.attention[source], check.scale or instrument.scale)
    columns[instrument.open[0].key] = held.comments[source]
    return pd.DataFrame(columns, dtype=object)


def _shown(codes: Codes, scale: Scale) -> npt.NDArray[np.object_]:
    """Answers as text, "" where there is none."""
    texts = np.array(["", *map(str, range(scale.min, scale.max + 1))], dtype=object)
    return np.asarray(texts[np.where(codes == MISSING, 0, codes.astype(np.int64) - scale.min + 1)], dtype=object)


def attention_check(instrument: Instrument) -> AttentionCheck:
    """The instrument's attention check; raises EditionError when it has none."""
    if instrument.attention is None:
        raise EditionError("The simulation needs an attention check.", where="instrument: attention", hint="add one")
    return instrument.attention
