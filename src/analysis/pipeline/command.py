"""The one way a command of the Makefile starts and ends: arguments in, clear errors and an exit code out."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import SurveyReportError
from analysis.project import from_root, steps

if TYPE_CHECKING:
    from analysis.edition import Edition


_OUTSIDE = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EFBIG", "EIO", "ENOTDIR", "EEXIST", "EMFILE", "EPIPE")
)
"""Errors that come from the disk and not from the program."""


@dataclass(frozen=True)
class Call:
    """Arguments shared by all commands: the params file, the output folder and what the command adds; when it began."""

    params: Path
    output: Path
    options: argparse.Namespace
    started: float = field(default_factory=time.time)

    @property
    def snapshot(self) -> Path:
        """The edition as this run of make found it, which every stage reads: the params may change meanwhile."""
        from analysis.edition.load import SNAPSHOT

        return self.output / SNAPSHOT

    def edition(self) -> Edition:
        """The edition of this run."""
        from analysis.edition import load_edition

        return load_edition(self.snapshot)


def run(work: Callable[[Call], int | None], *, description: str, options: tuple[str, ...] = ()) -> None:
    """Parse the arguments, run `work`, print a SurveyReportError as text and exit with its code.

    A disk that is full or can't be written, and memory that runs out, are told like any other error; an interrupt ends
    the command as the signal would, after what it had begun is cleared away.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--params", required=True, help="params file of the edition")
    parser.add_argument("--output", required=True, help="output folder of the edition")
    for option in options:
        parser.add_argument(f"--{option}", required=True)
    given = parser.parse_args()
    call = Call(params=from_root(given.params), output=from_root(given.output), options=given)
    try:
        code = _interruptible(work, call)
    except SurveyReportError as error:
        code = _told(error)
    except OSError as error:
        if error.errno not in _OUTSIDE:
            raise
        code = _told(_disk_error(error))
    except MemoryError:
        code = _told(
            SurveyReportError("The memory of this machine is used up.", hint="close other programs, run again")
        )
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    sys.exit(code)


def _interruptible(work: Callable[[Call], int | None], call: Call) -> int:
    """Do the work; before and after it an interrupt ends the process at once, and silently."""
    ours = signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    try:
        if ours:
            signal.signal(signal.SIGINT, _interrupt_once)
        return work(call) or 0
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupt_once(signum: int, _: object) -> None:
    """A terminal and the client of the warm process may both send one; the second would end what clears away."""
    signal.signal(signum, signal.SIG_IGN)
    raise KeyboardInterrupt


def _told(error: SurveyReportError) -> int:
    print(f"\n{error}\n", file=sys.stderr)
    return 2


def _disk_error(error: OSError) -> SurveyReportError:
    return SurveyReportError(
        "A file can't be read or written.",
        where=str(error.filename) if error.filename else None,
        expected="a folder that may be written, with room on its disk",
        got=error.strerror or str(error),
        hint="make room, or correct the permissions, and run the same command again: it goes on from here",
    )


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def progress(name: str, text: str) -> None:
    """Print `text` behind the place of step `name` in the whole run."""
    stages = (*steps(), "release", "zh", "en", "workbook", "manifest")
    say(f"[{stages.index(name) + 1:>2}/{len(stages)}] {text}")
