"""How often each interval of the service side holds what was planted: `make bench-coverage`.

Whole small editions are simulated, each with a seed of its own, and go through the functions that the notebooks 10–14
call. A coverage is known to within its own Monte-Carlo interval (Wilson, 95 %), which is printed beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import pandas as pd

from analysis.data.contracts import contract_for
from analysis.data.simulation.planted import Planted, load_planted
from analysis.data.simulation.registers import draw_indicators
from analysis.data.simulation.relationships import draw_customers
from analysis.data.simulation.service import draw_feedback, draw_service_log
from analysis.data.simulation.staff import draw_training
from analysis.data.simulation.texts import load_texts
from analysis.data.truth import planted_service, planted_texts
from analysis.edition import Edition, load_edition
from analysis.monitoring.found_again import service_found_again
from analysis.monitoring.indicators import monitor
from analysis.pipeline.command import Call, run, say
from analysis.project import from_root, shown
from analysis.service.churn import model_churn
from analysis.service.compliance import measure_compliance
from analysis.service.norms import measure_norms
from analysis.service.process import measure_process
from analysis.service.relationships import study_relationships
from analysis.service.shares import wilson
from analysis.service.tickets import measure_tickets
from analysis.service.training import tables_of, training_effects
from analysis.text.analysis import analyse_texts, classified
from analysis.text.recovery import texts_found_again
from analysis.text.ticket_texts import measure_ticket_texts

EDITIONS = 200
SIZES = {
    "feedback": {"tickets": 800},
    "service_log": {"rows": 3000},
    "training": {"staff": 450, "units": 90},
    "customers": {"relationships": 2000},
}
"""Size of each record of a small edition; what is planted in it is that of the whole."""
WITHIN = (0.93, 0.97)
"""What a 95 % interval is asked for."""
KEYS = ["step", "quantity", "subject"]


def main(call: Call) -> None:
    """Write the rows of `summary` to <output>/coverage.json."""
    count = int(os.environ.get("EDITIONS", EDITIONS))
    table = summary(pd.concat(simulated(call.params, range(count)), ignore_index=True))
    say(table.to_string(index=False, float_format=lambda value: f"{value:.3f}"))
    target = call.output / "coverage.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(table.to_dict("records"), indent=1) + "\n", encoding="utf-8")
    off = table[(table["high"] < WITHIN[0]) | (table["low"] > WITHIN[1])]
    say(f"{len(table) - len(off)} of {len(table)} quantities are covered as often as promised → {shown(target)}")


def simulated(params: Any, numbers: Iterable[int]) -> list[pd.DataFrame]:
    """Planted and found of each edition, on two processes."""
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(partial(found_again, str(params)), numbers, chunksize=4))


def summary(found: pd.DataFrame) -> pd.DataFrame:
    """Coverage by quantity with its interval, the mean error in standard errors, and the spread of the estimates.

    bias: mean of (estimate − planted) over the mean half width; ratio: mean standard error (half width / 1.96) over the
    standard deviation of the estimates, 1 where the errors are those that the estimates have.
    """
    half = (found["ci_high"] - found["ci_low"]) / 2
    own = found.assign(off=found["estimate"] - found["planted"], half=half).groupby(KEYS, sort=False)
    table = own.agg(
        planted=("planted", "first"), editions=("inside", "size"), held=("inside", "sum"), mean=("estimate", "mean"),
        off=("off", "mean"), half=("half", "mean"), spread=("estimate", "std"),
    ).reset_index()  # fmt: skip
    held, count = (table[name].to_numpy(dtype=float) for name in ("held", "editions"))
    table["low"], table["high"] = wilson(held, count, confidence=0.95)
    table["coverage"] = table["held"] / table["editions"]
    table["bias"], table["ratio"] = table["off"] / table["half"], table["half"] / 1.959964 / table["spread"]
    return table[[*KEYS, "planted", "mean", "editions", "coverage", "low", "high", "bias", "ratio"]]


def found_again(params: str, number: int) -> pd.DataFrame:
    """Every planted quantity of one small edition with its interval: step, quantity, subject, planted, …, inside."""
    edition = load_edition(from_root(params))
    edition = edition.model_copy(update={"seed": 1000 + number})
    planted = load_planted(edition)
    sized = {name: getattr(planted, name).model_copy(update=sizes) for name, sizes in SIZES.items()}
    planted = planted.model_copy(update=sized)
    written, tables = records(edition, planted)
    truth, words = planted_service(edition), planted_texts(edition)
    assert truth is not None
    assert words is not None
    told = texts_found_again(written, words).rename(columns={"what": "quantity", "category": "subject"})
    parts = [
        service_found_again(truth, tables, confidence=edition.service.confidence),
        told.rename(columns={"share": "estimate"}).assign(step="10_feedback"),
        waited(planted, tables["service_cases"]),
    ]
    return pd.concat(parts, ignore_index=True)


def records(edition: Edition, planted: Planted) -> tuple[Any, dict[str, pd.DataFrame]]:
    """What the steps find in the records of the service, drawn anew: texts of the tickets, and tables by name."""
    assert edition.standards is not None
    adjust, rules, texts = edition.index.adjustment, edition.service, load_texts(planted)
    feedback = typed("feedback", draw_feedback(edition, planted, texts)[0], edition)
    log = typed("service_log", draw_service_log(edition, planted, edition.standards), edition)
    staff = typed("training", draw_training(edition, planted), edition)
    customers = typed("customers", draw_customers(edition, planted), edition)
    words: dict[str, Any] = {"dictionary": edition.dictionary, "rules": edition.text}
    reading: dict[str, Any] = {**words, "constructs": [construct.key for construct in edition.instrument.dimensions]}
    written = analyse_texts(feedback, columns=["text"], ids="ticket_id", **reading)
    same: dict[str, Any] = {"standards": edition.standards, "service": rules, "adjustment": adjust}
    tickets = measure_tickets(classified(feedback, written), classes=edition.dictionary.classes, **same)
    about = measure_ticket_texts(written, feedback["received_at"], labels=None, seed=edition.seed, **words)
    compliance = measure_compliance(log, **same)
    known: dict[str, Any] = {"as_of": rules.as_of, "confidence": rules.confidence, "adjustment": adjust}
    wider: dict[str, Any] = {"covariates": edition.relationships.covariates, "folds": edition.relationships.folds}
    effects = training_effects(staff, confidence=rules.confidence, adjustment=adjust)
    indicators = typed("indicators", draw_indicators(edition, planted), edition)
    charts = monitor(indicators, {}, standards=edition.standards, monitoring=edition.monitoring)
    norms = measure_norms(log, decided=compliance.decided, min_n=edition.disclosure.min_base, **same)
    tables = {**tickets.tables(), **compliance.tables(), **norms.tables(), **tables_of(effects)}
    tables |= measure_process(log, service=rules).tables()
    tables |= study_relationships(customers, **known).tables()
    tables |= model_churn(customers, **known, **wider, seed=edition.seed).tables()
    return about, tables | {"control_points": charts.points}


def typed(name: str, frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """A drawn table with the types that the intake gives it."""
    kinds = {field.name: field.kind for field in contract_for(edition, name).fields}
    columns: dict[Any, Any] = {}
    for key, column in frame.items():
        known, kind = column.mask(column == ""), kinds.get(str(key))
        if kind == "datetime":
            columns[key] = pd.to_datetime(known)
        elif kind in {"number", "duration"}:
            columns[key] = pd.to_numeric(known).astype(float)
        else:
            columns[key] = known
    return pd.DataFrame(columns)


def waited(planted: Planted, cases: pd.DataFrame) -> pd.DataFrame:
    """Share of the time of a scenario's cases that is waiting."""
    found = cases.rename(columns={"scenario": "subject", "waiting": "estimate"}).dropna(subset=["estimate"])
    found = found.assign(ci_low=found["waiting_low"], ci_high=found["waiting_high"])
    found["planted"] = found["subject"].map(planted.service_log.waiting)
    found["inside"] = (found["ci_low"] <= found["planted"]) & (found["planted"] <= found["ci_high"])
    columns = ["subject", "planted", "n", "estimate", "ci_low", "ci_high", "inside"]
    return found[columns].assign(step="11_standards", quantity="waiting")


if __name__ == "__main__":
    run(main, description=__doc__ or "")
