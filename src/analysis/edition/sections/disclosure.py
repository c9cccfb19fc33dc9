"""What is withheld because it rests on too few interviews."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from analysis.edition.sections import Section


class Disclosure(Section):
    """Nothing based on fewer than `min_base` interviews is published."""

    min_base: Annotated[int, Field(ge=2)] = 30
