"""Data events of S3 that a trail asks for by the beginning of ARNs, as documented and published ones are."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, assume, member_account
from .servers import make_role, policy

STARTS = "arn:aws:s3:::watched-"
KEYS = {
    "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
    "userAgent", "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID",
    "readOnly", "resources", "eventType", "managementEvent", "recipientAccountId", "eventCategory", "tlsDetails",
}  # fmt: skip


@pytest.fixture(scope="module")
def owner(local_aws: LocalAws, administrator: ClientFactory) -> ClientFactory:
    """An account with a trail that writes to a bucket and a log group."""
    client = member_account(local_aws, administrator, "objects")
    account = client("sts").get_caller_identity()["Account"]
    make_bucket(client, "files-of-the-trail")
    arn = f"arn:aws:cloudtrail:{REGION}:{account}:trail/watching"
    service = {"Service": "cloudtrail.amazonaws.com"}
    client("s3").put_bucket_policy(
        Bucket="files-of-the-trail",
        Policy=policy(
            {"Effect": "Allow", "Principal": service, "Action": ["s3:GetBucketAcl", "s3:PutObject"],
             "Resource": ["arn:aws:s3:::files-of-the-trail", "arn:aws:s3:::files-of-the-trail/*"],
             "Condition": {"StringEquals": {"aws:SourceArn": arn}}},
        ),
    )  # fmt: skip
    client("logs").create_log_group(logGroupName="trail")
    group = f"arn:aws:logs:{REGION}:{account}:log-group:trail:*"
    writes = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "*",
    }
    role = make_role(client, "trail", "cloudtrail.amazonaws.com", writes)
    trail = client("cloudtrail")
    trail.create_trail(
        Name="watching", S3BucketName="files-of-the-trail",
        CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=role,
    )  # fmt: skip
    select(client, "StartsWith", STARTS)
    trail.start_logging(Name="watching")
    return client


def make_bucket(client: ClientFactory, name: str) -> None:
    client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )


def select(client: ClientFactory, test: str, value: str) -> None:
    client("cloudtrail").put_event_selectors(
        TrailName="watching",
        AdvancedEventSelectors=[
            {"Name": "calls", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
            {
                "Name": "objects",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    {"Field": "resources.ARN", test: [value]},
                ],
            },
        ],
    )  # fmt: skip


def delivered(client: ClientFactory) -> list[dict[str, Any]]:
    """The data events in the trail's files, and the same ones in its log group."""
    s3 = client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="files-of-the-trail")
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    in_files: list[dict[str, Any]] = []
    for key in keys:
        body = s3.get_object(Bucket="files-of-the-trail", Key=key)["Body"].read()
        in_files += json.loads(gzip.decompress(body))["Records"]
    pages = client("logs").get_paginator("filter_log_events").paginate(
        logGroupName="trail", filterPattern='{ $.eventCategory = "Data" }'
    )  # fmt: skip
    in_logs = [json.loads(event["message"]) for page in pages for event in page["events"]]
    objects = [record for record in in_files if record["eventCategory"] == "Data"]
    assert {record["eventID"] for record in objects} == {record["eventID"] for record in in_logs}
    return objects


def only(records: list[dict[str, Any]], bucket: str) -> dict[str, dict[str, Any]]:
    return {
        record["eventName"]: record
        for record in records
        if record["requestParameters"]["bucketName"] == bucket
    }


