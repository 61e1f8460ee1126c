"""How the scenario about stolen credentials reads its evidence, in cases that its samples don't cover."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit import CallNames
from labkit.errors import GraderError
from labkit.evidence import trail
from labkit.grading import checks, samples
from labkit.grading.judge import judge
from labkit.grading.timeline import timeline
from labkit.model import Answer, ApiEvent, Evidence, EvidenceBundle, Instance, Outcome
from labkit.scenario import find_scenario
from labkit.simulate.randomize import randomize_run

FOLDER = Path(__file__).resolve().parents[2] / "checks" / "credential_exfiltration"
FILES = {file.name: file for file in checks.load(FOLDER)}
incident: Any = checks.load_module(FOLDER, "incident")
values: Any = checks.load_module(FOLDER, "values")

SERVER, KEY = "i-0a1b2c3d4e5f60718", "ASIATBJHX4ADA7QW2E5R"
OUTSIDE, OWN = "192.0.2.45", "203.0.113.11"
OBJECT = "backups/payroll-47d2e8810c3b.csv"
RIGHT = {
    "instance": (SERVER,),
    "access_key": (KEY,),
    "outside_address": (OUTSIDE,),
    "denied_calls": ("DescribeInstances", "ListBuckets", "DescribeParameters"),
    "object_read": (OBJECT,),
}
BY_TRAIL = ("instance", "access_key", "outside_address", "denied_calls", "object_read")


@pytest.fixture
def evidence() -> Evidence:
    return samples.evidence(FOLDER / "samples" / "one_run")


def outcome(task: str, evidence: Evidence, *typed: str) -> Outcome:
    found = judge(FILES[task], EvidenceBundle(evidence, (Answer(task, typed),)))
    assert found is not None
    return found.outcome


def outcomes(evidence: Evidence) -> dict[str, Outcome]:
    return {task: outcome(task, evidence, *RIGHT[task]) for task in BY_TRAIL}


ALL_PASS = dict.fromkeys(BY_TRAIL, Outcome.PASSED)


def changed(
    evidence: Evidence, which: Callable[[ApiEvent], bool], **parts: Any
) -> tuple[ApiEvent, ...]:
    """The trail with parts of some records replaced."""
    return tuple(
        trail.parse({**event.record, **parts}) if which(event) else event
        for event in evidence.trail
    )


def by_the_server(event: ApiEvent) -> bool:
    return event.user == SERVER and event.address == OWN


def from_outside(event: ApiEvent) -> bool:
    return event.user == SERVER and event.address == OUTSIDE


def test_the_servers_own_address_is_told_by_what_only_an_agent_calls(evidence: Evidence) -> None:
    """The server makes no call before someone gets in, and sends a heartbeat afterward."""
    way_in = next(event for event in evidence.trail if event.name == "SendSSHPublicKey")
    late = tuple(e for e in evidence.trail if not (by_the_server(e) and e.time < way_in.time))

    assert outcomes(replace(evidence, trail=late)) == ALL_PASS
    assert outcome("outside_address", replace(evidence, trail=late), OWN) is Outcome.WRONG


def test_the_servers_own_address_is_told_by_what_it_called_before_anybody_came(
    evidence: Evidence,
) -> None:
    """There's no agent: only calls by the boot script before someone gets in, and by the same program afterward."""
    no_agent = without_agents(evidence)

    assert outcomes(replace(evidence, trail=no_agent)) == ALL_PASS
    assert outcome("outside_address", replace(evidence, trail=no_agent), OWN) is Outcome.WRONG


def without_agents(evidence: Evidence) -> tuple[ApiEvent, ...]:
    """The trail with calls by the servers' own programs instead of calls that only agents make."""
    return changed(
        evidence,
        lambda event: event.name == "UpdateInstanceInformation",
        eventName="HeadObject",
        eventSource="s3.amazonaws.com",
        requestParameters={"bucketName": "b", "key": "k"},
    )


def test_whoever_was_refused_a_way_in_does_not_end_the_time_before(evidence: Evidence) -> None:
    way_in = next(event for event in evidence.trail if event.name == "SendSSHPublicKey")
    hour_before = f"{way_in.time - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    parts = {"eventTime": hour_before, "eventID": "refused", "errorCode": "AccessDenied"}
    tried = trail.parse({**way_in.record, **parts, "sourceIPAddress": "192.0.2.77"})

    tried_before = replace(evidence, trail=(tried, *without_agents(evidence)))
    assert outcomes(tried_before) == ALL_PASS
    assert outcome("outside_address", tried_before, OWN) is Outcome.WRONG


