"""Records of calls made by an unmodified boto3."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, assume, client_factory

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        ],
    }
)


def history(
    factory: ClientFactory, region: str = "eu-west-1", **wanted: str
) -> list[dict[str, Any]]:
    """All events with an attribute, newest first."""
    client = factory("cloudtrail", region_name=region)
    attributes = [{"AttributeKey": k, "AttributeValue": v} for k, v in wanted.items()]
    pages = client.get_paginator("lookup_events").paginate(LookupAttributes=attributes)
    return [event for page in pages for event in page["Events"]]


def newest(factory: ClientFactory, name: str, region: str = "eu-west-1") -> dict[str, Any]:
    return dict(json.loads(history(factory, region, EventName=name)[0]["CloudTrailEvent"]))


def test_a_read_has_wire_names_and_no_response(administrator: ClientFactory) -> None:
    answer = administrator("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["running", "stopped"]}]
    )
    record = newest(administrator, "DescribeInstances")
    assert record["requestParameters"] == {
        "instancesSet": {},
        "filterSet": {
            "items": [
                {
                    "name": "instance-state-name",
                    "valueSet": {"items": [{"value": "running"}, {"value": "stopped"}]},
                }
            ]
        },
    }
    assert record["responseElements"] is None
    assert record["readOnly"] is True
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert record["eventCategory"] == "Management"
    assert record["managementEvent"] is True
    assert record["tlsDetails"]["clientProvidedHostHeader"] == "ec2.eu-west-1.amazonaws.com"


def test_a_users_identity(administrator: ClientFactory, local_aws: LocalAws) -> None:
    administrator("ec2").describe_vpcs()
    record = newest(administrator, "DescribeVpcs")
    key = local_aws.administrator
    identity = record["userIdentity"]
    assert identity["type"] == "IAMUser"
    assert identity["userName"] == "administrator"
    assert identity["accessKeyId"] == key.access_key_id
    assert identity["arn"] == f"arn:aws:iam::{key.account}:user/administrator"
    user = administrator("iam").get_user(UserName="administrator")["User"]
    assert identity["principalId"] == user["UserId"]
    assert record["recipientAccountId"] == key.account
    assert record["userAgent"].startswith("Boto3/")
    assert record["sourceIPAddress"].startswith("198.1")


def test_a_sessions_identity_and_name(member: ClientFactory) -> None:
    member("ec2").describe_subnets()
    event = history(member, EventName="DescribeSubnets")[0]
    record = json.loads(event["CloudTrailEvent"])
    account = record["recipientAccountId"]
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert (
        identity["arn"]
        == f"arn:aws:sts::{account}:assumed-role/OrganizationAccountAccessRole/admin"
    )
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    assert identity["principalId"] == f"{issuer['principalId']}:admin"
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert "webIdFederationData" not in identity["sessionContext"]
    assert event["Username"] == "admin"
    assert event["AccessKeyId"] == identity["accessKeyId"]


def test_assume_role_hides_the_secret_and_names_the_role(
    administrator: ClientFactory, local_aws: LocalAws
) -> None:
    account = local_aws.administrator.account
    administrator("iam").create_role(RoleName="opened", AssumeRolePolicyDocument=TRUST)
    arn = f"arn:aws:iam::{account}:role/opened"
    made = administrator("sts").assume_role(RoleArn=arn, RoleSessionName="someone")
    event = history(administrator, EventName="AssumeRole")[0]
    record = json.loads(event["CloudTrailEvent"])
    key = made["Credentials"]["AccessKeyId"]
    assert made["Credentials"]["SecretAccessKey"] not in event["CloudTrailEvent"]
    assert record["responseElements"]["credentials"]["accessKeyId"] == key
    assert record["responseElements"]["credentials"]["sessionToken"]
    expiry = record["responseElements"]["credentials"]["expiration"]
    assert datetime.strptime(expiry, "%b %d, %Y, %I:%M:%S %p")  # noqa: DTZ007 - as Java writes it
    assert record["requestParameters"]["roleSessionName"] == "someone"
    assert record["readOnly"] is True
    assert record["resources"] == [{"accountId": account, "type": "AWS::IAM::Role", "ARN": arn}]
    assert "sharedEventID" not in record
    assert [r["ResourceType"] for r in event["Resources"]] == [
        "AWS::IAM::AccessKey",
        "AWS::STS::AssumedRole",
        "AWS::STS::AssumedRole",
        "AWS::IAM::Role",
    ]


def test_a_role_of_another_account_is_told_to_both(
    administrator: ClientFactory, member: ClientFactory, local_aws: LocalAws
) -> None:
    account = member("sts").get_caller_identity()["Account"]
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    assume(local_aws, administrator, role, "visitor")
    ours, theirs = newest(administrator, "AssumeRole"), newest(member, "AssumeRole")
    assert ours["requestParameters"] == theirs["requestParameters"]
    assert ours["requestParameters"]["roleSessionName"] == "visitor"
    assert ours["sharedEventID"] == theirs["sharedEventID"]
    assert ours["eventID"] != theirs["eventID"]
    assert ours["userIdentity"]["type"] == "IAMUser"
    assert theirs["recipientAccountId"] == account
    assert theirs["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": ours["userIdentity"]["principalId"],
        "accountId": local_aws.administrator.account,
    }


def test_iam_is_recorded_in_one_region_without_secrets(administrator: ClientFactory) -> None:
    iam = administrator("iam", region_name="us-east-1")
    iam.create_user(UserName="mallory", Tags=[{"Key": "team", "Value": "red"}])
    secret = iam.create_access_key(UserName="mallory")["AccessKey"]["SecretAccessKey"]
    created = newest(administrator, "CreateUser", "us-east-1")
    assert created["awsRegion"] == "us-east-1"
    assert created["requestParameters"] == {
        "userName": "mallory",
        "tags": [{"key": "team", "value": "red"}],
    }
    assert created["responseElements"]["user"]["userName"] == "mallory"
    when = created["responseElements"]["user"]["createDate"]
    assert datetime.strptime(when, "%b %d, %Y %I:%M:%S %p")  # noqa: DTZ007 - as Java writes it
    key = newest(administrator, "CreateAccessKey", "us-east-1")
    assert secret not in json.dumps(key)
    assert key["responseElements"]["accessKey"]["status"] == "Active"
    assert history(administrator, EventName="CreateUser") == []


def test_a_refusal_has_its_code_and_message(administrator: ClientFactory) -> None:
    with pytest.raises(ClientError) as caught:
        administrator("iam").get_user(UserName="nobody-of-that-name")
    record = newest(administrator, "GetUser", "us-east-1")
    assert record["errorCode"] == "NoSuchEntityException"
    assert record["errorMessage"] == caught.value.response["Error"]["Message"]
    assert record["responseElements"] is None


def test_an_ec2_error_has_a_side(administrator: ClientFactory) -> None:
    with pytest.raises(ClientError):
        administrator("ec2").stop_instances(InstanceIds=["i-0123456789abcdef0"])
    record = newest(administrator, "StopInstances")
    assert record["errorCode"] == "Client.InvalidInstanceID.NotFound"
    assert record["requestParameters"]["instancesSet"] == {
        "items": [{"instanceId": "i-0123456789abcdef0"}]
    }
    assert record["responseElements"] is None


def test_parameter_values_are_hidden_and_names_are_resources(administrator: ClientFactory) -> None:
    ssm = administrator("ssm")
    ssm.put_parameter(Name="/team/word", Value="swordfish", Type="SecureString")
    ssm.get_parameters(Names=["/team/word"], WithDecryption=True)
    put, got = newest(administrator, "PutParameter"), newest(administrator, "GetParameters")
    assert put["requestParameters"]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert "swordfish" not in json.dumps([put, got])
    assert got["requestParameters"] == {"names": ["/team/word"], "withDecryption": True}
    assert got["resources"] == [
        {
            "accountId": got["recipientAccountId"],
            "ARN": f"arn:aws:ssm:eu-west-1:{got['recipientAccountId']}:parameter/team/word",
        }
    ]


def test_bucket_calls_are_recorded_and_object_calls_are_not(administrator: ClientFactory) -> None:
    s3 = administrator("s3")
    s3.create_bucket(
        Bucket="recorded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_object(Bucket="recorded", Key="a", Body=b"x")
    s3.put_bucket_versioning(Bucket="recorded", VersioningConfiguration={"Status": "Enabled"})
    made, versioned = (
        newest(administrator, "CreateBucket"),
        newest(administrator, "PutBucketVersioning"),
    )
    assert made["requestParameters"]["bucketName"] == "recorded"
    assert made["requestParameters"]["Host"] == "recorded.s3.eu-west-1.amazonaws.com"
    assert (
        made["requestParameters"]["CreateBucketConfiguration"]["LocationConstraint"] == "eu-west-1"
    )
    assert made["resources"][0]["ARN"] == "arn:aws:s3:::recorded"
    assert made["userAgent"].startswith("[Boto3/")
    assert versioned["requestParameters"]["versioning"] == ""
    assert versioned["requestParameters"]["VersioningConfiguration"]["Status"] == "Enabled"
    assert history(administrator, EventName="PutObject") == []
    found = history(administrator, ResourceName="recorded")
    assert {event["EventName"] for event in found} >= {"CreateBucket", "PutBucketVersioning"}


def test_an_operation_outside_the_surface_leaves_no_trace(administrator: ClientFactory) -> None:
    with pytest.raises(ClientError):
        administrator("ec2").describe_spot_instance_requests()
    assert history(administrator, EventName="DescribeSpotInstanceRequests") == []


def test_newer_ec2_calls_are_wrapped(administrator: ClientFactory) -> None:
    with pytest.raises(ClientError):
        administrator("ec2").delete_flow_logs(FlowLogIds=["fl-0123456789abcdef0"])
    record = newest(administrator, "DeleteFlowLogs")
    assert record["requestParameters"] == {
        "DeleteFlowLogsRequest": {"FlowLogId": {"content": "fl-0123456789abcdef0", "tag": 1}}
    }


def test_two_clients_of_one_role_are_told_apart_by_session(
    administrator: ClientFactory, member: ClientFactory, local_aws: LocalAws
) -> None:
    account = member("sts").get_caller_identity()["Account"]
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    other = assume(local_aws, administrator, role, "second")
    other("ec2").describe_regions()
    member("ec2").describe_regions()
    users = [event["Username"] for event in history(member, EventName="DescribeRegions")]
    assert users[:2] == ["admin", "second"]


def test_a_forged_call_leaves_no_trace(local_aws: LocalAws, administrator: ClientFactory) -> None:
    before = len(history(administrator, EventName="DescribeVolumes"))
    forged = client_factory(local_aws, local_aws.administrator.access_key_id, "wrong")
    with pytest.raises(ClientError):
        forged("ec2").describe_volumes()
    assert len(history(administrator, EventName="DescribeVolumes")) == before
