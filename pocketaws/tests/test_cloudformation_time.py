"""Stacks that take as long as on AWS, on a clock that only the test advances.

The calls happen inside the world, because a client would sign them with the real time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pocketaws.clock import ManualClock
from pocketaws.errors import AwsError
from pocketaws.server import LocalAws
from pocketaws.setup import root_caller

SERVER = """
Parameters:
  Ami: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.9.0.0/16}}
  Subnet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.9.0.0/24}}
  Server:
    Type: AWS::EC2::Instance
    CreationPolicy: {ResourceSignal: {Count: 2, Timeout: PT15M}}
    Properties: {ImageId: !Ref Ami, InstanceType: t3.micro, SubnetId: !Ref Subnet}
  After: {Type: "AWS::Logs::LogGroup", DependsOn: Server}
"""
SIGNAL = {"LogicalResourceId": "Server", "Status": "SUCCESS"}
WAIT = """
Resources:
  Network: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.9.0.0/16}}
  Ready: {Type: "AWS::CloudFormation::WaitCondition", CreationPolicy: {ResourceSignal: {Timeout: PT10M}}}
  Beside: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "${Network}-log"}}
  After: {Type: "AWS::Logs::LogGroup", DependsOn: Ready}
"""


class Slow:
    """A local AWS and its clock."""

    def __init__(self, aws: LocalAws, clock: ManualClock) -> None:
        self.world = aws.world
        self.clock = clock
        self.root = root_caller(aws.world.management_account)

    def __call__(self, operation: str, service: str = "cloudformation", **params: Any) -> Any:
        return self.world.call(self.root, service, operation, "eu-west-1", **params)

    def wait(self, seconds: int) -> None:
        for _ in range(0, seconds, 5):
            self.clock.advance(5)
            self.world.flush()

    def status(self, name: str) -> str:
        return str(self("DescribeStacks", StackName=name)["Stacks"][0]["StackStatus"])

    def steps(self, name: str, logical_id: str) -> list[tuple[str, str | None]]:
        return [
            (event["ResourceStatus"], event.get("ResourceStatusReason"))
            for event in reversed(self("DescribeStackEvents", StackName=name)["StackEvents"])
            if event["LogicalResourceId"] == logical_id
        ]


@pytest.fixture(scope="module")
def slow() -> Iterator[Slow]:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(delays="aws", clock=clock) as aws:
        yield Slow(aws, clock)


def test_resources_take_their_time_and_wait_for_their_signals(slow: Slow) -> None:
    slow("CreateStack", StackName="signals", TemplateBody=SERVER)
    assert slow.status("signals") == "CREATE_IN_PROGRESS"
    assert slow.steps("signals", "Vpc") == []
    slow.wait(5)
    assert slow.steps("signals", "Vpc")[-1] == ("CREATE_IN_PROGRESS", "Resource creation Initiated")
    assert slow.steps("signals", "Subnet") == []
    slow.wait(200)
    assert slow.steps("signals", "Server")[-1] == (
        "CREATE_IN_PROGRESS",
        "Resource creation Initiated",
    )
    slow("SignalResource", StackName="signals", UniqueId="one", **SIGNAL)
    slow("SignalResource", StackName="signals", UniqueId="one", **SIGNAL)
    slow.wait(5)
    assert slow.steps("signals", "Server")[-1] == (
        "CREATE_IN_PROGRESS",
        "Received SUCCESS signal with UniqueId one",
    )
    assert slow.steps("signals", "After") == []
    slow("SignalResource", StackName="signals", UniqueId="two", **SIGNAL)
    slow.wait(20)
    assert slow.steps("signals", "Server")[-1] == ("CREATE_COMPLETE", None)
    assert slow.status("signals") == "CREATE_COMPLETE"
    with pytest.raises(AwsError, match="CREATE_COMPLETE state and cannot be signaled"):
        slow("SignalResource", StackName="signals", UniqueId="three", **SIGNAL)


def test_a_wait_condition_waits_for_its_signal_while_other_resources_are_created(
    slow: Slow,
) -> None:
    slow("CreateStack", StackName="waits", TemplateBody=WAIT)
    slow.wait(60)
    assert slow.steps("waits", "Beside")[-1] == ("CREATE_COMPLETE", None)
    assert slow.steps("waits", "After") == []
    slow(
        "SignalResource",
        StackName="waits",
        UniqueId="one",
        LogicalResourceId="Ready",
        Status="SUCCESS",
    )
    slow.wait(30)
    assert slow.steps("waits", "Ready")[-1] == ("CREATE_COMPLETE", None)
    assert slow.status("waits") == "CREATE_COMPLETE"
    slow("DeleteStack", StackName="waits")
    slow.wait(60)
    gone = slow("ListStacks", StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert "waits" in {each["StackName"] for each in gone}


def test_a_wait_condition_without_its_signal_fails_the_stack(slow: Slow) -> None:
    slow("CreateStack", StackName="waits-for-nobody", TemplateBody=WAIT)
    slow.wait(11 * 60)
    assert (
        "CREATE_FAILED",
        "Failed to receive 1 resource signal(s) within the specified duration",
    ) in slow.steps("waits-for-nobody", "Ready")
    assert slow.status("waits-for-nobody") == "ROLLBACK_COMPLETE"


def test_a_wait_condition_needs_a_creation_policy(slow: Slow) -> None:
    template = 'Resources: {Ready: {Type: "AWS::CloudFormation::WaitCondition"}}'
    slow("CreateStack", StackName="no-policy", TemplateBody=template)
    slow.wait(30)
    ((_, reason),) = [s for s in slow.steps("no-policy", "Ready") if s[0] == "CREATE_FAILED"]
    assert reason is not None
    assert "Give the wait condition a CreationPolicy" in reason


def test_independent_resources_are_created_in_parallel(slow: Slow) -> None:
    template = """
    Resources:
      One: {Type: "AWS::EC2::InternetGateway"}
      Other: {Type: "AWS::EC2::InternetGateway"}
      Then: {Type: "AWS::EC2::InternetGateway", DependsOn: [One, Other]}
    """
    slow("CreateStack", StackName="parallel", TemplateBody=template)
    slow.wait(25)
    assert slow.steps("parallel", "One")[-1][0] == "CREATE_COMPLETE"
    assert slow.steps("parallel", "Other")[-1][0] == "CREATE_COMPLETE"
    assert slow.steps("parallel", "Then")[-1][0] == "CREATE_IN_PROGRESS"
    slow.wait(20)
    assert slow.status("parallel") == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("broken", "FAILURE", "Received FAILURE signal with UniqueId i-1"),
        ("silent", None, "Failed to receive 2 resource signal(s) within the specified duration"),
    ],
)
def test_a_missing_or_a_failure_signal_fails_the_stack(
    slow: Slow, name: str, status: str | None, reason: str
) -> None:
    slow("CreateStack", StackName=name, TemplateBody=SERVER)
    slow.wait(100)
    if status is None:
        slow.wait(15 * 60)
    else:
        slow("SignalResource", StackName=name, UniqueId="i-1", **{**SIGNAL, "Status": status})
    failed = [each for each in slow.steps(name, "Server") if each[0] == "CREATE_FAILED"]
    assert failed == [("CREATE_FAILED", reason)]
    slow.wait(200)
    assert slow.status(name) == "ROLLBACK_COMPLETE"
    gone = [
        event["LogicalResourceId"]
        for event in slow("DescribeStackEvents", StackName=name)["StackEvents"]
        if event["ResourceStatus"] == "DELETE_COMPLETE"
    ]
    assert gone == ["Vpc", "Subnet", "Server"]


def test_a_stack_can_be_deleted_during_its_creation(slow: Slow) -> None:
    stack_id = slow("CreateStack", StackName="hasty", TemplateBody=SERVER)["StackId"]
    slow.wait(5)
    assert slow.status("hasty") == "CREATE_IN_PROGRESS"
    slow("DeleteStack", StackName="hasty")
    assert slow.steps(stack_id, "Vpc")[-1] == ("CREATE_FAILED", "Resource creation cancelled")
    slow.wait(60)
    assert slow.status(stack_id) == "DELETE_COMPLETE"
    mine = {"Name": "tag:aws:cloudformation:stack-id", "Values": [stack_id]}
    assert slow("DescribeVpcs", "ec2", Filters=[mine])["Vpcs"] == []


def test_a_creation_that_takes_too_long_times_out(slow: Slow) -> None:
    slow("CreateStack", StackName="late", TemplateBody=SERVER, TimeoutInMinutes=5)
    slow.wait(310)
    reasons = [each[1] for each in slow.steps("late", "late")]
    assert "Stack creation timed out. Rollback requested by user." in reasons
    slow.wait(200)
    assert slow.status("late") == "ROLLBACK_COMPLETE"


def test_a_canceled_update_is_rolled_back(slow: Slow) -> None:
    template = (
        'Resources: {{Logs: {{Type: "AWS::Logs::LogGroup", Properties: {{RetentionInDays: {}}}}}}}'
    )
    slow("CreateStack", StackName="undecided", TemplateBody=template.format(1))
    slow.wait(30)
    slow("UpdateStack", StackName="undecided", TemplateBody=template.format(3))
    slow.clock.advance(2)
    assert slow.steps("undecided", "Logs")[-1][0] == "UPDATE_IN_PROGRESS"
    slow("CancelUpdateStack", StackName="undecided")
    slow.wait(30)
    assert slow.status("undecided") == "UPDATE_ROLLBACK_COMPLETE"
    found = slow("DescribeLogGroups", "logs", logGroupNamePrefix="undecided-")["logGroups"]
    assert found[0]["retentionInDays"] == 1
