"""Collect the evidence of one seat from every source, without judging it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from labkit.clock import Clock, backoff
from labkit.evidence import commands, findings, flows, history, trail
from labkit.evidence.addresses import canonical
from labkit.evidence.calls import AwsCallError, ClientFactory, call
from labkit.evidence.delivery import HAS_DELIVERED, USUAL_DELAY, DeliveryQuery
from labkit.evidence.window import Window, collection_windows, run_window
from labkit.model import Evidence, Lab, Marks, Run, Source, SourceReport, SourceState
from labkit.plurals import counted

# CloudTrail user guide: event history holds the management events of the last 90 days.
_HISTORY = timedelta(days=90)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """Whose evidence to collect, from when, and how."""

    client: ClientFactory
    seat: str
    account: str
    region: str
    lab: Lab
    runs: tuple[Run, ...]
    threat_addresses: tuple[str, ...]
    marks: Marks
    server_role: str
    """The name of the lab's servers' role."""
    clock: Clock

    @property
    def windows(self) -> tuple[Window, ...]:
        return collection_windows(self.runs)

    @property
    def instance_ids(self) -> tuple[str, ...]:
        return tuple(instance.instance_id for instance in self.lab.instances)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """The result of querying one source: its records, missing log groups, and a remark."""

    records: tuple[Any, ...]
    missing: tuple[str, ...] = ()
    remark: str = ""


def collect(case: Case, sources: Collection[Source] = tuple(Source)) -> Evidence:
    """Query each of ``sources`` once. If a source refuses or lacks something, its report says so.

    Raises an exception only if AWS can't be reached at all.
    """
    return _query(_empty_evidence(case), case, sources)


def collect_until(
    case: Case,
    deadline: datetime,
    sources: Collection[Source] = tuple(Source),
    *,
    progress: Callable[[Evidence], None] = lambda _: None,
) -> Evidence:
    """Collect, and query late sources again until all have delivered or the deadline has passed.

    The pauses grow from 1 to 15 seconds.
    """
    evidence = collect(case, sources)
    progress(evidence)
    pauses = backoff(first=1.0, longest=15.0, growth=2.0)
    while late := [r.source for r in evidence.sources if r.state is SourceState.LATE]:
        left = (deadline - case.clock.now()).total_seconds()
        if left <= 0:
            break
        case.clock.sleep(min(next(pauses), left))
        evidence = _query(evidence, case, late)
        progress(evidence)
    return evidence


def _empty_evidence(case: Case) -> Evidence:
    return Evidence(
        seat=case.seat,
        account=case.account,
        region=case.region,
        collected_at=case.clock.now(),
        instances=case.lab.instances,
        runs=case.runs,
        threat_addresses=tuple(map(canonical, case.threat_addresses)),
        server_role=case.server_role,
    )


def _query(evidence: Evidence, case: Case, sources: Collection[Source]) -> Evidence:
    reports = {report.source: report for report in evidence.sources}
    for (
        source
    ) in Source:  # in this order, because querying the first sources leaves records in the last
        if source not in sources:
            continue
        try:
            fetched = _FETCHERS[source](case) if case.runs else _Fetched(())
        except AwsCallError as error:
            gone = error.missing and source in (Source.FLOWS, Source.TRAIL)
            state = SourceState.GONE if gone else SourceState.FAILED
            detail = f"{error.on} no longer exists" if gone else error.explain()
            reports[source] = SourceReport(source, state, detail)
            continue
        found: dict[str, Any] = {source.value: fetched.records}
        evidence = replace(evidence, **found)
        reports[source] = _report(source, fetched, case)
    ordered = tuple(reports[source] for source in Source if source in reports)
    return replace(evidence, sources=ordered, collected_at=case.clock.now())


def _report(source: Source, fetched: _Fetched, case: Case) -> SourceReport:
    now = case.clock.now()
    arrived = tuple(
        run.number
        for run in case.runs
        if HAS_DELIVERED[source](fetched.records, _about(run, case, now))
    )
    waiting = [run for run in case.runs if run.number not in arrived]
    if not waiting:
        return SourceReport(source, SourceState.DELIVERED, fetched.remark, runs=arrived)
    if lost := _lost(source, fetched, waiting, case, now):
        return SourceReport(source, SourceState.GONE, lost, runs=arrived)
    until = max(run.finished_at for run in waiting) + USUAL_DELAY[source]
    return SourceReport(source, SourceState.LATE, fetched.remark, until, arrived)


def _about(run: Run, case: Case, now: datetime) -> DeliveryQuery:
    return DeliveryQuery(run, run_window(run, case.runs), now, case.marks)


def _lost(
    source: Source, fetched: _Fetched, waiting: Iterable[Run], case: Case, now: datetime
) -> str:
    """Return why a source will never deliver for these runs, or an empty string if it still might."""
    if fetched.missing:
        verb = "exists" if len(fetched.missing) == 1 else "exist"
        return f"{' and '.join(fetched.missing)} no longer {verb}"
    groups = _log_groups(source, case)
    oldest = min(run.finished_at for run in waiting)
    if not groups or oldest > now - _A_DAY:  # The shortest retention is one day.
        return ""
    kept = min(_retention(case.client("logs"), group) for group in groups)
    return (
        f"{groups[0]} keeps events for only {counted(kept.days, 'day')}"
        if now - oldest > kept
        else ""
    )


def _log_groups(source: Source, case: Case) -> list[str]:
    if source is Source.COMMANDS:
        return [commands.log_group(instance_id) for instance_id in case.instance_ids]
    return [case.lab.flow_log_group] if source is Source.FLOWS else []


def _retention(logs: Any, group: str) -> timedelta:
    answer = call(
        "logs:DescribeLogGroups", group, logs.describe_log_groups, logGroupNamePrefix=group
    )
    kept = [g.get("retentionInDays") for g in answer["logGroups"] if g["logGroupName"] == group]
    return timedelta(days=kept[0]) if kept and kept[0] else timedelta.max


def _commands(case: Case) -> _Fetched:
    logs = case.client("logs")
    return _Fetched(*commands.fetch(logs, case.instance_ids, case.windows))


def _flows(case: Case) -> _Fetched:
    parsed = flows.fetch(case.client("logs"), case.lab.flow_log_group, case.windows)
    interfaces = {instance.interface_id for instance in case.lab.instances}
    own = tuple(record for record in parsed.records if record.interface_id in interfaces)
    unread = len(parsed.unread)
    return _Fetched(own, remark=f"couldn't read {counted(unread, 'line')}" if unread else "")


def _findings(case: Case) -> _Fetched:
    return _Fetched(
        findings.fetch(
            case.client("guardduty"), case.lab.detector_id, case.instance_ids, case.server_role
        )
    )


def _history(case: Case) -> _Fetched:
    end = case.clock.now()
    cloudtrail = case.client("cloudtrail")
    return _Fetched(history.fetch(cloudtrail, case.instance_ids, end - _HISTORY, end, case.clock))


def _trail(case: Case) -> _Fetched:
    bucket = case.lab.trail_bucket
    return _Fetched(trail.fetch(case.client("s3"), bucket, case.account, case.region, case.windows))


_FETCHERS: dict[Source, Callable[[Case], _Fetched]] = {
    Source.COMMANDS: _commands,
    Source.FLOWS: _flows,
    Source.FINDINGS: _findings,
    Source.HISTORY: _history,
    Source.TRAIL: _trail,
}
