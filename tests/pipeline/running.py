"""Running make as a user would, and what its output must hold."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run make in the project as a user would, with an environment of its own."""
    inherited = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHONWARNINGS", "RUN_PID"}
    environment = {key: value for key, value in os.environ.items() if key not in inherited}
    done = subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if check and done.returncode:
        pytest.fail(f"make {' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")
    return done


def edition_arguments(params: Path, output: Path) -> list[str]:
    return [f"PARAMS={params}", f"OUT={output}", "RENDERER=embedded"]


def hashes(output: Path) -> dict[str, str]:
    """Content of everything that must be the same in two builds."""
    files = [file for part in ("results", "figures", "tables", "quarantine") for file in (output / part).rglob("*")]
    return {
        file.relative_to(output).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.is_file()
    }