def test_a_server_that_was_started_again_has_another_address() -> None:
    """In the second run, only calls by the boot script show the address, before someone gets in again."""
    two = samples.evidence(FOLDER / "samples" / "two_runs")
    plain = replace(two, trail=without_agents(two), findings=())

    assert outcome("outside_address", plain, "2001:db8:7::99") is Outcome.PASSED
    assert outcome("outside_address", plain, "203.0.113.88") is Outcome.WRONG
    assert outcome("access_key", plain, "ASIAVVKM3BEN5PO4I3U2") is Outcome.PASSED


def test_a_thief_who_comes_again_from_the_same_place_is_not_the_server() -> None:
    """Nobody logged in from the address, and there's no alert. Only the end of the first run shows whose it is."""
    two = samples.evidence(FOLDER / "samples" / "two_runs")
    thieves = {"192.0.2.45", "2001:db8:7::99"}
    same = changed(
        two,
        lambda event: event.user == two.instances[0].instance_id and event.address in thieves,
        sourceIPAddress="198.51.100.40",
    )
    again = replace(two, trail=same, findings=())

    assert outcome("outside_address", again, "198.51.100.40") is Outcome.PASSED
    assert outcome("access_key", again, "ASIAVVKM3BEN5PO4I3U2") is Outcome.PASSED
    assert outcome("denied_calls", again, "ListStacks", "ListRules") is Outcome.PASSED


def test_without_a_call_of_the_server_itself_every_call_is_from_outside(evidence: Evidence) -> None:
    alone = tuple(event for event in evidence.trail if not by_the_server(event))

    assert outcomes(replace(evidence, trail=alone)) == ALL_PASS


def test_a_run_that_broke_off_before_does_not_make_the_thiefs_address_the_servers(
    evidence: Evidence,
) -> None:
    """Its records stay, although the ledger of an earlier version of labkit has no entry for it."""
    early = [
        trail.parse(
            {
                **event.record,
                "eventTime": f"{event.time - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}",
                "eventID": f"early-{event.event_id}",
            }
        )
        for event in evidence.trail
        if from_outside(event) or event.name == "SendSSHPublicKey"
    ]
    twice = replace(evidence, trail=(*early, *evidence.trail), findings=())

    assert outcomes(twice) == ALL_PASS


def test_where_someone_was_let_in_from_is_never_the_servers_own(evidence: Evidence) -> None:
    """Calls of an interrupted run, so long ago that the call that let someone in wasn't collected."""
    early = [
        trail.parse(
            {
                **event.record,
                "eventTime": f"{event.time - timedelta(minutes=9):%Y-%m-%dT%H:%M:%SZ}",
                "eventID": f"early-{event.event_id}",
            }
        )
        for event in evidence.trail
        if from_outside(event)
    ]
    rest = replace(evidence, trail=(*early, *evidence.trail), findings=())

    assert outcomes(rest) == ALL_PASS


@pytest.mark.parametrize("address", ["AWS Internal", "ssm.amazonaws.com", "10.20.0.11"])
def test_calls_that_come_from_aws_or_from_inside_are_not_from_outside(
    evidence: Evidence, address: str
) -> None:
    more = tuple(
        trail.parse({**e.record, "sourceIPAddress": address, "eventID": f"x-{e.event_id}", "eventName": "ListKeys"})
        for e in evidence.trail
        if from_outside(e) and e.error_code
    )  # fmt: skip
    noisy = replace(evidence, trail=(*evidence.trail, *more))

    assert outcomes(noisy) == ALL_PASS
    assert outcome("denied_calls", noisy, *RIGHT["denied_calls"], "ListKeys") is Outcome.WRONG


def test_calls_by_an_endpoint_of_the_vpc_are_not_from_outside(evidence: Evidence) -> None:
    through = changed(evidence, from_outside, vpcEndpointId="vpce-0123456789abcdef0")

    with pytest.raises(GraderError):
        incident.outside(replace(evidence, trail=through))


def test_a_session_that_is_only_named_like_a_server_is_not_its_role(evidence: Evidence) -> None:
    user = {"type": "IAMUser", "userName": SERVER, "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    record = {**next(filter(from_outside, evidence.trail)).record, "userIdentity": user}
    noisy = replace(evidence, trail=(*evidence.trail, trail.parse({**record, "eventID": "user"})))

    assert outcome("access_key", noisy, "AKIAIOSFODNN7EXAMPLE") is Outcome.WRONG


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        "AccessDeniedException",
        "Client.UnauthorizedOperation",
        "UnauthorizedOperation",
        "AuthorizationErrorException",
        "NotAuthorizedException",
    ],
)
def test_a_refusal_is_known_in_every_services_words(evidence: Evidence, code: str) -> None:
    (one,) = (e for e in evidence.trail if from_outside(e) and e.name == "ListBuckets")
    spelt = changed(evidence, lambda event: event.event_id == one.event_id, errorCode=code)

    assert outcome("denied_calls", replace(evidence, trail=spelt), *RIGHT["denied_calls"]) is (
        Outcome.PASSED
    )


