"""SPSS and Parquet files as text columns."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.rawtable import KINDS, RawTable, cell_text, check_extent, clean_name, finish, no_rows, unreadable
from analysis.data.values import as_number
from analysis.edition.sections.data import REASONS, TableSource
from analysis.files import read_data

_TEXT: Any = pd.StringDtype("pyarrow", na_value=np.nan)


def read_typed(path: Path, data: bytes, source: TableSource, kind: str) -> RawTable:
    """Read an SPSS or Parquet file; its typed columns become text, so that all formats go one way."""
    import pyarrow as pa

    try:
        if kind == "parquet":
            from pyarrow import parquet

            found = parquet.read_metadata(pa.BufferReader(data))
            check_extent(path, columns=found.num_columns, rows=found.num_rows)
            table = parquet.read_table(pa.BufferReader(data))
            names, columns = table.column_names, list(table.columns)
        else:
            names, columns = _sav_columns(path, data, source)
        texts = {i: _arrow_text(column) for i, column in enumerate(columns)}
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise unreadable(
            path,
            f"The file can't be read as {KINDS[kind]}.",
            expected=f"a complete .{kind} file",
            got=str(error).splitlines()[0][:200] or type(error).__name__,
            hint="it may be cut off or damaged: export or copy it again",
        ) from None
    if not texts or not len(next(iter(texts.values()))):
        raise no_rows(path, source)
    cleaned = tuple(clean_name(name) for name in names)
    return finish(path, cleaned, pd.DataFrame(texts), source=source)


def _sav_columns(path: Path, data: bytes, source: TableSource) -> tuple[list[str], list[Any]]:
    import pyarrow as pa
    import pyreadstat

    encoding = None if source.encoding == "auto" else source.encoding
    try:
        _, found = pyreadstat.read_sav(io.BytesIO(data), metadataonly=True, encoding=encoding)
        check_extent(path, columns=found.number_columns or 0, rows=found.number_rows or 0)
        frame, _ = pyreadstat.read_sav(
            io.BytesIO(data),
            apply_value_formats=source.value_labels == "labels",
            formats_as_category=False,
            encoding=encoding,
        )
        if told := _told_codes([str(name) for name in frame], source):
            raw, _ = pyreadstat.read_sav(io.BytesIO(data), usecols=list(told), user_missing=True, encoding=encoding)
            for name, codes in told.items():
                frame[name] = frame[name].where(frame[name].notna() | ~raw[name].isin(codes), raw[name])
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise ValueError(str(error)) from None
    columns: list[Any] = []
    for name in frame.columns:
        try:
            columns.append(pa.array(frame[name], from_pandas=True))
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # labels and bare codes in one column
            columns.append(pa.array([None if pd.isna(v) else cell_text(v) for v in frame[name]], type=pa.string()))
    return list(frame.columns), columns


def _told_codes(names: list[str], source: TableSource) -> dict[str, list[float]]:
    """Numbers by which each column of a file says why there is no answer: as missing values they would be blank."""
    ours = {file: name for name, file in source.columns.items()}
    told = {}
    for name in names:
        own = ours.get(name, name)
        codes = (*source.not_asked, *(code for reason in REASONS for code in source.declined_of(own, reason)))
        if numbers := [number for code in codes if (number := as_number(code)) is not None]:
            told[name] = numbers
    return told


def _arrow_text(column: Any) -> pd.Series:
    """A typed Arrow column as text: 5.0 becomes "5", a date its ISO form, true "TRUE", nothing "" ."""
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_boolean(kind):
        column = compute.if_else(column, "TRUE", "FALSE")
    elif pa.types.is_timestamp(kind) and kind.tz is not None:
        column = compute.local_timestamp(column)
    elif pa.types.is_floating(kind):
        column = compute.if_else(compute.is_nan(column), None, column)
    elif pa.types.is_duration(kind):
        column = compute.divide(column.cast(pa.duration("ns")).cast(pa.int64()).cast(pa.float64()), 1e9)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        text = pa.array([str(value) for value in column.to_pylist()], type=pa.string())
    else:
        text = _written_once(column)
    filled = compute.fill_null(text, "") if text.null_count else text
    return pd.Series(_TEXT.__from_arrow__(filled))


def _written_once(column: Any) -> Any:
    """A column as text in which every distinct value is written once, since most columns have few."""
    import pyarrow as pa

    chunks = column.dictionary_encode()
    encoded = chunks.combine_chunks() if isinstance(chunks, pa.ChunkedArray) else chunks
    if isinstance(encoded, pa.ChunkedArray):  # no rows at all, or more text than one array holds
        return column.cast(pa.large_string())
    texts = encoded.dictionary.cast(pa.large_string())
    if not encoded.null_count:
        return texts.take(encoded.indices)
    return pa.concat_arrays([texts, pa.array([""], pa.large_string())]).take(encoded.indices.fill_null(len(texts)))


@dataclass(frozen=True)
class Labels:
    """What an SPSS file says of a variable: its question, the wordings of its codes, its codes for no answer."""

    question: str
    answers: dict[str, str]
    missing: tuple[str, ...]


def sav_labels(path: Path) -> dict[str, Labels]:
    """Labels of an SPSS file by the name of the variable, as its dictionary holds them; raises SourceError."""
    import pyreadstat

    data = read_data(path)
    try:
        _, found = pyreadstat.read_sav(io.BytesIO(data), metadataonly=True, user_missing=True)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError) as error:
        raise unreadable(path, "The labels of the file can't be read.", got=str(error), hint="save it again") from None
    labelled = found.variable_value_labels
    ranges = found.missing_ranges
    return {
        name: Labels(
            question=clean_name(found.column_names_to_labels.get(name) or ""),
            answers={cell_text(code): clean_name(text) for code, text in labelled.get(name, {}).items()},
            missing=_missing(ranges.get(name, ()), labelled.get(name, {})),
        )
        for name in map(clean_name, found.column_names)
    }


def _missing(ranges: Sequence[Any], labelled: Mapping[Any, str]) -> tuple[str, ...]:
    """Codes for no answer: those that are named one by one, and those with a label in a range of them."""
    known = [one for one in ranges if isinstance(one, dict)]
    single = [one["lo"] for one in known if one["lo"] == one["hi"]]
    numbers = [code for code in labelled if isinstance(code, (int, float))]
    within = [
        code for code in numbers if any(one["lo"] < one["hi"] and one["lo"] <= code <= one["hi"] for one in known)
    ]
    return tuple(dict.fromkeys(map(cell_text, (*single, *within))))
