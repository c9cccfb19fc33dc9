"""Folders that travel between machines without a disk in common: packed, through any address that fsspec knows.

A shared folder (file:///mnt/grids), s3://bucket/grids, gs://…, abfs://…: the packages that speak to an object store
(s3fs, gcsfs, adlfs) and its keys are those of each machine.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import SurveyReportError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

MARK = ".taken"
"""File in a folder that was taken: which state of it."""
LEFT_OUT = (".", "make.log")
"""How names begin that stay where they are."""


class ExchangeError(SurveyReportError):
    """The place through which results travel is not to be had."""


@dataclass(frozen=True)
class Exchange:
    """A place that all machines reach: `address` with its protocol."""

    address: str

    def check(self) -> None:
        """Raise ExchangeError unless a file can be written here, read and removed."""
        name = f"probe-{os.getpid()}-{os.urandom(4).hex()}"
        try:
            system, place = self._at(name)
            with system.open(place, "wb") as file:
                file.write(name.encode())
            with system.open(place, "rb") as file:
                same = file.read() == name.encode()
            system.rm_file(place)
        except Exception as error:  # each protocol has errors of its own
            raise ExchangeError(
                "Results can't travel through this place.",
                where=f"exchange: {self.address}",
                expected="an address that every machine can write to, such as s3://bucket/grids",
                got=f"{type(error).__name__}: {error}"[:300],
                hint="install what speaks to it on all machines (s3fs for s3://), and give them its keys",
            ) from None
        if not same:
            raise ExchangeError("A file came back as another one.", where=f"exchange: {self.address}")

    def put(self, folder: Path, name: str) -> None:
        """Pack `folder` under `name`, with the times of its files, by which make goes; whole or not at all."""
        system, place = self._at(f"{name}.tar.gz")
        with (
            system.open(f"{place}.partial", "wb") as target,
            gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1, filename="") as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            for path in sorted(folder.iterdir()):
                if not path.name.startswith(LEFT_OUT):
                    archive.add(path, arcname=path.name)
        system.mv(f"{place}.partial", place)

    def take(self, name: str, folder: Path, state: str = "") -> None:
        """Put what was packed under `name` in the place of `folder`, in one move; `state` is noted in it."""
        from analysis.publish.book.render import replace_folder

        system, place = self._at(f"{name}.tar.gz")
        scratch = folder.parent / f".{folder.name}.partial"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        with system.open(place, "rb") as source, tarfile.open(fileobj=source, mode="r|gz") as archive:
            archive.extractall(scratch, filter="data")
        if state:
            (scratch / MARK).write_text(state, encoding="utf-8")
        replace_folder(scratch, folder)

    def drop(self, name: str) -> None:
        """Remove what was packed under `name`, if it is there: it holds interviews."""
        system, place = self._at(f"{name}.tar.gz")
        if system.exists(place):
            system.rm_file(place)

    def _at(self, name: str) -> tuple[AbstractFileSystem, str]:
        from fsspec.core import url_to_fs

        options: dict[str, Any] = {"auto_mkdir": True} if self.address.startswith(("file:", "local:")) else {}
        system, place = url_to_fs(f"{self.address.rstrip('/')}/{name}", **options)
        return system, str(place)


def state_of(folder: Path) -> str:
    """Which state of it was taken, or noted by `note`; "" where none was."""
    try:
        return (folder / MARK).read_text(encoding="utf-8")
    except OSError:
        return ""


def note(folder: Path, state: str) -> None:
    """Say that a folder, made here, is in this state."""
    (folder / MARK).write_text(state, encoding="utf-8")


def reachable(address: str) -> str:
    """Why a machine can't use the exchange; "" where it can. Asked of every worker."""
    try:
        Exchange(address).check()
    except ExchangeError as error:
        return str(error)
    return ""
