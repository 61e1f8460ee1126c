"""S3's answers from moto, by a plain boto3 client."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory

PART = b"x" * (5 * 1024 * 1024)
PLACE = {"LocationConstraint": REGION}


@pytest.fixture(scope="module")
def s3(member: ClientFactory) -> Any:
    return member("s3")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="things-of-a-client", CreateBucketConfiguration=PLACE)
    s3.get_waiter("bucket_exists").wait(Bucket="things-of-a-client")
    return "things-of-a-client"


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_a_bucket_says_where_it_is_and_what_was_never_set(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    notices = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert {key for key in notices if key != "ResponseMetadata"} == set()
    for method, code in (
        (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
        (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
        (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_policy, "NoSuchBucketPolicy"),
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
    ):
        with pytest.raises(ClientError) as refused:
            method(Bucket=bucket)
        assert code_of(refused) == code


def test_the_block_of_public_access_is_changed_and_taken_away(s3: Any) -> None:
    s3.create_bucket(Bucket="half-open-of-a-client", CreateBucketConfiguration=PLACE)
    half = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }
    of = {"Bucket": "half-open-of-a-client"}
    s3.put_public_access_block(**of, PublicAccessBlockConfiguration=half)
    assert s3.get_public_access_block(**of)["PublicAccessBlockConfiguration"] == half
    s3.delete_public_access_block(**of)
    with pytest.raises(ClientError) as refused:
        s3.get_public_access_block(**of)
    assert code_of(refused) == "NoSuchPublicAccessBlockConfiguration"


def test_whose_pages_may_ask_is_set_and_taken_away(s3: Any, bucket: str) -> None:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [rule]
    s3.delete_bucket_cors(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_cors(Bucket=bucket)
    assert code_of(refused) == "NoSuchCORSConfiguration"


def test_a_bucket_logs_to_one_that_lets_it(s3: Any, bucket: str, member: ClientFactory) -> None:
    s3.create_bucket(Bucket="logs-of-a-client", CreateBucketConfiguration=PLACE)
    account = member("sts").get_caller_identity()["Account"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::logs-of-a-client/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    s3.put_bucket_policy(
        Bucket="logs-of-a-client",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    wanted = {"TargetBucket": "logs-of-a-client", "TargetPrefix": "of/"}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": wanted})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == wanted
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_lists_of_control_work_only_where_they_are_let(s3: Any) -> None:
    name = "with-lists-of-control"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=PLACE)
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_acl(Bucket=name, ACL="public-read")
    assert code_of(refused) == "AccessControlListNotSupported"
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    with pytest.raises(ClientError) as refused:
        s3.put_object_acl(Bucket=name, Key="k", ACL="public-read")
    assert code_of(refused) == "AccessControlListNotSupported"

    preferred = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=preferred)
    assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"] == preferred
    for put, where in (
        (s3.put_bucket_acl, {"Bucket": name}),
        (s3.put_object_acl, {"Bucket": name, "Key": "k"}),
        (s3.put_object, {"Bucket": name, "Key": "k2"}),
    ):
        put(**where, ACL="private")
        with pytest.raises(ClientError) as refused:
            put(**where, ACL="public-read")
        assert code_of(refused) == "NotImplemented"
    owner = s3.list_buckets()["Owner"]["ID"]
    for known in (s3.get_bucket_acl(Bucket=name), s3.get_object_acl(Bucket=name, Key="k")):
        (grant,) = known["Grants"]
        assert (grant["Permission"], grant["Grantee"]["ID"]) == ("FULL_CONTROL", owner)
        assert known["Owner"]["ID"] == owner
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object_acl(Bucket=name, Key="nope")
    s3.delete_bucket_ownership_controls(Bucket=name)
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_ownership_controls(Bucket=name)
    assert code_of(refused) == "OwnershipControlsNotFoundError"


def test_an_objects_tags_and_attributes(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="tagged", Body=b"text", Tagging="a=1&b=2")
    tags = s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"a": "1", "b": "2"}
    s3.put_object_tagging(
        Bucket=bucket, Key="tagged", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]}
    )
    assert s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"] == [
        {"Key": "c", "Value": "3"}
    ]
    assert s3.get_object(Bucket=bucket, Key="tagged")["TagCount"] == 1
    s3.delete_object_tagging(Bucket=bucket, Key="tagged")
    assert s3.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"] == []

    found = s3.get_object_attributes(
        Bucket=bucket, Key="tagged", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"]
    )
    assert found["ETag"] == hashlib.md5(b"text").hexdigest()  # noqa: S324 - it is what an ETag is
    assert (found["ObjectSize"], found["StorageClass"]) == (4, "STANDARD")


def test_an_object_that_looks_like_an_answer_comes_back_as_it_is(s3: Any, bucket: str) -> None:
    body = b"<Error><RequestId>mine</RequestId><HostId>mine</HostId></Error>"
    s3.put_object(Bucket=bucket, Key="answer.xml", Body=body)
    assert s3.get_object(Bucket=bucket, Key="answer.xml")["Body"].read() == body


def test_an_object_is_put_together_of_parts_new_and_copied(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="source", Body=PART)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="whole")["UploadId"]
    where = {"Bucket": bucket, "Key": "whole", "UploadId": upload}
    first = s3.upload_part_copy(**where, PartNumber=1, CopySource=f"{bucket}/source")
    second = s3.upload_part(**where, PartNumber=2, Body=b"end")
    pages = s3.get_paginator("list_parts").paginate(**where)
    parts = [part for page in pages for part in page["Parts"]]
    assert [(part["PartNumber"], part["Size"]) for part in parts] == [(1, len(PART)), (2, 3)]
    done = [
        {"PartNumber": 1, "ETag": first["CopyPartResult"]["ETag"]},
        {"PartNumber": 2, "ETag": second["ETag"]},
    ]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": done})
    head = s3.head_object(Bucket=bucket, Key="whole")
    assert head["ContentLength"] == len(PART) + 3
    assert head["ETag"].endswith('-2"')
    assert s3.get_object(Bucket=bucket, Key="whole", Range="bytes=-3")["Body"].read() == b"end"
    with pytest.raises(ClientError) as refused:
        s3.list_parts(**where)
    assert code_of(refused) == "NoSuchUpload"


@pytest.fixture(scope="module")
def many(s3: Any) -> str:
    s3.create_bucket(Bucket="many-small-things", CreateBucketConfiguration=PLACE)
    for name in ("a-b", "a/1", "a/2", "b", "c", "d/x y+ü", "e/"):
        s3.put_object(Bucket="many-small-things", Key=name, Body=name.encode())
    return "many-small-things"


def pages(s3: Any, method: str, **options: Any) -> list[list[str]]:
    """The names on each page, prefixes last."""
    found = s3.get_paginator(method).paginate(**options, PaginationConfig={"PageSize": 2})
    return [
        [item["Key"] for item in page.get("Contents", [])]
        + [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        for page in found
    ]


@pytest.mark.parametrize("method", ["list_objects", "list_objects_v2"])
def test_lists_page_through_objects_and_prefixes_alike(s3: Any, many: str, method: str) -> None:
    assert pages(s3, method, Bucket=many) == [
        ["a-b", "a/1"], ["a/2", "b"], ["c", "d/x y+ü"], ["e/"],
    ]  # fmt: skip
    assert pages(s3, method, Bucket=many, Delimiter="/") == [
        ["a-b", "a/"], ["b", "c"], ["d/", "e/"],
    ]  # fmt: skip
    assert pages(s3, method, Bucket=many, Prefix="a", Delimiter="/") == [["a-b", "a/"]]
    assert pages(s3, method, Bucket=many, Prefix="a/", Delimiter="/") == [["a/1", "a/2"]]
    assert pages(s3, method, Bucket=many, Prefix="z") == [[]]


def test_the_list_starts_after_a_name_and_says_whose_it_is(s3: Any, many: str) -> None:
    assert pages(s3, "list_objects_v2", Bucket=many, StartAfter="b") == [
        ["c", "d/x y+ü"], ["e/"],
    ]  # fmt: skip
    owner = s3.list_buckets()["Owner"]["ID"]
    (item,) = s3.list_objects_v2(Bucket=many, Prefix="c", FetchOwner=True)["Contents"]
    assert (item["Owner"]["ID"], item["Size"]) == (owner, 1)
    assert "Owner" not in s3.list_objects_v2(Bucket=many, Prefix="c")["Contents"][0]
    assert s3.list_objects(Bucket=many, Prefix="c")["Contents"][0]["Owner"]["ID"] == owner
    (version,) = s3.list_object_versions(Bucket=many, Prefix="c")["Versions"]
    assert version["Owner"]["ID"] == owner
    assert s3.list_objects_v2(Bucket=many, MaxKeys=0)["KeyCount"] == 0
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket=many, ContinuationToken="of my own")
    assert code_of(refused) == "InvalidArgument"


def test_what_is_deleted_is_not_listed(s3: Any) -> None:
    name = "with-old-versions"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=PLACE)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("kept", "gone"):
        s3.put_object(Bucket=name, Key=key, Body=b"1")
    s3.delete_object(Bucket=name, Key="gone")
    assert pages(s3, "list_objects_v2", Bucket=name) == [["kept"]]
    versions = s3.list_object_versions(Bucket=name)
    assert [v["Key"] for v in versions["Versions"]] == ["gone", "kept"]
    assert [m["Key"] for m in versions["DeleteMarkers"]] == ["gone"]


@pytest.mark.parametrize("path", ["/things-of-a-client/tagged", "/things-of-a-client", "/"])
def test_who_does_not_say_who_it_is_is_refused_in_xml(
    local_aws: LocalAws, bucket: str, path: str
) -> None:
    assert bucket
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(local_aws.endpoint + path)  # noqa: S310 - our own, on loopback
    assert refused.value.code == 403
    assert refused.value.headers["Content-Type"] == "application/xml"
    error = ET.fromstring(refused.value.read())  # noqa: S314 - our own answer
    assert (error.tag, error.findtext("Code")) == ("Error", "AccessDenied")
    assert error.findtext("Message") == "Access Denied"
    assert error.findtext("RequestId") == refused.value.headers["x-amz-request-id"]
    assert error.findtext("HostId") == refused.value.headers["x-amz-id-2"]
