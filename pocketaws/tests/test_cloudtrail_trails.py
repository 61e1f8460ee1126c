"""Trails and what they deliver, with an unmodified boto3."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pocketaws.cloudtrail.history.log import EventLog
from pocketaws.server import LocalAws
from pocketaws.sns.inbox import inbox

from .conftest import ClientFactory, member_account

KEY = re.compile(
    r"AWSLogs/(\d{12})/CloudTrail/eu-west-1/\d{4}/\d\d/\d\d/"
    r"\1_CloudTrail_eu-west-1_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz"
)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def account_of(factory: ClientFactory) -> str:
    return str(factory("sts").get_caller_identity()["Account"])


def bucket_policy(bucket: str, account: str, trail: str) -> str:
    """The policy of CloudTrail's user guide."""
    arn = f"arn:aws:cloudtrail:eu-west-1:{account}:trail/{trail}"
    service = {"Service": "cloudtrail.amazonaws.com"}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AWSCloudTrailAclCheck20150319",
                    "Effect": "Allow",
                    "Principal": service,
                    "Action": "s3:GetBucketAcl",
                    "Resource": f"arn:aws:s3:::{bucket}",
                    "Condition": {"StringEquals": {"aws:SourceArn": arn}},
                },
                {
                    "Sid": "AWSCloudTrailWrite20150319",
                    "Effect": "Allow",
                    "Principal": service,
                    "Action": "s3:PutObject",
                    "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{account}/*",
                    "Condition": {
                        "StringEquals": {
                            "s3:x-amz-acl": "bucket-owner-full-control",
                            "aws:SourceArn": arn,
                        }
                    },
                },
            ],
        }
    )


