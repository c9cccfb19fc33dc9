"""What a notebook shows of its own results: its figures as the report would draw them, nothing withheld."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.publish.parts import part_of
from analysis.publish.words.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition


@dataclass(frozen=True)
class Preview:
    """Figures of a step by name, as SVG text in the first language of the edition."""

    figures: Mapping[str, str]

    def _repr_html_(self) -> str:
        return "".join(svg_image(name, svg) for name, svg in self.figures.items())


def preview(step: str, tables: Mapping[str, pd.DataFrame | None], *, edition: Edition) -> Preview:
    """Draw the figures of `step` from its tables, for the researcher: small groups are shown and nothing is saved."""
    found = {name: table for name, table in tables.items() if table is not None and len(table)}
    part, labels = part_of(step), Labels(edition, edition.languages[0])
    return Preview(part.drawn(found, labels) if part else {})


def svg_image(name: str, svg: str) -> str:
    """A figure as an image element that holds its own data."""
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    return f'<p><img alt="{name}" style="max-width:100%" src="data:image/svg+xml;base64,{data}"></p>'
