"""Collecting from a fake AWS that pages, delays, refuses, and forgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labkit.clock import Clock
from labkit.evidence.collect import Case, collect, collect_until
from labkit.evidence.delivery import USUAL_DELAY, DeliveryQuery
from labkit.evidence.delivery import trail as trail_has_delivered
from labkit.evidence.trail import parse as parse_record
from labkit.evidence.window import collection_windows, run_window
from labkit.model import (
    ApiEvent,
    Evidence,
    Instance,
    Lab,
    Marks,
    Run,
    Source,
    SourceReport,
    SourceState,
)

START = datetime(2026, 3, 2, 9, 14, 0, tzinfo=UTC)
RUN = Run(1, START, START + timedelta(minutes=1), "ssh")
CALL = START + timedelta(seconds=40)
THREAT = "198.51.100.77"
SERVERS = (
    Instance("i-0a", "eni-0a", "10.0.0.1", None),
    Instance("i-0b", "eni-0b", "10.0.0.2", "203.0.113.2"),
)
ROLES = {f"{part}_role_arn": "" for part in ("attendee", "operator", "responder", "grader")}
LAB = Lab(
    instances=SERVERS, trail_name="", trail_bucket="trail", trail_log_group="", flow_log_group="flows",
    detector_id="detector", threat_list_id="", topic_arn="", athena_workgroup="", athena_database="",
    athena_table="", **ROLES,
)  # fmt: skip
COMMAND = f"curl http://{THREAT}/x"


class AwsError(Exception):
    """The part of a botocore error that the collectors read."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code, "Message": "no"}}


@dataclass
class FakeAws:
    """Answers as AWS would, from given data. ``refuse`` maps an operation to an error code."""

    groups: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    retention: int | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def client(self, _service: str) -> FakeAws:
        return self

    def _called(self, operation: str, asked: dict[str, Any]) -> None:
        self.calls.append((operation, asked))
        if operation in self.refuse:
            raise AwsError(self.refuse[operation])

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        """Returns an empty first page that isn't the last, then one event per page."""
        self._called("filter_log_events", asked)
        if asked["logGroupName"] not in self.groups:
            raise AwsError("ResourceNotFoundException")
        found = [
            {"timestamp": milliseconds(time), "message": line}
            for time, line in self.groups[asked["logGroupName"]]
            if asked["startTime"] <= milliseconds(time) <= asked["endTime"]
        ]
        page = int(asked.get("nextToken", "0"))
        answer: dict[str, Any] = {"events": found[page - 1 : page] if page else []}
        return answer | ({"nextToken": str(page + 1)} if page < len(found) else {})

    def describe_log_groups(self, **asked: Any) -> dict[str, Any]:
        self._called("describe_log_groups", asked)
        names = [name for name in self.groups if name.startswith(asked["logGroupNamePrefix"])]
        kept = {"retentionInDays": self.retention} if self.retention else {}
        return {"logGroups": [{"logGroupName": name} | kept for name in names]}

    def list_findings(self, **asked: Any) -> dict[str, Any]:
        self._called("list_findings", asked)
        ((attribute, wanted),) = asked["FindingCriteria"]["Criterion"].items()
        _, kind, name = (step[0].upper() + step[1:] for step in attribute.split("."))
        ids = [
            f["Id"]
            for f in self.findings
            if f["Resource"].get(kind, {}).get(name) in wanted["Equals"]
        ]
        return {"FindingIds": ids, "NextToken": ""}

    def get_findings(self, **asked: Any) -> dict[str, Any]:
        self._called("get_findings", asked)
        return {"Findings": [f for f in self.findings if f["Id"] in asked["FindingIds"]]}

    def lookup_events(self, **asked: Any) -> dict[str, Any]:
        """Returns one event per page."""
        self._called("lookup_events", asked)
        name = asked["LookupAttributes"][0]["AttributeValue"]
        found = [e for e in self.events if name in [r["ResourceName"] for r in e["Resources"]]]
        page = int(asked.get("NextToken", "0"))
        answer: dict[str, Any] = {"Events": found[page : page + 1]}
        return answer | ({"NextToken": str(page + 1)} if found[page + 1 :] else {})

    def list_objects_v2(self, **asked: Any) -> dict[str, Any]:
        self._called("list_objects_v2", asked)
        return {}


def milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


@dataclass
class FakeClock:
    """A clock that advances when someone sleeps."""

    time: datetime = START + timedelta(minutes=2)
    slept: list[float] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        self.during()


def case(aws: FakeAws, clock: FakeClock, **changes: Any) -> Case:
    whole = Case(
        client=aws.client, seat="ada", account="1", region="eu-west-1", lab=LAB, runs=(RUN,),
        threat_addresses=(THREAT,), marks=Marks(in_command=(THREAT,), called=(THREAT,)),
        server_role="labkit-w-ada-server", clock=Clock(clock.now, clock.sleep),
    )  # fmt: skip
    return replace(whole, **changes)


def typed(time: datetime, command: str) -> tuple[datetime, str]:
    return time, f"Mar  2 09:14:40 ip ec2-user: ec2-user [1]: {command} [0]"


def flow(time: datetime, interface: str, source: str, target: str) -> tuple[datetime, str]:
    start = int(time.timestamp())
    return (
        time,
        f"2 1 {interface} {source} {target} 40000 80 6 5 400 {start} {start + 58} ACCEPT OK",
    )


def finding(time: datetime) -> dict[str, Any]:
    seen = f"{time:%Y-%m-%dT%H:%M:%SZ}"
    remote = {"NetworkConnectionAction": {"RemoteIpDetails": {"IpAddressV4": THREAT}}}
    return {
        "Id": "f1", "Type": "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
        "Resource": {"InstanceDetails": {"InstanceId": "i-0a"}},
        "Service": {"EventFirstSeen": seen, "EventLastSeen": seen, "Action": remote},
    }  # fmt: skip


def about_a_key(
    time: datetime, *, server: str = "i-0a", role: str = "labkit-w-ada-server"
) -> dict[str, Any]:
    """The finding that GuardDuty reports for a server that has been stopped: without the server's details."""
    seen = f"{time:%Y-%m-%dT%H:%M:%SZ}"
    key = {
        "AccessKeyId": "ASIA1", "PrincipalId": f"AROA1:{server}", "UserName": role,
        "UserType": "AssumedRole",
    }  # fmt: skip
    remote = {"AwsApiCallAction": {"RemoteIpDetails": {"IpAddressV4": "192.0.2.9"}}}
    return {
        "Id": f"key-{server}", "Type": EXFILTRATION,
        "Resource": {"ResourceType": "AccessKey", "AccessKeyDetails": key},
        "Service": {"EventFirstSeen": seen, "EventLastSeen": seen, "Action": remote},
    }  # fmt: skip


EXFILTRATION = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def event(number: int, time: datetime, name: str) -> dict[str, Any]:
    return {
        "EventId": f"e{number}", "EventName": name, "EventTime": time, "ReadOnly": "false",
        "EventSource": "ec2.amazonaws.com", "Resources": [{"ResourceName": "i-0a"}],
        "CloudTrailEvent": "{}",
    }  # fmt: skip


def delivered() -> FakeAws:
    return FakeAws(
        groups={
            "i-0a-commands-log": [typed(CALL - timedelta(seconds=5), "id"), typed(CALL, COMMAND)],
            "i-0b-commands-log": [],
            "flows": [flow(CALL, "eni-0a", "10.0.0.1", THREAT), flow(CALL, "eni-99", "x", THREAT)],
        },
        findings=[finding(CALL)],
        events=[
            event(1, START - timedelta(days=1), "RunInstances"),
            event(2, START + timedelta(seconds=50), "StopInstances"),
        ],
    )


def report(evidence: Evidence, source: Source) -> SourceReport:
    (found,) = (r for r in evidence.sources if r.source is source)
    return found


def test_a_finding_about_a_key_of_the_servers_role_is_collected_and_no_other_accounts_past() -> (
    None
):
    aws = delivered()
    aws.findings += [
        about_a_key(CALL),
        about_a_key(CALL, server="i-0gone"),  # an earlier lab of the same name
        about_a_key(CALL, server="i-0b", role="someone-else"),
    ]

    found = {f.finding_id: f for f in collect(case(aws, FakeClock()), [Source.FINDINGS]).findings}

    assert set(found) == {"f1", "key-i-0a"}
    finding = found["key-i-0a"]
    assert (finding.instance_id, finding.access_key_id) == ("i-0a", "ASIA1")
    assert finding.remote_address == "192.0.2.9"
    assert found["f1"].access_key_id is None