def test_without_calls_from_outside_it_is_late_first_and_then_the_labs_fault(
    evidence: Evidence,
) -> None:
    nothing = replace(evidence, trail=tuple(e for e in evidence.trail if not from_outside(e)))
    (run,) = evidence.runs
    soon = replace(nothing, collected_at=run.finished_at + timedelta(minutes=14))

    assert set(outcomes(nothing).values()) == {Outcome.ERROR}
    assert set(outcomes(soon).values()) == {Outcome.PENDING}


def test_an_alert_that_never_comes_holds_nobody_up(evidence: Evidence) -> None:
    """GuardDuty becomes used to a place that keys are used from."""
    quiet = replace(evidence, findings=())

    assert outcome("instance", quiet, SERVER) is Outcome.PASSED
    assert outcome("instance", quiet, evidence.instances[1].instance_id) is Outcome.WRONG
    (proof,) = (p for p in timeline(FOLDER, quiet) if p.task == "instance")
    assert SERVER in proof.line


def test_data_events_may_come_after_the_rest(evidence: Evidence) -> None:
    reads = ("GetObject",)
    early = tuple(e for e in evidence.trail if not (from_outside(e) and e.name in reads))
    (run,) = evidence.runs
    soon = replace(evidence, trail=early, collected_at=run.finished_at + timedelta(minutes=5))

    assert outcomes(soon) == {**ALL_PASS, "object_read": Outcome.PENDING}


@pytest.mark.parametrize(
    "line",
    [
        "curl http://169.254.169.254/latest/meta-data/iam/security-credentials/role-1",
        "curl -s -o c.json 'http://169.254.169.254/2021-07-15/meta-data/iam/security-credentials/role-1'",
        "wget -qO- http://[fd00:ec2::254]/latest/meta-data/iam/security-credentials/role-1",
        "curl http://instance-data/latest/meta-data/identity-credentials/ec2/security-credentials/ec2-instance",
        "id; sudo curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/role-1 | base64",
        "python3 -c 'from urllib.request import *; print(urlopen(\"http://x/security-credentials/r\"))'",
        "aws configure export-credentials --format env",
        "R=role-1; curl http://169.254.169.254/latest/meta-data/iam/security-credentials/$R",
    ],
)
def test_any_line_that_shows_the_credentials_is_the_one(evidence: Evidence, line: str) -> None:
    (record,) = incident.fetches(evidence)
    other = replace(evidence, commands=(replace(record, command=line),))

    assert outcome("command", other, line) is Outcome.PASSED


@pytest.mark.parametrize(
    "line",
    [
        "curl http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "curl http://169.254.169.254/latest/meta-data/iam/info",
        "echo http://169.254.169.254/latest/meta-data/iam/security-credentials/role-1",
        "grep -r /security-credentials/role-1 /var/log",
        "history | grep security-credentials/role-1",
        "aws sts get-caller-identity",
    ],
)
def test_a_line_that_shows_no_credentials_is_not(evidence: Evidence, line: str) -> None:
    (record,) = incident.fetches(evidence)
    both = (replace(record, command=line), record)

    assert outcome("command", replace(evidence, commands=both), line) is Outcome.WRONG


def test_of_a_line_that_failed_and_its_repetition_the_one_that_worked_counts(
    evidence: Evidence,
) -> None:
    (record,) = incident.fetches(evidence)
    typo = replace(record, command=record.command.replace("-s ", "-s -m 1 "), exit_status=28)
    never = replace(record, exit_status=127)

    assert incident.fetches(replace(evidence, commands=(typo, record))) == (record,)
    assert incident.fetches(replace(evidence, commands=(typo,))) == (typo,)
    with pytest.raises(GraderError):
        incident.fetches(replace(evidence, commands=(never,)))


