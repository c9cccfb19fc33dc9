"""Named rules that exclude an interview or flag it for review, with reason and value, and a log that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.edition.sections.cleaning import RULES
from analysis.errors import MethodError
from analysis.survey.cleaning.checks import CHECKS, Finding, Interviews

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.edition.instrument import Instrument
    from analysis.edition.sections.cleaning import Cleaning, Rule

    Mask = NDArray[np.bool_]

INTAKE_RULES = ("out_of_range", "contract")
"""Reasons of rows that the intake set aside: an answer off its scale, or anything else that breaks the contract."""

SECOND_SIGNS: tuple[Rule, ...] = ("speeders", "attention", "inconsistent")
"""Rules that tell of carelessness by another trace than answers that are all alike."""

COINCIDENT = "coincident"
"""Reason of an interview that `min_flags` of the flagging rules name."""

OUT_OF_RANGE = r"\bis (?:outside|above|below) "
"""How the intake words a number off its scale."""


@dataclass(frozen=True)
class CleaningResult:
    """Every flag, one decision per record, and the exclusion log of the interviews `responses`.

    flags: respondent_id, rule, value, limit, other (the earlier interview of a pair).
    decisions: respondent_id, row (of the file, for records set aside at intake), one column per rule (True: broken),
    flags (their number), decision (kept, review, excluded, quarantined), first_reason.
    log: rule, action (exclude, confirm, flag), limit, flagged, excluded, remaining, share (of all records), applied;
    the first row is `raw`, the last `kept` (both without action and counts), and raw = kept + the sum of excluded.
    `applied` is False for a rule that is switched off or that the data can't answer.
    """

    responses: pd.DataFrame
    flags: pd.DataFrame
    decisions: pd.DataFrame
    log: pd.DataFrame

    @property
    def kept(self) -> pd.DataFrame:
        """The interviews that are kept."""
        return self.responses[self.is_kept].reset_index(drop=True)

    @property
    def is_kept(self) -> NDArray[np.bool_]:
        """Whether each accepted interview is kept, in the order of the responses."""
        decision = self.decisions["decision"]
        return decision[decision != "quarantined"].isin(["kept", "review"]).to_numpy()

    @property
    def is_flagged(self) -> NDArray[np.bool_]:
        """Whether each accepted interview breaks any rule, in the order of the responses."""
        return (self.decisions.loc[self.decisions["decision"] != "quarantined", "flags"] > 0).to_numpy()


def clean(
    responses: pd.DataFrame, *, instrument: Instrument, cleaning: Cleaning, quarantine: pd.DataFrame | None = None
) -> CleaningResult:
    """Apply the rules to `responses` (after intake; one row per interview) and log what each one does.

    - duplicates: a later copy of an earlier interview; the value is its place among the copies (2, 3, …).
      Copies agree in every item, profile question, attention check and open answer, and moreover either in
      `submitted_at` (with a time of day) and `duration_s`, or, without that proof, in at least 20 answered items that
      are not all alike: two people may well give the same answers to a short or uniform questionnaire.
    - near_duplicates: share of items and profile questions answered as in one earlier interview at least
      `max_match_share`, at least 20 items answered, not all alike; the largest share (Kuriakose & Robbins 2016).
    - impossible: profile answers that match one of the combinations; the number of the combination.
    - speeders: `duration_s` below `min_duration_share` of the median; the share of the median.
    - straightlining: longest run of the same answer, in questionnaire order and as given (reverse items turned
      back), at least `max_longstring_share` of all rated items (at least 10), gaps skipped; the share. A content
      customer may break it: by default it excludes only with a second sign (too fast, attention check failed, halves
      that disagree), where reversed items contradict the others, or where hardly any attentive respondent would.
    - attention: the attention check answered otherwise than expected (not answered is not failed); the answer.
    - missing: more than `max_missing_share` of the rated items unanswered; the share.
    - low_variance: standard deviation of a person's answers below `min_response_sd` of the scale's range, at least 10
      answered; that share (Dunn et al. 2018).
    - inconsistent: even–odd consistency below `min_even_odd`; the consistency (Johnson 2005).
    - outlying: Mahalanobis distance over the answered items with a χ² p-value below `min_mahalanobis_p`; p
      (Meade & Craig 2012). At least 10 items and 5 interviews per item.

    `quarantine` are the rows that the intake set aside (reason, and where known row and respondent_id): they head
    the log as out_of_range and contract, so that it starts from every record within scope.
    Raises MethodError when nothing was collected, a rated item is not a column, or no interview is left.
    Sources: longstring: Johnson 2005, J. Research in Personality 39; speeding: Greszki, Meyer & Schoen 2015,
    Public Opinion Quarterly 79; order of screening: Curran 2016, J. Experimental Social Psychology 66.
    """
    _check(responses, instrument)
    interviews = Interviews(responses.reset_index(drop=True), instrument, cleaning)
    findings = {rule: CHECKS[rule](interviews) for rule in RULES}
    aside = _set_aside(quarantine)
    verdicts = _verdicts(findings, cleaning, len(responses))
    log = _log(findings, verdicts, cleaning, aside)
    if not (verdicts == "").any():
        raise MethodError(
            "The cleaning rules leave no interview.",
            where="cleaning",
            got=", ".join(f"{row['rule']}: {row['excluded']}" for row in log[1:-1] if row["excluded"]),
            hint="relax the rule that excludes most, or check the value map of the items",
        )
    return CleaningResult(
        responses=responses,
        flags=_flags(findings, responses["respondent_id"]),
        decisions=_decisions(findings, verdicts, responses["respondent_id"], aside),
        log=pd.DataFrame(log).astype({"flagged": "Int64", "excluded": "Int64"}),
    )


def summarise_flags(result: CleaningResult) -> pd.DataFrame:
    """Flags per applied rule: rule, limit, action, flagged, share (of the interviews judged), alone (no other rule).

    The limit is missing for a rule that has none.
    """
    judged = result.decisions[result.decisions["decision"] != "quarantined"]
    log = result.log.set_index("rule")
    rows = []
    for rule in RULES:
        if not log.loc[rule, "applied"]:
            continue
        broken = judged[rule].to_numpy(dtype=bool)
        alone = int((broken & (judged["flags"] == 1).to_numpy()).sum())
        rows.append((rule, log.loc[rule, "limit"], log.loc[rule, "action"], int(broken.sum()), broken.mean(), alone))
    return pd.DataFrame(rows, columns=["rule", "limit", "action", "flagged", "share", "alone"])


def _check(responses: pd.DataFrame, instrument: Instrument) -> None:
    if responses.empty:
        raise MethodError("There is no interview to clean.", hint="check the filters of the responses table")
    absent = [key for key in ["respondent_id", *instrument.item_keys] if key not in responses]
    if absent:
        raise MethodError(
            "The responses lack columns.", where=", ".join(absent), expected="every item of the instrument"
        )


def _set_aside(quarantine: pd.DataFrame | None) -> pd.DataFrame | None:
    """Rows of the quarantine as respondent_id, row and first_reason; None when it was not given."""
    if quarantine is None:
        return None
    told = quarantine["reason"].astype("str")
    off = told.str.contains(OUT_OF_RANGE, regex=True).to_numpy(dtype=bool)
    identity = quarantine.get("respondent_id", pd.Series(None, index=quarantine.index, dtype="str"))
    row = quarantine.get("row", pd.Series(pd.NA, index=quarantine.index))
    return pd.DataFrame(
        {
            "respondent_id": identity.astype("str").to_numpy(),
            "row": row.astype("Int64").to_numpy(),
            "first_reason": np.where(off, *INTAKE_RULES),
        }
    ).astype({"row": "Int64"})


def _verdicts(findings: dict[Rule, Finding | None], cleaning: Cleaning, rows: int) -> NDArray[np.object_]:
    """First reason that excludes each interview, "" for those kept."""
    verdict = np.full(rows, "", dtype=object)
    flagged = np.zeros(rows, dtype=np.int64)
    for rule, finding in findings.items():
        if finding is None:
            continue
        excluding = _excluding(rule, findings, cleaning)
        verdict[(verdict == "") & excluding] = rule
        flagged += finding.broken & ~excluding
    if cleaning.min_flags is not None:
        verdict[(verdict == "") & (flagged >= cleaning.min_flags)] = COINCIDENT
    return verdict


def _excluding(rule: Rule, findings: dict[Rule, Finding | None], cleaning: Cleaning) -> NDArray[np.bool_]:
    """Interviews that a rule excludes: all that break it, none, or those where something else speaks against them."""
    finding = findings[rule]
    action = cleaning.action(rule)
    if finding is None or action == "flag":
        return np.zeros(0 if finding is None else len(finding.broken), dtype=bool)
    if action == "exclude" or finding.certain is None:
        return finding.broken
    signs = [other.broken for name in SECOND_SIGNS if (other := findings[name]) is not None]
    return np.asarray(finding.broken & np.logical_or.reduce([finding.certain, *signs]), dtype=bool)


def _log(
    findings: dict[Rule, Finding | None],
    verdicts: NDArray[np.object_],
    cleaning: Cleaning,
    aside: pd.DataFrame | None,
) -> list[dict[str, object]]:
    raw = len(verdicts) + (0 if aside is None else len(aside))
    left, log = raw, [_entry("raw", raw, raw, applied=True)]
    entries: list[tuple[str, str, float, int, int, bool]] = []
    if aside is not None:
        counts = [int((aside["first_reason"] == reason).sum()) for reason in INTAKE_RULES]
        entries += [(reason, "exclude", np.nan, n, n, True) for reason, n in zip(INTAKE_RULES, counts, strict=True)]
    for rule, finding in findings.items():
        limit, flagged = (np.nan, 0) if finding is None else (finding.limit, int(finding.broken.sum()))
        excluded = int((verdicts == rule).sum())
        entries.append((rule, cleaning.action(rule), limit, flagged, excluded, finding is not None))
    if cleaning.min_flags is not None:
        soft = [f.broken & ~_excluding(rule, findings, cleaning) for rule, f in findings.items() if f is not None]
        several = int((np.sum(soft, axis=0) >= cleaning.min_flags).sum()) if soft else 0
        excluded = int((verdicts == COINCIDENT).sum())
        entries.append((COINCIDENT, "exclude", float(cleaning.min_flags), several, excluded, bool(soft)))
    for reason, action, limit, flagged, excluded, applied in entries:
        left -= excluded
        told = {"limit": limit, "flagged": flagged, "excluded": excluded}
        log.append(_entry(reason, raw, left, applied=applied) | {"action": action, "share": excluded / raw} | told)
    return [*log, _entry("kept", raw, left, applied=True)]


def _entry(rule: str, raw: int, left: int, *, applied: bool) -> dict[str, object]:
    return {
        "rule": rule,
        "action": None,
        "limit": np.nan,
        "flagged": None,
        "excluded": None,
        "remaining": left,
        "share": left / raw,
        "applied": applied,
    }


def _flags(findings: dict[Rule, Finding | None], identity: pd.Series[str]) -> pd.DataFrame:
    def names(rows: NDArray[np.int64]) -> NDArray[Any]:
        return identity.iloc[
            rows
        ].to_numpy()  # of some: a text of its own for everybody would weigh more than all answers

    nobody = names(np.zeros(0, dtype=np.int64))
    flags = [pd.DataFrame({"respondent_id": nobody, "rule": "", "value": 0.0, "limit": 0.0, "other": nobody})]
    for rule, finding in findings.items():
        if finding is None or not finding.broken.any():
            continue
        rows = np.flatnonzero(finding.broken)
        found = pd.DataFrame({"respondent_id": names(rows), "rule": rule})
        found["value"], found["limit"] = finding.value[rows], finding.limit
        found["other"] = None if finding.other is None else names(finding.other[rows])
        flags.append(found)
    return pd.concat([frame.astype({"other": object}) for frame in flags], ignore_index=True)


def _decisions(
    findings: dict[Rule, Finding | None],
    verdicts: NDArray[np.object_],
    identity: pd.Series[str],
    aside: pd.DataFrame | None,
) -> pd.DataFrame:
    rows = len(verdicts)
    broken = {rule: np.zeros(rows, dtype=bool) if f is None else f.broken for rule, f in findings.items()}
    count = np.sum(list(broken.values()), axis=0)
    words = np.array(["excluded", "review", "kept"], dtype=object)
    decision = words[np.where(verdicts != "", 0, np.where(count > 0, 1, 2))]
    row = pd.arrays.IntegerArray(np.ones(rows, dtype=np.int64), np.ones(rows, dtype=bool))
    told = pd.DataFrame({"respondent_id": identity.astype("str").reset_index(drop=True), "row": row})
    told = told.assign(**broken, flags=count, decision=decision, first_reason=verdicts)
    if aside is None or aside.empty:
        return told
    marks = {rule: np.zeros(len(aside), dtype=bool) for rule in findings}
    set_aside = aside.assign(**marks, flags=0, decision="quarantined")[list(told.columns)]
    return pd.concat([told, set_aside], ignore_index=True)
