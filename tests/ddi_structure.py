"""Whether a document is built as DDI-Codebook 2.5 has it: order, number and attributes of elements, and references.

The models stand in codebook.dtd and are checked by libxml2, which also finds an ID used twice and a reference to none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

NAMESPACE = "{ddi:codebook:2_5}"
MODELS = Path(__file__).with_name("codebook.dtd")


def faults(root: Any) -> list[str]:
    """What in the document is not as the models have it."""
    with MODELS.open(encoding="utf-8") as text:
        models = etree.DTD(text)
    models.validate(etree.fromstring(etree.tostring(root)))  # read anew, so that lines are told
    return [f"line {fault.line}: {fault.message}" for fault in models.error_log.filter_from_errors()]
