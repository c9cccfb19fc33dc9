"""The simulated edition: all twelve tables as real files, seeded, with a planted truth that the analysis should find.

What is planted stands in `params/simulation/`; sizes and shares of faults that an edition may change stand in its
own params file. The files have no column that a real survey would not have: who was careless, which interviews are
copies and what a text is about goes to `truth.json` beside them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.data.simulation.drawing import write_table
from analysis.data.simulation.people import draw_frame, population_table
from analysis.data.simulation.planted import load_planted
from analysis.data.simulation.registers import action_register, draw_indicators, promise_register
from analysis.data.simulation.relationships import draw_customers, join_customers
from analysis.data.simulation.responses import draw_interviews, write_responses
from analysis.data.simulation.service import draw_feedback, draw_service_log
from analysis.data.simulation.staff import draw_training
from analysis.data.simulation.texts import load_texts
from analysis.data.simulation.tracking import draw_dispositions, draw_waves
from analysis.edition import Edition
from analysis.edition.sections.data import SIMULATED
from analysis.errors import EditionError

__all__ = ["simulate"]


def simulate(edition: Edition, target: Path) -> dict[str, Path]:
    """Write the twelve tables of a simulated edition as `<table>.csv` under `target`, and `truth.json` beside them.

    The same edition always gives the same bytes. Returns the path of every table; raises EditionError (or Problems)
    when the edition's instrument or standards lack something that is planted.
    """
    planted = load_planted(edition)
    texts = load_texts(planted)
    if edition.standards is None:
        raise EditionError(
            "The simulated service log needs the edition's standards.", where=f"{edition.path}: standards"
        )
    target.mkdir(parents=True, exist_ok=True)
    stored = draw_interviews(edition, planted, texts)
    customers = draw_customers(edition, planted)
    behind = join_customers(edition, planted, stored.interviews, customers)
    feedback, tickets = draw_feedback(edition, planted, texts)
    frames = {
        "population": population_table(planted),
        "dispositions": draw_dispositions(edition, planted, stored.interviews),
        "waves": draw_waves(edition, planted),
        "feedback": feedback,
        "service_log": draw_service_log(edition, planted, edition.standards),
        "training": draw_training(edition, planted),
        "customers": customers,
        "actions": action_register(edition, texts),
        "frame": draw_frame(edition, planted),
        "indicators": draw_indicators(edition, planted),
        "promises": promise_register(edition, texts),
    }
    written = {name: write_table(frame, target / f"{name}.csv") for name, frame in frames.items()}
    written["responses"] = write_responses(stored, edition.instrument, target / "responses.csv", behind=behind)
    truth: dict[str, Any] = {"planted": planted.model_dump(mode="json"), **stored.truth, "tickets": tickets}
    text = json.dumps(truth, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (target / "truth.json").write_text(text, encoding="utf-8", newline="\n")
    return {name: written[name] for name in SIMULATED}
