"""The page where a reader picks a measure and groups: what it shows, from what passed disclosure and nothing else."""

from __future__ import annotations

PAGE, FOLDER = "explore.html", "explore"
"""The page, and the folder with its script, styles and data, in a staged book and in the report."""
STYLES = (f"{FOLDER}/explore.css",)
SCRIPTS = (f"{FOLDER}/data.js", f"{FOLDER}/explore.js")
