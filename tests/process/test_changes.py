"""A workshop file that changes after ``up``: labkit notices, and another ``up`` applies the change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .desk import Desk, Server

BEFORE, AFTER = "209.85.202.94", "203.0.115.17"
WORKSHOP = """\
[workshop]
name = "acme"
region = "eu-west-1"
[scenario]
servers = 1
threat_addresses = ["{address}"]
[[seat]]
id = "ada"
email = "ada@example.com"
"""
Row = dict[str, Any]


def write(desk: Desk, text: str) -> None:
    (desk.folder / "workshop.toml").write_text(text)


def ada(desk: Desk, *verb: str, code: int | None = 0) -> Row:
    (row,) = desk.json(*verb, code=code)["seats"]
    assert isinstance(row, dict)
    return row


@pytest.fixture(scope="module")
def lab(instructor: Desk) -> Row:
    write(instructor, WORKSHOP.format(address=BEFORE))
    row = ada(instructor, "up", "--yes")
    assert row["state"] == "ready", row
    found = row["lab"]
    assert isinstance(found, dict)
    return found


def planned(desk: Desk) -> list[tuple[str, str, str]]:
    return [(s["action"], s["kind"], s["id"]) for s in desk.json("up", "--dry-run")["plan"]]


def listed(desk: Desk, lab: Row) -> str:
    """What GuardDuty reads."""
    found = desk.client("guardduty").get_threat_intel_set(
        DetectorId=lab["detector_id"], ThreatIntelSetId=lab["threat_list_id"]
    )
    bucket, _, key = found["Location"].removeprefix("s3://").partition("/")
    assert bucket == lab["trail_bucket"]
    body = desk.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return f"{body.decode().strip()} {found['Status']}"


def test_another_threat_list_is_noticed_and_brought_over(instructor: Desk, lab: Row) -> None:
    assert listed(instructor, lab) == f"{BEFORE} ACTIVE"
    write(instructor, WORKSHOP.format(address=AFTER))
    row = ada(instructor, "status")
    assert row["state"] == "preparing"
    assert "to update it, run 'labkit up'" in row["detail"]
    refused = ada(instructor, "simulate", "--yes", code=1)
    assert refused["state"] == "failed"
    assert "labkit up" in refused["detail"]
    assert [step[:2] for step in planned(instructor)] == [("upload", "object"), ("update", "stack")]

    assert ada(instructor, "up", "--yes")["lab"] == lab, "the same list and servers"
    assert listed(instructor, lab) == f"{AFTER} ACTIVE"
    assert ada(instructor, "status")["state"] == "ready"
    assert planned(instructor) == []


@pytest.mark.parametrize("more", [1, -1])
def test_more_and_fewer_servers_are_brought_over(instructor: Desk, lab: Row, more: int) -> None:
    count = {1: 2, -1: 1}[more]
    text = WORKSHOP.format(address=AFTER).replace("servers = 1", f"servers = {count}")
    write(instructor, text)
    row = ada(instructor, "status")
    assert row["state"] == "ready"
    assert "to update it, run 'labkit up'" in row["detail"]
    assert planned(instructor) == [("update", "stack", "labkit-acme-seat-ada")]
    row = ada(instructor, "up", "--yes")
    assert row["state"] == "ready", row
    servers = row["lab"]["instances"]
    assert len(servers) == count
    assert servers[0] == lab["instances"][0], "what is there is kept"
    assert "up" not in ada(instructor, "status")["detail"]


def test_another_e_mail_is_brought_over(instructor: Desk, lab: Row) -> None:
    write(instructor, WORKSHOP.format(address=AFTER).replace("ada@", "ada.l@"))
    assert "to update it, run 'labkit up'" in ada(instructor, "status")["detail"]
    assert ada(instructor, "up", "--yes")["state"] == "ready"
    found = instructor.client("sns").list_subscriptions_by_topic(TopicArn=lab["topic_arn"])
    assert [s["Endpoint"] for s in found["Subscriptions"]] == ["ada.l@example.com"]


def test_attendees_may_come_from_a_sign_in_of_their_own(
    instructor: Desk, server: Server, lab: Row
) -> None:
    """A role as IAM Identity Center creates it: its name ends at random, and it has one permission."""
    iam, account = (
        instructor.client("iam"),
        instructor.client("sts").get_caller_identity()["Account"],
    )
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    right = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    for name in (
        "AWSReservedSSO_Investigator_0123456789abcdef",
        "AWSReservedSSO_Other_0123456789abcdef",
    ):
        iam.create_role(
            RoleName=name, Path="/aws-reserved/sso.amazonaws.com/eu-west-2/",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": right})
        iam.put_role_policy(RoleName=name, PolicyName="one", PolicyDocument=policy)

    def may_become(sign_in: str, role: str) -> bool:
        name = f"AWSReservedSSO_{sign_in}_0123456789abcdef"
        signed_in = Desk(instructor.folder, server.environment("--role", name))
        sts = signed_in.client("sts")
        try:
            sts.assume_role(RoleArn=lab[role], RoleSessionName="ada")
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        return True

    assert not may_become("Investigator", "attendee_role_arn")
    pattern = "aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Investigator_*"
    text = WORKSHOP.format(address=AFTER) + f'[access]\nattendees = "{pattern}"\n'
    write(instructor, text)
    assert "to update it, run 'labkit up'" in ada(instructor, "status")["detail"]
    assert ada(instructor, "up", "--yes")["state"] == "ready"
    assert may_become("Investigator", "attendee_role_arn")
    assert not may_become("Other", "attendee_role_arn")
    for role in ("operator_role_arn", "responder_role_arn", "grader_role_arn"):
        assert not may_become("Investigator", role)


def test_after_an_incident_a_lab_stays_as_it_is(instructor: Desk, lab: Row) -> None:
    assert lab
    write(instructor, WORKSHOP.format(address=AFTER).replace("servers = 1", "servers = 2"))
    made = ada(instructor, "simulate", "--yes")
    assert made["incident"]["callout_address"] == AFTER
    assert "its logs are evidence" in made["detail"]
    row = ada(instructor, "status")
    assert row["state"] == "incident"
    assert "its logs are evidence" in row["detail"]
    assert planned(instructor) == []
    assert ada(instructor, "up", "--yes")["lab"]["instances"] == row["lab"]["instances"]
    assert ada(instructor, "down", "--yes")["state"] == "absent"
