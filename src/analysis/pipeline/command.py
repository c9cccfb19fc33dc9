"""The one way a command of the Makefile starts and ends: arguments in, clear errors and an exit code out."""

from __future__ import annotations

import argparse
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
        return self.output / "edition.json"

    def edition(self) -> Edition:
        """The edition of this run."""
        from analysis.edition import load_edition

        return load_edition(self.snapshot)


def run(work: Callable[[Call], int | None], *, description: str, options: tuple[str, ...] = ()) -> None:
    """Parse the arguments, run `work`, print a SurveyReportError as text and exit with its code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--params", required=True, help="params file of the edition")
    parser.add_argument("--output", required=True, help="output folder of the edition")
    for option in options:
        parser.add_argument(f"--{option}", required=True)
    given = parser.parse_args()
    call = Call(params=from_root(given.params), output=from_root(given.output), options=given)
    try:
        code = work(call) or 0
    except SurveyReportError as error:
        print(f"\n{error}\n", file=sys.stderr)
        code = 2
    sys.exit(code)


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def progress(name: str, text: str) -> None:
    """Print `text` behind the place of step `name` in the whole run."""
    stages = (*steps(), "release", "zh", "en", "workbook", "manifest")
    say(f"[{stages.index(name) + 1:>2}/{len(stages)}] {text}")
