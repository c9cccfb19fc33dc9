"""What only a whole table, or two beside each other, can show: enough interviews, labels of waves, margins that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from analysis.data.columns import Contract, Field
from analysis.data.rawtable import RawTable
from analysis.data.values import Mapped, convert, missing_codes
from analysis.edition import Edition
from analysis.edition.sections.data import EARLIER
from analysis.errors import ContractError, MethodError, SurveyReportError, listing
from analysis.periods import read_waves

MAX_MARGIN_GAP = 0.01
"""Relative difference of the totals of two margins that counts as rounding."""
SHORT = 0.7
"""Share of a scale that answers to an item may stay below before it is asked whether it is on another one."""
_TELLING = frozenset({"number", "datetime", "duration"})


def check_header(
    raw: RawTable, *, contract: Contract, columns: Mapping[str, int], values: Mapping[str, Mapped]
) -> None:
    """Raise ContractError for a row that the params count among the header and that holds answers."""
    fields = [f for f in contract.fields if f.name in columns and (f.kind in _TELLING or f.categories)]
    for row in raw.beside:
        told = [(f, row[columns[f.name]]) for f in fields if columns[f.name] < len(row)]
        filled = [(field, text) for field, text in told if text.strip()]
        answers = [text for field, text in filled if _is_answer(text, field, values.get(field.name, {}))]
        if answers and len(answers) >= 0.8 * len(filled) and len(answers) >= min(2, len(fields)):
            raise ContractError(
                f"A row of the header of the table {contract.table!r} holds answers: it would be lost.",
                where=str(raw.path),
                expected="rows of names and titles only",
                got=", ".join(repr(text) for text in answers[:8]),
                hint=f"correct `header_rows` in data.tables.{contract.table}",
            )


def _is_answer(text: str, field: Field, values: Mapped) -> bool:
    converted = convert(pd.Series([text], dtype="str"), field=field, values=values, missing=missing_codes([""]))
    return bool(converted.reasons is None and converted.typed.notna().all())


def check_whole(frame: pd.DataFrame, edition: Edition, name: str, path: Path) -> None:
    """Raise ContractError for waves without a label, a last edition that is none of them, or a margin without rows."""
    if name in {"waves", EARLIER}:
        _check_last_edition(_labels(frame, path), edition, path)
    if name == "population":
        lacking = [margin for margin in edition.weighting.margins if margin not in set(frame["variable"])]
        if lacking:
            raise ContractError(
                f"The population table has no rows for {', '.join(lacking)}.",
                where=f"{path}, column variable",
                expected=f"every margin of weighting.margins: {', '.join(edition.weighting.margins)}",
                got=", ".join(sorted(set(frame["variable"]))),
                hint="add the missing margins to the file, or take them out of weighting.margins",
            )


def check_responses(frame: pd.DataFrame, edition: Edition, path: Path) -> None:
    """Raise ContractError for responses that nothing can be computed from: too few, unanswered, or all alike."""
    base, items = edition.disclosure.min_base, edition.instrument.item_keys
    if len(frame) < base:
        raise ContractError(
            "There are fewer interviews than a published number must rest on.",
            where=str(path),
            expected=f"at least {base} interviews (disclosure.min_base)",
            got=f"{len(frame)}",
            hint="collect more interviews; below the base nothing may be published",
        )
    silent = [item for item in items if frame[item].isna().all()]
    if silent:
        raise ContractError(
            "Nobody has answered an item.",
            where=f"{path}: {', '.join(silent)}",
            expected="answers to every item of the instrument",
            got="no answer in any row",
            hint="check the column of the item, or take the item out of the instrument",
        )
    if items and all(frame[item].nunique() < 2 for item in items):
        raise ContractError(
            "All interviews answer alike: nothing varies.",
            where=str(path),
            expected="different answers to at least one item",
            got=", ".join(f"{item} is always {frame[item].dropna().iloc[0]:g}" for item in items[:4]),
            hint="check the export: one interview may have been repeated",
        )


def scale_notes(edition: Edition, responses: pd.DataFrame) -> Iterator[str]:
    """Ends of a scale that nobody used, and single items that stay far below theirs: the file may be on another one."""
    scales = edition.instrument.scales
    for block in edition.instrument.blocks:
        scale, least, most = scales[block[0]], responses[block].min(), responses[block].max()
        low, high = float(least.min()), float(most.max())
        told = f" of {listing(block, most=4)}" if len(edition.instrument.blocks) > 1 else ""
        if low > scale.min or high < scale.max:
            ends = f"the scale from {scale.min} to {scale.max}"
            yield f"answers{told} reach from {low:g} to {high:g}, {ends}: is it the right one?"
        short = [key for key in block if most[key] <= scale.min + SHORT * scale.span]
        if short and len(short) < len(block):
            reach = ", ".join(f"{key} up to {most[key]:g}" for key in short[:8])
            yield f"answers far below the end of the scale ({scale.max}): {reach}; has the item a scale of its own?"


def margin_faults(
    responses: pd.DataFrame, population: pd.DataFrame, *, edition: Edition, path: Path
) -> list[SurveyReportError]:
    """Margins that can't be met: zero, without interviews, without a target, or with other totals than the rest."""
    names = list(dict.fromkeys([*edition.weighting.margins, *filter(None, [edition.weighting.stratum])]))
    rows = {name: population[population["variable"] == name].set_index("category")["population"] for name in names}
    targets = {name: target for name, target in rows.items() if len(target) and name in responses}
    faults = [fault for name, target in targets.items() for fault in _margin(responses[name], target, path)]
    totals = {name: float(target.sum()) for name, target in targets.items()}
    if totals and max(totals.values()) - min(totals.values()) > MAX_MARGIN_GAP * max(totals.values()):
        faults.append(
            ContractError(
                "The margins of the population do not add up to the same total.",
                where=f"{path}, column population",
                expected="the same number of people in every margin",
                got=", ".join(f"{name}: {total:,.0f}" for name, total in totals.items()),
                hint="complete the categories of each margin; all must describe the same population",
            )
        )
    return list(faults)