def make_bucket(factory: ClientFactory, bucket: str, trail: str | None) -> None:
    """A bucket into which the trail may write (none may without)."""
    s3 = factory("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if trail is not None:
        policy = bucket_policy(bucket, account_of(factory), trail)
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def make_trail(factory: ClientFactory, name: str, **options: Any) -> str:
    """A logging trail with a bucket of its own; its ARN."""
    make_bucket(factory, f"{name}-bucket", name)
    client = factory("cloudtrail")
    made = client.create_trail(Name=name, S3BucketName=f"{name}-bucket", **options)
    client.start_logging(Name=name)
    return str(made["TrailARN"])


def keys(factory: ClientFactory, bucket: str) -> list[str]:
    listed = factory("s3").list_objects_v2(Bucket=bucket)
    return [entry["Key"] for entry in listed.get("Contents", [])]


def delivered(factory: ClientFactory, bucket: str) -> list[dict[str, Any]]:
    """Every record in the bucket's files; the order of files of one minute is random."""
    s3 = factory("s3")
    records: list[dict[str, Any]] = []
    for key in keys(factory, bucket):
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        records += json.loads(gzip.decompress(body))["Records"]
    return records


def names(records: list[dict[str, Any]]) -> list[str]:
    return [record["eventName"] for record in records]


@pytest.fixture
def fresh(
    local_aws: LocalAws, administrator: ClientFactory, request: pytest.FixtureRequest
) -> ClientFactory:
    """The administrator of an account that no other test has touched."""
    return member_account(local_aws, administrator, request.node.name[:50])


def test_files_have_real_names_and_what_was_called(fresh: ClientFactory) -> None:
    make_trail(fresh, "plain")
    fresh("ec2").describe_vpcs()
    fresh("ec2").describe_subnets()
    found = keys(fresh, "plain-bucket")
    assert len(found) == 1
    assert KEY.fullmatch(found[0])
    answer = fresh("s3").get_object(Bucket="plain-bucket", Key=found[0])
    assert answer["ContentType"] == "application/json"
    assert answer["ContentEncoding"] == "gzip"
    records = delivered(fresh, "plain-bucket")
    assert names(records) == ["StartLogging", "DescribeVpcs", "DescribeSubnets"]
    assert records[1]["recipientAccountId"] == account_of(fresh)


def test_looking_does_not_make_files(fresh: ClientFactory) -> None:
    make_trail(fresh, "quiet")
    first = keys(fresh, "quiet-bucket")
    assert len(first) == 1
    for _ in range(3):
        delivered(fresh, "quiet-bucket")
    assert keys(fresh, "quiet-bucket") == first


def test_a_stopped_trail_delivers_its_stopping_and_nothing_after(fresh: ClientFactory) -> None:
    make_trail(fresh, "stopped")
    client = fresh("cloudtrail")
    client.stop_logging(Name="stopped")
    fresh("ec2").describe_vpcs()
    assert names(delivered(fresh, "stopped-bucket")) == ["StartLogging", "StopLogging"]
    status = client.get_trail_status(Name="stopped")
    assert status["IsLogging"] is False
    assert status["StopLoggingTime"] >= status["StartLoggingTime"]
    client.start_logging(Name="stopped")
    fresh("ec2").describe_subnets()
    after = names(delivered(fresh, "stopped-bucket"))
    assert sorted(after) == ["DescribeSubnets", "StartLogging", "StartLogging", "StopLogging"]


def test_a_deleted_trail_delivers_its_last_file(fresh: ClientFactory) -> None:
    arn = make_trail(fresh, "deleted")
    client = fresh("cloudtrail")
    client.delete_trail(Name=arn)
    fresh("ec2").describe_vpcs()
    assert names(delivered(fresh, "deleted-bucket")) == ["StartLogging", "DeleteTrail"]
    with pytest.raises(ClientError) as caught:
        client.get_trail(Name="deleted")
    assert code(caught) == "TrailNotFoundException"
    with pytest.raises(ClientError) as caught:
        client.delete_trail(Name="deleted")
    assert code(caught) == "TrailNotFoundException"


def test_a_deleted_bucket_is_noted_and_breaks_nothing(fresh: ClientFactory) -> None:
    make_trail(fresh, "orphan")
    fresh("s3").delete_bucket(Bucket="orphan-bucket")
    fresh("ec2").describe_vpcs()
    status = fresh("cloudtrail").get_trail_status(Name="orphan")
    assert status["LatestDeliveryError"] == "NoSuchBucket"
    make_bucket(fresh, "orphan-bucket", "orphan")
    assert "DescribeVpcs" in names(delivered(fresh, "orphan-bucket"))
    status = fresh("cloudtrail").get_trail_status(Name="orphan")
    assert "LatestDeliveryError" not in status
    assert status["LatestDeliveryTime"]


def test_a_policy_taken_away_is_noted(fresh: ClientFactory) -> None:
    make_trail(fresh, "locked")
    fresh("s3").delete_bucket_policy(Bucket="locked-bucket")
    status = fresh("cloudtrail").get_trail_status(Name="locked")
    assert status["LatestDeliveryError"] == "AccessDenied"
    assert keys(fresh, "locked-bucket") == []


@pytest.mark.parametrize(
    ("bucket", "trail", "expected"),
    [
        ("is-not-there", None, "S3BucketDoesNotExistException"),
        ("closed-bucket", None, "InsufficientS3BucketPolicyException"),
        ("others-bucket", "another-trail", "InsufficientS3BucketPolicyException"),
        ("Not_A_Bucket", None, "InvalidS3BucketNameException"),
    ],
)
def test_a_bucket_that_will_not_do_is_refused(
    fresh: ClientFactory, bucket: str, trail: str | None, expected: str
) -> None:
    if expected.startswith("Insufficient"):
        make_bucket(fresh, bucket, trail)
    with pytest.raises(ClientError) as caught:
        fresh("cloudtrail").create_trail(Name="refused", S3BucketName=bucket)
    assert code(caught) == expected
    listed = fresh("cloudtrail").list_trails()["Trails"]
    assert "refused" not in [trail["Name"] for trail in listed]


def test_a_bucket_whose_acl_cannot_be_read_is_refused(fresh: ClientFactory) -> None:
    make_bucket(fresh, "write-only-bucket", "write-only")
    policy = json.loads(bucket_policy("write-only-bucket", account_of(fresh), "write-only"))
    del policy["Statement"][0]
    fresh("s3").put_bucket_policy(Bucket="write-only-bucket", Policy=json.dumps(policy))
    with pytest.raises(ClientError) as caught:
        fresh("cloudtrail").create_trail(Name="write-only", S3BucketName="write-only-bucket")
    assert code(caught) == "InsufficientS3BucketPolicyException"


@pytest.mark.parametrize(
    "name", ["ab", "a" * 129, "-ab", "ab-", "a..b", "a-_b", "a b", "192.168.5.4"]
)
def test_a_name_against_the_rules_is_refused(fresh: ClientFactory, name: str) -> None:
    with pytest.raises(ClientError) as caught:
        fresh("cloudtrail").create_trail(Name=name, S3BucketName="any-bucket")
    assert code(caught) == "InvalidTrailNameException"


def test_settings_come_back(fresh: ClientFactory) -> None:
    arn = make_trail(fresh, "settings", TagsList=[{"Key": "team", "Value": "blue"}])
    client = fresh("cloudtrail")
    trail = client.get_trail(Name="settings")["Trail"]
    assert trail["TrailARN"] == arn
    assert trail["HomeRegion"] == "eu-west-1"
    assert trail["IsMultiRegionTrail"] is False
    assert client.describe_trails(trailNameList=[arn])["trailList"] == [trail]
    assert client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [
        {"Key": "team", "Value": "blue"}
    ]
    client.add_tags(ResourceId=arn, TagsList=[{"Key": "a", "Value": "b"}])
    client.remove_tags(ResourceId=arn, TagsList=[{"Key": "team"}])
    assert client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == [
        {"Key": "a", "Value": "b"}
    ]
    assert client.update_trail(Name="settings", EnableLogFileValidation=True)[
        "LogFileValidationEnabled"
    ]
    with pytest.raises(ClientError) as caught:
        client.create_trail(Name="settings", S3BucketName="settings-bucket")
    assert code(caught) == "TrailAlreadyExistsException"
    other = fresh("cloudtrail", region_name="us-east-1")
    assert other.describe_trails()["trailList"] == []
    with pytest.raises(ClientError) as caught:
        other.stop_logging(Name=arn)
    assert code(caught) == "InvalidHomeRegionException"
    client.delete_trail(Name=arn)


def test_a_multi_region_trail_shows_and_delivers_everywhere(fresh: ClientFactory) -> None:
    make_trail(fresh, "everywhere", IsMultiRegionTrail=True)
    other = fresh("cloudtrail", region_name="us-west-2")
    assert [trail["Name"] for trail in other.describe_trails()["trailList"]] == ["everywhere"]
    assert other.describe_trails(includeShadowTrails=False)["trailList"] == []
    fresh("ec2", region_name="us-west-2").describe_vpcs()
    fresh("iam").list_users()
    records = delivered(fresh, "everywhere-bucket")
    assert ("us-west-2", "DescribeVpcs") in [(r["awsRegion"], r["eventName"]) for r in records]
    assert ("us-east-1", "ListUsers") in [(r["awsRegion"], r["eventName"]) for r in records]
    regions = {key.split("/")[3] for key in keys(fresh, "everywhere-bucket")}
    assert regions == {"eu-west-1", "us-west-2", "us-east-1"}
    fresh("cloudtrail").delete_trail(Name="everywhere")


def test_a_region_has_five_trails(fresh: ClientFactory) -> None:
    client = fresh("cloudtrail")
    for number in range(6):
        make_bucket(fresh, f"many-{number}-bucket", f"many-{number}")
    for number in range(5):
        client.create_trail(Name=f"many-{number}", S3BucketName=f"many-{number}-bucket")
    with pytest.raises(ClientError) as caught:
        client.create_trail(Name="many-5", S3BucketName="many-5-bucket")
    assert code(caught) == "MaximumNumberOfTrailsExceededException"
    for number in range(5):
        client.delete_trail(Name=f"many-{number}")


def test_selectors_decide_what_is_delivered(fresh: ClientFactory) -> None:
    make_trail(fresh, "choosy")
    client = fresh("cloudtrail")
    assert client.get_event_selectors(TrailName="choosy")["EventSelectors"] == [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": [],
        }
    ]
    delivered(fresh, "choosy-bucket")
    client.put_event_selectors(
        TrailName="choosy",
        EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}],
    )
    fresh("ec2").describe_vpcs()
    fresh("ec2").create_vpc(CidrBlock="10.9.0.0/16")
    assert sorted(names(delivered(fresh, "choosy-bucket"))) == [
        "CreateVpc",
        "GetEventSelectors",
        "PutEventSelectors",
        "StartLogging",
    ]
    client.delete_trail(Name="choosy")


