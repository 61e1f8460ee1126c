"""After a day that went wrong, one more ``down`` leaves the accounts as they were, or names what's left and why."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from typing import Any

import pytest

from labkit.aws import Cloud

from .conftest import REGION, AccountClients, Instructor

Contents = dict[str, dict[str, list[str]]]


def contents(accounts: dict[str, AccountClients]) -> Contents:
    return {seat: account.contents() for seat, account in accounts.items()}


def assert_nothing_is_left(
    instructor: Instructor, accounts: dict[str, AccountClients], before: Contents
) -> None:
    """``down`` says that nothing is left, and plain boto3 agrees."""
    rows = instructor.rows("down", "--yes", "--discard")
    assert {row["state"] for row in rows.values()} <= {"absent"}, rows
    assert [row["leftovers"] for row in rows.values()] == [[] for _ in rows]
    assert contents(accounts) == before


def without_seat(text: str, seat: str) -> str:
    blocks = re.split(r"(?=\[\[seat\]\])", text)
    return "".join(block for block in blocks if f'id = "{seat}"' not in block)


def test_a_roster_that_changes(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    instructor.run("up", "--yes")
    instructor.edit(lambda text: without_seat(text, "seat-2"))

    rows = instructor.rows("status", code=None)
    assert "not in the roster" in rows["seat-2"]["detail"]
    assert_nothing_is_left(instructor, accounts, before)


def test_labs_two_hours_past_their_time(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    instructor.run("up", "--yes")
    instructor.run("simulate", "--yes")
    instructor.pass_time(timedelta(hours=10))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(
        account.contents()["instances"] for account in accounts.values()
    ):
        instructor.pass_time(timedelta(minutes=5))
        time.sleep(0.2)

    assert [account.contents()["instances"] for account in accounts.values()] == [[], [], []]
    assert_nothing_is_left(instructor, accounts, before)


def test_a_rehearsal_and_then_the_event(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    instructor.run("up", "--yes")
    instructor.run("simulate", "--yes")
    instructor.run("down", "--yes")
    instructor.pass_time(timedelta(days=3))

    rows = instructor.rows("up", "--yes")
    assert {row["state"] for row in rows.values()} == {"ready"}
    instructor.run("simulate", "--yes")
    assert_nothing_is_left(instructor, accounts, before)


def test_up_again_past_the_expiry_renews_it(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    instructor.run("up", "--yes")
    instructor.pass_time(timedelta(days=2))
    time.sleep(3)

    rows = instructor.rows("up", "--yes")
    assert {row["state"] for row in rows.values()} == {"ready"}, rows
    instructor.pass_time(timedelta(hours=1))
    time.sleep(1)
    assert {row["state"] for row in instructor.rows("status").values()} == {"ready"}
    assert_nothing_is_left(instructor, accounts, before)


def test_two_workshops_in_one_account(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    instructor.run("up", "--yes")
    first = instructor.file.read_text(encoding="utf-8")
    instructor.edit(lambda text: text.replace('name = "acme"', 'name = "acme-two"'))
    instructor.run("up", "--yes")

    rows = instructor.rows("down", "--yes", "--discard")
    assert {row["state"] for row in rows.values()} == {"absent"}, rows
    instructor.file.write_text(first, encoding="utf-8")
    rows = instructor.rows("status")
    assert {row["state"] for row in rows.values()} == {"ready"}, rows
    instructor.run("simulate", "--yes")
    assert_nothing_is_left(instructor, accounts, before)


def deny(account: str, *actions: str) -> str:
    """Attach a policy of the organization that denies actions in an account; returns its ID."""
    organizations = Cloud(REGION, None).caller.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    if not root["PolicyTypes"]:
        organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    statement = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    created = organizations.create_policy(
        Name=f"deny-{account}",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    policy = str(created["Policy"]["PolicySummary"]["Id"])
    organizations.attach_policy(PolicyId=policy, TargetId=account)
    return policy


def allow_again(account: str, policy: str) -> None:
    organizations = Cloud(REGION, None).caller.client("organizations")
    organizations.detach_policy(PolicyId=policy, TargetId=account)
    organizations.delete_policy(PolicyId=policy)


@pytest.mark.parametrize("verb", ["up", "simulate", "down"])
def test_an_account_that_denies_everything_midway(instructor: Instructor, verb: str) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    account = instructor.rows("status")["seat-2"]["account"]
    if verb != "up":
        instructor.run("up", "--yes")
    policy = deny(account, "*")

    rows = instructor.rows(verb, "--yes", *(["--discard"] if verb == "down" else []), code=1)
    good = {"up": "ready", "simulate": "incident", "down": "absent"}[verb]
    assert [rows[seat]["state"] for seat in ("seat-1", "seat-3")] == [good, good], rows
    assert rows["seat-2"]["state"] == "failed"
    assert "organization" in rows["seat-2"]["detail"] or account in rows["seat-2"]["detail"]
    said = instructor.run("down", "--yes", "--discard", code=1)
    assert "nothing is left" not in next(
        line for line in said.stdout.splitlines() if line.startswith("seat-2")
    )

    allow_again(account, policy)
    assert_nothing_is_left(instructor, accounts, before)


def test_an_evidence_stack_whose_rollback_fails(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    before = contents(accounts)
    account = instructor.rows("status")["seat-1"]["account"]
    policy = deny(account, "cloudtrail:CreateTrail", "s3:DeleteBucket", "logs:DeleteLogGroup")

    rows = instructor.rows("up", "--yes", code=1)
    assert rows["seat-1"]["state"] == "failed"
    assert (
        "organization" in rows["seat-1"]["detail"] or "service control" in rows["seat-1"]["detail"]
    )
    rows = instructor.rows("down", "--yes", "--discard", code=1)
    assert rows["seat-1"]["state"] == "failed"
    assert rows["seat-1"]["leftovers"]

    allow_again(account, policy)
    assert_nothing_is_left(instructor, accounts, before)


def own_things(client: Any) -> None:
    """Create what an account might have of its own: a server, a bucket, a trail, a role, and a detector."""
    client("guardduty").create_detector(Enable=True)
    client("s3").create_bucket(
        Bucket="own-things-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    client("s3").put_object(Bucket="own-things-bucket", Key="note", Body=b"mine")
    client("iam").create_role(
        RoleName="own-role",
        AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
        ),
    )  # fmt: skip
    client("logs").create_log_group(logGroupName="own-group")
    client("sns").create_topic(Name="own-topic")
    image = client("ssm").get_parameter(
        Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    )["Parameter"]["Value"]
    client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")


def test_an_account_keeps_everything_of_its_own(instructor: Instructor) -> None:
    accounts = instructor.accounts()
    own_things(accounts["seat-1"].client)
    before = contents(accounts)
    instructor.run("up", "--yes")
    instructor.run("simulate", "--yes")

    assert_nothing_is_left(instructor, accounts, before)
    client = accounts["seat-1"].client
    assert client("s3").get_object(Bucket="own-things-bucket", Key="note")["Body"].read() == b"mine"
    detector = client("guardduty").list_detectors()["DetectorIds"][0]
    assert client("guardduty").get_detector(DetectorId=detector)["Status"] == "ENABLED"