def _margin(answers: pd.Series, target: pd.Series, path: Path) -> Iterator[SurveyReportError]:
    name, found = str(answers.name), answers.value_counts()
    cases = {
        "has a population of zero": [category for category, size in target.items() if size == 0],
        "has no interview": [category for category, size in target.items() if size > 0 and category not in found],
        "has interviews and no population": [category for category in found.index if category not in target.index],
    }
    for problem, categories in cases.items():
        if categories:
            listed = ", ".join(f"{name} = {category} (n = {found.get(category, 0)})" for category in categories)
            yield ContractError(
                f"A category of the margin {name!r} {problem}.",
                where=f"{path}: {listed}",
                expected="people in the population and interviews for every category",
                got=f"{len(categories)} categories without",
                hint="merge the category with a similar one in data and population, or drop the margin",
            )


def _check_last_edition(labels: list[str], edition: Edition, path: Path) -> None:
    wave = edition.trend.last_edition
    if wave is not None and wave not in labels:
        raise ContractError(
            "The wave of the last edition is none of the waves.",
            where=f"trend.last_edition: {wave}; {path}",
            expected="the label of one of the waves",
            got=", ".join(labels[-4:]),
            hint="name one of the waves, or leave trend.last_edition out",
        )


def _labels(frame: pd.DataFrame, path: Path) -> list[str]:
    """Label of every wave, the earliest first; raises ContractError for one that is none."""
    try:
        return list(read_waves(frame["wave"].astype(str).str.strip().tolist()).values())
    except MethodError as error:
        raise ContractError(
            error.problem,
            where=f"{path}, column wave: {error.where}",
            expected=error.expected,
            hint=error.hint or "call every wave in the same way",
        ) from None