def test_object_calls_are_delivered_to_a_trail_that_asks_for_them(
    fresh: ClientFactory, local_aws: LocalAws
) -> None:
    make_trail(fresh, "objects")
    make_bucket(fresh, "watched", None)
    make_bucket(fresh, "unwatched", None)
    client = fresh("cloudtrail")
    selector = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": False,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::watched/"]}],
    }
    client.put_event_selectors(TrailName="objects", EventSelectors=[selector])
    for bucket in ("watched", "unwatched"):
        fresh("s3").put_object(Bucket=bucket, Key="secret.txt", Body=b"x")
        fresh("s3").get_object(Bucket=bucket, Key="secret.txt")
    records = delivered(fresh, "objects-bucket")
    objects = [r for r in records if r["eventCategory"] == "Data"]
    assert names(objects) == ["PutObject", "GetObject"]
    kept = local_aws.world.store(EventLog, account_of(fresh), "eu-west-1").data_events
    assert len(kept) == 2  # nobody asked for the others
    assert objects[1]["managementEvent"] is False
    assert objects[1]["requestParameters"]["bucketName"] == "watched"
    assert objects[1]["requestParameters"]["key"] == "secret.txt"
    assert objects[1]["resources"][0]["ARN"] == "arn:aws:s3:::watched/secret.txt"
    client.delete_trail(Name="objects")