def test_what_is_pasted_is_read_in_every_form_of_a_record(evidence: Evidence) -> None:
    """The forms of the event history, ``lookup-events``, and the trail, in one line and in several."""
    (read,) = (e for e in evidence.trail if from_outside(e) and e.name == "GetObject")
    (refused,) = (e for e in evidence.trail if from_outside(e) and e.name == "ListBuckets")

    def forms(event: ApiEvent) -> list[str]:
        compact = json.dumps(event.record, separators=(",", ":"))
        return [
            compact,
            json.dumps(event.record, indent=4),
            json.dumps({"CloudTrailEvent": compact}),
        ]

    for text in forms(read):
        assert outcome("instance", evidence, text) is Outcome.PASSED
        assert outcome("access_key", evidence, text) is Outcome.PASSED
        assert outcome("outside_address", evidence, text) is Outcome.PASSED
        assert outcome("object_read", evidence, text) is Outcome.PASSED
    for text in forms(refused):
        given = (text, "DescribeInstances", "DescribeParameters")
        assert CallNames.from_typed((text,)) == ("ListBuckets",)
        assert outcome("denied_calls", evidence, *given[1:], "ListBuckets") is Outcome.PASSED


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("s3://b/my report+final.csv", "my report+final.csv"),
        ("https://b.s3.eu-west-1.amazonaws.com/my%20report%2Bfinal.csv", "my report+final.csv"),
        ("https://s3.eu-west-1.amazonaws.com/b/my+report%2bfinal.csv", "my report+final.csv"),
        ("https://b.s3.amazonaws.com/k", "k"),
        ("https://b.s3-eu-west-1.amazonaws.com/k", "k"),
        ("https://b.s3.dualstack.eu-west-1.amazonaws.com/k", "k"),
        ("arn:aws:s3:::b/a/b/c", "a/b/c"),
        ("arn:aws-cn:s3:::b/k", "k"),
        ("b/k", "k"),
        ("k", "k"),
    ],
)
def test_an_object_is_known_by_every_way_to_name_it(typed: str, key: str) -> None:
    answer = values.ObjectKey.from_typed((typed,))

    assert answer.is_key(key, "b")
    assert not answer.is_key(f"{key}x", "b")


def test_an_answer_that_lists_a_bucket_is_not_right_for_one_object_in_it(
    evidence: Evidence,
) -> None:
    listing = "\n".join(
        f"2026-03-02 09:10:05        243 backups/{n}" for n in ("a.csv", OBJECT[8:])
    )

    assert outcome("object_read", evidence, listing) is Outcome.WRONG


def test_a_session_of_another_role_that_is_named_after_a_server_is_not_the_server(
    evidence: Evidence,
) -> None:
    """Attendees choose the names of their sessions."""
    (read,) = (e for e in evidence.trail if from_outside(e) and e.name == "GetObject")
    identity = json.loads(
        json.dumps(read.record["userIdentity"]).replace("-ada-server", "-ada-attendee")
    )
    identity["accessKeyId"] = "ASIATBJHX4ADAATTENDEE"
    fake = {**read.record, "userIdentity": identity, "sourceIPAddress": "192.0.2.88"}
    noisy = replace(evidence, trail=(*evidence.trail, trail.parse({**fake, "eventID": "fake"})))

    for known in (noisy, replace(noisy, server_role="")):
        assert outcomes(known) == ALL_PASS
        assert outcome("access_key", known, "ASIATBJHX4ADAATTENDEE") is Outcome.WRONG
        assert outcome("outside_address", known, "192.0.2.88") is Outcome.WRONG


def test_a_line_written_letter_by_letter_is_not_the_line(evidence: Evidence) -> None:
    (record,) = incident.fetches(evidence)

    assert outcome("command", evidence, " ".join(record.command)) is Outcome.WRONG


def test_a_list_of_every_call_is_not_told_which_ones_are_wrong(evidence: Evidence) -> None:
    names = (*RIGHT["denied_calls"], "ListUsers", "ListRoles", "GetCallerIdentity")

    found = judge(FILES["denied_calls"], EvidenceBundle(evidence, (Answer("denied_calls", names),)))

    assert found is not None
    assert not any(name in found.message for name in names)


def test_the_command_is_another_one_in_each_run() -> None:
    """Its variable has a random name, so nobody can write the line without having read it."""
    scenario = find_scenario("credential_exfiltration")
    server = Instance("i-0a", "eni-0a", "10.0.0.4", None)

    def line(seed: int) -> str:
        outputs = {"ServerRoleName": "labkit-class-ada-server", "DataBucket": "b"}
        script = randomize_run(scenario, [server], [], outputs, "eu-west-1", random.Random(seed))  # noqa: S311
        return script.lines[-1]

    assert len({line(seed) for seed in range(20)}) == 20


def test_which_answers_differ_from_seat_to_seat() -> None:
    unique = {name for name, file in FILES.items() if getattr(file.content, "unique", False)}

    assert unique == {"instance", "command", "access_key", "object_read"}
