"""Writes the slides: pandoc sets them on layouts of our own, and what it has no form for is put in here."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.publish.book.embedded.docx import ASIAN, LATIN
from analysis.publish.book.embedded.package import read_parts, tell_metadata, write_parts
from analysis.publish.book.embedded.pandoc import READER, default_data, pandoc_bytes
from analysis.publish.book.embedded.pictures import Picture
from analysis.publish.book.embedded.project import SLIDES, Project
from analysis.publish.words import formats
from analysis.publish.words.escape import as_html, plain

COLOURS = {
    "dk1": "1D2733",
    "lt1": "FFFFFF",
    "dk2": "1F4E79",
    "lt2": "EEF3F8",
    "accent1": "1F4E79",
    "accent2": "C8702A",
    "accent3": "2F8F83",
    "accent4": "8A94A0",
    "accent5": "A9C3DC",
    "accent6": "D9A441",
    "hlink": "1F4E79",
    "folHlink": "5B6775",
}


@dataclass(frozen=True)
class Box:
    """Where a placeholder stands (x, y, width, height in EMU), and how its text is set (hundredths of a point)."""

    place: tuple[int, int, int, int]
    size: int
    colour: str = "tx1"
    bold: bool = False
    anchor: str = "t"
    bullet: bool = False
    after: int = 600


LEFT, WIDTH = 420_000, 8_304_000
_TITLE = Box((LEFT, 150_000, WIDTH, 760_000), 1900, colour="tx2", bold=True, anchor="ctr")
_TOP, _HEIGHT = 1_000_000, 3_680_000
LAYOUTS: Mapping[str, Mapping[str, Box]] = {
    "slideLayout1": {  # title
        "ctrTitle": Box((LEFT, 1_180_000, WIDTH, 1_300_000), 3600, colour="bg1", bold=True, anchor="b"),
        "subTitle": Box((LEFT, 2_640_000, WIDTH, 1_100_000), 1800, colour="bg1"),
        "dt": Box((LEFT, 3_900_000, WIDTH, 320_000), 1400, colour="bg1"),
    },
    "slideLayout2": {  # title and content
        "title": _TITLE,
        "1": Box((LEFT, _TOP, WIDTH, _HEIGHT), 1500, bullet=True, after=800),
    },
    "slideLayout8": {  # text beside a picture
        "title": _TITLE,
        "2": Box((LEFT, _TOP, 2_650_000, _HEIGHT), 1400),
        "1": Box((LEFT + 2_800_000, _TOP, WIDTH - 2_800_000, _HEIGHT), 1400),
    },
}
"""Placeholders by kind or, where they have none of their own, by number."""
_NUMBER = Box((7_800_000, 4_760_000, 924_000, 260_000), 900, colour="tx1")
_FOOT = Box((LEFT, 4_760_000, 7_200_000, 260_000), 900, colour="tx1")

_FILE = re.compile(r"\s*\S+\.png\Z")
_FIELD = "{C5EF2332-01BF-834F-8236-50238282D533}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_SHAPES = "xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' " + (
    "xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main'"
)


def write_pptx(project: Project, pictures: Mapping[str, Picture], target: Path) -> Path:
    """Write the slides of the book into the folder `target` and return their path; raises BookError as pandoc does."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = read_parts(_converted(project, pictures, Path(scratch)))
    for name in sorted(parts):
        if re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
            parts[name] = _finished(parts[name], project)
    tell_metadata(parts, project)
    return write_parts(parts, target / f"{project.file_name}.pptx")


def _converted(project: Project, pictures: Mapping[str, Picture], scratch: Path) -> bytes:
    cover = {
        "title": project.title,
        "subtitle": project.subtitle,
        "author": project.author,
        "date": formats.date(project.day, project.lang),
    }
    settings = scratch / "settings.json"
    settings.write_text(json.dumps({"cover": cover}), encoding="utf-8")
    drawn = next(iter(pictures.values())).path.parent if pictures else scratch
    options = [
        f"--from={READER}-definition_lists",
        "--to=pptx",
        "--slide-level=2",
        f"--reference-doc={write_reference(project, scratch / 'reference.pptx')}",
        f"--resource-path={drawn}",
        f"--metadata=settings:{settings}",
        f"--lua-filter={project.root / '_embedded' / 'pptx.lua'}",
        "--output=-",
    ]
    return pandoc_bytes(project, options, (project.root / SLIDES).read_text(encoding="utf-8"))


def write_reference(project: Project, path: Path) -> Path:
    """Write the presentation whose layouts pandoc takes over, and return its path."""
    parts = read_parts(default_data("reference.pptx"))
    parts["ppt/theme/theme1.xml"] = _theme(parts["ppt/theme/theme1.xml"].decode(), project).encode()
    for layout, boxes in LAYOUTS.items():
        name = f"ppt/slideLayouts/{layout}.xml"
        parts[name] = _placed(parts[name], boxes, dark=layout == "slideLayout1")
    return write_parts(parts, path)


