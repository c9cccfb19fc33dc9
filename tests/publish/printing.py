"""The tables of all parts by name, for tests that print one."""

from __future__ import annotations

from analysis.publish.parts import all_parts

SPECS = {spec.name: spec for part in all_parts() for spec in part.tables}
