"""The stolen-credentials scenario on the emulator: two seats share an account and have their incidents together."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit.embedded_aws import embedded_aws
from labkit.model import Answer, EvidenceBundle, Outcome
from labkit.workflow import demo_run
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.grade import judge_class
from labkit.workflow.new_workshop import numbered_seats, workshop_text
from labkit.workflow.operations import Operations
from labkit.workflow.rows import Row
from labkit.workshop import parse_workshop
from pocketaws.server import LocalAws
from pocketaws.testing import inbox

SCENARIO = "credential_exfiltration"
SOLVER = Path(__file__).resolve().parents[2] / "checks" / SCENARIO / "solver" / "solve.py"
Client = Any


@dataclass(frozen=True)
class Played:
    """Two labs in one account, after an incident in each."""

    aws: LocalAws
    work: Operations
    incidents: dict[str, Row]
    bundles: tuple[EvidenceBundle, ...]

    def client(self, seat: int, service: str) -> Client:
        """A client of a seat's attendee."""
        return demo_run.attendee(self.work, self.work.seats[seat]).client(service)

    def output(self, seat: int, name: str) -> str:
        return self.work.deployed(self.work.seats[seat]).outputs[name]


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    with embedded_aws(demo_run.REGION) as aws:
        seats = tuple(replace(seat, email=f"{seat.id}@example.com") for seat in numbered_seats(2))
        text = workshop_text(demo_run.WORKSHOP, demo_run.REGION, seats, scenario=SCENARIO)
        work = Operations.on(parse_workshop(tomllib.loads(text), Path("workshop.toml")), None)
        demo_run.require_state(work.up(), "ready")
        rows = work.simulate()
        demo_run.require_state(rows, "incident")
        found, failed = split_results(collect_class(work, wait=demo_run.EVIDENCE_WAIT))
        assert failed == []
        incidents = {row["seat"]: row["incident"] for row in rows}
        yield Played(aws, work, incidents, tuple(found))


def truths(incident: Row) -> dict[str, list[str]]:
    return {
        "instance": [incident["instance_id"]],
        "command": [incident["command"]],
        "access_key": [incident["access_key_id"]],
        "outside_address": [incident["outside_address"]],
        "denied_calls": incident["denied_calls"],
        "object_read": [incident["object_key"]],
    }


def outcomes(played: Played, answers: list[dict[str, list[str]]]) -> list[dict[str, Outcome]]:
    given = [
        replace(bundle, answers=tuple(Answer(task, tuple(v)) for task, v in found.items()))
        for bundle, found in zip(played.bundles, answers, strict=True)
    ]
    grades = judge_class(played.work, given)
    return [{v.task: v.outcome for v in seat.verdicts} for seat in grades.seats]


def test_what_was_done_is_what_the_logs_prove(played: Played) -> None:
    answers = [truths(played.incidents[seat.id]) for seat in played.work.seats]

    assert outcomes(played, answers) == [dict.fromkeys(answers[0], Outcome.PASSED)] * 2


def test_a_neighbour_in_the_account_is_not_taken_for_this_seat(played: Played) -> None:
    answers = [truths(played.incidents[seat.id]) for seat in played.work.seats][::-1]

    for found in outcomes(played, answers):
        unique = {
            task: found[task] for task in ("instance", "command", "access_key", "object_read")
        }
        assert unique == dict.fromkeys(unique, Outcome.WRONG)


def test_the_attendee_finds_all_of_it_beside_a_neighbour(played: Played) -> None:
    spec = spec_from_file_location("solver", SOLVER)
    assert spec is not None
    assert spec.loader is not None
    solver = module_from_spec(spec)
    spec.loader.exec_module(solver)
    labs = [
        (demo_run.attendee(played.work, s), played.work.deployed(s).lab) for s in played.work.seats
    ]

    answers = [solver.solve(*lab) for lab in labs]

    assert outcomes(played, answers) == [dict.fromkeys(answers[0], Outcome.PASSED)] * 2


def test_no_attendee_opens_the_bucket_or_the_servers_role(played: Played) -> None:
    bucket, key = played.output(0, "DataBucket"), played.incidents["seat-1"]["object_key"]
    role = f"role/{played.output(0, 'ServerRoleName')}"
    arn = f"arn:aws:iam::{played.bundles[0].evidence.account}:{role}"

    for service, method, parameters in (
        ("s3", "list_objects_v2", {"Bucket": bucket}),
        ("s3", "get_object", {"Bucket": bucket, "Key": key}),
        ("s3", "put_object", {"Bucket": bucket, "Key": key, "Body": b""}),
        ("s3", "delete_object", {"Bucket": bucket, "Key": key}),
        ("sts", "assume_role", {"RoleArn": arn, "RoleSessionName": "ada"}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(played.client(0, service), method)(**parameters)


def test_the_trail_has_data_events_of_the_labs_buckets_and_of_no_other(played: Played) -> None:
    own = {played.output(seat, "DataBucket") for seat in range(2)}
    events = [e for d in played.bundles for e in d.evidence.trail]
    data = [e for e in events if e.record["eventCategory"] == "Data"]

    assert {event.record["requestParameters"]["bucketName"] for event in data} == own
    assert all(name.startswith("labkit-demo-seat-") and len(name) <= 63 for name in own)
    assert any(event.record["eventCategory"] == "Management" for event in events)


def test_event_history_has_the_refused_calls_and_no_data_events(played: Played) -> None:
    incident = played.incidents["seat-1"]
    by_key = {"AttributeKey": "AccessKeyId", "AttributeValue": incident["access_key_id"]}

    found = played.client(0, "cloudtrail").lookup_events(LookupAttributes=[by_key])["Events"]

    records = [json.loads(event["CloudTrailEvent"]) for event in found]
    refused = {
        r["eventName"] for r in records if r["sourceIPAddress"] == incident["outside_address"]
    }
    names = {call.partition(":")[2] for call in incident["denied_calls"]}
    assert refused == names | {"GetCallerIdentity"}
    assert not {"GetObject", "PutObject", "ListObjects"} & {r["eventName"] for r in records}


def test_the_mail_names_the_server_and_neither_key_nor_address(played: Played) -> None:
    for seat in played.work.seats:
        told = [m for m in inbox(played.aws) if m["to"] == seat.email and "GuardDuty" in m["body"]]
        assert told
        incident = played.incidents[seat.id]
        for mail in told:
            assert incident["instance_id"] in mail["body"]
            assert incident["access_key_id"] not in mail["body"]
            assert incident["outside_address"] not in mail["body"]
