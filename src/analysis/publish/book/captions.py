"""Figures in chapters: a line names one, and the figure stands there with its caption and description."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from analysis.publish.book.lint import Problem, closest

INSIDE = re.compile(r"\]\((?=(?:figures|data|notebooks|chapters)/)")
"""Where the address of a file of the book begins."""
FIGURE = re.compile(r"^\{\{< figure (?P<name>\w+) >\}\}[ \t]*$", re.MULTILINE)
"""A line of a chapter where a figure goes."""


LIST = "{{< figure-list >}}"
"""The line of a chapter where all figures of the book are listed."""
CAPTION = re.compile(r"^!\[(?P<caption>.*)\]\((?:\.\./)*figures/\w+\.svg\)\{#(?P<id>fig-[\w-]+)", re.MULTILINE)


def with_list(texts: Mapping[str, str]) -> dict[str, str]:
    """The chapters with the list of their figures, in their order, where one of them asks for it."""
    found = [one for text in texts.values() for one in CAPTION.finditer(text)]
    lines = "\n".join(f"- @{one['id']} {one['caption']}" for one in found)
    return {name: text.replace(LIST, lines) for name, text in texts.items()}


def unknown_figures(name: str, text: str, flags: Mapping[str, bool]) -> Iterator[Problem]:
    """Figures that a chapter asks for and no edition draws."""
    for line in FIGURE.finditer(text):
        flag, number = f"drawn.{line['name']}", text.count("\n", 0, line.start()) + 1
        if flag not in flags:
            yield Problem(name, number, f"unknown figure {line['name']!r}{closest(flag, flags)}")


def figure_ids(texts: Iterable[str]) -> Iterator[str]:
    """Ids of the figures that chapters ask for, drawn or not."""
    return (f"fig-{line['name'].replace('_', '-')}" for text in texts for line in FIGURE.finditer(text))


def with_figures(text: str, captions: Mapping[str, str], *, up: str) -> str:
    """A chapter with its figures put in; nothing in place of one that the edition does not have.

    up: the way from the chapter to the folder of the book.
    """

    def shown(line: re.Match[str]) -> str:
        return INSIDE.sub(f"]({up}", captions.get(line["name"], ""))

    return FIGURE.sub(shown, text)
