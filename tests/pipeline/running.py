"""Running make as a user would, and what its output must hold."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = f"maketest{os.environ.setdefault('MAKETEST', str(os.getpid()))}"
"""Name of the small edition in this run of the tests: two runs at once do not share their simulated data."""
NOTICE = {"zh": "本版使用模拟数据", "en": "This edition uses simulated data"}
"""What every page of a simulated edition says."""
PLACE = re.compile(rb"output_dir = \\\"([^\"]*)\\\"")
"""Where a notebook was told to write; what papermill puts in stands last."""
INHERITED = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "RUN_PID", "PYTHONWARNINGS"}
"""What a make above the tests leaves in their environment."""
ALIKE = ("deps.mk", "deps.json", "made/pages.mk", "results/pages")
"""What follows from the source alone, and is the same in all editions: rules for make, pages of notebooks."""


def own_environment() -> dict[str, str]:
    """The environment of a make that a user starts."""
    return {key: value for key, value in os.environ.items() if key not in INHERITED}


def make(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run make in the project as a user would, with an environment of its own."""
    command, own = ["make", *arguments], own_environment()
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    if check:
        _check(done)
    return done


def built(alike: Path, *arguments: str) -> None:
    """Make what tests only read, as a make would that these tests' own run has started.

    All of them fork their stages from one warm process, which imports the libraries once and ends with the tests. Until
    then the folder is at work: another make is refused there. What follows from the source alone is taken from the
    folder `alike`, where the first build left it, and make finds nothing to do there.
    """
    above = {"MAKELEVEL": "1", "RUN_PID": os.environ["MAKETEST"]}
    command, own = ["make", "-j2", *arguments], own_environment() | above
    (output,) = (Path(one.removeprefix("OUT=")) for one in arguments if one.startswith("OUT="))
    if alike.exists() and not output.exists():
        shutil.copytree(alike, output)
        os.utime(output / "deps.mk", (0, 0))  # languages and the edition before are the edition's own
    _check(subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False))
    leave_alike(output, alike)


def leave_alike(output: Path, alike: Path) -> None:
    """Keep what the first whole build has made of the source alone, with its times."""
    with alike.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if alike.exists() or not (output / "made" / "pages.mk").exists():
            return
        partial = alike.with_suffix(".partial")
        for name in ALIKE:
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (output / name).is_dir() else shutil.copy2
            copy(output / name, partial / name)
        partial.rename(alike)


def _check(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        pytest.fail(f"{' '.join(done.args)}:\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")


def edition_arguments(params: Path, output: Path) -> list[str]:
    return [f"PARAMS={params}", f"OUT={output}", "RENDERER=embedded"]


def hashes(output: Path) -> dict[str, str]:
    """Content of everything that must be the same in two builds, wherever they lie."""
    parts = ("results", "figures", "tables", "quarantine", "notebooks")
    files = [file for part in parts for file in (output / part).rglob("*")]
    return {
        file.relative_to(output).as_posix(): hashlib.sha256(_anywhere(file.read_bytes())).hexdigest()
        for file in files
        if file.is_file()
    }


def _anywhere(content: bytes) -> bytes:
    places = PLACE.findall(content)
    return content.replace(places[-1], b"OUT") if places else content
