"""Static Noto Sans SC fonts for figures, HTML and PDF, made once from the variable font of a wheel.

matplotlib takes the thinnest master of a variable font and typst knows none, so the two weights that the report
uses are cut out of it. The subset comes first: it makes the cutting three times as fast.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import BookError

FAMILY = "Noto Sans SC"
WEIGHTS = {"Regular": 400, "Bold": 700}
# Latin with diacritics, Greek, punctuation, super- and subscripts, arrows, mathematics, enclosed numbers, shapes,
# Chinese punctuation, full-width forms: what a statistical report sets beside the Chinese characters.
EXTRA_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x370, 0x3FF),
    (0x2000, 0x206F),
    (0x2070, 0x20CF),
    (0x2100, 0x23FF),
    (0x2460, 0x24FF),
    (0x2500, 0x26FF),
    (0x2700, 0x27BF),
    (0x3000, 0x303F),
    (0xFF00, 0xFFEF),
)


@dataclass(frozen=True)
class FontFiles:
    """The two static weights of the Chinese face, as files."""

    regular: Path
    bold: Path


def font_folder() -> Path:
    """Return the folder of this environment that keeps the static fonts."""
    return Path(sys.prefix) / "share" / "fonts" / "finsat"


def font_files(folder: Path | None = None) -> FontFiles:
    """Return the static fonts; raise BookError when they were not made yet."""
    folder = folder or font_folder()
    files = FontFiles(*(folder / f"NotoSansSC-{weight}.ttf" for weight in WEIGHTS))
    missing = [str(path) for path in (files.regular, files.bold) if not path.is_file()]
    if missing:
        raise BookError(
            "the Chinese fonts of the report are missing",
            where=", ".join(missing),
            expected=f"static {FAMILY} Regular and Bold",
            hint=f"run `{sys.executable} -m analysis.publish.figures.fonts` (make does it at set-up)",
        )
    return files


def gbk_characters() -> Iterator[str]:
    """Yield every character that GBK can encode in two bytes: the repertoire of mainland publishing."""
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                yield bytes((lead, trail)).decode("gbk")
            except UnicodeDecodeError:
                continue


def publishing_characters() -> frozenset[int]:
    """Return the code points that the static fonts keep."""
    points = {ord(char) for char in gbk_characters()}
    for first, last in EXTRA_RANGES:
        points.update(range(first, last + 1))
    return frozenset(points)


def variable_font() -> Path:
    """Return the variable font inside the installed wheel; raise BookError when it is not there."""
    spec = importlib.util.find_spec("justmytype_intl_cjk")
    roots = spec.submodule_search_locations if spec else None
    for root in roots or ():
        found = sorted(Path(root).rglob("NotoSansSC*wght*.ttf"))
        if found:
            return found[0]
    raise BookError(
        "the variable font Noto Sans SC is not installed",
        expected="the package justmytype-intl-cjk with NotoSansSC[wght].ttf",
        hint="install the project's requirements again",
    )


def make_fonts(
    folder: Path | None = None, *, source: Path | None = None, characters: frozenset[int] | None = None
) -> FontFiles:
    """Make the static fonts that are missing in `folder` and return them.

    Parameters
    ----------
    folder : where the fonts are kept (default: the environment's `share/fonts/finsat`).
    source : the variable font (default: the one of the wheel).
    characters : code points to keep (default: GBK and the signs of a statistical report).
    """
    folder = folder or font_folder()
    try:
        return font_files(folder)
    except BookError:
        folder.mkdir(parents=True, exist_ok=True)
    subset = _subset(source or variable_font(), characters or publishing_characters(), folder)
    try:
        for name, weight in WEIGHTS.items():
            _cut_weight(subset, folder / f"NotoSansSC-{name}.ttf", weight=weight)
    finally:
        subset.unlink(missing_ok=True)
    return font_files(folder)


def _subset(source: Path, characters: frozenset[int], folder: Path) -> Path:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.layout_features = ["*"]
    options.name_IDs = ["*"]  # the family name is read from them when a weight is cut out
    options.drop_tables += ["vhea", "vmtx", "VORG", "VVAR"]
    options.glyph_names = False
    target = folder / f".subset-{os.getpid()}.ttf"
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter.subset(font)
        font.save(target)
    return target


def _cut_weight(source: Path, target: Path, *, weight: int) -> None:
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    partial = target.with_suffix(".partial")
    with TTFont(source, recalcTimestamp=False) as font:
        instantiateVariableFont(font, {"wght": weight}, updateFontNames=True).save(partial)
    partial.replace(target)


def main() -> int:
    """Make the fonts of this environment; the set-up calls this."""
    files = make_fonts()
    sys.stdout.write(f"{files.regular}\n{files.bold}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
