"""A Parquet file that is read some rows at a time, because it may be larger than memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import SourceError, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 65_536
"""Rows that are read at a time."""


@dataclass(frozen=True)
class ParquetTable:
    """The table in a Parquet file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def check(self, columns: Sequence[str], *, numeric: Sequence[str]) -> None:
        """Raise SourceError when the file is no Parquet, lacks a column, or one of `numeric` holds no numbers."""
        import pyarrow as pa
        from pyarrow import parquet

        try:
            schema = parquet.read_schema(self.path)
        except (OSError, pa.ArrowInvalid) as error:
            raise SourceError(
                "The file can't be read.", where=str(self), expected="a Parquet file", got=str(error)
            ) from error
        absent = [name for name in columns if name not in schema.names]
        if absent:
            raise SourceError(
                "Columns are not in the file.",
                where=str(self),
                expected=", ".join(columns),
                got=f"no {', '.join(absent)}",
                hint=did_you_mean(absent[0], schema.names),
            )
        kinds = {name: schema.field(name).type for name in numeric}
        wrong = [
            f"{name} ({kind})"
            for name, kind in kinds.items()
            if not (pa.types.is_integer(kind) or pa.types.is_floating(kind))
        ]
        if wrong:
            raise SourceError(
                "Columns are not numeric.",
                where=str(self),
                expected="integers or floating-point numbers, null where there is no answer",
                got=", ".join(wrong),
            )

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows in their order, `_ROWS` at a time at most."""
        from pyarrow import parquet

        with parquet.ParquetFile(self.path) as file:
            yield from file.iter_batches(batch_size=_ROWS, columns=list(columns))
