"""Whether a source has delivered what belongs to a run, and how long it is normal to wait.

A log never says "that was all". A source counts as delivered for a run once it shows the end of what the
run did, or, where that cannot be recognised, once it shows something of the run and the time has passed in
which AWS usually delivers the rest. Both are needed: without the first a class waits for nothing, without
the second an incident that went another way would be awaited for ever.

| source   | the end of what the run did                              | usual delay (source)             |
|----------|----------------------------------------------------------|----------------------------------|
| commands | a command with one of the scenario's marks               | 5 s buffer of the agent          |
| flows    | a record to an address that is called (where none is: a login), or one that began after the run | about 5 min (VPC user guide) plus the aggregation interval |
| findings | a finding of the scenario's, seen in the run; where it raises none there is nothing to wait for | not documented; 5 to 30 min      |
| history  | a change of a server of the lab as the run ended         | about 5 min, plan for 15 (CloudTrail user guide) |
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
# The responder's call is the last of a run; the ledger is completed when the server has stopped.
_STOPPING = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Question:
    """What a source is asked: whether it has delivered for this run."""

    run: Run
    window: Window
    now: datetime
    marks: Marks

    @property
    def began(self) -> datetime:
        """When the run began as the logs can tell it: they have whole seconds."""
        return self.run.started_at.replace(microsecond=0)


def commands(records: Iterable[CommandRecord], about: Question) -> bool:
    own = [record for record in records if about.window.holds(record.logged_at)]
    if any(mark in record.command for record in own for mark in about.marks.in_command):
        return True
    return bool(own) and _usual_delay_passed(Source.COMMANDS, about)


def flows(records: Iterable[FlowRecord], about: Question) -> bool:
    some = False
    for record in records:
        if not about.window.touches(record.started_at, record.ended_at):
            continue
        some = True
        ends_it = _ends_it(record, about) and record.ended_at >= about.began
        if ends_it or record.started_at > about.run.finished_at > about.run.started_at:
            return True
    return some and _usual_delay_passed(Source.FLOWS, about)


def _ends_it(record: FlowRecord, about: Question) -> bool:
    """Whether a record is of what the incident ends with: the call out, or where none is made the login."""
    if about.marks.called:  # only what goes out: such an address may also be knocking at the door
        return record.destination in about.marks.called
    ports = (record.source_port, record.destination_port)
    return about.run.via == "ssh" and record.action == "ACCEPT" and _SSH in ports


def findings(records: Iterable[Finding], about: Question) -> bool:
    """A repeated run may only renew the finding of the first: what counts is when it was last seen."""
    marks = about.marks
    if not (marks.called or marks.finding_types):
        return True
    return any(
        not finding.sample
        and about.window.touches(finding.first_seen, finding.last_seen)
        and (not marks.called or finding.remote_address in marks.called)
        and (not marks.finding_types or finding.type in marks.finding_types)
        for finding in records
    )


def history(events: Iterable[ApiEvent], about: Question) -> bool:
    ending = max(about.began, about.run.finished_at - _STOPPING)
    if any(about.window.holds(e.time) and e.time >= ending and not e.read_only for e in events):
        return True
    return _usual_delay_passed(Source.HISTORY, about)


def trail(events: Iterable[ApiEvent], about: Question) -> bool:
    own = [event for event in events if about.window.holds(event.time)]
    # Files with different kinds of calls are delivered apart: a later call alone does not say that all have come.
    made = {event.name for event in own}.issuperset(about.marks.trail_events)
    later = about.run.finished_at > about.run.started_at and any(
        event.time >= about.run.finished_at.replace(microsecond=0) for event in own
    )
    if made and later:
        return True
    return bool(own) and _usual_delay_passed(Source.TRAIL, about)


def _usual_delay_passed(source: Source, about: Question) -> bool:
    return about.now >= about.run.finished_at + USUAL_DELAY[source]


ARRIVED: dict[Source, Callable[..., bool]] = {
    Source.COMMANDS: commands,
    Source.FLOWS: flows,
    Source.FINDINGS: findings,
    Source.HISTORY: history,
    Source.TRAIL: trail,
}