def test_a_finding_that_names_server_and_key_is_there_once() -> None:
    aws = FakeAws(findings=[about_a_key(CALL)])
    aws.findings[0]["Resource"]["InstanceDetails"] = {"InstanceId": "i-0a"}

    assert len(collect(case(aws, FakeClock()), [Source.FINDINGS]).findings) == 1


@pytest.mark.parametrize(
    ("marks", "findings", "state"),
    [
        (Marks(), [], SourceState.DELIVERED),  # there's no finding to wait for
        (Marks(finding_types=(EXFILTRATION,)), [], SourceState.LATE),
        (Marks(finding_types=(EXFILTRATION,)), [finding(CALL)], SourceState.LATE),
        (Marks(finding_types=(EXFILTRATION,)), [about_a_key(CALL)], SourceState.DELIVERED),
        (Marks(called=(THREAT,)), [about_a_key(CALL)], SourceState.LATE),
        (Marks(called=(THREAT,)), [finding(CALL)], SourceState.DELIVERED),
    ],
)
def test_findings_have_come_when_the_scenarios_own_has(
    marks: Marks, findings: list[dict[str, Any]], state: SourceState
) -> None:
    evidence = collect(
        case(FakeAws(findings=findings), FakeClock(), marks=marks), [Source.FINDINGS]
    )

    assert report(evidence, Source.FINDINGS).state is state


def test_where_nothing_is_called_the_login_says_that_the_flow_log_has_come() -> None:
    aws, start = delivered(), int(CALL.timestamp())
    line = f"2 1 eni-0a 192.0.2.9 10.0.0.1 51000 22 6 50 9000 {start} {start + 58} ACCEPT OK"
    found = []
    for text in (line, line.replace("ACCEPT", "REJECT"), line.replace(" 22 ", " 80 ")):
        aws.groups["flows"] = [(CALL, text)]
        evidence = collect(case(aws, FakeClock(), marks=Marks()), [Source.FLOWS])
        found.append(report(evidence, Source.FLOWS).state)

    assert found == [SourceState.DELIVERED, SourceState.LATE, SourceState.LATE]


def test_the_trail_has_delivered_with_the_calls_that_are_marks_and_a_later_one() -> None:
    read = parse_record(
        {"eventTime": f"{CALL:%Y-%m-%dT%H:%M:%SZ}", "eventName": "GetObject", "eventID": "a"}
    )
    later = replace(read, name="LookupEvents", time=RUN.finished_at + timedelta(seconds=30))
    usual = RUN.finished_at + USUAL_DELAY[Source.TRAIL]

    def come(*events: ApiEvent, now: datetime = RUN.finished_at) -> bool:
        marks = Marks(trail_events=("GetObject",))
        return trail_has_delivered(events, DeliveryQuery(RUN, run_window(RUN, [RUN]), now, marks))

    assert come(read, later)
    assert come(read, replace(later, time=RUN.finished_at.replace(microsecond=0)))
    assert not come(read)
    assert not come(later)  # data events arrive in separate files
    assert come(later, now=usual)
    assert not come(now=usual)


FOUR = (Source.COMMANDS, Source.FLOWS, Source.FINDINGS, Source.HISTORY)


def test_everything_of_a_run_is_collected_across_pages() -> None:
    evidence = collect(case(delivered(), FakeClock()), FOUR)

    assert [r.state for r in evidence.sources] == [SourceState.DELIVERED] * 4
    assert {r.runs for r in evidence.sources} == {(1,)}
    assert [record.command for record in evidence.commands] == ["id", COMMAND]
    assert [record.interface_id for record in evidence.flows] == ["eni-0a"]
    assert [event.name for event in evidence.history] == ["RunInstances", "StopInstances"]
    assert evidence.findings[0].remote_address == THREAT


