"""The store between steps: each step saves frames and records under its own name, atomically."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.compact import compact_frame, copy_rows, write_array
from analysis.csv_files import text_of_csv, write_csv
from analysis.edition.load import SNAPSHOT, Edition, load_edition
from analysis.errors import ResultsError
from analysis.optional import Optional, given

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from analysis.compact import Rows
    from analysis.edition.instrument import Instrument


DISCLOSED = "disclosed"
"""The folder beside those of the steps that holds what may be published."""

INDEXED = "05_satisfaction"
"""The step that makes the index."""

LEFT_OUT = "left_out"
"""The record of a step that does not run in an edition, with the reason."""


class Store:
    """Results of one edition under `root`: results/<step>/, tables/, figures/<lang>/, quarantine/.

    Frames are typed (parquet): a category "NA", "02" or "1.0" comes back as it went in. Arrays of as many numbers as
    there are rows times replicates stay in their file (npy) until they are used. csv is for people: a text in it
    that a spreadsheet would run has an apostrophe before it (`csv_text`).

    Every file is written beside its target and moved into place, so that a run that is killed
    never leaves half a file; nothing written holds a time, so that two runs are byte-identical.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._read: dict[str, pd.DataFrame] = {}

    def beside(self, name: str | None) -> Optional[Store]:
        """Results of another edition in the folder beside this one, as far as its index; absent without them."""
        if name is None:
            return given(None, "no edition before this one is named")
        if name == self.root.name:
            return given(None, "an edition is not the one before itself")
        other = Store(self.root.parent / name)
        there = other.has(INDEXED, "scores.parquet") and (other.root / SNAPSHOT).exists()
        return given(other if there else None, f"no results of the edition {name}")

    def edition(self) -> Edition:
        """The edition that made these results, as its run read it."""
        return load_edition(self.root / SNAPSHOT)

    def save_frame(self, step: str, name: str, frame: pd.DataFrame) -> Path:
        """Write a frame as results/<step>/<name>.parquet."""
        return self._save_parquet(self.root / "results" / step / f"{name}.parquet", frame)

    @contextmanager
    def writing(self, step: str, name: str) -> Iterator[Path]:
        """Where to write results/<step>/<name>.parquet part after part; it is moved into place when it is whole."""
        path = self.root / "results" / step / f"{name}.parquet"
        with self._partial(path) as partial:
            yield partial

    def frame(
        self,
        step: str,
        name: str,
        *,
        ending: str = "",
        without: Collection[str] = (),
        compact: Instrument | None = None,
        coded: Collection[str] = (),
    ) -> pd.DataFrame:
        """Read a frame that an earlier step saved, or its columns with this ending; raises ResultsError without it.

        `without`: columns that are not read. `compact`: the instrument whose answers are held in few bytes, and `coded`
        other texts that are (`analysis.compact`).
        """
        import pandas as pd
        from pyarrow.parquet import read_schema

        path = self._existing(step, f"{name}.parquet")
        names = read_schema(path).names
        columns = [column for column in names if column.endswith(ending) and column not in without]
        if compact is not None or coded:
            numbers, texts = (compact.item_keys, compact.profile_keys) if compact is not None else ((), ())
            return compact_frame(path, columns, numbers=numbers, texts=[*texts, *coded])
        return pd.read_parquet(path, columns=columns if len(columns) < len(names) else None)

    def save_rows(self, step: str, name: str, rows: NDArray[np.bool_], *, of: str) -> Path:
        """Write the marked rows of results/<of>/<name>.parquet as results/<step>/<name>.parquet, some at a time."""
        source = self._existing(of, f"{name}.parquet")
        with self.writing(step, name) as target:
            copy_rows(source, target, rows)
        return self.root / "results" / step / f"{name}.parquet"

    def save_array(self, step: str, name: str, array: Rows | None) -> None:
        """Write an array, some rows at a time, as results/<step>/<name>.npy; None removes what is there."""
        path = self.root / "results" / step / f"{name}.npy"
        if array is None:
            path.unlink(missing_ok=True)
            return
        self._write(path, lambda partial: write_array(partial, array))

    def array(self, step: str, name: str) -> NDArray[Any] | None:
        """An array that an earlier step saved, left in its file until it is used; None where there is none."""
        import numpy as np

        path = self._asked(self.root / "results" / step / f"{name}.npy")
        return np.load(path, mmap_mode="r", allow_pickle=False) if path.exists() else None

    def taken(self, table: str, *, coded: Collection[str] = ()) -> Optional[pd.DataFrame]:
        """Read a raw table as the intake accepted it, `coded` as in `frame`; absent where there is no such table."""
        reason = self.lacks(table)
        return given(None if reason else self.frame("intake", table, coded=coded), reason)

    def lacks(self, table: str) -> str:
        """Why the edition has no such raw table; empty where it has it."""
        return "" if self.record("intake", table)["available"] else f"no table {table} in this edition"

    def found(self, step: str, name: str) -> Optional[pd.DataFrame]:
        """Read a frame of an earlier step; absent, with its reason, where that step was left out."""
        reason = self.left_out(step)
        return given(None if reason else self.frame(step, name), reason)

    def noted(self, step: str, name: str) -> Optional[dict[str, Any]]:
        """Read a record of an earlier step; absent, with its reason, where that step was left out."""
        reason = self.left_out(step)
        return given(None if reason else self.record(step, name), reason)

    def left_out(self, step: str) -> str:
        """Why a step was left out of this edition; empty where it ran."""
        return str(self.record(step, LEFT_OUT)["reason"]) if self.has(step, f"{LEFT_OUT}.json") else ""

    def leave_out(self, step: str, reason: str) -> None:
        """Remove what a step found before, and note why there is nothing now."""
        shutil.rmtree(self.root / "results" / step, ignore_errors=True)
        self.save_record(step, LEFT_OUT, {"reason": reason})

    def take_up(self, step: str) -> None:
        """A step that was left out runs."""
        (self.root / "results" / step / f"{LEFT_OUT}.json").unlink(missing_ok=True)

    def save_record(self, step: str, name: str, record: Mapping[str, Any]) -> Path:
        """Write plain values (text, numbers, lists, mappings) as results/<step>/<name>.json."""
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True, default=_plain) + "\n"
        return self._write(
            self.root / "results" / step / f"{name}.json", lambda path: path.write_text(text, encoding="utf-8")
        )

    def remember(self, name: str, record: Mapping[str, Any]) -> None:
        """Write made/<name>.json: what a product was made of, so that it is made again only where that changed."""
        text = json.dumps(record, ensure_ascii=False, default=_plain) + "\n"
        self._write(self.root / "made" / f"{name}.json", lambda path: path.write_text(text, encoding="utf-8"))

    def remembered(self, name: str) -> dict[str, Any]:
        """What was written as made/<name>.json; empty where there is nothing, or nothing whole."""
        path = self.root / "made" / f"{name}.json"
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def save_csv(self, step: str, name: str, frame: pd.DataFrame | None) -> None:
        """Write a file for use outside as results/<step>/<name>.csv (UTF-8 with BOM); None removes what is there."""
        path = self.root / "results" / step / f"{name}.csv"
        if frame is None:
            path.unlink(missing_ok=True)
            return
        self._write(path, lambda target: write_csv(frame, target, encoding="utf-8-sig"))

    def record(self, step: str, name: str) -> dict[str, Any]:
        """Read a record that an earlier step saved; raises ResultsError when it is not there."""
        content = json.loads(self._existing(step, f"{name}.json").read_text(encoding="utf-8"))
        return dict(content)

    def drop_frame(self, step: str, name: str) -> None:
        """Remove results/<step>/<name>.parquet where it exists."""
        (self.root / "results" / step / f"{name}.parquet").unlink(missing_ok=True)

    def has(self, step: str, file: str) -> bool:
        """Whether results/<step>/<file> exists."""
        return self._asked(self.root / "results" / step / file).exists()

    def save_tables(self, step: str, tables: Mapping[str, pd.DataFrame | None]) -> None:
        """Write what a step found as results/<step>/tables/<name>.parquet, in place of what it found before.

        A table that is None or has no rows is something that this edition lacks: it is left out.
        """
        found = {name: table for name, table in tables.items() if table is not None and len(table)}
        folder = self.root / "results" / step / "tables"
        for left in folder.glob("*.parquet"):
            if left.stem not in found:
                left.unlink()
        for name, table in found.items():
            self._save_parquet(folder / f"{name}.parquet", table)

    def has_tables(self, step: str) -> bool:
        """Whether a step saved any table."""
        return any(self._asked(self.root / "results" / step / "tables").glob("*.parquet"))

    def tables(self, step: str) -> dict[str, pd.DataFrame]:
        """Read the tables that a step saved, by name."""
        folder = self._asked(self.root / "results" / step / "tables")
        return {path.stem: _table_in(self._asked(path)) for path in sorted(folder.glob("*.parquet"))}

    def save_table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table that passed disclosure: typed for the report, and as tables/<name>.csv for people."""
        self._save_parquet(self._disclosed(name), frame)
        self._read.pop(name, None)
        self._write(self.root / "tables" / f"{name}.csv", lambda path: write_csv(frame, path))

    def keep_tables(self, names: Collection[str]) -> None:
        """Remove every published table that is none of `names`."""
        for folder, suffix in ((self._disclosed("x").parent, "parquet"), (self.root / "tables", "csv")):
            for left in folder.glob(f"*.{suffix}"):
                if left.stem not in names:
                    left.unlink()
                    self._read.pop(left.stem, None)

    def table(self, name: str) -> pd.DataFrame:
        """Read a table that passed disclosure, once; raises ResultsError when no step made it."""
        path = self._disclosed(name)
        if not path.exists():
            raise ResultsError(f"No step made the table {name!r}.", where=str(path), hint="run `make report`")
        if name not in self._read:
            self._read[name] = _table_in(path)
        return self._read[name].copy(deep=False)

    def has_table(self, name: str) -> bool:
        """Whether a table of this name passed disclosure."""
        return self._disclosed(name).exists()

    def has_published(self, names: Collection[str]) -> bool:
        """Whether each of these tables stands both for the report and for people."""
        return all(self.has_table(name) and (self.root / "tables" / f"{name}.csv").exists() for name in names)

    def digest(self, name: str) -> str:
        """SHA-256 of a table that passed disclosure; empty where there is none."""
        path = self._disclosed(name)
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""

    def digests(self, name: str) -> list[str]:
        """SHA-256 of a table that passed disclosure as it stands for the report and for people; empty for none."""
        told = self.root / "tables" / f"{name}.csv"
        return [self.digest(name), hashlib.sha256(told.read_bytes()).hexdigest() if told.exists() else ""]

    def _disclosed(self, name: str) -> Path:
        return self._asked(self.root / "results" / DISCLOSED / f"{name}.parquet")

    def published(self) -> dict[str, pd.DataFrame]:
        """Every table that passed disclosure, by name."""
        return {name: self.table(name) for name in self.published_names()}

    def published_rows(self) -> dict[str, int]:
        """Number of rows of every table that passed disclosure, by name."""
        from pyarrow.parquet import read_metadata

        return {name: read_metadata(self._disclosed(name)).num_rows for name in self.published_names()}

    def published_names(self) -> list[str]:
        """Name of every table that passed disclosure."""
        folder = self._asked(self.root / "results" / DISCLOSED)
        return sorted(path.stem for path in folder.glob("*.parquet"))

    def steps(self) -> dict[str, dict[str, Any]]:
        """What each step reads, as the pipeline derived it: sections, results, tables; empty where it did not run."""
        path = self._asked(self.root / "deps.json")
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def save_quarantine(self, table: str, frame: pd.DataFrame) -> Path:
        """Write the rows of `table` that broke its contract, with row number and reason."""
        return self._write(self.root / "quarantine" / f"{table}.csv", lambda path: write_csv(frame, path))

    def quarantine(self, table: str) -> pd.DataFrame:
        """Read the rows of `table` that broke its contract, as text; raises ResultsError when it was not taken in."""
        import pandas as pd

        path = self._asked(self.root / "quarantine" / f"{table}.csv")
        if not path.exists():
            raise ResultsError(f"The intake of {table!r} left no quarantine file.", where=str(path))
        frame = pd.read_csv(path, dtype="str", keep_default_na=False)
        told = frame.map(text_of_csv).rename(columns=text_of_csv)
        return told.assign(row=told["row"].astype(int))

    def save_figure(self, name: str, lang: str, svg: str) -> Path:
        """Write a figure as figures/<lang>/<name>.svg."""
        return self._write(self.figure(name, lang), lambda target: target.write_text(svg, encoding="utf-8"))

    def figure(self, name: str, lang: str) -> Path:
        """Where a figure lies, or would."""
        return self.root / "figures" / lang / f"{name}.svg"

    def save_picture(self, name: str, lang: str, png: bytes) -> Path:
        """Write a figure as figures/<lang>/<name>.png."""
        return self._write(self.picture(name, lang), lambda target: target.write_bytes(png))

    def picture(self, name: str, lang: str) -> Path:
        """Where the PNG of a figure lies, or would."""
        return self.root / "figures" / lang / f"{name}.png"

    def save_page(self, step: str, html: str) -> Path:
        """Write the page of a notebook's code and prose."""
        return self._write(self.page(step), lambda target: target.write_text(html, encoding="utf-8"))

    def page(self, step: str) -> Path:
        """Where the page of a notebook's code and prose lies, or would."""
        return self.root / "results" / "pages" / f"{step}.html"

    def save_notebook_copy(self, step: str, lang: str, html: str) -> Path:
        """Write what may go out of a notebook, as one page."""
        return self._write(self.notebook_copy(step, lang), lambda target: target.write_text(html, encoding="utf-8"))

    def notebook_copy(self, step: str, lang: str) -> Path:
        """Where the page of a notebook lies that goes out with the report, or would."""
        return self.root / "results" / DISCLOSED / lang / f"{step}.html"

    def drop_figure(self, name: str, lang: str) -> None:
        """Remove figures/<lang>/<name>.svg and its PNG where they exist."""
        self.figure(name, lang).unlink(missing_ok=True)
        self.picture(name, lang).unlink(missing_ok=True)

    def _asked(self, path: Path) -> Path:
        """What is about to be read or looked for; a store that notes what is read from it stands in here."""
        return path

    def _existing(self, step: str, file: str) -> Path:
        path = self._asked(self.root / "results" / step / file)
        if not path.exists():
            raise ResultsError(
                f"The result {file!r} of step {step!r} is missing.",
                where=str(path),
                hint=f"run the notebook {step} first (`make notebooks` runs what is needed)",
            )
        return path

    def _save_parquet(self, path: Path, frame: pd.DataFrame) -> Path:
        return self._write(path, lambda partial: frame.to_parquet(partial, index=False))

    @classmethod
    def _write(cls, path: Path, write: Any) -> Path:
        with cls._partial(path) as partial:
            write(partial)
        return path

    @staticmethod
    @contextmanager
    def _partial(path: Path) -> Iterator[Path]:
        """The file beside its target, moved into place when it was written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{path.name}.*"):  # by a run that was killed while it wrote
            left.unlink(missing_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def _table_in(path: Path) -> pd.DataFrame:
    """A table of a report, read at once: pandas would look for the other files of a data set, and begin threads."""
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path).read(use_threads=False).to_pandas()  # type: ignore[no-any-return]


def _plain(value: object) -> object:
    """NumPy scalars and dates as JSON knows them."""
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
