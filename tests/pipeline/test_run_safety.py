"""One run at a time in a folder, numbers of the very params that are stamped, and an end without traceback."""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from running import ROOT, edition_arguments, hashes, make, own_environment
from small_survey import Survey

from analysis.errors import SourceError
from analysis.pipeline import command, intake, manifest, prepare
from analysis.pipeline.command import Call
from analysis.pipeline.lock import NOTE, BusyError, claim
from analysis.project import from_root

ANSWERS = "respondent_id,q1,q2,s1\n" + "".join(f"r{i},{i % 5 + 1},{i % 4 + 1},{i % 3 + 1}\n" for i in range(40))


@pytest.fixture(autouse=True)
def _no_make_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUN_PID", raising=False)


@pytest.fixture
def call(survey: Survey, tmp_path: Path) -> Call:
    """A run of a survey of 40 interviews."""
    (tmp_path / "responses.csv").write_text(ANSWERS, encoding="utf-8")
    survey.edition({"responses": {"path": "responses.csv"}})
    options = argparse.Namespace(renderer="embedded", langs="zh en", formats="html pdf", dry="no", table="responses")
    return Call(params=tmp_path / "edition.yml", output=tmp_path / "out", options=options)


def _replace(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


class TestSnapshot:
    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("edition.yml", "satisfied_from: 4", "satisfied_from: 2"),
            ("edition.yml", "min_base: 2", "min_base: 3"),
            ("instrument.yml", "max: 5", "max: 9"),
            ("standards.yml", "zh: 账户", "zh: 开户"),
            ("instrument.yml", "zh: 银行", "zh: 钱庄"),
        ],
    )
    def test_a_stage_reads_what_the_stamps_were_made_from(self, call: Call, file: str, old: str, new: str) -> None:
        prepare.main(call)
        before = call.edition()
        assert old in (call.params.parent / file).read_text(encoding="utf-8")
        _replace(call.params.parent / file, old, new)
        assert call.edition() == before
        prepare.main(call)
        assert call.edition() != before

    def test_it_is_the_edition_itself(self, call: Call) -> None:
        from analysis.edition import load_edition

        prepare.main(call)
        assert call.edition() == load_edition(call.params)

    def test_a_damaged_snapshot_is_named(self, call: Call) -> None:
        from analysis.errors import EditionError

        prepare.main(call)
        call.snapshot.write_text('{"seed": 1', encoding="utf-8")
        with pytest.raises(EditionError, match=r"damaged(.|\n)*edition\.json"):
            call.edition()


class TestRawFiles:
    def test_a_file_at_rest_is_read(self, call: Call) -> None:
        prepare.main(call)
        intake.main(call)
        assert json.loads((call.output / "results/intake/responses.json").read_text())["accepted"] == 40

    @pytest.mark.parametrize(
        "change", [ANSWERS.replace("r39,5", "r39,4"), ANSWERS + "r99,1,1,1\n", ANSWERS.replace("r0,", "r00,")]
    )
    def test_a_file_that_changed_since_stops_the_intake(self, call: Call, change: str) -> None:
        prepare.main(call)
        (call.params.parent / "responses.csv").write_text(change, encoding="utf-8")
        with pytest.raises(SourceError, match="changed while the report was being made"):
            intake.main(call)
        assert not (call.output / "results/intake/responses.json").exists()
        prepare.main(call)
        intake.main(call)

    def test_a_file_that_changed_later_stops_the_end(self, call: Call) -> None:
        prepare.main(call)
        intake.main(call)
        (call.params.parent / "responses.csv").write_text(ANSWERS + "r99,1,1,1\n", encoding="utf-8")
        with pytest.raises(SourceError, match="changed while the report was being made"):
            manifest.data_hashes(call, call.edition())

    def test_a_product_is_as_old_as_the_start_of_its_stage(self, call: Call) -> None:
        prepare.main(call)
        started = time.time()
        later = Call(params=call.params, output=call.output, options=call.options, started=started)
        time.sleep(0.05)
        source = call.params.parent / "saved-meanwhile.py"
        source.write_text("", encoding="utf-8")
        intake.main(later)
        product = call.output / "results/intake/responses.json"
        assert product.stat().st_mtime < source.stat().st_mtime
        assert product.stat().st_mtime >= started - 0.01


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for another run of make."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


class TestLock:
    def _claim(self, output: Path, process: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RUN_PID", str(process))
        claim(output)

    def test_a_second_run_is_refused_while_the_first_lives(
        self, tmp_path: Path, other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._claim(tmp_path, other.pid, monkeypatch)
        with pytest.raises(BusyError, match=f"process {other.pid}"):
            self._claim(tmp_path, os.getpid(), monkeypatch)
        self._claim(tmp_path / "elsewhere", os.getpid(), monkeypatch)

    def test_the_stages_of_one_run_claim_it_again(
        self, tmp_path: Path, other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(2):
            self._claim(tmp_path, other.pid, monkeypatch)

    def test_a_killed_run_does_not_stand_in_the_way(
        self, tmp_path: Path, other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._claim(tmp_path, other.pid, monkeypatch)
        other.kill()
        other.wait()
        self._claim(tmp_path, os.getpid(), monkeypatch)

    @pytest.mark.parametrize("note", ["", "rubbish\n", "0 0 0\n", "99999999 1 x\n", "{pid} 1 x\n", "{pid}\n", "\x00\n"])
    def test_a_note_of_no_living_run_means_nothing(
        self, tmp_path: Path, note: str, monkeypatch: pytest.MonkeyPatch, other: subprocess.Popen[bytes]
    ) -> None:
        """Among them a number that another process has by now."""
        (tmp_path / NOTE).write_text(note.format(pid=other.pid), encoding="utf-8")
        self._claim(tmp_path, os.getpid(), monkeypatch)

    def test_one_of_two_that_start_at_once_is_refused(self, tmp_path: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from analysis.pipeline.lock import claim; claim(Path(sys.argv[1]))"
        )
        hold = "import time; time.sleep(30)"
        owners = [subprocess.Popen([sys.executable, "-c", hold]) for _ in range(4)]
        runs = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path)],
                env=os.environ | {"RUN_PID": str(owner.pid)},
                stderr=subprocess.DEVNULL,
            )
            for owner in owners
        ]
        codes = [run.wait() for run in runs]
        for owner in owners:
            owner.kill()
            owner.wait()
        assert sorted(codes) == [0, 1, 1, 1]