def _theme(theme: str, project: Project) -> str:
    """The theme with the colours and the fonts of the book."""
    for name, colour in COLOURS.items():
        theme = re.sub(rf"<a:{name}>.*?</a:{name}>", f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>', theme)
    theme = theme.replace('<a:latin typeface="Calibri"/>', f'<a:latin typeface="{LATIN[project.lang]}"/>')
    return theme.replace('<a:ea typeface=""/>', f'<a:ea typeface="{ASIAN}"/>').replace("宋体", "微软雅黑")


def _placed(layout: bytes, boxes: Mapping[str, Box], *, dark: bool) -> bytes:
    """A layout whose placeholders stand and are set as `boxes` say."""
    import lxml.etree

    root = lxml.etree.fromstring(layout)
    for shape in root.iter(f"{_P}sp"):
        kind = shape.find(f".//{_P}ph")
        box = boxes.get(kind.get("type", ""), boxes.get(kind.get("idx", "")))
        if kind.get("type") in {"sldNum", "ftr"}:
            box = _NUMBER if kind.get("type") == "sldNum" else _FOOT
        if box is not None:
            _set(shape, box, right=kind.get("type") == "sldNum")
    if dark:
        ground = (
            f'<p:bg {_SHAPES}><p:bgPr><a:solidFill><a:schemeClr val="tx2"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>'
        )
        root.find(f"{_P}cSld").insert(0, lxml.etree.fromstring(ground))
    return bytes(lxml.etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))


def _set(shape: Any, box: Box, *, right: bool) -> None:
    import lxml.etree

    x, y, width, height = box.place
    settings = shape.find(f"{_P}spPr")
    for earlier in settings.findall(f"{_A}xfrm"):
        settings.remove(earlier)
    frame = f'<a:xfrm {_SHAPES}><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    settings.insert(0, lxml.etree.fromstring(frame))
    body = shape.find(f"{_P}txBody")
    text = f'<a:bodyPr {_SHAPES} lIns="0" rIns="0" anchor="{box.anchor}"><a:normAutofit/></a:bodyPr>'
    body.replace(body.find(f"{_A}bodyPr"), lxml.etree.fromstring(text))
    body.replace(body.find(f"{_A}lstStyle"), lxml.etree.fromstring(_levels(box, right=right)))


def _levels(box: Box, *, right: bool) -> str:
    """How the first two levels of a text are set."""
    side = "r" if right else "l"
    marks = 'marL="230000" indent="-230000"' if box.bullet else 'marL="0" indent="0"'
    mark = '<a:buFont typeface="Arial"/><a:buChar char="•"/>' if box.bullet else "<a:buNone/>"
    run = (
        f'<a:defRPr sz="{box.size}" b="{int(box.bold)}"><a:solidFill><a:schemeClr val="{box.colour}"/></a:solidFill>'
        "</a:defRPr>"
    )
    lines = '<a:lnSpc><a:spcPct val="100000"/></a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>'
    space = f'{lines}<a:spcAft><a:spcPts val="{box.after}"/></a:spcAft>'
    first = f'<a:lvl1pPr {marks} algn="{side}">{space}{mark}{run}</a:lvl1pPr>'
    return f"<a:lstStyle {_SHAPES}>{first}</a:lstStyle>"


def _finished(slide: bytes, project: Project) -> bytes:
    """A slide whose pictures are told by their words, with its number and a foot, in the language of the book."""
    import lxml.etree

    root = lxml.etree.fromstring(slide)
    tree = root.find(f"{_P}cSld/{_P}spTree")
    for picture in root.iter(f"{_P}pic"):
        name = picture.find(f"{_P}nvPicPr/{_P}cNvPr")
        name.set("descr", _FILE.sub("", name.get("descr", "")))  # pandoc adds the name of the file
    cover = root.find(f".//{_P}ph[@type='ctrTitle']") is not None
    for foot in _feet(project, cover=cover):
        tree.append(lxml.etree.fromstring(foot))
    for place, shape in enumerate(root.iter(f"{_P}cNvPr"), start=1):
        shape.set("id", str(place))
    for run in root.iter(f"{_A}rPr"):
        run.set("lang", "zh-CN" if project.lang == "zh" else "en-GB")
    return bytes(lxml.etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))


def _feet(project: Project, *, cover: bool) -> Iterator[str]:
    """The placeholders of the foot and, but for the cover, of the slide's number."""
    said = " · ".join(text for text in ("" if cover else project.title, project.notice or "") if text)
    colour = '<a:solidFill><a:schemeClr val="bg1"/></a:solidFill>' if cover else ""
    look = f'<a:rPr sz="900">{colour}<a:latin typeface="+mn-lt"/><a:ea typeface="+mn-ea"/></a:rPr>'
    if said:
        yield _foot("Footer", "ftr", 11, f'<a:pPr algn="l"/><a:r>{look}<a:t>{as_html(plain(said))}</a:t></a:r>')
    if not cover:
        field = f'<a:fld id="{_FIELD}" type="slidenum">{look}<a:t>‹#›</a:t></a:fld>'
        yield _foot("Slide Number", "sldNum", 12, f'<a:pPr algn="r"/>{field}')


def _foot(name: str, kind: str, place: int, paragraph: str) -> str:
    return (
        f'<p:sp {_SHAPES}><p:nvSpPr><p:cNvPr id="0" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f'<p:nvPr><p:ph type="{kind}" sz="quarter" idx="{place}"/></p:nvPr></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p>{paragraph}</a:p></p:txBody></p:sp>"
    )