def test_only_the_windows_of_the_runs_are_asked_for() -> None:
    aws = delivered()
    aws.groups["i-0a-commands-log"].insert(0, typed(START - timedelta(hours=2), "old"))

    evidence = collect(case(aws, FakeClock()), [Source.COMMANDS])

    assert "old" not in [record.command for record in evidence.commands]
    (report,) = evidence.sources
    assert report.source is Source.COMMANDS


def test_event_history_is_asked_slowly_and_with_one_window() -> None:
    aws, clock = delivered(), FakeClock()
    aws.events += [event(n, START, "ModifyInstanceAttribute") for n in (3, 4)]

    collect(case(aws, clock), [Source.HISTORY])

    asked = [parameters for _, parameters in aws.calls]
    assert len({(p["StartTime"], p["EndTime"]) for p in asked}) == 1
    assert len(asked) == 5
    assert clock.slept == [1.0, 1.0]  # two calls a second: before the third and the fifth


def test_what_has_not_come_yet_is_late_until_the_usual_delay_has_passed() -> None:
    aws = FakeAws(groups={"i-0a-commands-log": [], "i-0b-commands-log": [], "flows": []})

    evidence = collect(case(aws, FakeClock()), FOUR)

    assert [r.state for r in evidence.sources] == [SourceState.LATE] * 4
    minutes = [(r.normal_until - RUN.finished_at).total_seconds() / 60 for r in evidence.sources if r.normal_until]  # fmt: skip
    assert minutes == [2, 15, 30, 15]


def test_commands_before_the_call_do_not_mean_that_the_log_is_complete() -> None:
    aws = delivered()
    aws.groups["i-0a-commands-log"].pop()

    early = collect(case(aws, FakeClock()), [Source.COMMANDS])
    later = collect(case(aws, FakeClock(RUN.finished_at + timedelta(minutes=3))), [Source.COMMANDS])

    assert report(early, Source.COMMANDS).state is SourceState.LATE
    assert report(later, Source.COMMANDS).state is SourceState.DELIVERED


def test_a_scanner_of_the_threat_list_does_not_mean_that_the_call_is_there() -> None:
    aws = delivered()
    aws.groups["flows"] = [flow(CALL, "eni-0a", THREAT, "10.0.0.1")]

    evidence = collect(case(aws, FakeClock()), [Source.FLOWS])

    assert report(evidence, Source.FLOWS).state is SourceState.LATE


def test_a_later_run_can_be_awaited_while_the_first_has_been_delivered() -> None:
    second = Run(2, START + timedelta(hours=1), START + timedelta(hours=1, minutes=1), "ssh")
    clock = FakeClock(second.finished_at + timedelta(minutes=1))

    evidence = collect(case(delivered(), clock, runs=(RUN, second)), FOUR)

    assert {found.source for found in evidence.sources} == set(FOUR)
    for found in evidence.sources:
        assert (found.state, found.runs) == (SourceState.LATE, (1,))
        assert found.normal_until is not None
        assert found.normal_until > second.finished_at


def test_a_deleted_log_group_is_gone_not_late() -> None:
    aws = delivered()
    del aws.groups["i-0a-commands-log"], aws.groups["flows"]

    evidence = collect(case(aws, FakeClock()), [Source.COMMANDS, Source.FLOWS])

    for found in evidence.sources:
        assert found.state is SourceState.GONE
        assert "no longer exists" in found.detail
    assert "i-0a-commands-log" in report(evidence, Source.COMMANDS).detail


def test_events_past_their_retention_are_gone_not_late() -> None:
    aws = delivered()
    aws.groups["flows"].clear()
    aws.retention = 3
    clock = FakeClock(START + timedelta(days=4))

    evidence = collect(case(aws, clock), [Source.FLOWS])

    assert report(evidence, Source.FLOWS).state is SourceState.GONE
    assert "3 days" in report(evidence, Source.FLOWS).detail