class TestEnd:
    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.EIO])
    def test_a_disk_that_fails_is_told_in_one_message(
        self, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(_: Call) -> None:
            raise OSError(number, os.strerror(number), "output/x/results.parquet")

        monkeypatch.setattr(sys, "argv", ["x", "--params", "a.yml", "--output", "out"])
        with pytest.raises(SystemExit) as ended:
            command.run(fail, description="")
        told = capsys.readouterr().err
        assert ended.value.code == 2
        assert os.strerror(number) in told
        assert "output/x/results.parquet" in told
        assert "run the same command again" in told

    def test_an_error_of_the_program_keeps_its_traceback(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_: Call) -> None:
            raise FileNotFoundError(errno.ENOENT, "no such file", "x")

        monkeypatch.setattr(sys, "argv", ["x", "--params", "a.yml", "--output", "out"])
        with pytest.raises(FileNotFoundError):
            command.run(fail, description="")


def _run(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    environment = own_environment()
    return subprocess.Popen(
        ["make", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread is running
        **options,
    )


class TestMake:
    def test_an_interrupt_ends_without_traceback_and_the_next_run_completes(
        self, small_params: Path, tmp_path: Path
    ) -> None:
        """Interrupted three times, each time further on."""
        output = tmp_path / "out"
        last = output / "notebooks" / "04_weighting.ipynb"
        arguments = [str(last), f"PARAMS={small_params}"]
        for after in ("edition.json", "results/intake/responses.json", "results/03_cleaning"):
            process = _run(*arguments, f"OUT={output}")
            deadline = time.monotonic() + 120
            while not (output / after).exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGINT)
            told = process.communicate(timeout=60)[0]
            assert process.returncode != 0
            assert "Traceback" not in told
            assert "Error" not in told
        make(*arguments, f"OUT={output}")
        assert last.exists()

    def test_a_second_make_in_the_folder_is_refused(self, small: Path, small_params: Path, tmp_path: Path) -> None:
        output = Path(shutil.copytree(small, tmp_path / "out"))
        with subprocess.Popen(["sleep", "60"]) as other:
            stat = Path(f"/proc/{other.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
            (output / NOTE).write_text(f"{other.pid} {stat} {boot}\n", encoding="utf-8")
            refused = make("report", *edition_arguments(small_params, output), check=False)
            other.kill()
        assert refused.returncode != 0
        assert "Another run of make is at work" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert (output / "deps.mk").exists()
        make("report", *edition_arguments(small_params, output))

    def test_a_full_disk_ends_with_a_message_and_the_next_run_completes(
        self, small_params: Path, tmp_path: Path
    ) -> None:
        """A limit on the size of files fails like a full disk; every run has more room than the one before."""
        import resource

        output = tmp_path / "out"
        arguments = [str(output / "notebooks" / "04_weighting.ipynb"), f"PARAMS={small_params}"]
        for blocks in (1, 16, 80):
            size = (blocks * 1024, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            failed = subprocess.run(
                ["make", *arguments, f"OUT={output}"],
                cwd=ROOT,
                env=own_environment(),
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, size),
            )
            assert failed.returncode != 0
            assert "Traceback" not in failed.stderr
            assert "File too large" in failed.stderr
        make(*arguments, f"OUT={output}")

    def test_an_output_folder_that_can_not_be_is_told(self, small_params: Path) -> None:
        done = make("notebooks", f"PARAMS={small_params}", f"OUT={from_root('README.md')}/x", check=False)
        assert "Not a directory" in done.stderr
        assert "Traceback" not in done.stderr

    def test_params_that_change_while_a_step_waits_do_not_reach_it(
        self, small: Path, small_params: Path, tmp_path: Path
    ) -> None:
        """`satisfied_from` is changed after the stamps: the step computes what the stamp says, to the last byte."""
        output = Path(shutil.copytree(small, tmp_path / "out"))
        params = Path(shutil.copy2(small_params, tmp_path / small_params.name))
        before, text = hashes(output), params.read_text(encoding="utf-8")
        made = output / "results" / "05_satisfaction" / "tables" / "csi_overall.parquet"
        earlier = made.stat().st_mtime_ns
        params.write_text(f"{text}index:\n  csat:\n    satisfied_from: 4.0\n", encoding="utf-8")
        step = [sys.executable, "-m", "analysis.pipeline.execute", "--step", "05_satisfaction"]
        step += ["--params", str(params), "--output", str(output)]
        subprocess.run(step, cwd=ROOT, check=True, capture_output=True)
        assert made.stat().st_mtime_ns > earlier
        assert hashes(output) == before
