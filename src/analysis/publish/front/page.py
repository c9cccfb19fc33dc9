"""The front of the report as markdown: two pages that a reader with two minutes reads alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict, verdict_of_interval
from analysis.publish.front.scorecard import scorecard
from analysis.publish.parts.actions.cells import month, recommendation
from analysis.publish.words import formats
from analysis.publish.words.escape import as_markdown, plain
from analysis.publish.words.phrases import construct_inside
from analysis.publish.words.spoken import capital

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analysis.publish.part import Candidate
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

ACTIONS = 3
Row = dict[str, Any]


def measured(store: Store, labels: Labels) -> str:
    """The index beside that of all, its change on a year earlier, how sure it is; empty where none may be told."""
    if not (labels.edition.indexed and store.has_table("csi_overall")):
        return ""
    rows = {row["measure"]: row for row in store.table("csi_overall").to_dict("records")}
    index, share = rows.get("csi"), rows.get("csat")
    if index is None or formats.is_missing(index["estimate"]):
        return ""
    said = [labels.text("front.index.what")]
    said += _beside_whole(store, labels) + _change(store, labels)
    said.append(
        labels.text(
            "front.index.sure",
            low=formats.number(index["ci_low"]),
            high=formats.number(index["ci_high"]),
            level=formats.level(labels.edition.index.confidence),
            n=formats.count(index["n"]),
        )
    )
    if share is not None and not formats.is_missing(share["estimate"]):
        said.append(
            labels.text(
                "front.index.satisfied",
                share=formats.percent(share["estimate"]),
                ci=formats.percent_interval(share["ci_low"], share["ci_high"], labels.lang),
            )
        )
    number = f"::: {{.front-number}}\n{formats.number(index['estimate'])}\n:::"
    claims = "\n\n".join(as_markdown(text) for text in said)
    return f"::::: {{.front-index}}\n{number}\n\n::: {{.front-claims}}\n{claims}\n:::\n:::::"


def _beside_whole(store: Store, labels: Labels) -> list[str]:
    """The index of a part against that of all who were asked, by the verdict that its table gives."""
    if not store.has_table("against_whole"):
        return []
    frame = store.table("against_whole").dropna(subset=["difference", "p_adjusted"])
    confidence = labels.edition.index.confidence
    return [
        labels.text(
            f"front.whole.{verdict(row['difference'], row['p_adjusted'], confidence=confidence)}",
            whole=formats.number(row["whole"]),
            gap=formats.signed(row["difference"]),
            ci=formats.interval(row["difference_low"], row["difference_high"], labels.lang),
        )
        for row in frame[frame["measure"] == "csi"].to_dict("records")
    ]


def _change(store: Store, labels: Labels) -> list[str]:
    """The change on the edition before, or on a year earlier where the series holds one."""
    known = {name: store.table(name) for name in ("headline_changes", "changes") if store.has_table(name)}
    if "headline_changes" in known:
        frame, moved = known["headline_changes"], "moved"
        frame, before = frame[frame["measure"] == "csi"], labels.edition.publication.predecessor or ""
    elif "changes" in known:
        frame, moved = known["changes"], "index"
        frame, before = frame[frame["change"] == "year"], ""
    else:
        return []
    return [
        labels.text(
            f"front.{moved}.{verdict_of_interval(row['ci_low'], row['ci_high'])}",
            change=formats.signed(row["difference"]),
            ci=formats.interval(row["ci_low"], row["ci_high"], labels.lang),
            before=before or formats.wave(str(row["against"]), labels.lang),
        )
        for row in frame.dropna(subset=["difference"]).to_dict("records")[:1]
    ]


def findings(found: Sequence[Candidate], labels: Labels) -> str:
    """The chosen findings: each a sentence, and below it what it rests on and where the report tells more."""
    if not found:
        return ""
    items = [_finding(place, one, labels) for place, one in enumerate(found, start=1)]
    title = f"## {as_markdown(labels.text('front.heads.findings'))} {{#sec-findings .unnumbered}}"
    return "\n\n".join([title, "::: {.front-findings}", *items, ":::"])


def _finding(place: int, one: Candidate, labels: Labels) -> str:
    """An item of the list; a reference in brackets is dropped where the edition lacks its section."""
    stop = "：" if labels.lang == "zh" else ": "
    lead = f"**{as_markdown(one.lead)}**{stop}" if one.lead else ""
    said = f"{place}. [{lead}{as_markdown(one.sentence)}]{{.finding}}"
    opened, closed = ("（", "）") if labels.lang == "zh" else (" (", ")")
    where = f"{opened}@{one.section}{closed}" if one.section else ""
    basis = one.basis if one.basis.startswith("n =") else capital(one.basis)
    below = f"{as_markdown(basis)}{where}".strip()
    return f"{said}\n\n    [{below}]{{.basis}}" if below else said


def actions(store: Store, labels: Labels) -> str:
    """What to do first, each with what it should bring, by whom and by when."""
    if not store.has_table("recommendations"):
        return ""
    frame = store.table("recommendations")
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    shown = [row for row in rows if row.get("suppressed") != "withheld"][:ACTIONS]
    told = [_action(row, labels) for row in shown]
    if not told:
        return ""
    title = f"## {as_markdown(labels.text(f'front.heads.actions_{len(told)}'))} {{#sec-first .unnumbered}}"
    said = formats.joined([*_order(shown, labels), labels.text("front.heads.more")], labels.lang)
    more = f"::: {{.front-more}}\n{as_markdown(said)}\n:::"
    return "\n\n".join([title, ":::: {.front-actions}", *told, "::::", more])


def _order(rows: Sequence[Row], labels: Labels) -> list[str]:
    """By what the actions are ordered, where each has an effect of its own on the same outcome."""
    gains = [row["loyalty"] for row in rows if row["effect_of"] == "gap" and not formats.is_missing(row["loyalty"])]
    outcomes = {str(row["outcome"]) for row in rows}
    if not labels.edition.indexed or len(gains) < max(len(rows), 2) or len(outcomes) > 1:
        return []
    if gains != sorted(gains, reverse=True):
        return []
    return [labels.text("front.heads.order", outcome=construct_inside(outcomes.pop(), labels))]


def _action(row: Row, labels: Labels) -> str:
    lines = [f"[{as_markdown(recommendation(row, labels))}]{{.action}}"]
    lines += [f"[{as_markdown(text)}]{{.effect}}" for text in _effect(row, labels)]
    own = row[f"owner_{labels.lang}"]
    owner = "" if formats.is_missing(own) else plain(str(own))
    who = labels.text(f"front.{'owned' if owner else 'unowned'}", owner=owner, due=month(row["due"], labels))
    lines.append(f"[{as_markdown(capital(who))}]{{.owner}}")
    return "\n\n".join(["::: {.front-action}", *lines, ":::"])


def _effect(row: Row, labels: Labels) -> list[str]:
    if not labels.edition.indexed or not row["effect_of"] or formats.is_missing(row["loyalty"]):
        return []
    return [
        labels.text(
            f"front.effect.{row['effect_of']}",
            dimension=construct_inside(str(row["construct"]), labels),
            outcome=construct_inside(str(row["outcome"]), labels),
            index=formats.gained(row["index"]),
            index_ci=formats.gained_interval(row["index"], row["index_low"], row["index_high"], labels.lang),
            loyalty=formats.gained(row["loyalty"]),
            loyalty_ci=formats.gained_interval(row["loyalty"], row["loyalty_low"], row["loyalty_high"], labels.lang),
        )
    ]


def standing(store: Store, labels: Labels) -> dict[str, str]:
    """What the front says besides the findings: index, scorecard, actions; what there is nothing of is empty."""
    card = scorecard(store, labels)
    head = f"## {as_markdown(labels.text('front.heads.scorecard'))} {{#sec-scorecard .unnumbered}}"
    return {
        "index": measured(store, labels),
        "scorecard": f"{head}\n\n{card}" if card else "",
        "actions": actions(store, labels),
    }


def pages(said: Mapping[str, str], found: Sequence[Candidate], labels: Labels) -> dict[str, str]:
    """The two pages: index and findings; scorecard and actions. said: what `standing` returned."""
    first, second = [said["index"], findings(found, labels)], [said["scorecard"], said["actions"]]
    return {"front_first": _page(first), "front_second": _page(second)}


def _page(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block)