@pytest.mark.parametrize(
    ("operation", "source", "permission"),
    [
        ("filter_log_events", Source.COMMANDS, "logs:FilterLogEvents"),
        ("filter_log_events", Source.FLOWS, "logs:FilterLogEvents"),
        ("list_findings", Source.FINDINGS, "guardduty:ListFindings"),
        ("get_findings", Source.FINDINGS, "guardduty:GetFindings"),
        ("lookup_events", Source.HISTORY, "cloudtrail:LookupEvents"),
        ("list_objects_v2", Source.TRAIL, "s3:ListBucket"),
    ],
)
def test_a_denied_call_names_the_permission(
    operation: str, source: Source, permission: str
) -> None:
    aws = delivered()
    aws.refuse[operation] = "AccessDeniedException"

    found = report(collect(case(aws, FakeClock()), [source]), source)

    assert found.state is SourceState.FAILED
    assert f"lacks the permission {permission} on " in found.detail


def test_a_throttled_call_says_so() -> None:
    aws = delivered()
    aws.refuse["lookup_events"] = "ThrottlingException"

    found = report(collect(case(aws, FakeClock()), [Source.HISTORY]), Source.HISTORY)

    assert found.state is SourceState.FAILED
    assert "throttled cloudtrail:LookupEvents" in found.detail


def test_a_lost_connection_is_raised() -> None:
    class Broken(FakeAws):
        def list_findings(self, **_: Any) -> dict[str, Any]:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        collect(case(Broken(), FakeClock()), [Source.FINDINGS])


def test_without_a_run_aws_is_not_asked() -> None:
    aws = delivered()

    evidence = collect(case(aws, FakeClock(), runs=()))

    assert aws.calls == []
    assert evidence.runs == ()


def test_late_sources_are_asked_again_until_they_have_delivered() -> None:
    aws, clock = delivered(), FakeClock()
    line = aws.groups["flows"].pop(0)

    def deliver() -> None:
        if len(clock.slept) == 2:
            aws.groups["flows"].append(line)

    clock.during = deliver
    states: list[SourceState] = []
    evidence = collect_until(
        case(aws, clock), clock.time + timedelta(hours=1), [Source.FLOWS, Source.FINDINGS],
        progress=lambda e: states.append(report(e, Source.FLOWS).state),
    )  # fmt: skip

    assert states == [SourceState.LATE, SourceState.LATE, SourceState.DELIVERED]
    assert clock.slept == [1, 2]
    assert len(evidence.flows) == 1
    assert [name for name, _ in aws.calls].count("list_findings") == 2  # servers, keys; once each


def test_polling_ends_at_the_deadline() -> None:
    aws, clock = delivered(), FakeClock()
    aws.groups["flows"].clear()
    deadline = clock.time + timedelta(seconds=40)

    evidence = collect_until(case(aws, clock), deadline, [Source.FLOWS])

    assert clock.slept == [1, 2, 4, 8, 15, 10]
    assert report(evidence, Source.FLOWS).state is SourceState.LATE


def test_a_run_of_less_than_a_second_is_seen_in_logs_of_whole_seconds() -> None:
    half = Run(1, CALL + timedelta(seconds=0.4), CALL + timedelta(seconds=0.9), "ssh")
    aws = delivered()
    aws.events.append(event(3, CALL, "StopInstances"))
    start = int(CALL.timestamp())
    line = f"2 1 eni-0a 10.0.0.1 {THREAT} 40000 80 6 5 400 {start - 9} {start} ACCEPT OK"
    aws.groups["flows"] = [(CALL - timedelta(seconds=9), line)]

    evidence = collect(case(aws, FakeClock(CALL + timedelta(seconds=1)), runs=(half,)), FOUR)

    assert [r.state for r in evidence.sources] == [SourceState.DELIVERED] * 4


def test_windows_that_overlap_are_one() -> None:
    second = Run(2, START + timedelta(minutes=5), START + timedelta(minutes=6), "ssh")
    far = Run(3, START + timedelta(hours=5), START + timedelta(hours=5), "ssh")

    found = collection_windows([far, second, RUN])

    assert [(w.start - START, w.end - START) for w in found] == [
        (timedelta(minutes=-10), timedelta(minutes=16)),
        (timedelta(hours=5, minutes=-10), timedelta(hours=5, minutes=10)),
    ]


def test_what_is_between_two_runs_belongs_to_one_of_them() -> None:
    second = Run(2, START + timedelta(minutes=2), START + timedelta(minutes=3), "ssh")

    assert run_window(RUN, [RUN, second]).end == second.started_at
    assert run_window(second, [RUN, second]).start == RUN.finished_at
