"""Writes the book for Word: pandoc makes the document, and what it has no form for is put in here.

The looks stand in `report/assets/embedded/word/`: styles, numbering of chapters, running head and foot, paper.
`docx.lua` shapes the text; it leaves processing instructions where the written document needs another hand.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.publish.book.embedded.package import (
    add_part,
    add_relationship,
    filled,
    read_parts,
    tell_metadata,
    write_parts,
)
from analysis.publish.book.embedded.pandoc import default_data, joined_markdown, pandoc_bytes, reader, writer_settings
from analysis.publish.book.embedded.pictures import Picture
from analysis.publish.book.embedded.project import Project
from analysis.publish.words import formats

LATIN = {"zh": "Microsoft YaHei", "en": "Calibri"}
ASIAN = "Microsoft YaHei"
"""Fonts that come with Word; the font table names what stands in for them elsewhere."""
LINES = {"zh": "288", "en": "300"}
"""Distance of lines in 240ths of the font's own."""
TEXT_WIDTH, TEXT_HEIGHT = 6.45, 8.2
"""Inches that a picture may take on a page."""
PAPER_UNITS, PANDOC_UNITS = 9298, 7920
"""Twentieths of a point that the text is wide, and that pandoc takes it to be."""
WHOLE = 12
"""Rows up to which a table stays on one page."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_KINDS = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TEXTS = {"9": "TableText", "8": "TableText8", "7": "TableText7"}


def write_docx(project: Project, pictures: Mapping[str, Picture], target: Path) -> Path:
    """Write the document of the book into the folder `target` and return its path; raises BookError as pandoc does."""
    with tempfile.TemporaryDirectory() as scratch:
        made = _converted(project, pictures, Path(scratch))
    parts = read_parts(made)
    parts["word/document.xml"] = _finished(parts["word/document.xml"], project)
    _add_frame(parts, project)
    tell_metadata(parts, project)
    return write_parts(parts, target / f"{project.file_name}.docx")


def write_reference(project: Project, path: Path) -> Path:
    """Write the document whose styles and numbering pandoc takes over, and return its path."""
    parts = read_parts(default_data("reference.docx"))
    look, values = project.root / "_embedded" / "word", _values(project)
    for name in ("styles", "numbering"):
        parts[f"word/{name}.xml"] = filled(look / f"{name}.xml", values)
    return write_parts(parts, path)


def _values(project: Project) -> dict[str, str]:
    return {
        "latin": LATIN[project.lang],
        "asian": ASIAN,
        "line": LINES[project.lang],
        "region": "zh-CN" if project.lang == "zh" else "en-GB",
        "western": "en-US" if project.lang == "zh" else "en-GB",  # by Chinese rules a number breaks between digits
        "chapter": project.words["ch"] % "%1",
        "appendix": project.words["app"] % "%1",
        "title": project.title,
        "notice": project.notice or "",
    }


def _converted(project: Project, pictures: Mapping[str, Picture], scratch: Path) -> bytes:
    text, path = joined_markdown(project), scratch / "settings.json"
    cover = {
        "title": project.title,
        "subtitle": project.subtitle,
        "author": project.author,
        "date": formats.date(project.day, project.lang),
        "notice": project.notice or "",
    }
    drawn = {name: _fitted(picture) for name, picture in pictures.items()}
    settings = {"tag": _values(project)["region"], "cover": cover, "pictures": drawn}
    path.write_text(json.dumps({**writer_settings(project), **settings}), encoding="utf-8")
    options = [
        f"--from={reader(text)}",
        "--to=docx",
        f"--reference-doc={write_reference(project, scratch / 'reference.docx')}",
        f"--metadata=settings:{path}",
        f"--metadata=lang:{project.language.tag}",
        "--metadata=link-citations:true",
        f"--bibliography={project.root / 'references.bib'}",
        *([f"--csl={project.root / project.citation_style}"] if project.citation_style else []),
        f"--lua-filter={project.root / '_embedded' / 'docx.lua'}",
        "--output=-",
    ]
    return pandoc_bytes(project, options, text)


def _fitted(picture: Picture) -> dict[str, Any]:
    scale = min(1.0, TEXT_WIDTH / picture.width, TEXT_HEIGHT / picture.height)
    width, height = round(picture.width * scale, 2), round(picture.height * scale, 2)
    return {"path": str(picture.path), "width": width, "height": height}


def _add_frame(parts: dict[str, bytes], project: Project) -> None:
    """Running head and foot, fonts and settings."""
    look, values = project.root / "_embedded" / "word", _values(project)
    for name in ("settings", "fontTable"):
        parts[f"word/{name}.xml"] = filled(look / f"{'fonts' if name == 'fontTable' else name}.xml", values)
    for name, kind in (("header", "header"), ("footer", "footer"), ("first", "footer")):
        add_part(parts, f"word/{name}.xml", filled(look / f"{name}.xml", values), kind=f"{_KINDS}.{kind}+xml")
        rels = "word/_rels/document.xml.rels"
        add_relationship(parts, rels, f"rId{name.title()}", kind=kind, target=f"{name}.xml")


def _finished(document: bytes, project: Project) -> bytes:
    """The document with what the processing instructions ask for, and the paper it is set on."""
    import lxml.etree

    root = lxml.etree.fromstring(document)
    body = root.find(f"{_W}body")
    for asked in list(root.iter(lxml.etree.PI)):
        if asked.target == "heading":
            _number_heading(asked.getparent(), asked.text)
        elif asked.target == "table":
            _finish_table(next(asked.itersiblings(f"{_W}tbl")), asked.get("size"))
        asked.getparent().remove(asked)
    _tell_pictures(root)
    _hold_notes(body)
    for earlier in body.findall(f"{_W}sectPr"):
        body.remove(earlier)
    section = (project.root / "_embedded" / "word" / "section.xml").read_bytes()
    body.append(lxml.etree.fromstring(section))
    written = lxml.etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    return bytes(written)


def _tell_pictures(root: Any) -> None:
    """Every picture has a number of its own, and is told by its words and not by its file."""
    for place, shape in enumerate(root.iter(f"{_DRAWN}docPr"), start=1):
        shape.set("id", str(place))
        for picture in shape.getparent().iter(f"{_PICTURE}cNvPr"):
            picture.set("descr", shape.get("descr"))


def _hold_notes(body: Any) -> None:
    """The caption of a figure stays with the note below it."""
    for paragraph in body.findall(f"{_W}p"):
        if _style(paragraph) == "ImageCaption" and _style(paragraph.getnext()) == "TableNote":
            settings = paragraph.find(f"{_W}pPr")
            settings.insert(1, settings.makeelement(f"{_W}keepNext"))


def _number_heading(paragraph: Any, numbering: str) -> None:
    """Take a heading out of the numbering of the chapters, or into that of the appendices."""
    if numbering == "chapter":
        return
    settings = paragraph.find(f"{_W}pPr")
    level = int(settings.find(f"{_W}pStyle").get(f"{_W}val").removeprefix("Heading")) - 1
    numbers = _added(settings, "numPr")
    if numbering == "appendix":
        _added(numbers, "ilvl", str(level))
    _added(numbers, "numId", "2" if numbering == "appendix" else "0")


def _finish_table(table: Any, size: str | None) -> None:
    """The style of an equation's frame, or that of the cells; rows stay whole, and a short table does too."""
    _widen(table)
    if size is None:
        table.find(f"{_W}tblPr/{_W}tblStyle").set(f"{_W}val", "EquationTable")
        for settings in table.iter(f"{_W}tcPr"):
            _added(settings, "vAlign", "center")
        return
    rows = table.findall(f"{_W}tr")
    for row in rows:
        settings = row.find(f"{_W}trPr")
        if settings is None:
            settings = row.makeelement(f"{_W}trPr")
            row.insert(0, settings)
        settings.insert(0, settings.makeelement(f"{_W}cantSplit"))
    noted = _style(table.getnext()) == "TableNote"
    held = set(rows[:-1] if len(rows) <= WHOLE else rows[:2]) | set(rows[-2:] if noted else ())
    if not noted and table.getnext() is not None and table.getnext().tag == f"{_W}p":
        _set_apart(table.getnext())
    for row in rows:
        for settings in _paragraph_settings(row):
            settings.find(f"{_W}pStyle").set(f"{_W}val", _TEXTS[size])
            if row in held:
                settings.insert(1, settings.makeelement(f"{_W}keepNext"))


