"""EventBridge Scheduler with an unmodified boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION, client_factory, member_account

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Lab:
    """An account with a role that Scheduler can assume to put parameters."""

    def __init__(self, aws: LocalAws, clock: ManualClock) -> None:
        key = aws.administrator
        administrator = client_factory(aws, key.access_key_id, key.secret_access_key)
        self.clock = clock
        self.client = member_account(aws, administrator, "lab")
        self.scheduler = self.client("scheduler")
        self.role = self.make_role("runs-schedules", "scheduler.amazonaws.com")

    def make_role(self, name: str, trusted: str) -> str:
        trust = {
            "Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole",
        }  # fmt: skip
        iam = self.client("iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        allowed = {"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="put", PolicyDocument=_policy(allowed))
        return str(made["Role"]["Arn"])

    def target(self, parameter: str, **changes: Any) -> dict[str, Any]:
        given = {"Name": parameter, "Value": "x", "Type": "String", "Overwrite": True}
        return {
            "Arn": "arn:aws:scheduler:::aws-sdk:ssm:putParameter",
            "RoleArn": self.role,
            "Input": json.dumps(given),
            **changes,
        }

    def create(self, name: str, expression: str, **options: Any) -> str:
        made = self.scheduler.create_schedule(
            Name=name,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            **{"Target": self.target(f"/{name}"), **options},
        )
        return str(made["ScheduleArn"])

    def runs(self, name: str) -> int:
        try:
            found = self.client("ssm").get_parameter(Name=f"/{name}")
        except ClientError:
            return 0
        return int(found["Parameter"]["Version"])


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    clock = ManualClock(START)
    with LocalAws(region=REGION, clock=clock) as aws:
        yield Lab(aws, clock)


def test_a_one_time_schedule_runs_once(lab: Lab) -> None:
    due = lab.clock.now() + timedelta(minutes=10)
    lab.create("once", f"at({due:%Y-%m-%dT%H:%M:%S})")
    lab.clock.advance(9 * 60)
    assert lab.runs("once") == 0
    lab.clock.advance(60)
    assert lab.runs("once") == 1
    lab.clock.advance(5 * 60)
    assert lab.runs("once") == 1
    assert lab.scheduler.get_schedule(Name="once")["State"] == "ENABLED"


def test_a_rate_runs_from_its_start_to_its_end(lab: Lab) -> None:
    start = lab.clock.now() + timedelta(minutes=5)
    lab.create(
        "often", "rate(2 minutes)", StartDate=start, EndDate=start + timedelta(minutes=4),
        ActionAfterCompletion="DELETE",
    )  # fmt: skip
    seen = []
    for _ in range(12):
        lab.clock.advance(60)
        seen.append(lab.runs("often"))
    assert seen == [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 3]
    with pytest.raises(ClientError) as caught:
        lab.scheduler.get_schedule(Name="often")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_deleted_changed_or_disabled_schedule_does_nothing(lab: Lab) -> None:
    for name in ("deleted", "changed", "disabled"):
        lab.create(name, "rate(1 minute)", StartDate=lab.clock.now() + timedelta(minutes=1))
    lab.scheduler.delete_schedule(Name="deleted")
    common = {"FlexibleTimeWindow": {"Mode": "OFF"}}
    lab.scheduler.update_schedule(
        Name="changed", ScheduleExpression="rate(1 hour)", Target=lab.target("/changed"),
        StartDate=lab.clock.now() + timedelta(hours=1), **common,
    )  # fmt: skip
    lab.scheduler.update_schedule(
        Name="disabled", ScheduleExpression="rate(1 minute)", Target=lab.target("/disabled"),
        State="DISABLED", **common,
    )  # fmt: skip
    lab.clock.advance(5 * 60)
    assert [lab.runs(name) for name in ("deleted", "changed", "disabled")] == [0, 0, 0]


def test_a_call_that_the_role_may_not_make_fails_without_stopping_the_schedule(lab: Lab) -> None:
    topic = {"Arn": f"arn:aws:sns:{REGION}:123456789012:t", "Input": "x"}
    lab.create("denied", "rate(1 minute)", Target=lab.target("/denied", **topic))
    lab.clock.advance(60)
    lab.scheduler.update_schedule(
        Name="denied", ScheduleExpression="rate(1 minute)", Target=lab.target("/denied"),
        FlexibleTimeWindow={"Mode": "OFF"},
    )  # fmt: skip
    assert lab.runs("denied") == 1
    lab.scheduler.delete_schedule(Name="denied")


def test_a_stack_can_delete_itself_when_its_time_has_come(lab: Lab) -> None:
    target = lab.target(
        "",
        Arn="arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack",
        Input=json.dumps({"StackName": "x", "RoleARN": "arn:aws:iam::1:role/r"}),
    )
    arn = lab.create("stack", "rate(1 hour)", Target=target, StartDate=START + timedelta(days=1))
    found = lab.scheduler.get_schedule(Name="stack")
    assert (found["Arn"], found["GroupName"]) == (arn, "default")
    assert found["Target"]["Input"] == target["Input"]
    assert found["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 185


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ScheduleExpression": "rate(1 week)"}, "Invalid Schedule Expression"),
        ({"StartDate": START - timedelta(days=1)}, "5 minutes ago"),
        ({"EndDate": START - timedelta(days=1)}, "EndDate"),
        ({"ScheduleExpressionTimezone": "Nowhere"}, "Invalid Schedule Expression"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes"),
        ({"Arn": "arn:aws:scheduler:::aws-sdk:ssm:getParameter"}, "read-only"),
        ({"Arn": "arn:aws:scheduler:::aws-sdk:ssm:fly"}, "not a supported target"),
        ({"Input": '{"Name": "x", "Colour": "red"}'}, "Colour"),
        ({"Input": '{"Name": "x"}'}, "Value is required"),
        ({"Input": "{"}, "not JSON"),
        ({"Arn": "arn:aws:lambda:eu-west-1:1:function:f"}, "lambda"),
    ],
)
def test_schedules_that_are_refused(lab: Lab, options: dict[str, Any], message: str) -> None:
    of_target = {key: options[key] for key in ("Arn", "Input") if key in options}
    others = {key: value for key, value in options.items() if key not in of_target}
    with pytest.raises(ClientError, match=message):
        lab.scheduler.create_schedule(
            **{
                "Name": "refused",
                "ScheduleExpression": "rate(1 hour)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": lab.target("/refused", **of_target),
                **others,
            }
        )


def test_a_role_that_trusts_somebody_else_is_refused(lab: Lab) -> None:
    role = lab.make_role("for-others", "lambda.amazonaws.com")
    for arn in (role, f"{role}-that-is-not-there"):
        with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler"):
            lab.create("trust", "rate(1 hour)", Target=lab.target("/trust", RoleArn=arn))


def test_deleting_a_group_deletes_its_schedules(lab: Lab) -> None:
    scheduler = lab.scheduler
    made = scheduler.create_schedule_group(Name="class", Tags=[{"Key": "a", "Value": "b"}])
    arn = made["ScheduleGroupArn"]
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError, match="already exists"):
        scheduler.create_schedule_group(Name="class")
    lab.create("in-group", "rate(1 hour)", GroupName="class", StartDate=START + timedelta(days=1))
    with pytest.raises(ClientError, match="already exists"):
        lab.create("in-group", "rate(1 hour)", GroupName="class")
    listed = scheduler.list_schedules(GroupName="class")["Schedules"]
    assert [schedule["Name"] for schedule in listed] == ["in-group"]
    scheduler.delete_schedule_group(Name="class")
    names = [group["Name"] for group in scheduler.list_schedule_groups()["ScheduleGroups"]]
    assert names == ["default"]
    with pytest.raises(ClientError, match="default"):
        scheduler.delete_schedule_group(Name="default")


def test_a_repeated_token_creates_a_schedule_only_once(lab: Lab) -> None:
    options = {"StartDate": START + timedelta(days=1), "ClientToken": "token-1"}
    assert lab.create("token", "rate(1 hour)", **options) == lab.create(
        "token", "rate(1 hour)", **options
    )
