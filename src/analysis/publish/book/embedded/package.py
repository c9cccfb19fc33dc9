"""Office files as archives of parts: read, put together and written so that the same parts are the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from analysis.publish.words.escape import as_html

if TYPE_CHECKING:
    from analysis.publish.book.embedded.project import Project

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every member of the archive: the earliest that the format knows."""
CONTENT_TYPES = "[Content_Types].xml"
CORE = "docProps/core.xml"
_CUSTOM = "docProps/custom.xml"
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def read_parts(archive: bytes) -> dict[str, bytes]:
    """Return the parts of an archive by their names."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        return {name: source.read(name) for name in source.namelist()}


def write_parts(parts: Mapping[str, bytes], path: Path) -> Path:
    """Write an archive whose members carry no time of writing, the list of contents first, and return `path`."""
    names = sorted(parts, key=lambda name: (name != CONTENT_TYPES, name))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in names:
            info = zipfile.ZipInfo(name, EPOCH)
            target.writestr(info, parts[name], zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED)
    return path


def filled(path: Path, values: Mapping[str, str]) -> bytes:
    """A part from its template; values are text, whatever characters they hold."""
    written = {key: as_html(value) for key, value in values.items()}
    return Template(path.read_text(encoding="utf-8")).substitute(written).encode()


def add_part(parts: dict[str, bytes], name: str, content: bytes, *, kind: str) -> None:
    """Put in a part and declare its content type, unless it is declared."""
    parts[name] = content
    declared = f'PartName="/{name}"'.encode()
    if declared not in parts[CONTENT_TYPES]:
        override = f'<Override PartName="/{name}" ContentType="{kind}"/>'.encode()
        parts[CONTENT_TYPES] = parts[CONTENT_TYPES].replace(b"</Types>", override + b"</Types>")


def add_relationship(parts: dict[str, bytes], rels: str, name: str, *, kind: str, target: str) -> None:
    """Let the part whose relationships are `rels` point to `target` as `name`."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    line = f'<Relationship Id="{name}" Type="{kinds}/{kind}" Target="{target}"/>'.encode()
    parts[rels] = parts[rels].replace(b"</Relationships>", line + b"</Relationships>")


def tell_metadata(parts: dict[str, bytes], project: Project) -> None:
    """Dates of the file are those of the publication, and nothing is said of the machine that wrote it."""
    core = _MOMENT.sub(f"{project.day.isoformat()}T00:00:00Z".encode(), parts[CORE])
    said = f"<dc:language>{project.language.tag}</dc:language>".encode()
    if b"<dc:language>" not in core:
        core = core.replace(b"</cp:coreProperties>", said + b"</cp:coreProperties>")
    subject = f"<dc:subject>{as_html(project.subtitle)}</dc:subject>".encode()
    if project.subtitle and b"<dc:subject>" not in core:
        core = core.replace(b"</cp:coreProperties>", subject + b"</cp:coreProperties>")
    parts[CORE] = core
    if _CUSTOM in parts:
        del parts[_CUSTOM]
        parts[CONTENT_TYPES] = re.sub(
            rb'<Override[^>]*PartName="/docProps/custom.xml"[^>]*/>', b"", parts[CONTENT_TYPES]
        )
        parts["_rels/.rels"] = re.sub(rb'<Relationship [^>]*custom.xml"[^>]*/>', b"", parts["_rels/.rels"])
