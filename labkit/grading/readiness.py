"""Whether the evidence that a task needs is there, and what is said while it is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from labkit.model import Evidence, Outcome, Source, SourceReport, SourceState

NOT_YOU = "This is not about your answer."
_SPOKEN = {
    Source.COMMANDS: "the command log",
    Source.FLOWS: "the VPC flow log",
    Source.FINDINGS: "the GuardDuty finding",
    Source.HISTORY: "CloudTrail's event history",
    Source.TRAIL: "the trail",
}

# An attendee's check knows of runs by event history alone (CloudTrail user guide: about 5 minutes, plan for 15).
_NOTHING_YET = (
    "Nothing has happened in your lab yet, or its event history does not show it: that may be 15 minutes late. "
    "Check again later."
)


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome with its message, and the points that a wrong answer still gets."""

    outcome: Outcome
    message: str
    points: float = 0.0


def not_there(needs: Iterable[Source], evidence: Evidence) -> Said | None:
    """Why nothing can be found or judged yet; None as soon as one run's evidence has been delivered."""
    needs = tuple(needs)
    reports = _reports(needs, evidence)
    collected = {report.source for report in reports}
    if missing := [source for source in needs if source not in collected]:
        return cannot_judge(f"{_spoken(missing)} was not collected")
    if failed := [r for r in reports if r.state is SourceState.FAILED]:
        return cannot_judge("; ".join(report.detail for report in failed))
    if not evidence.runs:
        return Said(Outcome.PENDING, _NOTHING_YET)
    if not delivered_for(needs, evidence).runs:
        return awaited(reports, evidence.collected_at)
    return None


def delivered_for(needs: Iterable[Source], evidence: Evidence) -> Evidence:
    """The evidence with those runs alone for which every source has delivered."""
    reports = _reports(needs, evidence)
    numbers = {run.number for run in evidence.runs}.intersection(*(r.runs for r in reports))
    return replace(evidence, runs=tuple(run for run in evidence.runs if run.number in numbers))


def late_among(needs: Iterable[Source], evidence: Evidence) -> list[SourceReport]:
    """The reports of the sources that are late for some run."""
    return [r for r in _reports(needs, evidence) if r.state is SourceState.LATE]


def awaited(reports: Iterable[SourceReport], now: datetime) -> Said:
    """What is still on its way, and until when that is normal; an error where it will never come."""
    reports = tuple(reports)
    if gone := [report for report in reports if report.state is SourceState.GONE]:
        return cannot_judge("; ".join(report.detail for report in gone))
    late = [report for report in reports if report.state is SourceState.LATE]
    until = max((r.normal_until for r in late if r.normal_until), default=None)
    what = f"Still on its way: {_spoken(report.source for report in late)}"
    if until is None:
        return Said(Outcome.PENDING, f"{what}. Check again later.")
    if now > until:
        told = f"It was due by {until:%H:%M} UTC: tell your instructor."
        return Said(Outcome.PENDING, f"{what}. {told} {NOT_YOU}")
    told = f"That is normal until {until:%H:%M} UTC; check again then."
    return Said(Outcome.PENDING, f"{what}. {told}")


def cannot_judge(why: str) -> Said:
    """An error: the grader could not do its work, whatever the answer is."""
    why = why[:1].upper() + why[1:]
    return Said(Outcome.ERROR, f"{why}. {NOT_YOU} Tell your instructor.")


def _reports(needs: Iterable[Source], evidence: Evidence) -> tuple[SourceReport, ...]:
    wanted = set(needs)
    return tuple(report for report in evidence.sources if report.source in wanted)


def _spoken(sources: Iterable[Source]) -> str:
    return " and ".join(_SPOKEN[source] for source in sources)
