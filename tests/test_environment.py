"""pyproject.toml, environment.yml and the lock file name the same packages within the same bounds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

CONDA_NAMES = {"matplotlib": "matplotlib-base", "brotli": "brotli-python", "quarto-cli": "quarto"}
MISSION = ("jupyter", "papermill", "nbconvert", "pandas", "seaborn", "semopy", "quarto")


def _split(requirement: str) -> tuple[str, str]:
    match = re.match(r"([A-Za-z0-9_.-]+?)\s*([<>=!~].*)?$", requirement)
    assert match, requirement
    return match[1].lower().replace("_", "-"), (match[2] or "").replace(" ", "")


def _conda(root: Path) -> dict[str, str]:
    listed: list[str] = []
    for entry in yaml.safe_load((root / "environment.yml").read_text())["dependencies"]:
        listed += [line for line in entry["pip"] if not line.startswith("-")] if isinstance(entry, dict) else [entry]
    return dict(_split(line) for line in listed)


def test_conda_users_get_the_bounds_of_pyproject(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = dict(_split(line) for line in [*project["dependencies"], *project["optional-dependencies"]["quarto"]])
    conda = _conda(root)
    assert {name: conda.get(CONDA_NAMES.get(name, name)) for name in wanted} == wanted


def test_the_seven_packages_of_the_mission_are_in_the_environment(root: Path) -> None:
    assert set(MISSION) <= set(_conda(root))


def test_the_lock_pins_every_requirement_with_hashes_and_names_no_host(root: Path) -> None:
    lock = (root / "requirements.lock").read_text()
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links", lock)
    pins = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert all("--hash=sha256:" in pin and "==" in pin.splitlines()[0] for pin in pins)
    locked = {_split(pin.split(";")[0].split("==")[0])[0] for pin in pins}
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    required = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {_split(line)[0] for line in required} <= locked