def _style(block: Any) -> str:
    """Name of a paragraph's style; empty for anything else."""
    named = None if block is None else block.find(f"{_W}pPr/{_W}pStyle")
    return "" if named is None else str(named.get(f"{_W}val"))


def _set_apart(paragraph: Any) -> None:
    """Room between a table without a note and the text that follows it."""
    style = _style(paragraph)
    if style and not style.startswith(("Heading", "TableCaption")):
        settings = paragraph.find(f"{_W}pPr")
        place = sum(settings.find(f"{_W}{name}") is not None for name in ("pStyle", "numPr"))  # in this order
        settings.insert(place, settings.makeelement(f"{_W}spacing", {f"{_W}before": "200"}))


def _widen(table: Any) -> None:
    """Columns as wide as their shares of the text's width are on this paper."""
    columns = table.findall(f"{_W}tblGrid/{_W}gridCol")
    for column in columns:
        column.set(f"{_W}w", str(round(int(column.get(f"{_W}w")) * PAPER_UNITS / PANDOC_UNITS)))
    width = table.find(f"{_W}tblPr/{_W}tblW")
    width.set(f"{_W}type", "dxa")
    width.set(f"{_W}w", str(sum(int(column.get(f"{_W}w")) for column in columns)))
    widths = [column.get(f"{_W}w") for column in columns]
    for row in table.findall(f"{_W}tr"):
        for cell, wide in zip(row.findall(f"{_W}tc"), widths, strict=True):
            settings = cell.find(f"{_W}tcPr")
            settings.insert(0, settings.makeelement(f"{_W}tcW", {f"{_W}w": wide, f"{_W}type": "dxa"}))


def _paragraph_settings(row: Any) -> Iterator[Any]:
    return (settings for settings in row.iter(f"{_W}pPr") if settings.find(f"{_W}pStyle") is not None)


def _added(parent: Any, name: str, value: str | None = None) -> Any:
    child = parent.makeelement(f"{_W}{name}")
    if value is not None:
        child.set(f"{_W}val", value)
    parent.append(child)
    return child
