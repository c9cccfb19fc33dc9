"""Validate params and data and report every problem at once; nothing is run and nothing is written."""

from __future__ import annotations

import sys

from analysis.edition import load_edition
from analysis.errors import Problems, SurveyReportError
from analysis.pipeline.command import Call, run, say
from analysis.project import shown


def main(call: Call) -> int:
    """Print all problems of the edition; exit code 1 when there are any."""
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
    if edition.model is not None:
        from analysis.sem.model.reader import check_model

        try:
            check_model(edition.model, instrument=edition.instrument, where=shown(call.params))
        except SurveyReportError as error:
            problems += error.problems if isinstance(error, Problems) else [error]
    if not edition.simulated:
        from analysis.data.intake import check_tables

        problems += check_tables(edition)
    return problems


if __name__ == "__main__":
    run(main, description=__doc__ or "")
