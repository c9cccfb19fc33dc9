"""Reading Office files as their programs do: parts, relationships, text, fields."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tree(parts: dict[str, bytes], name: str) -> Any:
    return lxml.etree.fromstring(parts[name])


def faults(parts: dict[str, bytes]) -> list[str]:
    """Parts that are no XML or of no declared type, relationships to nothing, and uses of none."""
    found = []
    types = tree(parts, "[Content_Types].xml")
    defaults = {one.get("Extension") for one in types if one.get("Extension")}
    declared = {one.get("PartName").lstrip("/") for one in types if one.get("PartName")}
    found += [f"no such part: {name}" for name in declared - set(parts)]
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")):
            lxml.etree.fromstring(content)
        if name != "[Content_Types].xml" and name not in declared and name.rpartition(".")[2] not in defaults:
            found.append(f"no content type: {name}")
    for name in [one for one in parts if one.endswith(".rels")]:
        folder = posixpath.dirname(posixpath.dirname(name))
        ids = set()
        for one in tree(parts, name):
            ids.add(one.get("Id"))
            target = posixpath.normpath(posixpath.join(folder, one.get("Target"))).lstrip("/")
            if one.get("TargetMode") != "External" and target not in parts:
                found.append(f"{name}: {one.get('Target')}")
        owner = posixpath.join(folder, posixpath.basename(name).removesuffix(".rels"))
        if owner in parts and owner:
            used = {
                value for one in tree(parts, owner).iter() for key, value in one.attrib.items() if key.startswith(R)
            }
            found += [f"{owner}: {one}" for one in used - ids]
    return found


def seen(text: str) -> str:
    return " ".join(text.split())


def text_of(element: Any, namespace: str = W) -> str:
    return seen("".join(one.text or "" for one in element.iter(f"{namespace}t")))


def fields(element: Any) -> Iterator[tuple[str, str]]:
    """Instruction and shown text of every field, in order; raises where one is not closed."""
    open_fields: list[list[str]] = []
    for one in element.iter(f"{W}fldChar", f"{W}instrText", f"{W}t"):
        if one.tag == f"{W}t":
            for field in open_fields:
                field[1] += one.text or ""
        elif one.tag == f"{W}instrText":
            open_fields[-1][0] += one.text
        elif one.get(f"{W}fldCharType") == "begin":
            open_fields.append(["", ""])
        elif one.get(f"{W}fldCharType") == "end":
            code, shown = open_fields.pop()
            yield code.strip(), shown
    assert not open_fields