def test_selectors_against_the_rules_are_refused(fresh: ClientFactory) -> None:
    make_trail(fresh, "strict")
    client = fresh("cloudtrail")
    for selectors in (
        [],
        [{"ReadWriteType": "Sometimes"}],
        [{"DataResources": [{"Type": "AWS::Nothing", "Values": ["arn:aws:s3"]}]}],
        [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["watched"]}]}],
    ):
        with pytest.raises(ClientError) as caught:
            client.put_event_selectors(TrailName="strict", EventSelectors=selectors)
        assert code(caught) == "InvalidEventSelectorsException"
    client.delete_trail(Name="strict")


GROUP, STREAM = "trail-events", "{}_CloudTrail_eu-west-1"


def make_logs_role(factory: ClientFactory, name: str, actions: list[str]) -> str:
    """A role that CloudTrail may assume, and what it may do with log groups; its ARN."""
    iam = factory("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_role_policy(
        RoleName=name,
        PolicyName="logs",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    return str(arn)


def make_log_group(factory: ClientFactory) -> str:
    factory("logs").create_log_group(logGroupName=GROUP)
    return f"arn:aws:logs:eu-west-1:{account_of(factory)}:log-group:{GROUP}:*"


def test_events_also_go_to_the_log_group(fresh: ClientFactory) -> None:
    role = make_logs_role(fresh, "to-logs", ["logs:CreateLogStream", "logs:PutLogEvents"])
    make_trail(
        fresh,
        "logged",
        CloudWatchLogsLogGroupArn=make_log_group(fresh),
        CloudWatchLogsRoleArn=role,
    )
    again = fresh("cloudtrail").update_trail(Name="logged", CloudWatchLogsRoleArn=role)
    assert again["CloudWatchLogsRoleArn"] == role  # the stream is there already
    fresh("ec2").describe_vpcs()
    logs = fresh("logs")
    found = logs.filter_log_events(
        logGroupName=GROUP, filterPattern='{ $.eventName = "DescribeVpcs" }'
    )["events"]
    assert [event["logStreamName"] for event in found] == [STREAM.format(account_of(fresh))]
    assert json.loads(found[0]["message"])["eventSource"] == "ec2.amazonaws.com"
    status = fresh("cloudtrail").get_trail_status(Name="logged")
    assert status["LatestCloudWatchLogsDeliveryTime"]
    assert "LatestCloudWatchLogsDeliveryError" not in status


def test_the_trail_writes_to_the_log_group_as_its_role(fresh: ClientFactory) -> None:
    role = make_logs_role(fresh, "writer", ["logs:CreateLogStream", "logs:PutLogEvents"])
    make_trail(
        fresh,
        "written",
        CloudWatchLogsLogGroupArn=make_log_group(fresh),
        CloudWatchLogsRoleArn=role,
    )
    records = delivered(fresh, "written-bucket")
    found = fresh("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateLogStream"}]
    )["Events"]
    record = json.loads(found[0]["CloudTrailEvent"])
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role
    assert record["userIdentity"]["invokedBy"] == "cloudtrail.amazonaws.com"
    assert record["sourceIPAddress"] == "cloudtrail.amazonaws.com"
    assert "tlsDetails" not in record
    assumed = fresh("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": role}]
    )["Events"]
    identity = json.loads(assumed[0]["CloudTrailEvent"])["userIdentity"]
    assert identity == {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    assert "PutLogEvents" not in names(records)


@pytest.mark.parametrize(
    ("actions", "group", "expected"),
    [
        (["logs:PutLogEvents"], GROUP, "InvalidCloudWatchLogsRoleArnException"),
        (["logs:*"], "no-such-group", "InvalidCloudWatchLogsLogGroupArnException"),
    ],
)
def test_a_log_group_that_will_not_do_is_refused(
    fresh: ClientFactory, actions: list[str], group: str, expected: str
) -> None:
    role = make_logs_role(fresh, "wanting", actions)
    arn = make_log_group(fresh).replace(GROUP, group)
    make_bucket(fresh, "wanting-bucket", "wanting")
    with pytest.raises(ClientError) as caught:
        fresh("cloudtrail").create_trail(
            Name="wanting",
            S3BucketName="wanting-bucket",
            CloudWatchLogsLogGroupArn=arn,
            CloudWatchLogsRoleArn=role,
        )
    assert code(caught) == expected
    fresh("s3").delete_bucket(Bucket="wanting-bucket")


def test_a_role_that_trusts_others_is_refused(fresh: ClientFactory) -> None:
    role = make_logs_role(fresh, "distrustful", ["logs:*"])
    other = {"Service": "ec2.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": other, "Action": "sts:AssumeRole"}
    fresh("iam").update_assume_role_policy(
        RoleName="distrustful",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    make_bucket(fresh, "distrust-bucket", "distrust")
    with pytest.raises(ClientError) as caught:
        fresh("cloudtrail").create_trail(
            Name="distrust",
            S3BucketName="distrust-bucket",
            CloudWatchLogsLogGroupArn=make_log_group(fresh),
            CloudWatchLogsRoleArn=role,
        )
    assert code(caught) == "InvalidCloudWatchLogsRoleArnException"


def test_a_deleted_log_group_is_noted_and_files_still_come(fresh: ClientFactory) -> None:
    role = make_logs_role(fresh, "lonely", ["logs:*"])
    make_trail(
        fresh,
        "lonely",
        CloudWatchLogsLogGroupArn=make_log_group(fresh),
        CloudWatchLogsRoleArn=role,
    )
    fresh("logs").delete_log_group(logGroupName=GROUP)
    assert "DeleteLogGroup" in names(delivered(fresh, "lonely-bucket"))
    status = fresh("cloudtrail").get_trail_status(Name="lonely")
    assert "ResourceNotFoundException" in status["LatestCloudWatchLogsDeliveryError"]


def test_a_topic_hears_of_every_file(fresh: ClientFactory, local_aws: LocalAws) -> None:
    sns = fresh("sns")
    topic = sns.create_topic(Name="files")["TopicArn"]
    make_bucket(fresh, "told-bucket", "told")
    client = fresh("cloudtrail")
    with pytest.raises(ClientError) as caught:
        client.create_trail(Name="told", S3BucketName="told-bucket", SnsTopicName="files")
    assert code(caught) == "InsufficientSnsTopicPolicyException"
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "SNS:Publish",
        "Resource": topic,
    }
    sns.set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="files@example.com")
    made = client.create_trail(Name="told", S3BucketName="told-bucket", SnsTopicName="files")
    assert made["SnsTopicARN"] == topic
    client.start_logging(Name="told")
    key = keys(fresh, "told-bucket")[0]
    mails = [mail for mail in inbox(local_aws.world).mails if key in mail.body]
    assert len(mails) == 1
    assert client.get_trail_status(Name="told")["LatestNotificationTime"]


