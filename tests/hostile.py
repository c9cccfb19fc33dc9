"""What a broken input ended in: counted, with a limit of time, so that no outcome can hide."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from analysis.errors import Problems, SurveyReportError

PATIENCE = 10
"""Seconds that one input may take."""
OUTCOMES = ("accepted right", "clear error", "traceback", "hang", "silent")


class _HangError(BaseException):
    pass


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _HangError


@dataclass
class Tally:
    """Outcomes of many inputs; `right` says whether what was accepted is what the input says."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def judge(self, name: str, read: Callable[[], object], *, right: Callable[[object], bool]) -> str:
        """Read one input and note its outcome."""
        before = signal.signal(signal.SIGALRM, _stop)
        signal.alarm(PATIENCE)
        try:
            outcome = "accepted right" if right(read()) else "silent"
        except SurveyReportError as error:
            outcome = "clear error" if is_clear(error) else f"unclear: {error}"
        except _HangError:
            outcome = "hang"
        except Exception as error:
            outcome = f"traceback: {error!r}"
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)
        self.counts[outcome.partition(":")[0]] += 1
        if outcome not in {"accepted right", "clear error"}:
            self.faults.append(f"{name} → {outcome[:300]}")
        return outcome

    def __str__(self) -> str:
        return ", ".join(f"{outcome} {self.counts[outcome]}" for outcome in OUTCOMES)


def is_clear(error: SurveyReportError) -> bool:
    """Whether an error says where, and what was expected, what came or what to do."""
    if isinstance(error, Problems):
        return bool(error.problems) and all(is_clear(problem) for problem in error.problems)
    return bool(error.problem) and bool(error.where) and bool(error.expected or error.got or error.hint)
