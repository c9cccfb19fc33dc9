"""Cleaning and weighting of an edition that is a part of another: taken over, not done again.

The whole was read, cleaned and weighted once; its part keeps what was decided then. A domain is estimated over the
design of the whole: strata and sampling units without anybody of the part still count, so that the design is saved with
all rows of the whole and `inside` marks those of the part. With replicates the part's own rows say everything.

`execute` loads this module by its name: what it imports is no prerequisite of the notebooks of other editions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.pipeline.part_of_whole import belongs, whole_of

if TYPE_CHECKING:
    import pandas as pd

    from analysis.edition import Edition
    from analysis.results import Store


def take_over(edition: Edition, store: Store, step: str) -> None:
    """Save the part's results of one of STEPS, taken from those of the whole."""
    store.take_up(step)
    (_take_cleaning if step == "03_cleaning" else _take_weighting)(edition, store, whole_of(edition))


def _take_cleaning(edition: Edition, store: Store, whole: Store) -> None:
    from analysis.survey.cleaning.of_part import recount_log
    from analysis.survey.cleaning.rules import CleaningResult, summarise_flags

    kept = whole.frame("03_cleaning", "responses")
    inside = belongs(kept, edition.domain.where).to_numpy()
    own = kept[inside].reset_index(drop=True)
    store.save_frame("03_cleaning", "responses", own)
    if whole.has("03_cleaning", "scores.parquet"):
        scores = whole.frame("03_cleaning", "scores")
        store.save_frame("03_cleaning", "scores", scores[inside].reset_index(drop=True))
    responses = store.frame("intake", "responses")
    flags, decisions = (_of_people(whole.frame("03_cleaning", name), responses) for name in ("flags", "decisions"))
    store.save_frame("03_cleaning", "flags", flags)
    store.save_frame("03_cleaning", "decisions", decisions)
    log = recount_log(whole.tables("03_cleaning")["exclusion_log"], decisions)
    cleaned = CleaningResult(responses, flags=flags, decisions=decisions, log=log)
    gaps, little = _gaps(edition, responses, own)
    counts = {"read": len(responses), "raw": len(responses), "filtered": 0, "quarantined": 0, "kept": len(own)}
    counts["excluded"] = counts["raw"] - counts["kept"]
    counts["review"] = int((decisions["decision"] == "review").sum())
    store.save_record("03_cleaning", "cleaning", counts | {"little_converged": little})
    store.save_tables("03_cleaning", {"exclusion_log": log, "rule_flags": summarise_flags(cleaned), **gaps})


def _of_people(frame: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Rows of `frame` on the interviews in `responses`."""
    own = frame["respondent_id"].astype("str").isin(responses["respondent_id"].astype("str"))
    return frame[own].reset_index(drop=True)


def _gaps(edition: Edition, accepted: pd.DataFrame, kept: pd.DataFrame) -> tuple[dict[str, Any], bool]:
    """Tables on missing answers of the part, as the step has them of the whole; whether Little's test converged."""
    from analysis.optional import attempt
    from analysis.survey.cleaning.missingness import missing_data

    asked = {"items": edition.instrument.item_keys, "confidence": edition.index.confidence}
    gaps, left = attempt(missing_data, accepted, **asked), attempt(missing_data, kept, **asked)
    if gaps.value is None or left.value is None:
        return {}, False
    summary = gaps.value.summary.rename(columns={"value": "accepted"}).assign(kept=left.value.summary["value"])
    return {"missing_data": summary, "item_nonresponse": gaps.value.items}, bool(left.value.little.converged)


def _take_weighting(edition: Edition, store: Store, whole: Store) -> None:
    from analysis.survey.design.survey_design import restore_design
    from analysis.survey.weighting.profile import sample_profile

    kept = whole.frame("03_cleaning", "responses")
    inside = belongs(kept, edition.domain.where).to_numpy()
    frame, record = whole.frame("04_weighting", "design"), whole.record("04_weighting", "design")
    replicates = whole.array("04_weighting", "replicates")
    design = restore_design(frame, record, replicates)
    if replicates is None and not inside.all():
        store.save_frame("04_weighting", "design", frame.assign(inside=inside))
    else:
        store.save_frame("04_weighting", "design", frame[inside].reset_index(drop=True))
    store.save_array("04_weighting", "replicates", None if replicates is None else replicates[inside])
    store.save_record("04_weighting", "design", record)
    weighting = whole.record("04_weighting", "weighting")
    store.save_record("04_weighting", "weighting", weighting | {"trimmed": 0})
    weights = frame["weight"].to_numpy()[inside]
    profile = sample_profile(kept[inside], questions=edition.instrument.answers, weights=weights)
    tables: dict[str, Any] = {"sample_profile": profile}
    if whole.has("05_satisfaction", "scores.parquet") and not inside.all():
        from analysis.satisfaction.against_whole import against_whole

        options: dict[str, Any] = {"instrument": edition.instrument, "index": edition.index, "design": design}
        scores = whole.frame("05_satisfaction", "scores")
        tables["against_whole"] = against_whole(kept, scores, inside=inside, **options)
    store.save_tables("04_weighting", tables)
