"""The estimates of the explorer in the words of one language, as its script reads them."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from analysis.publish.book.explorer.estimates import measured
from analysis.publish.tables.printed import caption
from analysis.publish.words import formats
from analysis.publish.words.escape import plain
from analysis.publish.words.labels import catalogue
from analysis.publish.words.phrases import question_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.publish.book.explorer.estimates import Block, Estimate, Measured
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

LARGEST = 400_000
"""Bytes of the data; measures beyond them are left out, so that page, script and data stay within 600 kB."""
LEAST_N = 5
"""Interviews of one's own below which nothing is compared."""
WORDS = "explorer."


@dataclass(frozen=True)
class Told:
    """A measure in one language.

    family: what it is listed under; its members are measured alike. share: a share of people (0–1), else a number with
    so many decimals. top: the largest value (inf: not known).
    """

    source: Measured
    family: str
    name: str
    share: bool
    decimals: int
    top: float
    level: float

    def write(self, estimate: Estimate) -> str:
        """An estimate as 84.1."""
        return formats.percent(estimate.value) if self.share else formats.number(estimate.value, self.decimals)

    def interval(self, estimate: Estimate, lang: str) -> str:
        """Its interval as 83.0–85.2."""
        if self.share:
            return formats.percent_interval(estimate.low, estimate.high, lang)
        return formats.interval(estimate.low, estimate.high, lang, decimals=self.decimals)


@dataclass
class ExplorerData:
    """What the page shows: measures in their order, and how many more there are than it has room for."""

    labels: Labels
    measures: list[Told] = field(default_factory=list)
    left_out: int = 0

    @property
    def questions(self) -> list[str]:
        """Keys of the questions that groups are told by, in the order of the questionnaire."""
        used = {key for one in self.measures for asked in one.source.blocks for key in asked}
        return [key for key in self.labels.edition.instrument.profile_keys if key in used]

    def answers(self, question: str) -> list[str]:
        """Codes of the answers that any group gave: in the order of the instrument, others after them."""
        profile = self.labels.edition.instrument.question(question)
        listed = [category.code for category in profile.categories]
        used = {
            row.codes[asked.index(question)]
            for one in self.measures
            for asked, block in one.source.blocks.items()
            if question in asked
            for row in block.rows.values()
        }
        return [code for code in listed if code in used] + sorted(used - set(listed))


def explorer_data(labels: Labels, store: Store) -> ExplorerData | None:
    """Measures that can be explored; None where the edition has none."""
    found = [_told(one, labels) for one in measured(labels.edition, store)]
    if not found:
        return None
    data, size = ExplorerData(labels), 0
    for one in found:
        size += len(json.dumps(_measure(one, {}), ensure_ascii=False).encode())
        if size > LARGEST:
            data.left_out += 1
        else:
            data.measures.append(one)
    return data


def _told(one: Measured, labels: Labels) -> Told:
    shape, share = one.shape, one.shape.measure.top == 1
    values = shape.part.placeholders(labels)
    names = [column.kind.write(one.row, column, labels) for column in shape.names]
    heading = labels.text(f"columns.{shape.column.heading}", **values)
    title = caption(shape.spec, labels)
    stop = "：" if labels.lang == "zh" else ": "
    column = shape.column
    return Told(
        source=one,
        family=plain(f"{title}{stop}{heading}" if shape.names and not shape.people.rows[0] else title),
        name=plain(" · ".join(names) if names else heading),
        share=share,
        decimals=int(column.detail) if column.detail.isdigit() else 1,
        top=shape.measure.top,
        level=shape.part.confidence(labels.edition),
    )


def as_script(data: ExplorerData) -> str:
    """The data as `window.explorerData`: a browser refuses to fetch JSON for a page opened from a file.

    `measures[].blocks[]` have the questions (`q`: places in `questions`), the table and the column that they come from,
    and `rows` of answers (places in `answers`), value, low, high, n, effective n, standard error as released, and the
    unit that disclosure left of value and interval (0: as printed); null: withheld.
    """
    labels = data.labels
    questions = [
        {
            "key": key,
            "name": labels.question(key),
            "inside": question_inside(key, labels),
            "codes": data.answers(key),
            "answers": [labels.category(key, code) for code in data.answers(key)],
        }
        for key in data.questions
    ]
    places: dict[str, Any] = {
        str(q["key"]): (place, {c: i for i, c in enumerate(q["codes"])}) for place, q in enumerate(questions)
    }
    words = {key.removeprefix(WORDS): text[labels.lang] for key, text in catalogue().items() if key.startswith(WORDS)}
    content = {
        "lang": labels.lang,
        "least": LEAST_N,
        "words": words,
        "questions": questions,
        "tables": {
            block.shape.spec.name: caption(block.shape.spec, labels)
            for one in data.measures
            for block in one.source.blocks.values()
        },
        "measures": [_measure(one, places) for one in data.measures],
    }
    return f"window.explorerData = {json.dumps(content, ensure_ascii=False, separators=(',', ':'))};\n"


def _measure(one: Told, places: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one.source.of,
        "family": one.family,
        "name": one.name,
        "share": one.share,
        "decimals": one.decimals,
        "top": None if math.isinf(one.top) else one.top,
        "level": formats.level(one.level),
        "z": NormalDist().inv_cdf(0.5 + one.level / 2),
        "blocks": [_block(asked, block, places) for asked, block in one.source.blocks.items()],
    }


def _block(asked: Sequence[str], block: Block, places: dict[str, Any]) -> dict[str, Any]:
    def codes(row: Estimate) -> Iterable[int]:
        return (places[key][1][code] if places else 0 for key, code in zip(asked, row.codes, strict=True))

    rows = [
        [*codes(row), *map(_number, (row.value, row.low, row.high, row.n, row.n_eff, row.se, row.unit))]
        for row in block.rows.values()
    ]
    return {
        "q": [places[key][0] if places else 0 for key in asked],
        "table": block.shape.spec.name,
        "column": block.shape.measure.value,
        "rows": sorted(rows, key=lambda row: row[: len(asked)]),
    }


def _number(value: float | None) -> float | int | None:
    """Whole numbers without a point: the same number in fewer bytes."""
    return int(value) if value is not None and value == int(value) else value
