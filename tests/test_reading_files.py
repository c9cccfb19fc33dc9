"""Files that people name: what is no plain file, is missing or too large is refused with what is there."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from analysis import files
from analysis.edition.reading import read_yaml
from analysis.errors import EditionError, SourceError


def test_the_bytes_of_a_file_are_read_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 10)
    monkeypatch.setattr(files, "DATA_LIMIT", 10)
    assert files.read_data(path) == b"x" * 10
    monkeypatch.setattr(files, "DATA_LIMIT", 9)
    with pytest.raises(SourceError, match="too large") as told:
        files.read_data(path)
    assert (told.value.expected, told.value.got) == ("at most 9 bytes", "10 bytes")


def test_a_folder_and_a_pipe_are_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, got in ((tmp_path, "a folder"), (tmp_path / "pipe", "a pipe")):
        with pytest.raises(EditionError, match=got) as told:
            files.read_params(path, key="instrument")
        assert told.value.hint == "check the key `instrument`"


def test_a_missing_file_is_guessed_at_among_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "responses.csv").write_text("")
    with pytest.raises(SourceError, match="does not exist") as told:
        files.read_data(tmp_path / "response.csv")
    assert told.value.hint == "did you mean 'responses.csv'?"
    with pytest.raises(SourceError) as told:
        files.read_data(tmp_path / "none" / "response.csv")
    assert told.value.got == "no such folder"
    assert "path" in str(told.value.hint)


def test_a_path_with_a_zero_byte_or_in_a_circle_is_told(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match="can't be opened"):
        files.read_params(Path("a\0b"))
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(EditionError, match="can't be opened"):
        files.read_params(tmp_path / "one")
    assert files.real_path(tmp_path / "one").is_absolute()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    assert files.real_path(tmp_path / "link") == tmp_path.resolve() / "there"


def test_params_read_again_are_those_that_stand_there_whatever_a_reader_did_with_them(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("weights: [1, 2]\nsame: &one {at: 2026-01-31}\nas: *one\n", encoding="utf-8")
    first = read_yaml(path)
    first["weights"].append(3)
    first["same"]["at"] = None
    assert read_yaml(path) == {"weights": [1, 2], "same": {"at": date(2026, 1, 31)}, "as": {"at": date(2026, 1, 31)}}
    path.write_text("weights: [4]\n", encoding="utf-8")
    assert read_yaml(path) == {"weights": [4]}
