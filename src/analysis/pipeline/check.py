"""Validate params and data and report every problem at once; nothing is run and nothing is written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from analysis.edition import load_edition
from analysis.errors import Problems, SurveyReportError, listing
from analysis.pipeline.command import Call, run, say
from analysis.project import ROOT, shown

if TYPE_CHECKING:
    import pandas as pd

    from analysis.data.intake import Intake
    from analysis.edition import Edition


def main(call: Call) -> int:
    """Print what was read of every table, then all problems of the edition; exit code 1 when there are any."""
    problems = find_problems(call)
    if problems:
        print(Problems(problems), file=sys.stderr)
        return 1
    say(f"{shown(call.params)} and its data are valid")
    return 0


def find_problems(call: Call) -> list[SurveyReportError]:
    """Every problem of the params file, the model and the tables, as errors that name file and key."""
    try:
        edition = load_edition(call.params)
    except SurveyReportError as error:
        return list(error.problems) if isinstance(error, Problems) else [error]
    problems: list[SurveyReportError] = []
    for note in notes(edition):
        say(note)
    if edition.model is not None:
        try:
            _check_model(edition, edition.model, shown(call.params))
        except SurveyReportError as error:
            problems += error.problems if isinstance(error, Problems) else [error]
    problems += report_faults(edition)
    if edition.simulated:
        say("the tables are simulated when the report is made")
        return problems
    from analysis.data.intake import check_tables

    tables, faults = check_tables(edition)
    profile = tables["responses"].frame if "responses" in tables else None
    if edition.data.partitions:
        from analysis.data.partitions import check_partitions

        taken, profile, of_parts = check_partitions(edition, edition.data.partitions, tables.get("population"))
        tables, faults = ({"responses": taken} if taken else {}) | tables, of_parts + faults
    for intake in tables.values():
        say("\n".join(summary(intake)))
    if "responses" in tables and profile is not None:
        from analysis.data.soundness import scale_notes

        frame = tables["responses"].frame
        for note in (*missing_notes(edition), *scale_notes(edition, frame), *small_notes(edition, profile)):
            say(note)
    log = tables.get("service_log")
    return problems + faults + (calendar_faults(edition, log.frame) if log else [])


def _check_model(edition: Edition, model: str, where: str) -> None:
    """Raise EditionError, or Problems, for what is wrong with the model of an edition."""
    from analysis.sem.estimators import check_numbers, ordered_items
    from analysis.sem.groups.joint import check_group_model
    from analysis.sem.groups.ordered import equal_of_ordered
    from analysis.sem.model.reader import check_model

    read: dict[str, Any] = {"instrument": edition.instrument, "where": where}
    group, ordered = edition.structural.group, edition.structural.estimator == "WLSMV"
    syntax = check_model(model, pooled=group is not None, **read)
    codes = edition.instrument.answers[group] if group is not None else []
    if codes:
        equal = edition.structural.group_equal
        check_group_model(model, groups=len(codes), equal=equal_of_ordered(equal) if ordered else equal, **read)
    if not ordered:
        check_numbers([syntax])
    else:
        ordered_items(syntax, edition.instrument, edition.structural)
    if edition.index.weights == "model" and edition.instrument.satisfaction is not None:
        from analysis.sem.inference.replicate_effects import check_explained

        keys = [construct.key for construct in edition.instrument.dimensions]
        check_explained(syntax, outcome=edition.instrument.satisfaction.key, predictors=keys)


def report_faults(edition: Edition) -> list[SurveyReportError]:
    """Sections to be left out, and prose of the edition's own, that have no place among the chapters of a language."""
    from analysis.publish.book.overlays import own_sections
    from analysis.publish.book.stage import chapter_files

    report, faults = ROOT / "report", list[SurveyReportError]()
    for lang in edition.publication.languages:
        try:
            texts = [(report / lang / name).read_text(encoding="utf-8") for name in chapter_files(report / lang)]
            own_sections(texts, report / "overlays" / edition.name / lang, edition.publication.leave_out)
        except SurveyReportError as error:
            faults += [] if any(str(error) == str(other) for other in faults) else [error]
    return faults


def calendar_faults(edition: Edition, log: pd.DataFrame) -> list[SurveyReportError]:
    """What the calendar does not know of the years of the service log, where a limit is in working days."""
    steps = [step for scenario in (edition.standards.scenarios if edition.standards else ()) for step in scenario.steps]
    if not any(step.limit and step.limit.unit == "working_days" for step in steps):
        return []
    from analysis.service.calendar import working_days
    from analysis.service.log import up_to

    try:
        known, as_of = up_to(log, edition.service.as_of)
        working_days(known["opened_at"].min().date(), as_of, edition.service.calendar)
    except SurveyReportError as error:
        return [error]
    return []


def notes(edition: Edition) -> Iterator[str]:
    """What is no fault and yet not done: benchmarks that have no counterpart in the questionnaire."""
    unasked = edition.benchmarks.unasked(edition.instrument) if edition.benchmarks else ()
    if unasked:
        yield f"benchmarks of what this instrument does not ask are quoted only: {', '.join(unasked)}"


def missing_notes(edition: Edition) -> Iterator[str]:
    """Codes for no answer that are answers on the scale of an item: whoever gave them is taken for silent."""
    from analysis.data.values import as_number

    source = edition.data.tables["responses"]
    for key, scale in edition.instrument.scales.items():
        numbers = [number for code in source.missing_of(key) if (number := as_number(code)) is not None]
        hidden = [f"{number:g}" for number in numbers if scale.min <= number <= scale.max]
        if hidden:
            lies = f"lies on its scale ({scale.min} to {scale.max})"
            yield f"{key}: {', '.join(hidden)} counts as no answer and {lies}: give `missing` for it"


def small_notes(edition: Edition, responses: pd.DataFrame) -> Iterator[str]:
    """Segments with categories of so few that they are withheld, what goes with them, and which joining would help."""
    least = edition.disclosure.min_base
    for key in edition.index.segments:
        counts = responses[key].value_counts() if key in responses else responses.index[:0].value_counts()
        small, large = counts[counts < least], counts[counts >= least]
        if not len(small) or not len(large):
            continue
        told = ", ".join(f"{code} ({n})" for code, n in small.head(8).items())
        together, merge = int(small.sum()), f"data.merge.{key}"
        others, hint = "", f"{merge} joins categories, and together they would be {together}"
        if len(small) == 1 or together < least:
            share = large.min() / counts.sum()
            others = f" and {large.idxmin()} ({large.min()}, {share:.0%} of all) with them"
            few = f"; joined to each other they are {together}, still too few" * (len(small) > 1)
            hint = f"{merge} joins categories, here to a larger one{few}"
        yield f"{key}: fewer than {least} interviews for {told}: they are withheld{others}; {hint}"


def summary(intake: Intake) -> Iterator[str]:
    """What became of the rows of one table, and the most frequent reasons of refusal with the text that caused them."""
    refused = f"{intake.quarantined} refused ({intake.quarantined / intake.read:.1%})"
    others = f", {intake.filtered} left out by filters" * bool(intake.filtered)
    others += f", {intake.blank} blank" * bool(intake.blank)
    yield f"{intake.name}: {intake.read} rows read, {intake.accepted} accepted, {refused}{others}"
    yield from (f"    {fault}" for fault in intake.faults[:3])
    yield from (f"    left out: {fault}" for fault in intake.lost[:5])
    yield from (f"    {note}" for note in intake.notes)
    if intake.ignored:
        yield f"    columns not used: {listing(intake.ignored, most=8)}"


if __name__ == "__main__":
    run(main, description=__doc__ or "")
