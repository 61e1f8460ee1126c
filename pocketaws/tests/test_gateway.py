"""The gateway with an unmodified boto3."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, client_factory


def test_accounts_are_told_apart(administrator: ClientFactory, member: ClientFactory) -> None:
    ours = administrator("sts").get_caller_identity()["Account"]
    theirs = member("sts").get_caller_identity()
    assert theirs["Account"] != ours
    assert theirs["Arn"].endswith(":assumed-role/OrganizationAccountAccessRole/admin")


def test_a_wrong_secret_is_refused(local_aws: LocalAws) -> None:
    forged = client_factory(local_aws, local_aws.administrator.access_key_id, "wrong")
    with pytest.raises(ClientError) as caught:
        forged("sts").get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


def test_an_unknown_key_is_refused(local_aws: LocalAws) -> None:
    forged = client_factory(local_aws, "AKIAIOSFODNN7EXAMPLE", "wrong")
    with pytest.raises(ClientError) as caught:
        forged("ec2").describe_vpcs()
    assert caught.value.response["Error"]["Code"] == "AuthFailure"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_an_operation_outside_the_surface_says_its_name(member: ClientFactory) -> None:
    with pytest.raises(ClientError, match="ec2:DescribeSpotInstanceRequests"):
        member("ec2").describe_spot_instance_requests()


def test_the_request_id_is_the_same_in_header_and_body(member: ClientFactory) -> None:
    answer = member("ec2").describe_vpcs()["ResponseMetadata"]
    assert answer["RequestId"] == answer["HTTPHeaders"]["x-amzn-requestid"]


def test_keys_of_objects_survive_any_spelling(member: ClientFactory) -> None:
    s3: boto3.client = member("s3")
    s3.create_bucket(
        Bucket="spelling", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for key in ("a b/c+d%é", "x//y", "tilde~", "q?&=#"):
        s3.put_object(Bucket="spelling", Key=key, Body=key.encode())
        assert s3.get_object(Bucket="spelling", Key=key)["Body"].read() == key.encode()