def test_object_calls_have_the_shape_of_published_ones(owner: ClientFactory) -> None:
    for name in ("watched-a", "unwatched-a"):
        make_bucket(owner, name)
        owner("s3").put_object(Bucket=name, Key="daily/rows.csv", Body=b"a,b\n1,2\n")
        owner("s3").get_object(Bucket=name, Key="daily/rows.csv")["Body"].read()
        owner("s3").head_object(Bucket=name, Key="daily/rows.csv")
        owner("s3").list_objects_v2(Bucket=name, Prefix="daily/")
    records = delivered(owner)
    assert not only(records, "unwatched-a")
    assert not only(records, "files-of-the-trail")
    found = only(records, "watched-a")
    assert set(found) == {"PutObject", "GetObject", "HeadObject", "ListObjects"}
    account = owner("sts").get_caller_identity()["Account"]
    host = f"watched-a.s3.{REGION}.amazonaws.com"
    bucket = {"accountId": account, "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::watched-a"}
    for name, record in found.items():
        assert set(record) == KEYS, name
        assert record["managementEvent"] is False
        assert record["readOnly"] is (name != "PutObject")
        assert record["resources"][1] == bucket
        assert record["tlsDetails"]["clientProvidedHostHeader"] == host
        assert set(record["additionalEventData"]) - {"SSEApplied"} == {
            "SignatureVersion", "CipherSuite", "bytesTransferredIn", "AuthenticationMethod", "x-amz-id-2",
            "bytesTransferredOut",
        }  # fmt: skip
    one = {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::watched-a/daily/rows.csv"}
    assert found["GetObject"]["resources"][0] == one
    assert found["GetObject"]["requestParameters"] == {
        "bucketName": "watched-a", "Host": host, "key": "daily/rows.csv",
    }  # fmt: skip
    assert found["GetObject"]["responseElements"] is None
    moved = {
        name: (record["additionalEventData"]["bytesTransferredIn"], record["additionalEventData"]["bytesTransferredOut"])
        for name, record in found.items()
    }  # fmt: skip
    assert moved["GetObject"] == (0, 8)
    assert moved["PutObject"][0] >= 8
    assert moved["PutObject"][1] == moved["HeadObject"][1] == 0
    assert moved["ListObjects"][1] > 200
    assert found["PutObject"]["additionalEventData"]["SSEApplied"] == "Default_SSE_S3"
    assert found["PutObject"]["responseElements"] == {"x-amz-server-side-encryption": "AES256"}
    beginning = {"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::watched-a/"}
    assert found["ListObjects"]["resources"][0] == beginning
    assert found["ListObjects"]["requestParameters"] | {"encoding-type": "url"} == {
        "bucketName": "watched-a", "Host": host, "list-type": "2", "prefix": "daily/", "encoding-type": "url",
    }  # fmt: skip


def test_denied_and_vain_calls_are_delivered_too(owner: ClientFactory, local_aws: LocalAws) -> None:
    make_bucket(owner, "watched-b")
    owner("s3").put_object(Bucket="watched-b", Key="there", Body=b"x")
    account = owner("sts").get_caller_identity()["Account"]
    trust = policy({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"})
    role = owner("iam").create_role(RoleName="no-reader", AssumeRolePolicyDocument=trust)["Role"]
    weak = assume(local_aws, owner, role["Arn"], "someone")
    for call in (
        lambda: weak("s3").get_object(Bucket="watched-b", Key="there"),
        lambda: weak("s3").put_object(Bucket="watched-b", Key="new", Body=b"12345"),
        lambda: owner("s3").head_object(Bucket="watched-b", Key="missing"),
    ):
        with pytest.raises(ClientError):
            call()
    found = [
        record
        for record in delivered(owner)
        if record["requestParameters"]["bucketName"] == "watched-b" and "errorCode" in record
    ]
    told = {r["eventName"]: (r["errorCode"], r["requestParameters"]["key"]) for r in found}
    assert told == {
        "GetObject": ("AccessDenied", "there"),
        "PutObject": ("AccessDenied", "new"),
        "HeadObject": ("NoSuchKey", "missing"),
    }
    (denied,) = (record for record in found if record["eventName"] == "PutObject")
    assert "is not authorized to perform: s3:PutObject" in denied["errorMessage"]
    assert denied["responseElements"] is None
    assert denied["additionalEventData"]["bytesTransferredIn"] == 0
    assert denied["additionalEventData"]["bytesTransferredOut"] > 200


def test_object_calls_are_in_no_event_history(owner: ClientFactory) -> None:
    make_bucket(owner, "watched-c")
    owner("s3").put_object(Bucket="watched-c", Key="k", Body=b"x")
    assert only(delivered(owner), "watched-c")
    pages = owner("cloudtrail").get_paginator("lookup_events").paginate()
    names = {event["EventName"] for page in pages for event in page["Events"]}
    assert "CreateBucket" in names
    assert not names & {"PutObject", "GetObject", "HeadObject", "ListObjects"}


def test_a_trail_that_watches_its_own_bucket_does_not_run_away(
    owner: ClientFactory, local_aws: LocalAws
) -> None:
    select(owner, "StartsWith", "arn:aws:s3:::")
    try:
        for _ in range(3):
            before = len(keys_of(owner))
            owner("logs").filter_log_events(logGroupName="trail")
            local_aws.world.flush()
            assert len(keys_of(owner)) <= before + 3  # a file for each of these looks
    finally:
        select(owner, "StartsWith", STARTS)
    keys_of(owner)
    number = len(keys_of(owner))
    assert len(keys_of(owner)) == number


def keys_of(client: ClientFactory) -> list[str]:
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket="files-of-the-trail")
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def test_selectors_against_the_rules_are_refused(owner: ClientFactory) -> None:
    data = {"Field": "eventCategory", "Equals": ["Data"]}
    of_objects = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
    for wrong in (
        [data],
        [data, {"Field": "resources.type", "StartsWith": ["AWS::S3"]}],
        [data, of_objects, {"Field": "readOnly", "NotEquals": ["true"]}],
        [{"Field": "eventCategory", "StartsWith": ["Da"]}, of_objects],
    ):
        with pytest.raises(ClientError, match="InvalidEventSelectors"):
            owner("cloudtrail").put_event_selectors(
                TrailName="watching", AdvancedEventSelectors=[{"FieldSelectors": wrong}]
            )
