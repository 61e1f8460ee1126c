"""Judge one task for one seat, checking the possible outcomes in a fixed order."""

from __future__ import annotations

import contextlib
import inspect
import io
import math
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from labkit.errors import GraderError
from labkit.grading.answers import is_empty
from labkit.grading.checks import BrokenCheck, TaskFile
from labkit.grading.outcomes import Pending, Wrong
from labkit.grading.readiness import (
    NOT_YOU,
    Judgement,
    cannot_judge,
    late_reports,
    still_awaited,
    why_not_ready,
    with_delivered_runs,
)
from labkit.grading.redaction import redact
from labkit.grading.tasks import Task
from labkit.grading.time_limit import TimeLimit, call_within
from labkit.grading.types import Values
from labkit.model import Answer, Evidence, EvidenceBundle, Outcome, Submission, Verdict

TIME_LIMIT_SECONDS = 10.0

_LONGEST_MESSAGE = 500


def judge(
    file: TaskFile, bundle: EvidenceBundle, limit: float | None = TIME_LIMIT_SECONDS
) -> Verdict | None:
    """Return the verdict on one task for one seat, or None if the task doesn't apply to the seat.

    Without a ``limit`` in seconds, the caller must stop a check that takes too long.
    """
    given = next((answer for answer in bundle.answers if answer.task == file.name), None)
    if isinstance(file.content, BrokenCheck):
        broken = _unanswered(given) or _broken(file.content.file, file.content.problem)
        return Verdict(file.name, broken.outcome, broken.message, 0.0, 0.0, _attempts(given))
    task, evidence = file.content, bundle.evidence
    applies, fault = _applies(task, file.path, evidence, limit)
    if not applies:
        return None
    values = given.values if given else ()
    judgement = _unanswered(given) or fault or _judged(task, file.path, values, evidence, limit)
    if given is not None and judgement.outcome is not Outcome.PASSED and fault is None:
        right = _first_right(task, file.path, given, evidence, limit)
        if right is not None:  # A right answer stands, whatever came later.
            judgement = Judgement(Outcome.PASSED, "Right.")
            given = replace(given, attempts=right.attempt, submitted_at=right.submitted_at)
    used = min(bundle.hints_used.get(task.name, 0), len(task.hints))
    return Verdict(
        task=task.name,
        outcome=judgement.outcome,
        message=_plain(redact(judgement.message, values, evidence)),
        points=_points(task, judgement, used),
        max_points=task.points,
        attempts=_attempts(given),
        hints_used=used,
        submitted_at=given.submitted_at if given else None,
        after=_after_incident(given, evidence),
        hint_cost=_hint_cost(task, used),
    )


def _first_right(
    task: Task, path: Path, given: Answer, evidence: Evidence, limit: float | None
) -> Submission | None:
    """Return the first of the answers that were replaced that's right, if any."""
    for earlier in given.earlier:
        judgement = _judged(task, path, earlier.values, evidence, limit)
        if judgement.outcome is Outcome.PASSED:
            return earlier
    return None


def lost(file: TaskFile, bundle: EvidenceBundle) -> Verdict:
    """Return the verdict on a task whose check never came to an end."""
    given = next((answer for answer in bundle.answers if answer.task == file.name), None)
    task = file.content
    used = (
        min(bundle.hints_used.get(file.name, 0), len(task.hints)) if isinstance(task, Task) else 0
    )
    return Verdict(
        task=file.name,
        outcome=Outcome.ERROR,
        message="",
        points=0.0,
        max_points=task.points if isinstance(task, Task) else 0.0,
        attempts=_attempts(given),
        hints_used=used,
        submitted_at=given.submitted_at if given else None,
        hint_cost=_hint_cost(task, used) if isinstance(task, Task) else 0.0,
    )


def lost_message(file: TaskFile, why: str) -> str:
    """Return the message of a verdict on a task whose check never came to an end."""
    return f"Could not be judged: the check {file.path.name} failed ({why}). {NOT_YOU} Tell your instructor."


def would_pass(file: TaskFile, values: Values, evidence: Evidence, limit: float | None) -> bool:
    """Whether values are the correct answer to a task according to this evidence."""
    task = file.content
    return (
        isinstance(task, Task)
        and _judged(task, file.path, values, evidence, limit).outcome is Outcome.PASSED
    )


def can_read(file: TaskFile, values: Values) -> bool:
    """Whether values are an answer to a task at all."""
    if not isinstance(file.content, Task):
        return False
    try:
        file.content.read(values)
    except Exception:  # noqa: BLE001 - the verdict on the answer says why
        return False
    return True


def _after_incident(given: Answer | None, evidence: Evidence) -> timedelta | None:
    """Return the time from the end of the latest run to the answer, or None if no run ended before the answer."""
    if given is None or given.submitted_at is None:
        return None
    since = [given.submitted_at - run.finished_at for run in evidence.runs]
    return min((passed for passed in since if passed >= timedelta()), default=None)


