"""The slides of an edition: what was found, with its figure, and for the speaker the base and interval of each number.

Slides say what the chapters say: their titles and lines are sentences of the findings and titles of figures, their
pictures the figures that were drawn, their notes the findings in full and the tables behind the figures. What an
edition lacks has no slide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from analysis.publish.book.languages import word_group
from analysis.publish.tables.markdown import display_width
from analysis.publish.tables.printed import Printed
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown


@dataclass(frozen=True)
class Slide:
    """One slide: the finding that it tells, the figure that shows it, where there is one, and what goes on with it."""

    finding: str
    figure: str = ""
    also: str = ""


KEY_FINDINGS, ACTIONS, METHOD = Slide("summary"), Slide("actions"), Slide("method")
"""Slides that gather several findings."""

DECK = (
    Slide("overall", "trend", also="trend"),
    KEY_FINDINGS,
    Slide("fair", "scorecard"),
    Slide("dimensions", "dimensions"),
    Slide("segments", "segments"),
    Slide("importance", "importance"),
    Slide("service_steps", "service_steps"),
    Slide("service_perception", "service_perception"),
    Slide("ticket_themes", "ticket_themes", also="weak_points"),
    Slide("training", "training_course"),
    Slide("monitoring", also="actions"),
    Slide("journey", "journey"),
    Slide("priorities", "priorities"),
    ACTIONS,
    METHOD,
)
"""The order of the slides: the front, a slide for the key point of each chapter, what to do first, how it was done."""

ADVICE = ("1", "2", "3")
HOW = ("sampling", "response", "cleaning", "weighting", "estimation")
"""Findings whose first sentences tell how the survey was done."""

LINE = {"zh": 84, "en": 88}
"""Half-width characters of a line of points, also where a wider font stands in for the one that is asked for."""
LINES = 12
"""Of points on a slide."""
TITLE, BESIDE, POINT = 1.28, 4.4, 2.2
"""Lines that fit: a title, which is set larger, text beside a picture, one point of several."""
POINTS = 5
TOLD_ROWS = 24
"""Rows of a table that the notes tell."""

_BRACKETS = re.compile(r"\s?[（(][^()（）]*\d[^()（）]*[)）]")
_END = {
    "zh": re.compile(r"(?<=[。！？])(?=.)"),
    "en": re.compile(r"(?<!\b[A-Z][.])(?<!\b[A-Z][a-z][.])(?<=[.!?])\s+(?=[“‘A-Z0-9])"),
}
_REFERENCE = "\ufdd0"
"""What begins a reference to a table or a figure of the report: there is none among the slides."""


@dataclass(frozen=True)
class Told:
    """What one edition says in one language.

    findings: sentences by key. summary: its leads, which may be empty, and texts in their order; bases: what the
    numbers of each of these texts rest on, for the speaker.
    drawn: the figures that there are, with the names of the tables they are drawn from. tables: by name. headlines:
    what each figure shows, which is the title where the finding does not fit or has its numbers in brackets only.
    """

    lang: str
    findings: Mapping[str, str]
    summary: Sequence[tuple[str, str]]
    drawn: Mapping[str, Sequence[str]]
    tables: Mapping[str, Printed] = field(repr=False)
    bases: Sequence[str] = ()
    headlines: Mapping[str, str] = field(default_factory=dict)


def slides(told: Told) -> str:
    """Return the slides as markdown; empty where nothing was found."""
    made = [_slide(told, slide) for slide in DECK]
    return "\n\n".join(one for one in made if one) + "\n" if any(made) else ""


def _slide(told: Told, slide: Slide) -> str:
    if slide == KEY_FINDINGS:
        return _key_findings(told)
    if slide == ACTIONS:
        return _actions(told)
    if slide == METHOD:
        return _method(told)
    return _finding(told, slide)


def _finding(told: Told, slide: Slide) -> str:
    whole = told.findings.get(slide.finding, "")
    first, *rest = sentences(whole, told.lang) or [""]
    if not first:
        return ""
    more = told.findings.get(slide.also, "")
    title = headline(first, told.lang)
    fits, own = _fits(title, told), told.headlines.get(slide.figure, "") if slide.figure in told.drawn else ""
    by_figure = bool(own) and _fits(own, told) and not (fits and any(map(str.isdigit, title)))
    said = [*([] if fits and not by_figure else [first]), *rest, *sentences(more, told.lang)]
    if not said and title != _bare(first, told.lang):
        said = [first]  # the title leaves its intervals out
    heading = own if by_figure else title if fits else word_group(told.lang, "slides")[slide.finding]
    notes = [whole, more, *_behind(told, slide.figure)]
    if slide.figure not in told.drawn:
        if said in ([], [first]) and fits:
            return ""  # one sentence, which the key findings tell
        return _written(heading, "", _points(said, told.lang), "", notes=notes, told=told)
    body = formats.joined(_within(said, BESIDE * LINE[told.lang]), told.lang)
    picture = _picture(slide.figure, own if by_figure else title)
    return _written(heading, as_markdown(body), "", picture, notes=notes, told=told)


def _fits(title: str, told: Told) -> bool:
    return display_width(title) <= TITLE * LINE[told.lang]


def _key_findings(told: Told) -> str:
    chosen = list(told.summary)[:POINTS]
    short = [(lead, _short(text, told)) for lead, text in chosen]
    fitting = _fitting([_led(lead, text, told) for lead, text in short], told.lang)
    points = [f"- {_led(f'**{as_markdown(lead)}**' if lead else '', as_markdown(text), told)}" for lead, text in short]
    bases = [*told.bases, *[""] * len(chosen)]
    notes = [
        formats.joined([_led(lead, text, told), basis], told.lang)
        for (lead, text), basis in zip(chosen, bases, strict=False)
    ]
    return _gathered("summary", points[:fitting], notes, told)


def _led(lead: str, text: str, told: Told) -> str:
    return f"{lead}{_stop(told)}{text}" if lead else text


def _actions(told: Told) -> str:
    named = [(told.findings.get(f"advice_{n}_head", ""), told.findings.get(f"action_{n}", "")) for n in ADVICE]
    shown = [(head, text) for head, text in named if head]
    points = [
        f"{place}. **{as_markdown(head)}** {as_markdown(_short(text, told))}"
        for place, (head, text) in enumerate(shown, start=1)
    ]
    whole = [told.findings.get(f"advice_{n}", "") for n in ADVICE]
    notes = [formats.joined([head, text], told.lang) for (head, _), text in zip(named, whole, strict=True) if head]
    return _gathered("actions", points, notes, told)


def _method(told: Told) -> str:
    said = [told.findings[key] for key in HOW if key in told.findings]
    return _gathered("method", [_points([_short(text, told) for text in said], told.lang)] if said else [], said, told)


def _gathered(key: str, points: Sequence[str], notes: Sequence[str], told: Told) -> str:
    if not points:
        return ""
    return _written(word_group(told.lang, "slides")[key], "", "\n\n".join(points), "", notes=notes, told=told)


def _short(text: str, told: Told) -> str:
    """The first sentences of `text`, as many as make one point."""
    return formats.joined(_within(sentences(text, told.lang), POINT * LINE[told.lang]), told.lang)


def _written(title: str, body: str, points: str, picture: str, *, notes: Iterable[str], told: Told) -> str:
    said = [as_markdown(_without_references(text, told.lang)) for text in notes if text]
    blocks = [f"## {as_markdown(title)}", body, points, picture, "\n\n".join(["::: {.notes}", *said, ":::"])]
    return "\n\n".join(block for block in blocks if block)


def _points(lines: Sequence[str], lang: str) -> str:
    return "\n\n".join(f"- {as_markdown(line)}" for line in lines[: _fitting(lines, lang)])


def _fitting(points: Sequence[str], lang: str) -> int:
    """How many of the points a slide has room for; one at least."""
    taken = list(accumulate(-(-display_width(point) // LINE[lang]) for point in points))
    return max(1, sum(lines <= LINES for lines in taken))


def _picture(figure: str, alt: str) -> str:
    return f'![](figures/{figure}.svg){{fig-alt="{as_markdown(alt)}"}}'


def _stop(told: Told) -> str:
    return "：" if told.lang == "zh" else ": "


def headline(sentence: str, lang: str) -> str:
    """A sentence without its intervals and its full stop, as a title is."""
    return _bare(_BRACKETS.sub("", sentence), lang)


def _bare(sentence: str, lang: str) -> str:
    return sentence.strip().removesuffix("。" if lang == "zh" else ".")


def sentences(text: str, lang: str) -> list[str]:
    """The sentences of `text` that point to nothing outside of it."""
    found = (one.strip() for one in _END[lang].split(text))
    return [one for one in found if one and _REFERENCE not in one]


def _without_references(text: str, lang: str) -> str:
    return text if _REFERENCE not in text else formats.joined(sentences(text, lang), lang)


def _within(lines: Sequence[str], limit: float) -> list[str]:
    """The first lines, as many as `limit` half-width characters hold, and one at least."""
    kept, width = list(lines[:1]), display_width("".join(lines[:1]))
    for line in lines[1:]:
        width += display_width(line) + 1
        if width > limit:
            break
        kept.append(line)
    return kept


def _behind(told: Told, figure: str) -> list[str]:
    """What the tables behind a figure tell: title, note, and each row with its headings."""
    shown = [told.tables[name] for name in told.drawn.get(figure, ()) if name in told.tables]
    return [text for table in shown if not table.tells_nothing for text in _rows(table, told.lang)]


def _rows(table: Printed, lang: str) -> list[str]:
    numeric = [column.kind.numeric for column in table.spec.columns]
    first = numeric.index(True) if True in numeric else len(numeric)
    names = [place < first for place in range(len(numeric))]  # what comes before the numbers tells whose they are
    lines, above = [], [""] * len(names)
    for row in table.rows[:TOLD_ROWS]:
        above = [text or earlier if name else "" for text, earlier, name in zip(row, above, names, strict=True)]
        named = " · ".join(text for text in above if text)
        cells = zip(table.headings, row, names, strict=True)
        said = [f"{heading} {text}" for heading, text, name in cells if text and not name]
        lines.append(
            f"{named}{'：' if lang == 'zh' else ': '}{formats.semicolons(said, lang)}"
            if named
            else formats.semicolons(said, lang)
        )
    left = ["…"] if len(table.rows) > TOLD_ROWS else []
    return [table.caption, *([table.note] if table.note else []), *lines, *left]
