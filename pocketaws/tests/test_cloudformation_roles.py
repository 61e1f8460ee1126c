"""The service role of a stack: once given, it's used for everything that follows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory
from .test_cloudformation_stacks import describe, steps

LOGS = 'Resources: {Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: %s}}}'
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def make_role(client: ClientFactory, name: str, *actions: str) -> str:
    iam = client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    allow(client, name, *actions)
    return str(role["Arn"])


def allow(client: ClientFactory, name: str, *actions: str) -> None:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)


def status(cloudformation: Any, stack_id: str) -> str:
    return str(describe(cloudformation, stack_id)["StackStatus"])


def test_the_role_of_the_creation_deletes_the_stack_too(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    arn = make_role(member, "maker", "logs:*")
    stack = cloudformation.create_stack(StackName="made", TemplateBody=LOGS % "made", RoleARN=arn)["StackId"]  # fmt: skip
    allow(member, "maker", "logs:CreateLogGroup", "logs:DescribeLogGroups")
    cloudformation.delete_stack(StackName="made")
    assert status(cloudformation, stack) == "DELETE_FAILED", "an administrator asked, but the role deletes"  # fmt: skip
    assert "assumed-role/maker/AWSCloudFormation" in str(steps(cloudformation, "made", "Logs")[-1])
    other = make_role(member, "other", "logs:*")
    cloudformation.delete_stack(StackName="made", RoleARN=other)
    assert status(cloudformation, stack) == "DELETE_COMPLETE"


def test_the_role_of_a_failed_deletion_stays_the_stacks_role(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    stack = cloudformation.create_stack(StackName="free", TemplateBody=LOGS % "free")["StackId"]
    assert "RoleARN" not in describe(cloudformation, "free")
    weak = make_role(member, "weak", "logs:DescribeLogGroups")
    cloudformation.delete_stack(StackName="free", RoleARN=weak)
    assert status(cloudformation, stack) == "DELETE_FAILED"
    assert describe(cloudformation, "free")["RoleARN"] == weak
    cloudformation.delete_stack(StackName="free")
    assert status(cloudformation, stack) == "DELETE_FAILED", (
        "the administrator's rights are not used"
    )
    member("iam").delete_role_policy(RoleName="weak", PolicyName="p")
    member("iam").delete_role(RoleName="weak")
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        cloudformation.delete_stack(StackName="free")
    cloudformation.delete_stack(StackName="free", RoleARN=make_role(member, "strong", "logs:*"))
    assert status(cloudformation, stack) == "DELETE_COMPLETE"
