"""The right answer to every task, in every form that the guides and the AWS CLI produce, and answers that list too much."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.grading import checks, samples
from labkit.grading.judge import judge
from labkit.grading.tasks import Task
from labkit.model import Answer, ApiEvent, Evidence, EvidenceBundle, Outcome, Verdict

ROOT = Path(__file__).resolve().parents[2] / "checks"
CALLOUT, STOLEN = "malicious_callout", "credential_exfiltration"
SERVER, THREAT, OPERATOR = "i-0a1b2c3d4e5f60718", "198.51.100.77", "192.0.2.45"
SESSION, ROLE = "nadia-release-417", "labkit-class-ada-operator"
ARN = f"arn:aws:sts::210000000001:assumed-role/{ROLE}/{SESSION}"
LINE = "curl -s -m 5 -o /dev/null http://198.51.100.77/k3v9q2x7m1zp"
KEY, OBJECT = "ASIATBJHX4ADA7QW2E5R", "backups/payroll-47d2e8810c3b.csv"
BUCKET = "labkit-class-seat-51af3dc0-0a1c4f7e9b2d"
REFUSED = ("DescribeInstances", "ListBuckets", "DescribeParameters")
CHANGES = ("RunInstances", "StopInstances")


@cache
def evidence(scenario: str) -> Evidence:
    return samples.evidence(ROOT / scenario / "samples" / "one_run")


@cache
def files(scenario: str) -> dict[str, checks.TaskFile]:
    return {file.name: file for file in checks.load(ROOT / scenario)}


def verdict(scenario: str, task: str, *values: str) -> Verdict:
    bundle = EvidenceBundle(evidence(scenario), (Answer(task, values),))
    found = judge(files(scenario)[task], bundle)
    assert found is not None
    return found


def record_of(scenario: str, name: str, *, trail: bool = True) -> ApiEvent:
    whole = evidence(scenario)
    return next(e for e in (whole.trail if trail else whole.history) if is_incidents(e, name))


def is_incidents(event: ApiEvent, name: str) -> bool:
    return (
        event.name == name and event.address == OPERATOR and event.user in {SERVER, SESSION, None}
    )


def records(event: ApiEvent) -> Iterator[tuple[str, ...]]:
    """A record in the forms of the console, ``lookup-events``, a file of the trail, and an exported row."""
    compact = json.dumps(event.record)
    yield (compact,)
    yield (json.dumps(event.record, indent=2),)
    yield tuple(json.dumps(event.record, indent=2).splitlines())
    yield (json.dumps({"CloudTrailEvent": compact, "EventName": event.name}),)
    yield (json.dumps({"Records": [event.record]}),)
    yield (json.dumps([event.record]),)
    yield ('"' + compact.replace('"', '""') + '"',)
    yield (compact.replace('"', '\\"'),)
    yield (f"```json\n{compact}\n```",)


def structure(event: ApiEvent) -> str:
    """The caller as Athena prints it."""
    identity = event.record["userIdentity"]
    return (
        f"{{type={identity['type']}, principalid={identity.get('principalId')}, arn={identity['arn']}, "
        f"accountid={identity.get('accountId')}, invokedby=null, accesskeyid={identity.get('accessKeyId')}, "
        "sessioncontext={attributes={mfaauthenticated=false}, sessionissuer={type=Role, arn=arn:aws:iam::1:role/x}}}"
    )


def instance_forms(_: str) -> Iterator[tuple[str, ...]]:
    yield from (
        (SERVER,), (SERVER.upper(),), (f'["{SERVER}"]',), (f"{SERVER}-commands-log",), (f"`{SERVER}`",),
        (f"arn:aws:ec2:eu-west-1:210000000001:instance/{SERVER}",),
        (f"The EC2 instance {SERVER} is communicating with a disallowed IP address",),
        (f"UnauthorizedAccess:EC2/MaliciousIPCaller.Custom\tEC2 instance {SERVER} calls\t{SERVER}\t2026-03-02",),
    )  # fmt: skip


def command_forms(line: str) -> Iterator[tuple[str, ...]]:
    log = f"Mar  2 09:14:41 ip-10-20-0-11 ec2-user: ec2-user [9141]: {line} [0]"
    first, _, rest = line.partition(" -")
    yield from (
        (line,), (f"$ {line}",), (f"[ec2-user@ip-10-20-0-11 ~]$ {line}",), (f"```\n{line}\n```",),
        (f"```sh\n{line}\n```",), ("```", line, "```"), (f"`{line}`",), (f"{line};",), (f"{line} ;",), (f"{line} &",),
        (f"{first} \\\n  -{rest}",), (f"{first} \\", f"-{rest}"), (log,), (f"2026-03-02T09:14:41+00:00 {SERVER} {log}",),
        (json.dumps([line]),), (json.dumps([[log]]),), (json.dumps([{"message": log}]),), (f"  {line}  ",),
        (log.replace("ec2-user:", "ec2-user[1]:"),), (f"[9141]: {line}",), (f"ec2-user [9141]: {line} [0]",),
    )  # fmt: skip


def address_forms(address: str) -> Iterator[tuple[str, ...]]:
    far, near = address, "10.20.0.11"
    for source, target in ((far, near), (near, far)):
        flow = f"2 210000000001 eni-0a1a2a3a4a5a6a7a8 {source} {target} 50387 22 6 9 4000 1772442840 1772442898 ACCEPT OK"
        yield from (
            (flow,), (f'"{flow}"',), (flow.replace(" ", "\t"),), (json.dumps([flow]),), (json.dumps([[flow]]),),
            (f"'{flow}',",), (f"1772442840000 {flow}",), (f"{flow}\n{flow}",), (f'["{flow}", "{flow}"]',),
        )  # fmt: skip
    yield from (
        (address,), (f"{address}:443",), (f"http://{address}/x",), (f"::ffff:{address}",), (f'["{address}"]',),
        (f"{address}, {address}",), (f"[::ffff:{address}]:22",), (f"{address}/32",), (f"`{address}`",),
        (f'"sourceIPAddress": "{address}",',),
    )  # fmt: skip


def names_forms(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    spelt = [
        "".join(f"-{c.lower()}" if c.isupper() else c for c in name).strip("-") for name in names
    ]
    yield from (
        names, (", ".join(names),), ("\n".join(f"- {name}" for name in names),), (json.dumps(list(names)),),
        tuple(f"aws ec2 {name}" for name in spelt), (" ; ".join(f"$ aws ec2 {name}" for name in spelt),),
        tuple(f"ec2:{name}" for name in names), tuple(f"ec2.amazonaws.com {name}" for name in names),
        tuple(f"client.{name.replace('-', '_')}()" for name in spelt), (" and ".join(names),),
        tuple(f"{n}. {name}" for n, name in enumerate(names, 1)),
        ("\n".join(f"2026-03-02T09:15:10+00:00\t{name}\tfalse\tsome-user-7" for name in names),),
        tuple(f"2026-03-02T09:15:10+00:00\t{name}\tFalse\troot" for name in names),
        ("\n".join(f"1772442840.0\t{name}\tfalse\t{SERVER}" for name in names),),
        ("\n".join(f"2026-03-02T09:15:10Z | ec2.amazonaws.com | {name} | {ARN} | {OPERATOR}" for name in names),),
        ("\n".join(f"2026-03-02T09:15:10Z | s3.amazonaws.com | {name} | {OPERATOR} | [aws-cli/2.15 Python/3.11 x] | "
                   f"AccessDenied | {ARN} | Management" for name in names),),
        tuple(json.dumps({"eventName": name, "sourceIPAddress": OPERATOR}) for name in names),
        ("```\n" + "\n".join(names) + "\n```",),
    )  # fmt: skip


def session_forms(event: ApiEvent) -> Iterator[tuple[str, ...]]:
    for session in (
        SESSION,
        SESSION.upper(),
        ARN,
        f"{ROLE}/{SESSION}",
        f"AROAEXAMPLEID12345678:{SESSION}",
    ):
        yield (session, OPERATOR)
        yield (OPERATOR, session)
        yield from (
            (f"{session}{mark}{OPERATOR}",) for mark in (" | ", "; ", ", ", "\t", " ", "\n")
        )
        yield (json.dumps([session, OPERATOR]),)
        yield (f'"{session}","{OPERATOR}"',)
    yield (f"arn | sourceipaddress\n{ARN} | {OPERATOR}",)
    yield (
        f"2026-03-02T09:14:30Z | ec2-instance-connect.amazonaws.com | SendSSHPublicKey | {ARN} | {OPERATOR} | "
        + json.dumps(event.record["requestParameters"]),
    )
    yield (f"2026-03-02T09:14:30+00:00\tSendSSHPublicKey\tFalse\t{SESSION}\n{OPERATOR}",)
    yield (f"{structure(event)} {OPERATOR}",)
    yield from records(event)


def key_forms(event: ApiEvent) -> Iterator[tuple[str, ...]]:
    yield from (
        (KEY,), (KEY.lower(),), (f'["{KEY}"]',), (f'"accessKeyId": "{KEY}",',), (structure(event),),
        (f"2026-03-02T09:14:48+00:00\tGetCallerIdentity\t{KEY}",),
    )  # fmt: skip
    yield from records(event)


def object_forms(event: ApiEvent) -> Iterator[tuple[str, ...]]:
    asked = json.dumps(event.record["requestParameters"])
    yield from (
        (OBJECT,), (f"{BUCKET}/{OBJECT}",), (BUCKET, OBJECT), (f"s3://{BUCKET}/{OBJECT}",), (f'["{OBJECT}"]',),
        (f"arn:aws:s3:::{BUCKET}/{OBJECT}",), (f'"key": "{OBJECT}",',), (f"key={OBJECT}",), (asked,), (f"`{OBJECT}`",),
        (f"2026-03-02T09:14:52Z | GetObject | {OPERATOR} | {KEY} | {ARN} | {asked}",),
        (f"2026-03-02 09:10:05        243 {OBJECT}",),
    )  # fmt: skip
    yield from records(event)


FORMS: dict[tuple[str, str], Callable[[], Iterator[tuple[str, ...]]]] = {
    (CALLOUT, "instance"): lambda: instance_forms(CALLOUT),
    (CALLOUT, "command"): lambda: command_forms(LINE),
    (CALLOUT, "callout_address"): lambda: address_forms(THREAT),
    (CALLOUT, "operator_address"): lambda: address_forms(OPERATOR),
    (CALLOUT, "api_events"): lambda: names_forms(CHANGES),
    (CALLOUT, "trail_query"): lambda: session_forms(record_of(CALLOUT, "SendSSHPublicKey")),
    (STOLEN, "instance"): lambda: instance_forms(STOLEN),
    (STOLEN, "command"): lambda: command_forms(evidence(STOLEN).commands[-1].command),
    (STOLEN, "access_key"): lambda: key_forms(record_of(STOLEN, "GetObject")),
    (STOLEN, "outside_address"): lambda: (
        *address_forms(OPERATOR), *records(record_of(STOLEN, "GetObject"))
    ),
    (STOLEN, "denied_calls"): lambda: names_forms(REFUSED),
    (STOLEN, "object_read"): lambda: object_forms(record_of(STOLEN, "GetObject")),
}  # fmt: skip


def all_forms() -> list[object]:
    return [
        pytest.param(scenario, task, values, id=f"{scenario}-{task}-{number}")
        for (scenario, task), forms in FORMS.items()
        for number, values in enumerate(forms())
    ]


@pytest.mark.parametrize(("scenario", "task", "values"), all_forms())
def test_the_right_answer_is_understood_in_every_form(
    scenario: str, task: str, values: tuple[str, ...]
) -> None:
    found = verdict(scenario, task, *values)

    assert (found.outcome, found.message) == (Outcome.PASSED, "Right."), values


def test_every_task_has_forms() -> None:
    assert set(FORMS) == {(s, task) for s in (CALLOUT, STOLEN) for task in files(s)}


OBJECTS = [f"backups/{name}-{n}.csv" for n, name in enumerate(("orders", "invoices", "x"))]


@pytest.mark.parametrize(
    ("scenario", "task", "values"),
    [
        (STOLEN, "object_read", (f"key={OBJECT}", *OBJECTS)),
        (STOLEN, "object_read", (f"key={OBJECT} {' '.join(OBJECTS)}",)),
        (STOLEN, "object_read", (json.dumps({"key": OBJECT}), *OBJECTS)),
        (
            STOLEN,
            "object_read",
            tuple(json.dumps({"key": one, "bucketName": BUCKET}) for one in (OBJECT, *OBJECTS)),
        ),
        (
            STOLEN,
            "object_read",
            ("\n".join(f"2026-03-02 09:10:05 243 {one}" for one in (OBJECT, *OBJECTS)),),
        ),
        (STOLEN, "object_read", (OBJECT, "other.csv")),
        (STOLEN, "access_key", (KEY, "ASIATBJHX4ADA3TY6U2I")),
        (STOLEN, "outside_address", (f"sourceIPAddress={OPERATOR} 203.0.113.11",)),
        (
            STOLEN,
            "outside_address",
            (json.dumps({"sourceIPAddress": OPERATOR}), "203.0.113.11"),
        ),
        (STOLEN, "denied_calls", (*REFUSED, "99TerminateInstances")),
        (STOLEN, "denied_calls", (*REFUSED, json.dumps({"eventName": "CreateUser"}))),
        (CALLOUT, "api_events", (*CHANGES, "99TerminateInstances")),
        (CALLOUT, "api_events", (*CHANGES, "TerminateInstances/StopInstances")),
        (CALLOUT, "api_events", (*CHANGES, "RebootInstances:RunInstances")),
        (CALLOUT, "api_events", (*CHANGES, "RebootInstances.RunInstances")),
        (CALLOUT, "instance", (SERVER, "i-0b9f8e7d6c5b4a392")),
        (CALLOUT, "instance", (SERVER, "i-0b9f8e7d6c5b4a39")),
        (CALLOUT, "callout_address", (THREAT, "198.51.100.140")),
        (CALLOUT, "callout_address", (THREAT, "198.51.100.300")),
        (
            CALLOUT,
            "callout_address",
            (
                f"2 210000000001 eni-0a 10.20.0.11 {THREAT} 50000 80 6 9 4000 1772442840 1772442898 ACCEPT OK",
                "2 210000000001 eni-0a 10.20.0.11 192.0.2.9 50000 80 6 9 4000 1772442840 1772442898 ACCEPT OK",
            ),
        ),
        (CALLOUT, "trail_query", (SESSION, OPERATOR, "kofi-backup-230")),
        (CALLOUT, "trail_query", (f"{SESSION} kofi-backup-230", OPERATOR)),
        (CALLOUT, "trail_query", (SESSION, f"{OPERATOR} 192.0.2.46")),
        (CALLOUT, "trail_query", (f"another-role/{SESSION}", OPERATOR)),
        (
            CALLOUT,
            "trail_query",
            (ARN, ARN.replace(SESSION, "kofi-backup-230"), OPERATOR),
        ),
        (CALLOUT, "command", (f"curl http://192.0.2.1/ [1]: {LINE}",)),
        (CALLOUT, "command", (f"{LINE}\nid",)),
        (CALLOUT, "command", (" ".join(LINE),)),
        (CALLOUT, "command", (f"{LINE}; id",)),
    ],
)
def test_an_answer_that_says_more_than_the_right_value_is_not_right(
    scenario: str, task: str, values: tuple[str, ...]
) -> None:
    assert verdict(scenario, task, *values).outcome is Outcome.WRONG


def test_which_half_of_an_answer_is_right_is_told_correctly() -> None:
    two = samples.evidence(ROOT / CALLOUT / "samples" / "two_runs")
    bundle = EvidenceBundle(two, (Answer("trail_query", ("kofi-backup-230", "192.0.2.46")),))

    found = judge(files(CALLOUT)["trail_query"], bundle)

    assert found is not None
    assert "they belong to two different incidents" in found.message
    assert found.points == 2
    assert verdict(CALLOUT, "trail_query", ARN, "192.0.2.9").message.startswith("The session is")
    assert verdict(CALLOUT, "trail_query", "nobody", OPERATOR).message.startswith("The address is")


PIECES = st.sampled_from(
    [
        LINE, ARN, OBJECT, KEY, SERVER, THREAT, OPERATOR, "{", "}", "[", "]", '"', "'", '""', "\\", "\\n", "\n", "\t",
        "|", ";", "://", "https://[", "https://[bucket]/k", "http://", "::ffff:", "s3://", "arn:", ":::", "%", "%zz",
        "key=", '"key":', "```", "$ ", "eventName", "=", "\0", "\ud83d", "\u200b", "[1]:", " [0]", "$'", "\\x", "\\400",
        '{"a":' * 50, "[" * 3000, "(" * 500, "\uff3b", "1" * 400, "null", "i-", "::", "%25" * 100,
        '{"requestParameters": null, "userIdentity": []}', '{"Records": {"a": 1}}', '{"CloudTrailEvent": "{"}',
    ]
)  # fmt: skip
TYPED = st.lists(
    st.one_of(
        st.text(max_size=40), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=8).map("".join)
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(TYPED)
@pytest.mark.parametrize(("scenario", "task"), list(FORMS))
def test_no_answer_of_any_kind_raises(scenario: str, task: str, typed: list[str]) -> None:
    content = files(scenario)[task].content
    assert isinstance(content, Task)

    assert verdict(scenario, task, *typed).outcome is not Outcome.ERROR


@pytest.mark.parametrize("address", ["1.1.1.1", "192.0.2.9", "203.0.113.250"])
def test_any_other_address_is_wrong_beside_the_right_session(address: str) -> None:
    found = verdict(CALLOUT, "trail_query", SESSION, address)

    assert found.message == "The session is right, but the address isn't."
    assert found.points == 2
