"""S3 with plain boto3: accounts apart, new buckets' settings, policies, deleting everything."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from pocketaws.identity.caller import service_caller
from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, assume, member_account

WHERE = {"LocationConstraint": REGION}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def s3(member: ClientFactory) -> Any:
    return member("s3")


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


@pytest.fixture(scope="module")
def stranger(local_aws: LocalAws, administrator: ClientFactory) -> ClientFactory:
    """The administrator of another member account."""
    return member_account(local_aws, administrator, "stranger")


@pytest.fixture
def bucket(s3: Any, request: Any) -> str:
    name = f"b-{abs(hash(request.node.name)) % 10**10}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=WHERE)
    s3.put_object(Bucket=name, Key="a/1", Body=b"one")
    return name


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def reader(
    local_aws: LocalAws, member: ClientFactory, name: str, *statements: dict[str, Any]
) -> Any:
    """S3 clients of a fresh role with these rights only."""
    me = member("sts").get_caller_identity()
    admin = f"arn:aws:iam::{me['Account']}:role/OrganizationAccountAccessRole"
    trust = {"Effect": "Allow", "Principal": {"AWS": admin}, "Action": "sts:AssumeRole"}
    iam = member("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
    return assume(local_aws, member, f"arn:aws:iam::{me['Account']}:role/{name}", "reads")("s3")


# Accounts apart.


def test_another_account_sees_nothing_of_a_bucket(
    bucket: str, s3: Any, stranger: ClientFactory
) -> None:
    theirs = stranger("s3")
    assert bucket not in [found["Name"] for found in theirs.list_buckets()["Buckets"]]
    assert bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]
    assert code(theirs.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert code(theirs.get_object, Bucket=bucket, Key="a/1") == "AccessDenied"
    assert code(theirs.put_object, Bucket=bucket, Key="x") == "AccessDenied"
    assert code(theirs.get_bucket_policy, Bucket=bucket) == "AccessDenied"
    assert code(theirs.delete_bucket, Bucket=bucket) == "AccessDenied"
    assert code(theirs.head_bucket, Bucket=bucket) == "403"
    assert code(theirs.head_object, Bucket=bucket, Key="a/1") == "403"
    refused = theirs.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/1"}]})
    assert [error["Code"] for error in refused["Errors"]] == ["AccessDenied"]
    assert s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"one"


def test_names_are_one_world(bucket: str, s3: Any, stranger: ClientFactory) -> None:
    again = {"Bucket": bucket, "CreateBucketConfiguration": WHERE}
    assert code(s3.create_bucket, **again) == "BucketAlreadyOwnedByYou"
    assert code(stranger("s3").create_bucket, **again) == "BucketAlreadyExists"


def test_a_policy_lets_another_account_in(
    bucket: str, s3: Any, account: str, stranger: ClientFactory
) -> None:
    theirs = stranger("s3")
    their_account = stranger("sts").get_caller_identity()["Account"]
    statements = [
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/a/*", Principal={"AWS": their_account}),
        allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Principal={"AWS": their_account},
              Condition={"StringLike": {"s3:prefix": "a/*"}}),
    ]  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=document(*statements))
    assert theirs.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"one"
    assert theirs.list_objects_v2(Bucket=bucket, Prefix="a/")["KeyCount"] == 1
    assert code(theirs.list_objects_v2, Bucket=bucket, Prefix="b/") == "AccessDenied"
    assert code(theirs.list_objects_v2, Bucket=bucket) == "AccessDenied"
    theirs.put_object(Bucket=bucket, Key="a/2", Body=b"two")
    assert s3.get_object(Bucket=bucket, Key="a/2")["Body"].read() == b"two"
    assert code(theirs.delete_object, Bucket=bucket, Key="a/2") == "AccessDenied"
    assert (
        code(s3.get_object, Bucket=bucket, Key="a/1", ExpectedBucketOwner=their_account)
        == "AccessDenied"
    )
    assert s3.get_object(Bucket=bucket, Key="a/1", ExpectedBucketOwner=account)["Body"]
    s3.delete_bucket_policy(Bucket=bucket)
    assert code(theirs.get_object, Bucket=bucket, Key="a/1") == "AccessDenied"


def test_a_denial_of_plain_http_denies_nobody_here(bucket: str, s3: Any) -> None:
    fence = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=document(fence))
    assert s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"one"


def test_a_fence_holds_its_owner_out_until_it_is_taken_down(bucket: str, s3: Any) -> None:
    fence = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=document(fence))
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        s3.put_object(Bucket=bucket, Key="b", Body=b"")
    assert s3.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"one"
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="b", Body=b"")


def test_a_trail_writes_only_what_the_policy_lets_it(
    local_aws: LocalAws, bucket: str, s3: Any, account: str
) -> None:
    trail = f"arn:aws:cloudtrail:{REGION}:{account}:trail/t"
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": trail}
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=document(
            allow("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", Principal=service,
                  Condition={"StringEquals": source}),
            allow("s3:PutObject", f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*", Principal=service,
                  Condition={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}}),
        ),
    )  # fmt: skip
    world = local_aws.world

    def write(source_arn: str, key: str, **more: str) -> None:
        caller = service_caller("cloudtrail.amazonaws.com", account, source_arn)
        with world.transaction():
            world.call(caller, "s3", "GetBucketAcl", REGION, Bucket=bucket)
            world.call(caller, "s3", "PutObject", REGION, Bucket=bucket, Key=key, Body=b"x", **more)

    right = {"ACL": "bucket-owner-full-control"}
    write(trail, f"AWSLogs/{account}/x", **right)
    assert s3.get_object(Bucket=bucket, Key=f"AWSLogs/{account}/x")["Body"].read() == b"x"
    for wrong, key, more in (
        (trail + "2", f"AWSLogs/{account}/x", right),
        (trail, "elsewhere", right),
        (trail, f"AWSLogs/{account}/x", {}),
    ):
        with pytest.raises(Exception, match="AccessDenied"):
            write(wrong, key, **more)


# Rights within an account.


def test_who_may_not_list_does_not_learn_what_is_missing(
    local_aws: LocalAws, member: ClientFactory, bucket: str
) -> None:
    arn = f"arn:aws:s3:::{bucket}"
    blind = reader(local_aws, member, "blind", allow("s3:GetObject", f"{arn}/*"))
    seeing = reader(
        local_aws, member, "seeing", allow("s3:GetObject", f"{arn}/*"), allow("s3:ListBucket", arn)
    )
    assert blind.get_object(Bucket=bucket, Key="a/1")["Body"].read() == b"one"
    assert code(blind.get_object, Bucket=bucket, Key="nothing") == "AccessDenied"
    assert code(blind.head_object, Bucket=bucket, Key="nothing") == "403"
    assert code(seeing.get_object, Bucket=bucket, Key="nothing") == "NoSuchKey"
    assert code(seeing.head_object, Bucket=bucket, Key="nothing") == "404"


def test_many_are_deleted_as_far_as_each_may_be(
    local_aws: LocalAws, member: ClientFactory, bucket: str, s3: Any
) -> None:
    s3.put_object(Bucket=bucket, Key="keep", Body=b"")
    some = reader(local_aws, member, "some", allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/a/*"))
    keys = [{"Key": "a/1"}, {"Key": "keep"}, {"Key": "a/never"}]
    done = some.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert sorted(found["Key"] for found in done["Deleted"]) == ["a/1", "a/never"]
    assert [(e["Key"], e["Code"]) for e in done["Errors"]] == [("keep", "AccessDenied")]
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["keep"]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "keep"}], "Quiet": True})
    assert "Deleted" not in quiet
    assert "Errors" not in quiet


def test_copying_needs_both_ends(
    local_aws: LocalAws, member: ClientFactory, bucket: str, s3: Any
) -> None:
    arn = f"arn:aws:s3:::{bucket}"
    copier = reader(
        local_aws, member, "copier",
        allow("s3:PutObject", f"{arn}/to/*"), allow(["s3:GetObject", "s3:ListBucket"], [f"{arn}/a/*", arn]),
    )  # fmt: skip
    s3.put_object(Bucket=bucket, Key="secret", Body=b"")
    copier.copy_object(Bucket=bucket, Key="to/1", CopySource={"Bucket": bucket, "Key": "a/1"})
    assert s3.get_object(Bucket=bucket, Key="to/1")["Body"].read() == b"one"
    source = {"Bucket": bucket, "Key": "secret"}
    assert code(copier.copy_object, Bucket=bucket, Key="to/2", CopySource=source) == "AccessDenied"


# New buckets.


def test_a_new_bucket_is_closed_and_encrypted(bucket: str, s3: Any) -> None:
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.head_object(Bucket=bucket, Key="a/1")["ServerSideEncryption"] == "AES256"
    assert (
        code(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessControlListNotSupported"
    )
    put = {"Bucket": bucket, "Key": "x", "Body": b""}
    assert code(s3.put_object, ACL="public-read", **put) == "AccessControlListNotSupported"
    s3.put_object(ACL="bucket-owner-full-control", **put)
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]


@pytest.mark.parametrize(
    "name", ["Upper", "a..b", "192.168.0.1", "-ab", "ab-", "xn--b", "under_score"]
)
def test_names_that_no_bucket_can_have(s3: Any, name: str) -> None:
    from urllib.parse import quote  # noqa: PLC0415

    s3.meta.events.unregister("before-parameter-build.s3", _validator(s3))
    assert (
        code(s3.create_bucket, Bucket=quote(name), CreateBucketConfiguration=WHERE)
        == "InvalidBucketName"
    )


def _validator(s3: Any) -> Any:
    from botocore.handlers import validate_bucket_name  # noqa: PLC0415

    assert s3.meta.service_model.service_name == "s3"
    return validate_bucket_name


def test_a_bucket_is_made_in_the_region_that_is_asked(s3: Any) -> None:
    assert code(s3.create_bucket, Bucket="no-region") == "IllegalLocationConstraintException"
    other = {"LocationConstraint": "eu-central-1"}
    found = code(s3.create_bucket, Bucket="no-region", CreateBucketConfiguration=other)
    assert found == "IllegalLocationConstraintException"


POLICIES = [
    ("not json", "MalformedPolicy"),
    ('{"Statement": []}', "MalformedPolicy"),
    (document(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*")), "MalformedPolicy"),  # no principal
    (document(allow("s3:GetObject", "arn:aws:s3:::other/*", Principal="*")), "MalformedPolicy"),
    (document(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": "ACCOUNT-nobody"})), "MalformedPolicy"),
    (document(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal="*")), "AccessDenied"),
    (document(allow("s3:GetObject", "arn:aws:s3:::BUCKET/*", Principal={"AWS": ["*"]},
                    Condition={"Bool": {"aws:SecureTransport": "true"}})), "AccessDenied"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "refused"), POLICIES)
def test_policies_that_a_bucket_does_not_take(
    bucket: str, s3: Any, account: str, policy: str, refused: str
) -> None:
    text = policy.replace("BUCKET", bucket).replace(
        "ACCOUNT-nobody", f"arn:aws:iam::{account}:role/nobody"
    )
    assert code(s3.put_bucket_policy, Bucket=bucket, Policy=text) == refused
    assert code(s3.get_bucket_policy, Bucket=bucket) == "NoSuchBucketPolicy"


def test_a_public_policy_needs_the_block_taken_away(bucket: str, s3: Any) -> None:
    public = document(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Principal="*"))
    assert code(s3.put_bucket_policy, Bucket=bucket, Policy=public) == "AccessDenied"
    narrow = json.loads(public)
    narrow["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(narrow))
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)


# Taking down.


def test_a_bucket_goes_only_when_nothing_is_left_in_it(bucket: str, s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a/1", Body=b"again")
    s3.delete_object(Bucket=bucket, Key="a/1")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"part")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert code(s3.get_object, Bucket=bucket, Key="a/1") == "NoSuchKey"
    assert code(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
    found = s3.list_object_versions(Bucket=bucket)
    assert len(found["Versions"]) == 2
    assert len(found["DeleteMarkers"]) == 1
    keys = [
        {"Key": one["Key"], "VersionId": one["VersionId"]}
        for one in found["Versions"] + found["DeleteMarkers"]
    ]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[:2]})
    assert code(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[2:], "Quiet": False})
    assert done["Deleted"][0]["VersionId"] == keys[2]["VersionId"]
    uploads = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [one["Key"] for one in uploads] == ["big"]
    s3.abort_multipart_upload(Bucket=bucket, Key="big", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)
    assert code(s3.head_bucket, Bucket=bucket) == "404"


def test_settings_that_are_taken_away(bucket: str, s3: Any) -> None:
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["ID"] == "r"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert (
        code(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"
    )
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=kms)
    s3.delete_bucket_encryption(Bucket=bucket)
    rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    tags = [{"Key": "a", "Value": "b"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    assert code(s3.get_bucket_tagging, Bucket=bucket) == "NoSuchTagSet"


def test_big_files_go_up_in_parts_and_come_back_whole(bucket: str, s3: Any) -> None:
    size = 5 * 1024 * 1024
    config = TransferConfig(multipart_threshold=size, multipart_chunksize=size, use_threads=False)
    body = bytes(range(256)) * (11 * 1024 * 4)
    s3.upload_fileobj(io.BytesIO(body), bucket, "big", Config=config)
    back = io.BytesIO()
    s3.download_fileobj(bucket, "big", back, Config=config)
    assert back.getvalue() == body
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
    part = s3.get_object(Bucket=bucket, Key="big", Range="bytes=10-19")
    assert part["Body"].read() == body[10:20]
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_long_lists_come_in_pages(bucket: str, s3: Any) -> None:
    for number in range(25):
        s3.put_object(Bucket=bucket, Key=f"page/{number:02}", Body=b"")
    pages = list(
        s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix="page/", PaginationConfig={"PageSize": 10}
        )
    )
    assert [page["KeyCount"] for page in pages] == [10, 10, 5]
    folders = s3.list_objects_v2(Bucket=bucket, Delimiter="/")["CommonPrefixes"]
    assert [folder["Prefix"] for folder in folders] == ["a/", "page/"]