def _points(task: Task, judgement: Judgement, hints_used: int) -> float:
    earned = {Outcome.PASSED: task.points, Outcome.WRONG: min(judgement.points, task.points)}
    return round(max(0.0, earned.get(judgement.outcome, 0.0) - _hint_cost(task, hints_used)), 3)


def _hint_cost(task: Task, hints_used: int) -> float:
    return round(sum(hint.cost for hint in task.hints[:hints_used]), 3)


def _plain(message: str) -> str:
    """Replace control characters: a message might repeat an answer, and it appears on the instructor's terminal."""
    text = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in message)
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]} …"


def _attempts(given: Answer | None) -> int:
    return given.attempts if given is not None else 0


def _unanswered(given: Answer | None) -> Judgement | None:
    if given is None:
        return Judgement(Outcome.UNANSWERED, "No answer yet.")
    if given.problem is not None:
        # Systems Manager API reference, HierarchyTypeMismatchException: a parameter's type can't be changed.
        again = (
            "AWS can't change the type, so ask your instructor to delete the parameter "
            f"answers/{given.task} of your seat. Then submit the answer again."
            if given.problem.startswith("its type")
            else "Submit it again with 'labkit answer'."
        )
        return Judgement(Outcome.UNANSWERED, f"Can't read your answer: {given.problem}. {again}")
    return Judgement(Outcome.UNANSWERED, "The answer is empty.") if is_empty(given) else None


def _applies(
    task: Task, path: Path, evidence: Evidence, limit: float | None
) -> tuple[bool, Judgement | None]:
    """Whether a task applies, and the error if that couldn't be determined."""
    found: list[bool] = []

    def ask() -> None:
        found.append(bool(task.applies(evidence)))

    judgement = _call(path, ask, limit)
    return (found[0], None) if found else (True, judgement)


def _judged(
    task: Task, path: Path, values: Values, evidence: Evidence, limit: float | None
) -> Judgement:
    if (missing := why_not_ready(task.needs, evidence)) is not None:
        return missing
    delivered = with_delivered_runs(task.needs, evidence)

    def check() -> object:
        return task.check(task.read(values), delivered)  # type: ignore[func-returns-value]

    judgement = _call(path, check, limit)
    late = late_reports(task.needs, evidence)
    if judgement.outcome is Outcome.WRONG and late:
        # The answer might be correct for the latest run.
        return still_awaited(late, evidence.collected_at)
    return judgement


def _broken(file: str, what: str) -> Judgement:
    return Judgement(
        Outcome.ERROR, f"The check {file} failed ({what}). {NOT_YOU} Tell your instructor."
    )


def _call(path: Path, check: Callable[[], object], limit: float | None) -> Judgement:
    """Run a check and discard what it prints."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            returned = call_within(limit, check)
    except TimeLimit:
        return _broken(path.name, f"no result after {limit:g} s")
    except BaseException as error:
        # A check may raise anything. What isn't raised by it is someone's Ctrl-C.
        if isinstance(error, KeyboardInterrupt) and _place(path, error) == path.name:
            raise
        return _of_raised(path, error)
    return _of_returned(path, returned)


def _of_raised(path: Path, error: BaseException) -> Judgement:
    match error:
        case Wrong():
            return _of_wrong(path, error)
        case Pending():
            return _said(path, error, Outcome.PENDING, error.message)
        case GraderError():
            return _cannot(path, error)
        case _:  # a bug in a check is never the attendee's fault
            return _broken(_place(path, error), type(error).__name__)


def _of_returned(path: Path, returned: object) -> Judgement:
    if returned is None:
        return Judgement(Outcome.PASSED, "Right.")
    if inspect.iscoroutine(returned):
        returned.close()
    return _broken(
        path.name, f"it returned a value ({type(returned).__name__}); a check returns nothing"
    )


def _of_wrong(path: Path, wrong: Wrong) -> Judgement:
    points: object = wrong.points
    if (
        isinstance(points, bool)
        or not isinstance(points, int | float)
        or not 0 <= points < math.inf
    ):
        return _broken(_place(path, wrong), "the points of Wrong must be a number from 0")
    return _said(path, wrong, Outcome.WRONG, wrong.message, float(points))


def _said(
    path: Path, error: BaseException, outcome: Outcome, message: object, points: float = 0.0
) -> Judgement:
    """Return the judgement with the message of an outcome that a check raised."""
    if not isinstance(message, str) or not message.strip():
        return _broken(_place(path, error), f"{type(error).__name__} needs a message")
    return Judgement(outcome, message, points)


def _cannot(path: Path, error: GraderError) -> Judgement:
    told: tuple[object, object] = (error.message, error.hint)
    if not all(isinstance(text, str) and text.strip() for text in told):
        return _broken(_place(path, error), "GraderError needs a message and a hint")
    return cannot_judge(f"{error.message.rstrip('.')}: {error.hint.rstrip('.')}")


def _place(path: Path, error: BaseException) -> str:
    """Return the file and line where the check failed, for the person who fixes it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
    return f"{path.name}, line {frames[-1].lineno}" if frames else path.name