@pytest.mark.parametrize("option", [{"IsOrganizationTrail": True}, {"KmsKeyId": "alias/a"}])
def test_what_is_not_emulated_is_refused(fresh: ClientFactory, option: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        fresh("cloudtrail").create_trail(Name="more", S3BucketName="any-bucket", **option)
    assert code(caught) == "UnsupportedOperationException"


def test_a_stopped_trails_last_digest_verifies_as_the_cli_verifies(fresh: ClientFactory) -> None:
    make_trail(fresh, "checked", EnableLogFileValidation=True)
    client = fresh("cloudtrail")
    client.stop_logging(Name="checked")
    s3 = fresh("s3")
    files = {key: key.split("/")[2] for key in keys(fresh, "checked-bucket")}
    assert sorted(files.values()) == ["CloudTrail", "CloudTrail-Digest"]
    log, digest = sorted(files, key=files.__getitem__)
    answer = s3.get_object(Bucket="checked-bucket", Key=digest)
    body = gzip.decompress(answer["Body"].read())
    said = json.loads(body)
    content = gzip.decompress(s3.get_object(Bucket="checked-bucket", Key=log)["Body"].read())
    assert [(f["s3Object"], f["hashValue"]) for f in said["logFiles"]] == [
        (log, hashlib.sha256(content).hexdigest())
    ]
    public = {k["Fingerprint"]: k for k in client.list_public_keys()["PublicKeyList"]}
    key = public[said["digestPublicKeyFingerprint"]]
    # What awscli's ``cloudtrail validate-logs`` puts together.
    text = (
        f"{said['digestEndTime']}\n{said['digestS3Bucket']}/{said['digestS3Object']}\n"
        f"{hashlib.sha256(body).hexdigest()}\nnull"
    )
    signature = bytes.fromhex(answer["Metadata"]["signature"])
    loaded = load_der_public_key(key["Value"])
    assert isinstance(loaded, RSAPublicKey)
    loaded.verify(signature, text.encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        loaded.verify(signature, b"something else", PKCS1v15(), SHA256())
    assert client.get_trail_status(Name="checked")["LatestDigestDeliveryTime"]


@pytest.mark.parametrize("recursive", [True, False])
def test_a_trail_may_wish_not_to_hear_of_its_own_files(
    fresh: ClientFactory, *, recursive: bool
) -> None:
    name = f"mirror-{int(recursive)}"
    make_trail(fresh, name, RecursiveLogging=recursive)
    selector = {
        "ReadWriteType": "WriteOnly",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{name}-bucket/"]}],
    }
    fresh("cloudtrail").put_event_selectors(TrailName=name, EventSelectors=[selector])
    for _ in range(2):  # the first file causes an event, the second look delivers it
        keys(fresh, f"{name}-bucket")
    written = [r for r in delivered(fresh, f"{name}-bucket") if r["eventName"] == "PutObject"]
    assert bool(written) is recursive
    assert all(r["userIdentity"]["invokedBy"] == "cloudtrail.amazonaws.com" for r in written)
