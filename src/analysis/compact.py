"""Frames of millions of rows in as few bytes as they need, and copied in part without being held.

An answer on a scale is a small whole number, which single precision holds exactly in half the bytes; of an answer to a
background question a code of one byte says which it is. Whoever computes with the numbers takes them in double
precision, block by block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ROWS = 65_536
"""Rows that are copied at a time."""
ARRAY_ROWS = 8192
"""Rows of an array that are written at a time."""


class Rows(Protocol):
    """An array, or what stands in for one: rows are made when they are asked for."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its numbers."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of rows, and of what each holds."""

    def __len__(self) -> int:
        """Number of rows."""

    def __getitem__(self, rows: slice, /) -> NDArray[Any]:
        """Some of the rows."""


def compact_frame(
    path: Path, columns: Sequence[str], *, numbers: Collection[str], texts: Collection[str]
) -> pd.DataFrame:
    """The `columns` of a Parquet file, read one after another.

    Those of `numbers` are in single precision where that holds them exactly, those of `texts` categories in sorted
    order; the others are as pandas reads them. Columns come in another order than in the file.
    """
    import pandas as pd
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    coded = [name for name in columns if name in texts]
    with ParquetFile(path, read_dictionary=coded, pre_buffer=False) as file:
        kinds = {name: file.schema_arrow.field(name).type for name in columns}
        coded = [name for name in coded if pa.types.is_dictionary(kinds[name])]
        counted = [name for name, kind in kinds.items() if name in numbers and _is_number(kind)]
        rest = [name for name in columns if name not in {*coded, *counted}]
        plain = file.read(columns=rest, use_threads=False).to_pandas(split_blocks=True, self_destruct=True)
        parts = [plain, *_singles(file, counted)]
        parts += [_categories(file.read(columns=[name], use_threads=False)) for name in coded]
    frame: pd.DataFrame = pd.concat(parts, axis=1)
    return frame


def copy_rows(source: Path, target: Path, rows: NDArray[np.bool_]) -> None:
    """Write the marked rows of a Parquet file, in their order and with their types, to another."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile, ParquetWriter

    with ParquetFile(source, pre_buffer=False) as file, ParquetWriter(target, file.schema_arrow) as writer:
        start = 0
        for batch in file.iter_batches(ROWS, use_threads=False):
            marked = batch.filter(pa.array(rows[start : start + len(batch)]))
            start += len(batch)
            if len(marked):
                writer.write_batch(marked)


def write_array(path: Path, array: Rows) -> None:
    """Write what `numpy.save` writes, some rows at a time."""
    import numpy as np

    kind = {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": array.shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, kind)
        for start in range(0, len(array), ARRAY_ROWS):
            np.ascontiguousarray(array[start : start + ARRAY_ROWS]).tofile(file)


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _singles(file: Any, names: Sequence[str]) -> list[pd.DataFrame]:
    """Numeric columns as one array in single precision, and those that it would round by themselves."""
    import numpy as np
    import pandas as pd

    held = np.empty((len(names), file.metadata.num_rows), dtype=np.float32)
    exact: list[str] = []
    rounded: list[pd.DataFrame] = []
    for name in names:
        column = file.read(columns=[name], use_threads=False).column(0).to_numpy().astype(np.float64, copy=False)
        single = held[len(exact)]
        single[:] = column
        if np.array_equal(single, column, equal_nan=True):
            exact.append(name)
        else:
            rounded.append(pd.DataFrame({name: column}))
    return [pd.DataFrame(held[: len(exact)].T, columns=exact, copy=False), *rounded]


def _categories(table: Any) -> pd.DataFrame:
    """A column of texts as categories in sorted order."""
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas(ignore_metadata=True)
    name = frame.columns[0]
    return frame.assign(**{name: frame[name].cat.reorder_categories(sorted(frame[name].cat.categories))})
