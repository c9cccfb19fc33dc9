"""What a notebook shows of its own results: tables and figures as the report would print them, nothing withheld."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.publish.figures import draw_figures
from analysis.publish.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition


@dataclass(frozen=True)
class Preview:
    """Figures of a step by name, as SVG text in the first language of the edition."""

    figures: Mapping[str, str]

    def _repr_html_(self) -> str:
        return "".join(
            f'<p><img alt="{name}" style="max-width:100%" src="data:image/svg+xml;base64,{_base64(svg)}"></p>'
            for name, svg in self.figures.items()
        )


def preview(step: str, tables: Mapping[str, pd.DataFrame | None], *, edition: Edition) -> Preview:
    """Draw the figures of `step` from its tables, for the researcher: small groups are shown and nothing is saved."""
    found = {name: table for name, table in tables.items() if table is not None and len(table)}
    return Preview(draw_figures(step, found, labels=Labels(edition, edition.languages[0])))


def _base64(svg: str) -> str:
    return b64encode(svg.encode("utf-8")).decode("ascii")
