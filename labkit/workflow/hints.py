"""Whether a hint would help."""

from __future__ import annotations

from labkit.errors import GraderError
from labkit.grading.readiness import why_not_ready
from labkit.grading.tasks import Task
from labkit.model import Evidence, Outcome


def why_no_hint(task: Task, evidence: Evidence) -> str | None:
    """Return why a hint wouldn't help now, or None; raises ``GraderError`` if labkit can't read the logs."""
    if not task.applies(evidence):
        return "This task doesn't apply to your lab."
    waiting = why_not_ready(task.needs, evidence)
    if waiting is not None and waiting.outcome is Outcome.ERROR:
        raise GraderError(waiting.message, "You didn't take a hint. Tell your instructor.")
    return waiting.message if waiting is not None else None
