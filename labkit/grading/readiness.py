"""Whether the evidence that a task needs has arrived, and what attendees read until it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from labkit.model import Evidence, Outcome, Source, SourceReport, SourceState

NOT_YOU = "Your answer isn't the problem."
_LABELS = {
    Source.COMMANDS: "the command log",
    Source.FLOWS: "the VPC flow log",
    Source.FINDINGS: "the GuardDuty finding",
    Source.HISTORY: "the CloudTrail event history",
    Source.TRAIL: "the trail",
}

# An attendee's check finds runs only in event history (CloudTrail user guide: about 5 minutes, plan for 15).
_NOTHING_YET = "The event history doesn't show an incident in your lab yet. It can be 15 minutes late. Check again later."


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome with its message, and the points that a wrong answer still earns."""

    outcome: Outcome
    message: str
    points: float = 0.0


def why_not_ready(needs: Iterable[Source], evidence: Evidence) -> Judgement | None:
    """Return why a task can't be solved or judged yet, or None if at least one run's evidence is complete."""
    needs = tuple(needs)
    reports = _reports_on(needs, evidence)
    collected = {report.source for report in reports}
    if missing := [source for source in needs if source not in collected]:
        verb = "wasn't" if len(missing) == 1 else "weren't"
        return cannot_judge(f"{_labels(missing)} {verb} collected")
    if failed := [r for r in reports if r.state is SourceState.FAILED]:
        return cannot_judge("; ".join(report.detail for report in failed))
    if not evidence.runs:
        return Judgement(Outcome.PENDING, _NOTHING_YET)
    if not with_delivered_runs(needs, evidence).runs:
        return still_awaited(reports, evidence.collected_at)
    return None


def with_delivered_runs(needs: Iterable[Source], evidence: Evidence) -> Evidence:
    """Return the evidence with only the runs for which every needed source has delivered."""
    reports = _reports_on(needs, evidence)
    numbers = {run.number for run in evidence.runs}.intersection(*(r.runs for r in reports))
    return replace(evidence, runs=tuple(run for run in evidence.runs if run.number in numbers))


def late_reports(needs: Iterable[Source], evidence: Evidence) -> list[SourceReport]:
    """Return the reports of needed sources that are late for at least one run."""
    return [r for r in _reports_on(needs, evidence) if r.state is SourceState.LATE]


def still_awaited(reports: Iterable[SourceReport], now: datetime) -> Judgement:
    """Return "pending" with how long a delay is normal, or an error if the evidence will never arrive."""
    reports = tuple(reports)
    if gone := [report for report in reports if report.state is SourceState.GONE]:
        return cannot_judge("; ".join(report.detail for report in gone))
    late = [report for report in reports if report.state is SourceState.LATE]
    until = max((r.normal_until for r in late if r.normal_until), default=None)
    what = f"Still on its way: {_labels(report.source for report in late)}"
    if until is None:
        return Judgement(Outcome.PENDING, f"{what}. Check again later.")
    if now > until:
        told = f"It was due by {until:%H:%M} UTC, so tell your instructor."
        return Judgement(Outcome.PENDING, f"{what}. {told} {NOT_YOU}")
    told = f"That's normal until {until:%H:%M} UTC. Check again then."
    return Judgement(Outcome.PENDING, f"{what}. {told}")


def cannot_judge(why: str) -> Judgement:
    """Return an error: the grader couldn't judge, whatever the answer is."""
    why = why[:1].upper() + why[1:]
    return Judgement(Outcome.ERROR, f"{why}. {NOT_YOU} Tell your instructor.")


def _reports_on(needs: Iterable[Source], evidence: Evidence) -> tuple[SourceReport, ...]:
    wanted = set(needs)
    return tuple(report for report in evidence.sources if report.source in wanted)


def _labels(sources: Iterable[Source]) -> str:
    return " and ".join(_LABELS[source] for source in sources)
