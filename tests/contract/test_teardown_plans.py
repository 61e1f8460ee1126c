"""What a plan of ``down`` says is exactly what ``down`` does, whatever state a stack is in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from labkit.clock import Clock
from labkit.deploy import stacks
from labkit.embedded_aws import embedded_aws
from labkit.errors import CloudError
from labkit.names import (
    TAG_SEAT,
    TAG_WORKSHOP,
    detector_stack_name,
    evidence_stack,
    expiry_stack,
    seat_stack,
)
from labkit.teardown.kinds import kinds
from labkit.teardown.scope import Scope
from labkit.workflow import demo_run
from labkit.workflow.accounts import Place
from labkit.workflow.operations import Operations
from pocketaws.cloudformation.store import CloudFormationStore
from pocketaws.server import LocalAws

from .recorder import Recorder, undone, unplanned

TEMPLATE = """
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {bucket}
Outputs:
  InstanceIds:
    Value: ""
"""
STATES = sorted(
    set(
        boto3.client("cloudformation", region_name="eu-west-1")
        .meta.service_model.shape_for("StackStatus")
        .enum
    )
    - {"DELETE_COMPLETE"}
)
# Where an operation leaves a stack. What's deleted when it ends isn't there for the next round.
ENDS = {
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_FAILED",
}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with embedded_aws(demo_run.REGION) as running:
        yield running


@pytest.fixture(scope="module")
def work(aws: LocalAws) -> Operations:
    assert aws
    return demo_run.begin(1)


def create(work: Operations, name: str, tags: dict[str, str], bucket: str) -> None:
    """Create a stack that has only a bucket with an object in it."""
    account = work.cloud.account(work.seats[0].account)
    template = TEMPLATE.format(bucket=bucket)
    stacks.start_create(account, name, template, {}, tags)
    account.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")


def force(aws: LocalAws, work: Operations, name: str, status: str) -> None:
    """Put a stack into a state that takes a failure, or much patience, to get into."""
    account = work.seats[0].account
    assert account is not None
    store = aws.world.store(CloudFormationStore, account, work.workshop.region)
    store.stacks[store.living[name]].status = status


@pytest.mark.parametrize("status", STATES)
def test_down_does_exactly_what_each_round_of_its_plan_says(
    aws: LocalAws, work: Operations, status: str
) -> None:
    (seat,) = work.seats
    name = seat_stack(work.workshop, seat.id)
    bucket = f"labkit-states-{status.lower().replace('_', '-')}"[:60]
    create(work, name, {TAG_WORKSHOP: work.workshop.name, TAG_SEAT: seat.id}, bucket)
    force(aws, work, name, status)

    def sleep(_seconds: float) -> None:
        force(aws, work, name, ENDS.get(status, "UPDATE_COMPLETE"))

    account = work.cloud.account(seat.account)
    recorder = Recorder().watch(account)
    printed = work.plan_down().actions
    assert recorder.calls == [], "a plan changes nothing"

    teardown = work.teardown(Scope(work.workshop.name))
    patient = replace(teardown, clock=Clock(work.now, sleep))
    (result,) = patient.run(lambda *_: None, recorder.show)

    removal = result.unwrap()
    assert removal.leftovers(seat.id) == ()
    assert recorder.rounds[0][0].actions == printed
    assert [unplanned(*each) for each in recorder.rounds] == [[]] * len(recorder.rounds)
    assert [undone(*each) for each in recorder.rounds] == [[]] * len(recorder.rounds)
    assert account.client("s3").list_buckets()["Buckets"] == []


def test_a_rolled_back_evidence_stack_without_outputs_goes_with_its_full_bucket(
    aws: LocalAws, work: Operations
) -> None:
    name = evidence_stack(work.workshop)
    create(work, name, {TAG_WORKSHOP: work.workshop.name}, "labkit-evidence-full")
    force(aws, work, name, "ROLLBACK_FAILED")
    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row


def test_a_bucket_of_a_stack_is_emptied_whatever_its_name_is(work: Operations) -> None:
    (seat,) = work.seats
    tags = {TAG_WORKSHOP: work.workshop.name, TAG_SEAT: seat.id}
    create(work, seat_stack(work.workshop, seat.id), tags, "exports-of-a-scenario")
    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row


def test_labs_in_an_earlier_region_are_reported_and_left_alone(work: Operations) -> None:
    """``region`` in workshop.toml changed after ``up``; the note that ``up`` wrote still names the old one."""
    (seat,) = work.seats
    assert seat.account is not None
    elsewhere = work.cloud.place(seat.account, "eu-central-1")
    name = seat_stack(work.workshop, seat.id)
    tags = {TAG_WORKSHOP: work.workshop.name, TAG_SEAT: seat.id}
    stacks.start_create(elsewhere, name, TEMPLATE.format(bucket="labkit-elsewhere"), {}, tags)
    role = f"labkit-{work.workshop.name}-{seat.id}-operator"
    statement = {
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
    }  # fmt: skip
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    elsewhere.client("iam").create_role(
        RoleName=role,
        AssumeRolePolicyDocument=json.dumps(trust),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    both = replace(
        work,
        places=(Place(seat.account, work.workshop.region), Place(seat.account, "eu-central-1")),
    )

    assert both.plan_down().actions == ()
    here, there = both.down()

    assert here["state"] == "absent"
    assert there["state"] == "failed"
    assert 'Set region = "eu-central-1" there' in there["detail"]
    assert [stack.name for stack in stacks.of_workshops(elsewhere)] == [name]
    assert elsewhere.client("iam").get_role(RoleName=role)
    elsewhere.client("iam").delete_role(RoleName=role)
    elsewhere.client("cloudformation").delete_stack(StackName=name)


def test_what_belongs_to_another_workshop_stays(work: Operations) -> None:
    create(work, "labkit-demo-two-evidence", {TAG_WORKSHOP: "demo-two"}, "labkit-demo-two-x")
    assert work.plan_down().actions == ()
    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", [])
    account = work.cloud.account(work.seats[0].account)
    assert [stack.name for stack in stacks.of_workshops(account)] == ["labkit-demo-two-evidence"]
    assert [b["Name"] for b in account.client("s3").list_buckets()["Buckets"]] == [
        "labkit-demo-two-x"
    ]
    other = replace(work, workshop=replace(work.workshop, name="demo-two"))
    (row,) = other.down()
    assert (row["state"], row["leftovers"]) == ("absent", [])
    assert stacks.of_workshops(account) == ()


def test_a_seat_that_is_not_on_the_roster_goes_and_keeps_what_is_shared_until_then(
    work: Operations,
) -> None:
    tags = {TAG_WORKSHOP: work.workshop.name}
    create(work, evidence_stack(work.workshop), tags, "labkit-shared")
    create(work, seat_stack(work.workshop, "gone"), {**tags, TAG_SEAT: "gone"}, "labkit-gone")
    (seat,) = work.seats
    account = work.cloud.account(seat.account)

    one = replace(work, only_these=True)
    (row,) = one.down()
    assert (row["seat"], row["state"], row["leftovers"]) == (seat.id, "absent", [])
    left = {stack.name for stack in stacks.of_workshops(account)}
    assert left >= {evidence_stack(work.workshop), seat_stack(work.workshop, "gone")}

    rows = {row["seat"]: row for row in work.down()}
    assert set(rows) == {seat.id, "gone"}
    assert rows["gone"]["in_roster"] is False
    assert rows["gone"]["detail"].startswith("not in the roster; nothing is left in account")
    assert "in_roster" not in rows[seat.id]
    names = {stack.name for stack in stacks.of_workshops(account)}
    assert not names & {evidence_stack(work.workshop), seat_stack(work.workshop, "gone")}


def test_objects_that_can_not_be_deleted_are_named(work: Operations) -> None:
    """``DeleteObjects`` succeeds even if it deletes nothing."""
    account = work.cloud.account(work.seats[0].account)
    s3, bucket = account.client("s3"), "labkit-stubborn"
    s3.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": account.region}
    )
    s3.put_object(Bucket=bucket, Key="mine.txt", Body=b"x")
    statement = {
        "Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    with pytest.raises(CloudError, match=r"The first is mine\.txt: AccessDenied"):
        kinds()["bucket"].remove("empty", account, [bucket], work.clock)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="mine.txt")
    s3.delete_bucket(Bucket=bucket)


def test_the_detector_goes_with_the_last_workshop_that_needs_it(work: Operations) -> None:
    """Its stack belongs to the first workshop that needed one."""
    account = work.cloud.account(work.seats[0].account)
    first = {TAG_WORKSHOP: work.workshop.name}
    create(work, evidence_stack(work.workshop), first, "labkit-first")
    create(work, detector_stack_name(work.workshop.name), first, "labkit-detector")
    create(work, expiry_stack(work.workshop), first, "labkit-expiry")
    create(work, "labkit-second-evidence", {TAG_WORKSHOP: "second"}, "labkit-second")

    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row
    both = {detector_stack_name(work.workshop.name), expiry_stack(work.workshop)}
    assert {each["id"] for each in row["staying"]} == both
    assert "the workshop second needs the GuardDuty detector" in row["detail"]
    left = {stack.name for stack in stacks.of_workshops(account)}
    assert both <= left, "what deletes the expired detector stays with it"
    assert evidence_stack(work.workshop) not in left

    second = replace(work, workshop=replace(work.workshop, name="second"))
    assert {(a.kind, a.id) for a in second.plan_down().actions if a.verb == "delete"} == {
        ("stack", "labkit-second-evidence"), *(("stack", name) for name in both),
    }  # fmt: skip
    (row,) = second.down()
    assert (row["state"], row["leftovers"], row["staying"]) == ("absent", [], []), row
    left = {stack.name for stack in stacks.of_workshops(account)}
    assert both.isdisjoint(left)
