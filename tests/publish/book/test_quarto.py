"""The quarto renderer and the choice between the renderers, with a stand-in for the quarto program."""

import argparse
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
from book_sample import stage_sample

from analysis.edition import load_edition
from analysis.edition.load import snapshot
from analysis.errors import BookError
from analysis.pipeline import render as pipeline
from analysis.pipeline.command import Call
from analysis.pipeline.prepare import write_if_changed
from analysis.project import ROOT
from analysis.publish.book import render
from analysis.publish.book.lint import BookLintError
from analysis.publish.book.quarto import find_quarto, quarto_version, render_with_quarto

HAS_QUARTO = find_quarto() is not None


def fake_quarto(folder: Path, *, version: str = "1.9.38", script: str = "") -> None:
    """Put a program called quarto on its own PATH that answers --version and runs `script` for a rendering."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "quarto"
    answer = f"if '--version' in sys.argv:\n    print({version!r})\n    sys.exit(0)\n"
    body = f"import sys, pathlib\n{answer}book = pathlib.Path(sys.argv[2])\n{script}\n"
    program.write_text(f"#!{sys.executable}\n{body}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_without_quarto_there_is_none_and_auto_takes_the_embedded_renderer(path: Path) -> None:
    assert find_quarto() is None
    assert render.renderers("auto") == ("embedded",)


@pytest.mark.parametrize(
    ("version", "found"),
    [("1.9.20", True), ("1.10.2", True), ("2.0.0", True), ("1.9.19", False), ("1.8.27", False), ("x", False)],
)
def test_only_a_new_enough_quarto_is_taken(path: Path, version: str, found: bool) -> None:
    fake_quarto(path, version=version)
    assert (find_quarto() is not None) is found


def test_the_version_is_named(path: Path) -> None:
    fake_quarto(path)
    assert quarto_version(str(path / "quarto")) == "quarto 1.9.38"
    assert render.renderer_version("quarto") == "quarto 1.9.38"
    assert render.renderers("auto") == ("quarto", "embedded")


def test_quarto_renders_a_copy_and_the_result_is_taken_over(path: Path, tmp_path: Path) -> None:
    book = stage_sample(tmp_path)
    before = sorted(book.rglob("*"))
    fake_quarto(path, script="(book / '_book').mkdir(); (book / '_book' / 'index.html').write_text('x')")
    render_with_quarto(book, tmp_path / "out")
    assert (tmp_path / "out" / "index.html").read_text() == "x"
    assert sorted(book.rglob("*")) == before


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("print('boom', file=sys.stderr); sys.exit(1)", "boom"),
        ("(book / '_book').mkdir(); print('WARNING: Unable to resolve crossref @fig-x', file=sys.stderr)", "faults"),
    ],
)
def test_a_failure_or_a_fault_of_quarto_is_an_error_with_its_words(
    path: Path, tmp_path: Path, script: str, message: str
) -> None:
    fake_quarto(path, script=script)
    with pytest.raises(BookError, match=message):
        render_with_quarto(stage_sample(tmp_path), tmp_path / "out")


def test_asking_for_quarto_where_none_is_says_what_to_do(path: Path, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="RENDERER=embedded"):
        render_with_quarto(stage_sample(tmp_path), tmp_path / "out")


def test_an_unknown_renderer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="auto or quarto or embedded"):
        render.renderers("latex")


def test_a_failed_rendering_leaves_the_earlier_report(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "report" / "zh"
    target.mkdir(parents=True)
    (target / "index.html").write_text("earlier")
    fake_quarto(path, script="sys.exit(3)")
    with pytest.raises(BookError):
        render.render_book(stage_sample(tmp_path), target, renderer="quarto")
    assert (target / "index.html").read_text() == "earlier"
    assert [one.name for one in target.parent.iterdir()] == ["zh"]


def test_an_output_with_missing_pages_is_refused(path: Path, tmp_path: Path) -> None:
    fake_quarto(path, script="(book / '_book').mkdir()")
    with pytest.raises(BookError, match=r"index\.html"):
        render.render_book(stage_sample(tmp_path), tmp_path / "report", renderer="quarto")


def test_pages_that_must_not_go_out_leave_the_earlier_report(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.mkdir()
    (target / "index.html").write_text("earlier")

    def check(folder: Path) -> None:
        assert (folder / "index.html").is_file()
        raise BookError("personal data")

    with pytest.raises(BookError, match="personal data"):
        render.render_book(stage_sample(tmp_path), target, renderer="embedded", check=check)
    assert (target / "index.html").read_text() == "earlier"


def test_a_book_with_problems_is_not_rendered(path: Path, tmp_path: Path) -> None:
    fake_quarto(path, script="raise SystemExit('must not run')")
    book = stage_sample(tmp_path)
    (book / "figures" / "dimensions.svg").unlink()
    with pytest.raises(BookLintError, match="image is missing"):
        render.render_book(book, tmp_path / "report", renderer="quarto")


def _call(output: Path, *, renderer: str) -> Call:
    """A call of the rendering of the English book, the edition as `prepare` leaves it."""
    params = ROOT / "params" / "2025.yml"
    options = argparse.Namespace(lang="en", langs="en", renderer=renderer, formats="html pdf")
    call = Call(params=params, output=output, options=options)
    write_if_changed(call.snapshot, snapshot(load_edition(params)))
    return call


@pytest.mark.parametrize(
    "script", ["sys.exit(3)", "(book / '_book').mkdir()"], ids=["quarto fails", "quarto leaves pages out"]
)
def test_where_quarto_fails_the_embedded_renderer_publishes_and_is_named(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    fake_quarto(path, script=script)
    staged_for: list[str] = []

    def staged(*given: object) -> Path:
        staged_for.append(str(given[-1]))
        return stage_sample(tmp_path)

    monkeypatch.setattr(pipeline, "_staged", staged)
    pipeline.main(_call(tmp_path, renderer="auto"))
    assert staged_for == ["quarto", "embedded"]
    assert (tmp_path / "report" / "en" / "index.html").is_file()
    assert "Warning: quarto failed" in capsys.readouterr().err
    assert "typst" in (tmp_path / "book" / "en.json").read_text()


def test_a_report_is_rendered_again_only_where_the_book_or_the_report_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[Path] = []
    more = ""

    def staged(*_: object) -> Path:
        book = shutil.copytree(stage_sample(tmp_path / "sample"), tmp_path / "book" / "en", dirs_exist_ok=True)
        (book / "more.qmd").write_text(more)
        return book

    def stand_in(book: Path, target: Path, *, renderer: str, **_: object) -> None:
        assert renderer == "embedded"
        rendered.append(book)
        target.mkdir(parents=True, exist_ok=True)
        for name in ("index.html", "page.html"):
            (target / name).write_text("page")

    monkeypatch.setattr(pipeline, "_staged", staged)
    monkeypatch.setattr(render, "render_book", stand_in)
    call = _call(tmp_path, renderer="embedded")

    def times() -> int:
        pipeline.main(call)
        return len(rendered)

    assert [times(), times()] == [1, 1]
    more = "\nA word more.\n"
    assert [times(), times()] == [2, 2]
    (tmp_path / "report" / "en" / "page.html").unlink()
    assert [times(), times()] == [3, 3]
    (tmp_path / "report" / "en" / "page.html").write_text("damaged")
    assert [times(), times()] == [4, 4]
    (tmp_path / "book" / "en.json").write_text('{"renderer": "an earlier version"}')
    assert times() == 5


@pytest.mark.build
@pytest.mark.skipif(not HAS_QUARTO, reason="no quarto on the PATH")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_real_quarto_renders_the_sample(tmp_path: Path, lang: str) -> None:
    assert shutil.which("quarto", path=os.environ["PATH"])
    render.render_book(stage_sample(tmp_path, lang), tmp_path / "report" / lang, renderer="quarto")
    assert (tmp_path / "report" / lang / f"finsat-2025-{lang}.pdf").is_file()
