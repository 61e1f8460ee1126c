"""``sweep`` finds by tags what's past its expiry, whether or not the roster knows it, and leaves the rest alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from labkit.aws import Account
from labkit.deploy import stacks
from labkit.deploy.expiry import format_time
from labkit.embedded_aws import embedded_aws
from labkit.names import TAG_EXPIRES, TAG_SEAT, TAG_WORKSHOP
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations

TEMPLATE = """
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: {name}
"""


@pytest.fixture
def work() -> Iterator[Operations]:
    with embedded_aws(demo_run.REGION):
        yield demo_run.begin(1)


@pytest.fixture
def account(work: Operations) -> Account:
    return work.cloud.account(work.seats[0].account)


def create(account: Account, workshop: str, part: str, hours: float, now: Operations) -> None:
    """Create a stack that expires in some hours; ``part`` is evidence or the name of a seat's stack."""
    expires = format_time(now.now() + timedelta(hours=hours))
    name = f"labkit-{workshop}-{part}"
    tags = {TAG_WORKSHOP: workshop, TAG_EXPIRES: expires}
    if part.startswith("seat-"):
        tags[TAG_SEAT] = part.removeprefix("seat-")
    stacks.start_create(account, name, TEMPLATE.format(name=f"{name}-logs"), {}, tags)


def names(account: Account) -> set[str]:
    return {stack.name for stack in stacks.of_workshops(account)}


def test_only_what_has_expired_goes_and_what_labs_stand_on_stays(
    work: Operations, account: Account
) -> None:
    create(account, "demo", "evidence", -1, work)
    create(account, "demo", "seat-late", -1, work)
    create(account, "demo", "seat-early", 1, work)
    create(account, "other", "evidence", -1, work)
    (row,) = work.expired_rows()
    assert (row["seat"], row["state"], row["workshop"]) == ("late", "expired", "demo")
    assert "expired since" in row["detail"]
    assert {a.id for a in work.plan_sweep().actions} == {"labkit-demo-seat-late"}

    rows = {row["seat"]: row for row in work.sweep()}

    assert (rows["late"]["state"], rows["late"]["leftovers"]) == ("absent", [])
    assert names(account) == {
        "labkit-demo-evidence", "labkit-demo-seat-early", "labkit-other-evidence",
    }  # fmt: skip


def test_expired_evidence_goes_after_the_last_lab(work: Operations, account: Account) -> None:
    create(account, "demo", "evidence", -1, work)
    create(account, "demo", "seat-late", -2, work)
    assert {row["seat"] for row in work.expired_rows()} == {None, "late"}
    plan = work.plan_sweep().actions
    assert [a.id for a in plan if a.kind == "stack"] == [
        "labkit-demo-seat-late", "labkit-demo-evidence",
    ]  # fmt: skip
    work.sweep()
    assert names(account) == set()


def test_other_workshops_are_swept_only_on_request(work: Operations, account: Account) -> None:
    create(account, "other", "evidence", -1, work)
    create(account, "third", "evidence", 1, work)
    assert work.expired_rows() == []
    assert work.plan_sweep().actions == ()
    (row,) = work.expired_rows(any_workshop=True)
    assert (row["seat"], row["workshop"]) == (None, "other")
    work.sweep(any_workshop=True)
    assert names(account) == {"labkit-third-evidence"}


def test_what_no_stack_contains_any_longer_is_orphaned(work: Operations, account: Account) -> None:
    logs = account.client("logs")
    logs.create_log_group(
        logGroupName="labkit-demo-lost", tags={TAG_WORKSHOP: "demo", TAG_SEAT: "lost"}
    )
    logs.create_log_group(logGroupName="labkit-mine")
    (row,) = work.expired_rows()
    assert (row["seat"], row["detail"]) == ("lost", "1 resource of a lab of demo without a stack")
    work.sweep()
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    assert groups == ["labkit-mine"]


def test_orphans_of_a_running_workshop_wait_for_its_expiry(
    work: Operations, account: Account
) -> None:
    create(account, "demo", "evidence", 1, work)
    tags = {TAG_WORKSHOP: "demo", TAG_SEAT: "new"}
    account.client("logs").create_log_group(logGroupName="labkit-demo-new", tags=tags)
    assert work.expired_rows() == []
    later = replace(work, seats=work.seats)
    assert later.plan_sweep().actions == ()


def test_a_lab_that_runs_in_another_region_keeps_its_roles(
    work: Operations, account: Account
) -> None:
    """IAM lists the roles and instance profiles of every Region, and CloudFormation doesn't tag profiles."""
    iam = account.client("iam")
    statement = {
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
    }  # fmt: skip
    tags = {
        TAG_WORKSHOP: "other",
        TAG_SEAT: "ada",
        TAG_EXPIRES: format_time(work.now() + timedelta(hours=1)),
    }
    iam.create_role(
        RoleName="labkit-other-ada-server",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    profile = "labkit-other-seat-ada-ServerProfile-AB12CD34EF56"
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(
        InstanceProfileName=profile, RoleName="labkit-other-ada-server"
    )
    assert work.plan_sweep(any_workshop=True).actions == ()

    iam.remove_role_from_instance_profile(
        InstanceProfileName=profile, RoleName="labkit-other-ada-server"
    )
    assert [a.id for a in work.plan_sweep(any_workshop=True).actions] == [profile]
