"""What a page may load and run: its own files, nothing from outside and no script that stands in the page."""

from __future__ import annotations

POLICY_NAME = "Content-Security-Policy"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; base-uri 'none'; form-action 'none'"
)
"""Of the embedded renderer and of the pages of the notebooks; formulas and tables carry styles of their own."""

QUARTO_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'; connect-src 'self'")
"""Quarto sets up its menus with scripts inside the page and fetches its search index."""


def policy_tag(policy: str) -> str:
    """The policy as an element of a page's head, where it holds for all that follows."""
    return f'<meta http-equiv="{POLICY_NAME}" content="{policy}">'
