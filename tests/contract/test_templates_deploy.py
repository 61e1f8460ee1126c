"""Deploy and delete the rendered templates on the emulator with plain boto3."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labkit.deploy.expiry import DETECTOR_GRACE, format_time
from labkit.model import Workshop
from labkit.render import render
from labkit.scenario import scenarios
from labkit.scenarios import DEFAULT
from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws
from pocketaws.testing import administrator, administrator_role, assume, create_account

REGION = "eu-west-1"
IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
Client = Callable[..., Any]
PATIENCE_SECONDS = 60.0
EXPIRES = format_time(datetime.now(UTC) + timedelta(days=1))
DETECTOR_EXPIRES = format_time(datetime.now(UTC) + timedelta(days=1) + DETECTOR_GRACE)


@dataclass(frozen=True)
class Deployed:
    """An account with a lab, and what its stacks say."""

    client: Client
    account: str
    evidence: dict[str, str]
    lab: dict[str, str]
    stacks: dict[str, str]
    """IDs by role."""


def empty_buckets(client: Client, stack: str) -> None:
    """Empty a stack's buckets, as their lifecycle rules do in time."""
    resources = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    s3 = client("s3")
    for resource in resources:
        if (
            resource["ResourceType"] == "AWS::S3::Bucket"
            and resource["ResourceStatus"] != "DELETE_COMPLETE"
        ):
            bucket = resource["PhysicalResourceId"]
            found = s3.list_object_versions(Bucket=bucket)
            for one in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
                s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])


