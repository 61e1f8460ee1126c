"""Whether a source has delivered what belongs to a run, and how long a delay is normal.

A log never says that it's complete. A source counts as delivered for a run once it shows the end of what the run
did or, if that isn't recognizable, once it shows something of the run and AWS's usual delay has passed. Both rules
are necessary: without the first, a class would wait longer than it has to; without the second, an unusual incident
would keep everyone waiting forever.

| source   | the end of what the run did                              | usual delay (source)             |
|----------|----------------------------------------------------------|----------------------------------|
| commands | a command with one of the scenario's marks               | 5 s buffer of the agent          |
| flows    | a record to a called address (without one: a login), or a record that began after the run | about 5 min (VPC user guide) plus the aggregation interval |
| findings | one of the scenario's findings, seen during the run; nothing if it raises none | not documented; 5 to 30 min      |
| history  | a change to one of the lab's servers as the run ended    | about 5 min, plan for 15 (CloudTrail user guide) |
| trail    | the calls that are the scenario's marks, and one made as the run ended or later | about 5 min, plan for 15 |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from labkit.evidence.window import Window
from labkit.model import ApiEvent, CommandRecord, Finding, FlowRecord, Marks, Run, Source

USUAL_DELAY = {
    Source.COMMANDS: timedelta(minutes=2),
    Source.FLOWS: timedelta(minutes=15),
    Source.FINDINGS: timedelta(minutes=30),
    Source.HISTORY: timedelta(minutes=15),
    Source.TRAIL: timedelta(minutes=15),
}
_SSH = 22
# The responder's call is a run's last one; the ledger is completed once the server has stopped.
_STOPPING = timedelta(minutes=5)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """The question whether a source has delivered for a run."""

    run: Run
    window: Window
    now: datetime
    marks: Marks

    @property
    def began(self) -> datetime:
        """When the run began, in whole seconds as in the logs."""
        return self.run.started_at.replace(microsecond=0)


def commands(records: Iterable[CommandRecord], query: DeliveryQuery) -> bool:
    own = [record for record in records if query.window.contains(record.logged_at)]
    if any(mark in record.command for record in own for mark in query.marks.in_command):
        return True
    return bool(own) and _usual_delay_passed(Source.COMMANDS, query)


def flows(records: Iterable[FlowRecord], query: DeliveryQuery) -> bool:
    some = False
    for record in records:
        if not query.window.overlaps(record.started_at, record.ended_at):
            continue
        some = True
        shows_the_end = _shows_the_end(record, query) and record.ended_at >= query.began
        if shows_the_end or record.started_at > query.run.finished_at > query.run.started_at:
            return True
    return some and _usual_delay_passed(Source.FLOWS, query)


def _shows_the_end(record: FlowRecord, query: DeliveryQuery) -> bool:
    """Whether a record shows the end of the incident: the callout or, if the scenario has none, the login."""
    if (
        query.marks.called
    ):  # Only outgoing traffic counts: such an address might also scan the server.
        return record.destination in query.marks.called
    ports = (record.source_port, record.destination_port)
    return query.run.via == "ssh" and record.action == "ACCEPT" and _SSH in ports


def findings(records: Iterable[Finding], query: DeliveryQuery) -> bool:
    """A second run might only update the first run's finding, so the time of the last activity counts."""
    marks = query.marks
    if not (marks.called or marks.finding_types):
        return True
    return any(
        not finding.sample
        and query.window.overlaps(finding.first_seen, finding.last_seen)
        and (not marks.called or finding.remote_address in marks.called)
        and (not marks.finding_types or finding.type in marks.finding_types)
        for finding in records
    )


def history(events: Iterable[ApiEvent], query: DeliveryQuery) -> bool:
    ending = max(query.began, query.run.finished_at - _STOPPING)
    if any(query.window.contains(e.time) and e.time >= ending and not e.read_only for e in events):
        return True
    return _usual_delay_passed(Source.HISTORY, query)


def trail(events: Iterable[ApiEvent], query: DeliveryQuery) -> bool:
    own = [event for event in events if query.window.contains(event.time)]
    # Different kinds of calls arrive in different files, so a later call alone doesn't show that all have arrived.
    made = {event.name for event in own}.issuperset(query.marks.trail_events)
    # A run from the event history ends one second after its last call.
    ending = query.run.finished_at.replace(microsecond=0) - _SECOND
    later = query.run.finished_at > query.run.started_at and any(
        event.time >= ending for event in own
    )
    if made and later:
        return True
    return bool(own) and _usual_delay_passed(Source.TRAIL, query)


def _usual_delay_passed(source: Source, query: DeliveryQuery) -> bool:
    return query.now >= query.run.finished_at + USUAL_DELAY[source]


HAS_DELIVERED: dict[Source, Callable[..., bool]] = {
    Source.COMMANDS: commands,
    Source.FLOWS: flows,
    Source.FINDINGS: findings,
    Source.HISTORY: history,
    Source.TRAIL: trail,
}
