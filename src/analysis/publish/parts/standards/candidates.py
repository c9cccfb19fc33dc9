"""What the log of the service offers for the front page: promises and how they are felt, and the step that is late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from analysis.publish.comparison import verdict
from analysis.publish.part import Candidate
from analysis.publish.parts.standards.cells import institutions
from analysis.publish.words import formats
from analysis.publish.words.phrases import lowered
from analysis.publish.words.spoken import based, capital, errors, spoken

if TYPE_CHECKING:
    from analysis.publish.words.labels import Labels
    from analysis.results import Store

    Row = dict[Any, Any]

FELT = {("lower", "lower"): 0.4, ("lower", "same"): 0.8, ("same", "lower"): 0.9, ("higher", "lower"): 1.0}
"""How surprising it is what customers make of promises kept less, or more, often than elsewhere."""
GOOD = 0.9
"""Share on time from which a step may be called punctual, while those it serves are not satisfied."""


def candidates(store: Store, labels: Labels) -> Iterable[Candidate]:
    """Where promises and ratings go together or apart, punctual steps that do not please, the step that is late."""
    yield from promises(store, labels)
    yield from punctual(store, labels)
    yield from late(store, labels)


def promises(store: Store, labels: Labels) -> Iterator[Candidate]:
    """Where promises are kept less often than elsewhere and where ratings are lower, and whether that is one place."""
    if not (store.has_table("perception_institutions") and store.has_table("service_institutions")):
        return
    others = store.table("service_institutions").set_index("category")["others"]
    frame = store.table("perception_institutions").dropna(
        subset=["satisfied", "kept", "p_adjusted", "rated_p_adjusted"]
    )
    level = labels.edition.service.confidence
    for row in frame.to_dict("records"):
        pair = (
            verdict(row["difference"], row["p_adjusted"], confidence=level),
            verdict(row["rated_difference"], row["rated_p_adjusted"], confidence=level),
        )
        code = str(row["category"])
        if pair not in FELT or formats.is_missing(others.get(code)):
            continue
        yield _promise(row, float(others[code]), pair, labels)


def _promise(row: Row, elsewhere: float, pair: tuple[str, str], labels: Labels) -> Candidate:
    """Promises kept less often, or ratings lower, than elsewhere, with what became of the other."""
    code = str(row["category"])
    kept, others = spoken([row["kept"], elsewhere], share=True)
    sentence = labels.text(
        f"front.promises.{pair[0]}_{pair[1]}", units=institutions(code, labels), kept=kept, others=others
    )
    basis = labels.text(
        "front.promises_basis",
        kept=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
        cases=formats.count(row["due"]),
        satisfied=formats.percent(row["satisfied"]),
        elsewhere=formats.percent(row["satisfied"] - row["rated_difference"]),
        rated=formats.percent_interval(row["satisfied_low"], row["satisfied_high"], labels.lang),
        n=formats.count(row["n_rated"]),
    )
    size = (
        errors(row["difference"], row["ci_low"], row["ci_high"])
        if pair[0] != "same"
        else errors(row["rated_difference"], row["satisfied_low"], row["satisfied_high"])
    )
    return Candidate(
        theme="promises",
        sentence=capital(sentence),
        basis=basis,
        section="sec-perception",
        about=(code,),
        size=size,
        contrast=0.8,
        surprise=FELT[pair],
        use=0.8,
    )


def punctual(store: Store, labels: Labels) -> Iterator[Candidate]:
    """Steps that are on time as a rule and still satisfy fewer than a published level: speed is not what is missed."""
    if not store.has_table("service_perception"):
        return
    frame = store.table("service_perception").dropna(subset=["satisfied", "on_time", "gap", "p_adjusted"])
    level = labels.edition.service.confidence
    for row in frame[(frame["on_time"] >= GOOD) & frame["step"].astype(bool)].to_dict("records"):
        if verdict(row["gap"], row["p_adjusted"], confidence=level) != "lower":
            continue
        on_time, satisfied, published = _said(row)
        yield Candidate(
            theme="felt",
            sentence=capital(
                labels.text(
                    "front.punctual",
                    step=_named(row, labels),
                    on_time=on_time,
                    satisfied=satisfied,
                    published=published,
                    year=row["year"],
                )
            ),
            basis=labels.text(
                "front.punctual_basis",
                on_time=formats.percent_interval(row["ci_low"], row["ci_high"], labels.lang),
                cases=formats.count(row["base"]),
                rated=formats.percent_interval(row["satisfied_low"], row["satisfied_high"], labels.lang),
                n=formats.count(row["n_rated"]),
            ),
            section="sec-perception",
            about=(f"{row['scenario']}.{row['step']}",),
            size=errors(row["gap"], row["satisfied_low"], row["satisfied_high"]),
            contrast=0.6,
            surprise=0.4,
            use=0.4,
        )


def _said(row: Row) -> list[str]:
    """The share on time, the share satisfied and the published level, rounded alike."""
    return spoken([row["on_time"], row["satisfied"], row["benchmark"]], share=True)


def late(store: Store, labels: Labels) -> Iterator[Candidate]:
    """The step that misses its limit most often."""
    if not store.has_table("service_steps"):
        return
    frame = store.table("service_steps").dropna(subset=["on_time"]).sort_values("on_time", kind="stable")
    if len(frame) < 2:
        return
    row, usual = frame.to_dict("records")[0], float(frame["on_time"].median())
    share, others = spoken([row["on_time"], usual], share=True)
    yield Candidate(
        theme="steps",
        sentence=capital(labels.text("front.late", step=_named(row, labels), share=share, usual=others)),
        basis=based(row["ci_low"], row["ci_high"], row["base"], labels, share=True),
        section="sec-scenarios",
        about=(f"{row['scenario']}.{row['step']}",),
        size=errors(usual - row["on_time"], row["ci_low"], row["ci_high"]),
        contrast=0.2,
        surprise=0.2,
        use=0.8,
    )


def _named(row: Row, labels: Labels) -> str:
    """A step with its scenario, inside a sentence."""
    scenario = lowered(labels.scenario(str(row["scenario"])), labels)
    step = lowered(str(row[f"step_{labels.lang}"]), labels)
    return labels.text("front.step", scenario=scenario, step=step)
