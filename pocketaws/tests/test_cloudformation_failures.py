"""What happens when a stack can't reach its desired state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, assume
from .test_cloudformation_stacks import describe, events, outputs, steps

TWO_GROUPS = """
Resources:
  First: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: first}}
  Second: {Type: "AWS::Logs::LogGroup", DependsOn: First, Properties: {LogGroupName: taken}}
  Third: {Type: "AWS::Logs::LogGroup", DependsOn: Second, Properties: {LogGroupName: third}}
"""


def group_names(logs: Any) -> list[str]:
    return [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]]


@pytest.fixture
def taken(member: ClientFactory) -> Iterator[None]:
    """A log group that conflicts with ``TWO_GROUPS``."""
    member("logs").create_log_group(logGroupName="taken")
    yield
    member("logs").delete_log_group(logGroupName="taken")


@pytest.mark.usefixtures("taken")
def test_a_failed_creation_is_rolled_back_and_says_why(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    cloudformation.create_stack(StackName="rolled", TemplateBody=TWO_GROUPS)
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName="rolled")
    assert describe(cloudformation, "rolled")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert steps(cloudformation, "rolled", "rolled")[1] == (
        "ROLLBACK_IN_PROGRESS",
        "The following resource(s) failed to create: [Second]. Rollback requested by user.",
    )
    failed = steps(cloudformation, "rolled", "Second")[1]
    assert failed[0] == "CREATE_FAILED"
    assert str(failed[1]).startswith(
        'Resource handler returned message: "The specified log group already exists'
    )
    assert "HandlerErrorCode: AlreadyExists)" in str(failed[1])
    assert steps(cloudformation, "rolled", "Third") == []
    assert steps(cloudformation, "rolled", "First")[-1][0] == "DELETE_COMPLETE"
    assert group_names(member("logs")) == ["taken"]
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        cloudformation.update_stack(StackName="rolled", TemplateBody=TWO_GROUPS)
    cloudformation.delete_stack(StackName="rolled")
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName="rolled")


@pytest.mark.usefixtures("taken")
def test_what_happens_on_failure_can_be_chosen(member: ClientFactory) -> None:
    cloudformation, logs = member("cloudformation"), member("logs")
    cloudformation.create_stack(StackName="kept", TemplateBody=TWO_GROUPS, OnFailure="DO_NOTHING")
    stack = describe(cloudformation, "kept")
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert stack["StackStatusReason"].startswith("The following resource(s) failed to create")
    assert group_names(logs) == ["first", "taken"]
    cloudformation.delete_stack(StackName="kept")
    stack_id = cloudformation.create_stack(
        StackName="deleted", TemplateBody=TWO_GROUPS, OnFailure="DELETE"
    )["StackId"]
    assert describe(cloudformation, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert group_names(logs) == ["taken"]


def test_properties_that_the_type_does_not_have_fail_the_resource(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    template = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"RolName": "x"}},
        }
    }
    cloudformation.create_stack(
        StackName="misspelt",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
    )
    status, reason = steps(cloudformation, "misspelt", "Role")[1]
    assert status == "CREATE_FAILED"
    assert str(reason).splitlines() == [
        "Properties validation failed for resource Role with message:",
        "#: 2 schema violations found",
        "#: extraneous key [RolName] is not permitted",
        "#: required key [AssumeRolePolicyDocument] not found",
    ]


def test_a_property_that_is_not_emulated_is_not_ignored(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    template = """
    Resources:
      Logs: {Type: "AWS::S3::Bucket", Properties: {AccelerateConfiguration: {AccelerationStatus: Enabled}}}
    """
    cloudformation.create_stack(StackName="honest", TemplateBody=template)
    assert steps(cloudformation, "honest", "Logs")[1] == (
        "CREATE_FAILED",
        "pocketaws doesn't emulate the property AccelerateConfiguration of AWS::S3::Bucket",
    )


def test_missing_permissions_fail_the_resource(local_aws: LocalAws, member: ClientFactory) -> None:
    iam = member("iam")
    account = member("sts").get_caller_identity()["Account"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        ],
    }
    role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(trust))
    only_stacks = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}],
    }
    iam.put_role_policy(
        RoleName="deployer", PolicyName="stacks", PolicyDocument=json.dumps(only_stacks)
    )
    deployer = assume(local_aws, member, role["Role"]["Arn"], "deployer")
    template = 'Resources: {Logs: {Type: "AWS::Logs::LogGroup"}}'
    cloudformation = deployer("cloudformation")
    cloudformation.create_stack(StackName="powerless", TemplateBody=template)
    status, reason = steps(cloudformation, "powerless", "Logs")[1]
    assert status == "CREATE_FAILED"
    assert "logs:CreateLogGroup" in str(reason)
    assert "HandlerErrorCode: AccessDenied)" in str(reason)


def test_a_service_role_creates_the_stack_instead_of_the_caller(member: ClientFactory) -> None:
    iam = member("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudformation.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = iam.create_role(RoleName="stacks", AssumeRolePolicyDocument=json.dumps(trust))
    arn = role["Role"]["Arn"]
    cloudformation = member("cloudformation")
    template = (
        'Resources: {Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: by-role}}}'
    )
    cloudformation.create_stack(StackName="denied", TemplateBody=template, RoleARN=arn)
    assert describe(cloudformation, "denied")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "assumed-role/stacks/AWSCloudFormation" in str(
        steps(cloudformation, "denied", "Logs")[1]
    )
    allow = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName="stacks", PolicyName="logs", PolicyDocument=json.dumps(allow))
    cloudformation.create_stack(StackName="allowed", TemplateBody=template, RoleARN=arn)
    stack = describe(cloudformation, "allowed")
    assert (stack["StackStatus"], stack["RoleARN"]) == ("CREATE_COMPLETE", arn)
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        cloudformation.create_stack(
            StackName="nobody", TemplateBody=template, RoleARN=arn.replace("stacks", "nobody")
        )


def test_termination_protection_keeps_a_stack_and_retained_resources_outlive_it(
    member: ClientFactory,
) -> None:
    cloudformation, logs = member("cloudformation"), member("logs")
    template = """
    Resources:
      Kept: {Type: "AWS::Logs::LogGroup", DeletionPolicy: Retain, Properties: {LogGroupName: kept}}
      Gone: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: gone}}
    """
    made = cloudformation.create_stack(
        StackName="protected", TemplateBody=template, EnableTerminationProtection=True
    )
    with pytest.raises(
        ClientError, match="cannot be deleted while TerminationProtection is enabled"
    ):
        cloudformation.delete_stack(StackName="protected")
    cloudformation.update_termination_protection(
        StackName="protected", EnableTerminationProtection=False
    )
    cloudformation.delete_stack(StackName="protected")
    assert steps(cloudformation, made["StackId"], "Kept")[-1][0] == "DELETE_SKIPPED"
    assert describe(cloudformation, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert "kept" in group_names(logs)
    assert "gone" not in group_names(logs)


def test_retaining_resources_lets_a_failed_deletion_complete(
    member: ClientFactory,
) -> None:
    cloudformation, s3 = member("cloudformation"), member("s3")
    template = """
    Resources:
      Full: {Type: "AWS::S3::Bucket", Properties: {BucketName: full-of-things}}
      Logs: {Type: "AWS::Logs::LogGroup"}
    """
    stack_id = cloudformation.create_stack(StackName="full", TemplateBody=template)["StackId"]
    s3.put_object(Bucket="full-of-things", Key="a", Body=b"a")
    with pytest.raises(ClientError, match="only when the stack is in the DELETE_FAILED state"):
        cloudformation.delete_stack(StackName="full", RetainResources=["Full"])
    with pytest.raises(ClientError, match="DELETE_FAILED state"):
        cloudformation.delete_stack(StackName="full", DeletionMode="FORCE_DELETE_STACK")
    cloudformation.delete_stack(StackName="full")
    assert describe(cloudformation, "full")["StackStatus"] == "DELETE_FAILED"
    assert steps(cloudformation, "full", "Logs")[-1][0] == "DELETE_COMPLETE"
    cloudformation.delete_stack(StackName="full", RetainResources=["Full"])
    assert describe(cloudformation, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    s3.head_bucket(Bucket="full-of-things")


def test_a_forced_deletion_leaves_behind_what_it_cannot_delete(member: ClientFactory) -> None:
    cloudformation, s3 = member("cloudformation"), member("s3")
    template = (
        'Resources: {Full: {Type: "AWS::S3::Bucket", Properties: {BucketName: forced-bucket}}}'
    )
    stack_id = cloudformation.create_stack(StackName="forced", TemplateBody=template)["StackId"]
    s3.put_object(Bucket="forced-bucket", Key="a", Body=b"a")
    cloudformation.delete_stack(StackName="forced")
    cloudformation.delete_stack(StackName="forced", DeletionMode="FORCE_DELETE_STACK")
    stack = describe(cloudformation, stack_id)
    assert (stack["StackStatus"], stack["DeletionMode"]) == (
        "DELETE_COMPLETE",
        "FORCE_DELETE_STACK",
    )
    s3.head_bucket(Bucket="forced-bucket")


def test_exports_are_shared_and_held_while_in_use(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    exporting = """
    Resources: {Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: exported}}}
    Outputs: {Name: {Value: !Ref Logs, Export: {Name: the-group}}}
    """
    importing = """
    Resources: {Word: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: !ImportValue the-group}}}
    Outputs: {Word: {Value: !GetAtt Word.Value}}
    """
    cloudformation.create_stack(StackName="importing", TemplateBody=importing)
    failed = steps(cloudformation, "importing", "Word")[1]
    assert failed == ("CREATE_FAILED", "No export named the-group found.")
    cloudformation.delete_stack(StackName="importing")
    cloudformation.create_stack(StackName="exporting", TemplateBody=exporting)
    cloudformation.create_stack(StackName="importing", TemplateBody=importing)
    assert outputs(describe(cloudformation, "importing")) == {"Word": "exported"}
    with pytest.raises(
        ClientError, match="Export the-group cannot be deleted as it is in use by importing"
    ):
        cloudformation.delete_stack(StackName="exporting")
    cloudformation.delete_stack(StackName="importing")
    cloudformation.delete_stack(StackName="exporting")
    assert group_names(member("logs")).count("exported") == 0


def test_a_creation_is_idempotent_by_its_token(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    wish = {
        "StackName": "once",
        "TemplateBody": 'Resources: {Logs: {Type: "AWS::Logs::LogGroup"}}',
        "ClientRequestToken": "token-1",
    }
    first = cloudformation.create_stack(**wish)
    assert cloudformation.create_stack(**wish)["StackId"] == first["StackId"]
    with pytest.raises(ClientError, match="already exists"):
        cloudformation.create_stack(**{**wish, "ClientRequestToken": "token-2"})
    with pytest.raises(ClientError) as caught:
        cloudformation.delete_stack(StackName="once", ClientRequestToken="token-1")
    assert caught.value.response["Error"]["Code"] == "TokenAlreadyExistsException"
    assert {each.get("ClientRequestToken") for each in events(cloudformation, "once")} == {
        "token-1"
    }


def test_an_update_repairs_a_failed_stack(member: ClientFactory) -> None:
    cloudformation, logs = member("cloudformation"), member("logs")
    logs.create_log_group(logGroupName="taken")
    cloudformation.create_stack(StackName="mended", TemplateBody=TWO_GROUPS, DisableRollback=True)
    assert describe(cloudformation, "mended")["StackStatus"] == "CREATE_FAILED"
    logs.delete_log_group(logGroupName="taken")
    cloudformation.update_stack(StackName="mended", UsePreviousTemplate=True)
    assert describe(cloudformation, "mended")["StackStatus"] == "UPDATE_COMPLETE"
    assert {"first", "taken", "third"} <= set(group_names(logs))
    logs.delete_log_group(logGroupName="first")
    retained = TWO_GROUPS.replace("LogGroupName: first", "LogGroupName: first, RetentionInDays: 3")
    cloudformation.update_stack(StackName="mended", TemplateBody=retained, DisableRollback=True)
    stack = describe(cloudformation, "mended")
    assert stack["StackStatus"] == "UPDATE_FAILED"
    assert stack["StackStatusReason"] == "The following resource(s) failed to update: [First]."
    logs.create_log_group(logGroupName="first")
    cloudformation.update_stack(StackName="mended", TemplateBody=retained)
    assert describe(cloudformation, "mended")["StackStatus"] == "UPDATE_COMPLETE"
    first = logs.describe_log_groups(logGroupNamePrefix="first")["logGroups"][0]
    assert first["retentionInDays"] == 3
    cloudformation.delete_stack(StackName="mended")
    assert not {"first", "taken", "third"} & set(group_names(logs))


def test_parameters_without_effect_are_rejected_by_name(member: ClientFactory) -> None:
    with pytest.raises(
        ClientError, match="doesn't emulate cloudformation:CreateStack with NotificationARNs"
    ):
        member("cloudformation").create_stack(
            StackName="told",
            TemplateBody=TWO_GROUPS,
            NotificationARNs=["arn:aws:sns:eu-west-1:123456789012:topic"],
        )
