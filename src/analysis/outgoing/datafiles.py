"""The data of the public-use file as SPSS, Parquet and csv files: the same bytes for the same answers."""

from __future__ import annotations

import datetime as dt
import json
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.csv_files import csv_text
from analysis.publish.words.escape import plain

if TYPE_CHECKING:
    from analysis.outgoing.public_file import PublicFile
    from analysis.outgoing.variables import Variable

ABSENT = "missing"
LABEL_BYTES, VALUE_BYTES = 255, 120
"""Longest label of a variable, and of a value, that SPSS shows."""
SPSS_CODES = 3
"""Most single codes of a variable that SPSS takes for missing."""
WEIGHT_AT, CREATED_AT = slice(76, 80), slice(92, 109)
"""Where the header of a .sav file names its weight, by position, and the day and time when it was written."""


def sav_bytes(made: PublicFile, lang: str, *, title: str, day: dt.date) -> bytes:
    """The answers as an SPSS file in one language: labels, codes for no answer, levels of measurement, the weight."""
    import pyreadstat

    variables = made.variables
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "responses.sav"
        pyreadstat.write_sav(
            made.numbers,
            path,
            file_label=_cut(title, 64),
            column_labels={one.name: _cut(one.label[lang], LABEL_BYTES) for one in variables},
            variable_value_labels={
                one.name: _value_labels(one, lang) for one in variables if one.answers or one.missing
            },
            missing_ranges={one.name: _user_missing(one) for one in variables if one.missing},
            variable_measure={one.name: one.measure for one in variables},
            variable_format={one.name: _format(one, made.numbers[one.name]) for one in variables},
            row_compress=True,
        )
        written = bytearray(path.read_bytes())
    weight = next((place for place, one in enumerate(variables, start=1) if one.key == "weight"), 0)
    written[WEIGHT_AT] = struct.pack("<i", weight)  # variables before it are numbers of one cell each
    written[CREATED_AT] = f"{day:%d %b %y}00:00:00".encode("ascii")
    return bytes(written)


def _value_labels(variable: Variable, lang: str) -> dict[int | float, str]:
    return {value.code: _cut(value.text[lang], VALUE_BYTES) for value in (*variable.answers, *variable.missing)}


def _user_missing(variable: Variable) -> list[Any]:
    """The codes for no answer: SPSS takes three of them, or a range."""
    codes = [value.code for value in variable.missing]
    return [*codes] if len(codes) <= SPSS_CODES else [{"lo": min(codes), "hi": max(codes)}]


def _format(variable: Variable, values: pd.Series) -> str:
    if variable.kind == "text":
        return f"A{max(1, *(len(text.encode()) for text in values.unique()))}"
    if variable.kind == "weight" or not variable.whole:
        return "F12.6"
    return f"F{max(2, len(str(int(values.abs().max()))) + 1)}.0"


def _cut(text: str, longest: int) -> str:
    """At most so many bytes of a text, whole characters only."""
    return plain(text).encode("utf-8")[:longest].decode("utf-8", errors="ignore")


def write_parquet(made: PublicFile, path: Path, *, title: str) -> None:
    """The answers typed, by the codes of the instrument; labels of variables and answers stand in the metadata.

    An answer that was not given is null; the column `missing` maps it to the reason: no_answer, not_asked, withheld,
    refused or dont_know.
    """
    import pyarrow as pa
    from pyarrow import parquet

    columns = {one.key: _arrow(one, made.frame[one.key]) for one in made.variables}
    fields = [
        pa.field(one.key, columns[one.key].type, metadata={"variable": json.dumps(_described(one), ensure_ascii=False)})
        for one in made.variables
    ]
    columns[ABSENT] = pa.array(_absent(made), type=pa.map_(pa.string(), pa.string()))
    fields.append(pa.field(ABSENT, columns[ABSENT].type))
    table = pa.table(list(columns.values()), schema=pa.schema(fields, metadata={"title": title, "weight": "weight"}))
    parquet.write_table(table, path, compression="zstd")


def _absent(made: PublicFile) -> list[list[tuple[str, str]]]:
    """Columns without an answer and why, for every row: what the codes of the other files say."""
    told: list[list[tuple[str, str]]] = [[] for _ in range(len(made.numbers))]
    for variable in made.variables:
        for value in variable.missing:
            for row in np.flatnonzero(made.numbers[variable.name].to_numpy() == value.code).tolist():
                told[row].append((variable.key, value.means))
    return told


def _arrow(variable: Variable, values: pd.Series) -> Any:
    import pyarrow as pa

    if variable.kind == "text":
        return pa.array(values.astype(object).where(values.notna(), None), type=pa.string())
    if variable.kind == "category":
        codes = [value.means for value in variable.answers]
        places = pd.Categorical(values, categories=codes).codes.astype(np.int32)
        indices = pa.array(places, mask=places < 0)
        return pa.DictionaryArray.from_arrays(
            indices, pa.array(codes, type=pa.string()), ordered=variable.measure == "ordinal"
        )
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    if variable.turned is not None:
        numbers = variable.turned - numbers
    blank = np.isnan(numbers)
    whole = variable.kind != "weight" and variable.whole
    kind = pa.int32() if whole else pa.float64()
    return pa.array(np.where(blank, 0, numbers).astype(np.int32 if whole else float), type=kind, mask=blank)


def _described(variable: Variable) -> dict[str, Any]:
    """What the metadata of a column say."""
    said: dict[str, Any] = {"name": variable.name, "label": variable.label.model_dump(), "measure": variable.measure}
    if variable.question is not None:
        said["question"] = variable.question.model_dump()
    if variable.answers:
        said["values"] = {value.means: value.text.model_dump() for value in variable.answers}
    if variable.route:
        said["asked_if"] = {key: list(codes) for key, codes in variable.route.items()}
    return said


def csv_bytes(made: PublicFile) -> bytes:
    """The numbers of the .sav file as csv: UTF-8 with a mark, decimal points, nothing quoted that need not be."""
    texts = {one.name: made.numbers[one.name].map(csv_text) for one in made.variables if one.kind == "text"}
    return made.numbers.assign(**texts).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def reading_params(variables: Sequence[Variable], path: str) -> dict[str, object]:
    """The table `responses` of the params that read the .sav or .csv file back: `data.tables.responses`."""
    codes = {value.means: str(value.code) for one in variables for value in one.missing}
    kinds = {"not_asked", "dont_know", "refused"}
    table: dict[str, object] = {"path": path}
    columns = {one.key: one.name for one in variables if one.key != one.name}
    if columns:
        table["columns"] = columns
    values = {
        one.key: {str(value.code): value.means for value in one.answers}
        for one in variables
        if one.kind == "category" and any(str(value.code) != value.means for value in one.answers)
    }
    if values:
        table["values"] = values
    if codes:
        table["missing"] = ["", *(code for kind, code in codes.items() if kind not in kinds)]
        table |= {kind: [code] for kind, code in codes.items() if kind in kinds}
    return table
