"""Our records against real ones: the same keys, the same nesting, the same types."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pocketaws.cloudtrail.history.log import EventLog
from pocketaws.cloudtrail.recorder import record
from pocketaws.cloudtrail.records.event import to_record
from pocketaws.cloudtrail.records.operation import operation
from pocketaws.errors import AwsError
from pocketaws.gateway import protocol
from pocketaws.gateway.call import Call
from pocketaws.identity.caller import Caller, Delivery, Session
from pocketaws.world import World

ACCOUNT, REGION = "111122223333", "eu-west-1"
INSTANCE = "i-0123456789abcdef0"
LATER = {"eventVersion": {"1.11"}}
NOW = datetime(2026, 11, 24, 9, 5, 7, 250_000, tzinfo=UTC)
DELIVERY = Delivery(
    "2.0", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123456789abcdef0", "vpc-0a", "10.0.0.9"
)


@dataclass(frozen=True)
class Case:
    """A call like one that was really made, and by what kind of caller."""

    service: str
    operation: str
    params: dict[str, Any]
    result: dict[str, Any] = field(default_factory=dict)
    error: AwsError | None = None
    caller: str = "user"

    @property
    def name(self) -> str:
        code = f"-{self.error.code}" if self.error else ""
        return f"{self.operation}-{self.caller}{code}"


_STATE_CHANGE = {
    "InstanceId": INSTANCE,
    "CurrentState": {"Code": 64, "Name": "stopping"},
    "PreviousState": {"Code": 16, "Name": "running"},
}
_DENIED = "You are not authorized to perform this operation. User: arn:… is not authorized"
_COMMAND = {
    "CommandId": "f6887251-cdde-4251-a026-f50a25f521f7",
    "DocumentName": "AWS-RunShellScript",
    "DocumentVersion": "$DEFAULT",
    "Comment": "",
    "ExpiresAfter": NOW,
    "Parameters": {"commands": ["id"]},
    "InstanceIds": [INSTANCE],
    "Targets": [],
    "RequestedDateTime": NOW,
    "Status": "Pending",
    "StatusDetails": "Pending",
    "OutputS3Region": REGION,
    "OutputS3BucketName": "",
    "OutputS3KeyPrefix": "",
    "MaxConcurrency": "50",
    "MaxErrors": "0",
    "TargetCount": 1,
    "CompletedCount": 0,
    "ErrorCount": 0,
    "DeliveryTimedOutCount": 0,
    "ServiceRole": "",
    "NotificationConfig": {
        "NotificationArn": "",
        "NotificationEvents": [],
        "NotificationType": "",
    },
    "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    "TimeoutSeconds": 3600,
    "AlarmConfiguration": {"IgnorePollAlarmFailure": False, "Alarms": []},
    "TriggeredAlarms": [],
}
_SELECTORS = [
    {
        "ReadWriteType": "ReadOnly",
        "IncludeManagementEvents": False,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": []}],
        "ExcludeManagementEventSources": [],
    }
]
_ROLE = {
    "Path": "/",
    "RoleName": "r",
    "RoleId": "AROAEXAMPLE",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/r",
    "CreateDate": NOW,
    "AssumeRolePolicyDocument": '{"Version": "2012-10-17"}',
    "PermissionsBoundary": {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/AWSDenyAll",
    },
}

CASES = [
    Case("ec2", "DescribeInstances", {"InstanceIds": [INSTANCE]}),
    Case("ec2", "DescribeInstances", {}, caller="instance"),
    Case("ec2", "StartInstances", {"InstanceIds": [INSTANCE]}, {"StartingInstances": [_STATE_CHANGE]}),
    Case(
        "ec2", "StopInstances", {"InstanceIds": [INSTANCE], "Force": True},
        {"StoppingInstances": [_STATE_CHANGE]},
    ),
    Case("ec2", "ModifyInstanceAttribute", {"InstanceId": INSTANCE, "UserData": {"Value": b"x"}}),
    Case(
        "ec2", "AuthorizeSecurityGroupIngress",
        {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"},
        {
            "Return": True,
            "SecurityGroupRules": [
                {
                    "SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "GroupOwnerId": ACCOUNT,
                    "IsEgress": False, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                    "CidrIpv4": "0.0.0.0/0",
                }
            ],
        },
    ),
    Case("ec2", "DeleteFlowLogs", {"FlowLogIds": ["fl-1"]}, {"Unsuccessful": []}),
    Case(
        "ec2", "RunInstances",
        {
            "ImageId": "ami-1", "MinCount": 10, "MaxCount": 10, "InstanceType": "p2.xlarge",
            "SubnetId": "subnet-1", "ClientToken": "5dd59182",
        },
        error=AwsError("UnauthorizedOperation", _DENIED, 403), caller="role",
    ),
    Case(
        "ec2", "DescribeInstanceAttribute", {"InstanceId": INSTANCE, "Attribute": "userData"},
        error=AwsError("UnauthorizedOperation", _DENIED, 403), caller="role",
    ),
    Case("ec2", "EnableSerialConsoleAccess", {}, {"SerialConsoleAccessEnabled": True}, caller="role"),
    Case(
        "ec2-instance-connect", "SendSSHPublicKey",
        {"InstanceId": INSTANCE, "InstanceOSUser": "ec2-user", "SSHPublicKey": "ssh-ed25519 AAAA"},
        {"RequestId": "1f1786bd-e04c-4fd9-af8c-6a5d69376c41", "Success": True},
    ),
    Case(
        "sts", "AssumeRole",
        {
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "RoleSessionName": "s",
            "DurationSeconds": 900,
        },
        {
            "Credentials": {
                "AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "geheim", "SessionToken": "t",
                "Expiration": NOW,
            },
            "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:s", "Arn": "arn:aws:sts::1:x"},
        },
    ),
    Case(
        "sts", "AssumeRole", {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "RoleSessionName": "s"},
        error=AwsError("AccessDenied", "User: arn:… is not authorized to perform: sts:AssumeRole", 403),
    ),
    Case("sts", "GetCallerIdentity", {}),
    Case("sts", "GetCallerIdentity", {}, caller="instance"),
    Case(
        "iam", "CreateRole",
        {
            "RoleName": "r", "AssumeRolePolicyDocument": "{}",
            "PermissionsBoundary": "arn:aws:iam::aws:policy/AWSDenyAll",
        },
        {"Role": _ROLE},
    ),
    Case(
        "iam", "CreateUser", {"UserName": "u", "Tags": [{"Key": "a", "Value": "b"}]},
        {
            "User": {
                "Path": "/", "UserName": "u", "UserId": "AIDA", "Arn": "arn:aws:iam::1:user/u",
                "CreateDate": NOW, "Tags": [{"Key": "a", "Value": "b"}],
            }
        },
    ),
    Case(
        "iam", "CreateAccessKey", {"UserName": "u"},
        {
            "AccessKey": {
                "UserName": "u", "AccessKeyId": "AKIA", "Status": "Active", "CreateDate": NOW,
                "SecretAccessKey": "geheim",
            }
        },
    ),
    Case("iam", "AttachRolePolicy", {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/X"}),
    Case("iam", "AttachUserPolicy", {"UserName": "u", "PolicyArn": "arn:aws:iam::aws:policy/X"}),
    Case("iam", "UpdateAssumeRolePolicy", {"RoleName": "r", "PolicyDocument": "{}"}),
    Case(
        "ssm", "SendCommand",
        {
            "InstanceIds": [INSTANCE], "DocumentName": "AWS-RunShellScript",
            "Parameters": {"commands": ["id"]},
        },
        {"Command": _COMMAND},
    ),
    Case("ssm", "GetCommandInvocation", {"CommandId": "f6887251", "InstanceId": INSTANCE}),
    Case(
        "ssm", "DescribeInstanceInformation",
        {"Filters": [{"Key": "InstanceIds", "Values": [INSTANCE]}]},
    ),
    Case("ssm", "GetParameters", {"Names": ["/a", "/b"], "WithDecryption": True}),
    Case("ssm", "DescribeParameters", {"MaxResults": 10, "NextToken": "x"}),
    Case("cloudtrail", "DeleteTrail", {"Name": "t"}),
    Case("cloudtrail", "StopLogging", {"Name": "t"}),
    Case(
        "cloudtrail", "PutEventSelectors", {"TrailName": "t", "EventSelectors": _SELECTORS},
        {"TrailARN": "arn:aws:cloudtrail:eu-west-1:1:trail/t", "EventSelectors": _SELECTORS},
    ),
    Case(
        "organizations", "LeaveOrganization", {},
        error=AwsError("AccessDeniedException", "User: arn:… is not authorized to perform: …", 400),
        caller="role",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def real(samples: Path) -> list[dict[str, Any]]:
    folder = samples / "cloudtrail"
    found: list[dict[str, Any]] = []
    for name in ("detonation-records", "detonation-delivered-records"):
        with gzip.open(folder / f"{name}.json.gz") as file:
            found += json.load(file)["Records"]
    return found


def caller_of(kind: str) -> Caller:
    """A caller of the kinds in the samples."""
    if kind == "user":
        return Caller(
            "IAMUser", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/u", "AIDAEXAMPLE", "192.0.2.1", "agent",
            "AKIAEXAMPLE",
        )  # fmt: skip
    session = Session(
        f"ASIA{kind}", "geheim", "token", ACCOUNT, "r", "/", "AROAEXAMPLE", "s", NOW,
        NOW + timedelta(hours=1), "192.0.2.1",
        delivery=DELIVERY if kind == "instance" else None,
    )  # fmt: skip
    return Caller(
        "AssumedRole", ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", "AROAEXAMPLE:s",
        "192.0.2.1", "agent", session.access_key_id, session,
    )  # fmt: skip


def our_record(world: World, case: Case) -> dict[str, Any]:
    """The record of a case, as it would be delivered."""
    caller = caller_of(case.caller)
    http = protocol.build_request(case.service, case.operation, case.params)
    call = Call(
        world, caller, case.service, case.operation, REGION, case.params,
        "a9c78483-c047-4215-94c6-89794dd3b44e", NOW, http,
    )  # fmt: skip
    record(call, None if case.error else case.result, case.error)
    region = operation(case.service, case.operation).region(REGION)
    newest = world.store(EventLog, ACCOUNT, region).events[-1]
    return dict(json.loads(json.dumps(to_record(newest))))


def paths(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every place in a document with its type; entries of a list count as one place."""
    if isinstance(value, dict):
        yield path, "object"
        for key, item in value.items():
            yield from paths(item, f"{path}.{key}")
    elif isinstance(value, list):
        yield path, "list"
        for item in value:
            yield from paths(item, f"{path}[]")
    else:
        yield path, type(value).__name__


def is_like(case: Case, sample: dict[str, Any]) -> bool:
    """Whether a sample is of this case."""
    identity = sample["userIdentity"]
    kind = "user" if identity["type"] == "IAMUser" else "role"
    if "ec2RoleDelivery" in identity.get("sessionContext", {}):
        kind = "instance"
    return (
        sample["eventName"] == case.operation
        and kind == case.caller
        and ("errorCode" in sample) == (case.error is not None)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_record_has_the_form_of_real_ones(
    case: Case, world: World, real: list[dict[str, Any]]
) -> None:
    alike = [sample for sample in real if is_like(case, sample)]
    assert alike, "no real record to compare with"
    ours = set(paths(our_record(world, case)))
    differences = [sorted(ours ^ set(paths(sample))) for sample in alike]
    assert min(differences, key=len) == []
    said = our_record(world, case)
    for name in ("eventSource", "readOnly", "errorCode", "eventVersion", "eventCategory"):
        assert said.get(name) in {sample.get(name) for sample in alike} | LATER.get(name, set())


def test_no_secret_is_in_any_record(world: World) -> None:
    texts = json.dumps([our_record(world, case) for case in CASES])
    assert "geheim" not in texts