def wait(cloudformation: Any, stack: str, wanted: str) -> dict[str, Any]:
    """The stack in its final state, which must be the expected one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        if not found["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [
        (event["LogicalResourceId"], event.get("ResourceStatusReason"))
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    ]
    assert found["StackStatus"] == wanted, failed
    return dict(found)


def make(client: Client, name: str, text: str, **parameters: str) -> tuple[str, dict[str, str]]:
    """Create a stack; its id and outputs."""
    cloudformation = client("cloudformation")
    made = cloudformation.create_stack(
        StackName=name,
        TemplateBody=text,
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = wait(cloudformation, made["StackId"], "CREATE_COMPLETE")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return made["StackId"], outputs


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws(region=REGION) as local:
        yield local


def deploy(
    aws: LocalAws,
    name: str,
    *,
    servers: int,
    scenario: str = DEFAULT,
    email: str = "",
    own_detector: bool = False,
) -> Deployed:
    account = create_account(administrator(aws), name)
    client = assume(aws, administrator(aws), administrator_role(account), "admin")
    known = "servers" in scenarios()[scenario].settings.model_fields
    workshop = Workshop(
        name,
        scenario,
        REGION,
        timedelta(hours=8),
        (),
        settings={"servers": servers} if known else {},
    )
    texts = render(workshop)
    stacks = {}
    stacks["expiry"], _ = make(client, f"labkit-{name}-expiry", texts["expiry"], Expires=EXPIRES)
    if own_detector:
        detector = client("guardduty").create_detector(Enable=True)["DetectorId"]
    else:
        stacks["detector"], made = make(
            client, f"labkit-{name}-detector", texts["detector"], Expires=DETECTOR_EXPIRES
        )
        detector = made["DetectorId"]
    stacks["evidence"], evidence = make(
        client,
        f"labkit-{name}-evidence",
        texts["evidence"],
        Expires=EXPIRES,
        RetentionDays="3",
        DetectorId=detector,
    )
    bucket = evidence["TrailBucket"]
    if "threat_list" in texts:
        location = "threat-list/addresses.txt"
        client("s3").put_object(Bucket=bucket, Key=location, Body=b"209.85.202.94\n")
        stacks["threat_list"], _ = make(
            client,
            f"labkit-{name}-threat-list",
            texts["threat_list"],
            Expires=EXPIRES,
            DetectorId=detector,
            ListLocation=f"s3://{bucket}/{location}",
        )
    stacks["lab"], lab = make(
        client,
        f"labkit-{name}-seat-ada",
        texts["lab"],
        Seat="ada",
        Expires=EXPIRES,
        RetentionDays="3",
        TrustedPrincipals=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
        AlertEmail=email,
        TrailBucket=bucket,
        DetectorId=detector,
        ImageId=client("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"],
    )
    assert evidence["DetectorId"] == detector
    return Deployed(client, account, evidence, lab, stacks)


@pytest.fixture(scope="module")
def deployed(aws: LocalAws) -> Deployed:
    return deploy(aws, "first", servers=2, email="ada@example.com")


def test_every_server_says_that_it_records_commands(deployed: Deployed) -> None:
    logs = deployed.client("logs")
    for number, instance in enumerate(deployed.lab["InstanceIds"].split(","), 1):
        found = logs.filter_log_events(logGroupName=f"{instance}-commands-log")["events"]
        assert found[-1]["message"].endswith(f" command-log: recording commands on Server{number}")


def test_what_it_made_in_ec2_has_the_tags(deployed: Deployed) -> None:
    ec2 = deployed.client("ec2")
    wanted = {"labkit:workshop": "first", "labkit:seat": "ada", "labkit:expires": EXPIRES}
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in wanted.items()]
    found = {
        tag["ResourceType"]
        for tag in ec2.describe_tags(Filters=[{"Name": "key", "Values": ["labkit:seat"]}])["Tags"]
    }
    assert found >= {
        "instance", "volume", "vpc", "subnet", "internet-gateway", "route-table", "security-group",
    }  # fmt: skip
    (flow_log,) = ec2.describe_flow_logs()["FlowLogs"]
    assert wanted.items() <= {tag["Key"]: tag["Value"] for tag in flow_log["Tags"]}.items()
    reservations = ec2.describe_instances(Filters=filters)["Reservations"]
    ids = {server["InstanceId"] for found in reservations for server in found["Instances"]}
    assert ids == set(deployed.lab["InstanceIds"].split(","))


def test_nothing_comes_in_until_the_operator_opens_a_door(deployed: Deployed) -> None:
    (group,) = deployed.client("ec2").describe_security_groups(
        GroupIds=[deployed.lab["SecurityGroupId"]]
    )["SecurityGroups"]
    assert group["IpPermissions"] == []


def test_the_attendee_is_told_by_mail_only_with_an_address(deployed: Deployed) -> None:
    found = deployed.client("sns").list_subscriptions_by_topic(TopicArn=deployed.lab["TopicArn"])
    assert [one["Endpoint"] for one in found["Subscriptions"]] == ["ada@example.com"]


def test_the_attendee_hands_in_and_does_not_see_runs(aws: LocalAws, deployed: Deployed) -> None:
    runs = "/labkit/first/ada/runs/1"
    deployed.client("ssm").put_parameter(Name=runs, Value="{}", Type="String")
    attendee = assume(aws, deployed.client, deployed.lab["AttendeeRoleArn"], "ada")
    grader = assume(aws, deployed.client, deployed.lab["GraderRoleArn"], "grader")
    answer = "/labkit/first/ada/answers/command"
    attendee("ssm").put_parameter(Name=answer, Value='["x"]', Type="String")

    with pytest.raises(Exception, match="AccessDenied"):
        attendee("ssm").get_parameter(Name=runs)
    with pytest.raises(Exception, match="AccessDenied"):
        attendee("ssm").get_parameters_by_path(Path="/labkit/first/ada", Recursive=True)
    found = grader("ssm").get_parameters_by_path(Path="/labkit/first/ada", Recursive=True)
    assert {one["Name"] for one in found["Parameters"]} == {runs, answer}


def test_the_attendee_reads_the_saved_queries_of_the_work_group(
    aws: LocalAws, deployed: Deployed
) -> None:
    athena = assume(aws, deployed.client, deployed.lab["AttendeeRoleArn"], "ada")("athena")
    group = deployed.lab["AthenaWorkgroup"]
    ids = athena.list_named_queries(WorkGroup=group)["NamedQueryIds"]
    found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
    assert {one["Database"] for one in found} == {deployed.evidence["AthenaDatabase"]}
    assert len(found) == 2
    assert athena.get_named_query(NamedQueryId=ids[0])["NamedQuery"]["WorkGroup"] == group
    with pytest.raises(Exception, match="AccessDenied"):
        athena.delete_named_query(NamedQueryId=ids[0])
    with pytest.raises(Exception, match="AccessDenied"):
        athena.list_named_queries()  # those of "primary"


def test_the_command_logs_are_found_by_their_tags_and_go_with_the_lab(
    deployed: Deployed,
) -> None:
    logs = deployed.client("logs")
    servers = deployed.lab["InstanceIds"].split(",")
    for server in servers:
        (group,) = logs.describe_log_groups(logGroupNamePrefix=f"{server}-")["logGroups"]
        tags = logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
        assert tags["labkit:seat"] == "ada"
        assert tags["labkit:expires"] == EXPIRES
        assert group["retentionInDays"] == 3
    in_stack = deployed.client("cloudformation").describe_stack_resources(
        StackName=deployed.stacks["lab"]
    )["StackResources"]
    assert {f"{server}-commands-log" for server in servers} <= {
        each["PhysicalResourceId"] for each in in_stack
    }


@dataclass(frozen=True)
class Later:
    """A local AWS whose clock the test sets."""

    aws: LocalAws
    clock: ManualClock

    def wait(self, span: timedelta) -> None:
        self.clock.advance(span.total_seconds())
        self.aws.world.flush()

    def statuses(self, deployed: Deployed) -> dict[str, str]:
        """The states of the stacks by role."""
        cloudformation = self.client(deployed)("cloudformation")
        return {
            role: cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
            for role, stack in deployed.stacks.items()
        }

    def client(self, deployed: Deployed) -> Client:
        """A new session, because the clock has passed the end of the earlier one."""
        return assume(
            self.aws, administrator(self.aws), administrator_role(deployed.account), "admin"
        )


@pytest.fixture
def later() -> Iterator[Later]:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(region=REGION, clock=clock) as local:
        yield Later(local, clock)


@pytest.mark.parametrize("scenario", sorted(scenarios()))
@pytest.mark.parametrize("own_detector", [True, False])
def test_expiry_deletes_everything_but_its_own_role(
    later: Later, scenario: str, *, own_detector: bool
) -> None:
    """The schedules delete the stacks, again and again until the lifecycle rules have emptied the buckets."""
    deployed = deploy(later.aws, "ends", servers=1, scenario=scenario, own_detector=own_detector)
    later.wait(timedelta(hours=23))
    assert set(later.statuses(deployed).values()) == {"CREATE_COMPLETE"}

    later.wait(timedelta(hours=3))
    client = later.client(deployed)
    found = later.statuses(deployed)
    assert found.pop("expiry") == "CREATE_COMPLETE"
    assert found.pop("evidence") == "DELETE_FAILED"
    assert client("cloudtrail").describe_trails()["trailList"] == []
    buckets = {role for role, status in found.items() if status == "DELETE_FAILED"}
    assert buckets <= {"lab"}
    assert {found[role] for role in set(found) - buckets} <= {"DELETE_COMPLETE"}
    schedules = client("scheduler").list_schedules(GroupName="labkit-ends-expiry")["Schedules"]
    assert len(schedules) == 1 + len(buckets)

    for role in ("evidence", *buckets):
        empty_buckets(client, deployed.stacks[role])
    later.wait(timedelta(hours=2))
    client = later.client(deployed)
    found = later.statuses(deployed)
    assert found.pop("expiry") == "CREATE_COMPLETE"
    assert set(found.values()) == {"DELETE_COMPLETE"}
    assert client("scheduler").list_schedules(GroupName="labkit-ends-expiry")["Schedules"] == []
    own = [r for r in client("iam").list_roles()["Roles"] if r["RoleName"].startswith("labkit-")]
    assert [role["Arn"] for role in own] == [deployed.evidence["RemainsAfterExpiry"]]
    assert bool(client("guardduty").list_detectors()["DetectorIds"]) is own_detector
