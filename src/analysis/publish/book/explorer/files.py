"""The files of the explorer's page in a staged book."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.publish.book.explorer import FOLDER, PAGE, SCRIPTS, STYLES
from analysis.publish.book.languages import LANGUAGES, book_words
from analysis.publish.book.policy import POLICY, policy_tag
from analysis.publish.words.escape import as_html


@dataclass(frozen=True)
class Explorer:
    """The page in one language: name in lists, heading, body as HTML, and the data of its script."""

    name: str
    title: str
    body: str
    script: str


def stage_explorer(made: Explorer, assets: Path, target: Path, *, lang: str, notice: str) -> None:
    """Write the page's files into a staged book; `assets`: where script and styles lie.

    The embedded renderer puts its body into a frame; Quarto copies a page that stands alone.
    """
    folder = target / FOLDER
    folder.mkdir()
    (folder / "body.html").write_text(made.body, encoding="utf-8")
    (folder / "data.js").write_text(made.script, encoding="utf-8")
    for name in ("explore.js", "explore.css"):
        (folder / name).write_bytes((assets / name).read_bytes())
    (target / PAGE).write_text(_alone(made, lang=lang, notice=notice), encoding="utf-8")


def _alone(made: Explorer, *, lang: str, notice: str) -> str:
    styles = "".join(f'<link rel="stylesheet" href="{name}">\n' for name in STYLES)
    scripts = "".join(f'<script src="{name}" defer></script>\n' for name in SCRIPTS)
    said = f'<p class="explorer-notice" role="note">{as_html(notice)}</p>\n' if notice else ""
    return (
        f'<!doctype html>\n<html lang="{LANGUAGES[lang].tag}">\n<head>\n<meta charset="utf-8">\n{policy_tag(POLICY)}\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{as_html(made.title)}</title>\n'
        f'{styles}</head>\n<body class="explorer-alone">\n<main>\n'
        f'<p><a href="index.html">{as_html(book_words(lang)["contents"])}</a></p>\n{said}'
        f"{made.body}\n</main>\n{scripts}</body>\n</html>\n"
    )
