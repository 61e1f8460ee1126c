"""GuardDuty detects the use of a server's credentials outside AWS; with an unmodified boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.identity.credentials import find_key
from pocketaws.server import LocalAws
from pocketaws.sns.inbox import inbox

from .conftest import REGION, ClientFactory, client_factory
from .servers import ALL, Shell, Site, make_site, policy
from .taken import clients_with, credentials_of, records_of

TYPE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


class Scene:
    """A server with leaked credentials, and a detector."""

    def __init__(self, aws: LocalAws, clock: ManualClock) -> None:
        self.aws = aws
        self.clock = clock
        key = aws.administrator
        self.account = key.account
        self.client = client_factory(aws, key.access_key_id, key.secret_access_key)
        self.site: Site = make_site(self.client)
        self.guardduty = self.client("guardduty")
        self.detector = ""

    def start(self) -> None:
        made = self.guardduty.create_detector(
            Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES"
        )
        self.detector = made["DetectorId"]

    def steal(self) -> tuple[str, dict[str, str], ClientFactory]:
        """Start a new server, and return it with clients that use its role's credentials."""
        server = self.site.run(
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "red"}]}
            ]
        )
        self.clock.advance(60)
        self.site.describe(server)
        keys = credentials_of(Shell(self.aws, self.account, server), self.site.profile)
        return server, keys, clients_with(self.aws, keys)

    def findings(self, **criterion: Any) -> list[dict[str, Any]]:
        ids = self.guardduty.list_findings(
            DetectorId=self.detector, FindingCriteria={"Criterion": criterion}
        )["FindingIds"]
        found = self.guardduty.get_findings(DetectorId=self.detector, FindingIds=ids)
        return list(found["Findings"])

    def of(self, server: str) -> list[dict[str, Any]]:
        return self.findings(**{"resource.instanceDetails.instanceId": {"Eq": [server]}})


def denied(call: Any, **options: Any) -> None:
    with pytest.raises(ClientError):
        call(**options)


@pytest.fixture(scope="module")
def world() -> Iterator[Scene]:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        yield Scene(aws, clock)


@pytest.fixture
def scene(world: Scene) -> Iterator[Scene]:
    world.start()
    yield world
    world.guardduty.delete_detector(DetectorId=world.detector)


def test_a_finding_says_whose_credentials_were_used_from_where(scene: Scene) -> None:
    server, keys, outside = scene.steal()
    assert scene.of(server) == []  # the server's own calls don't count
    outside("sts").get_caller_identity()
    (finding,) = scene.of(server)
    (record,) = (
        r for r in records_of(scene.site, keys["AccessKeyId"]) if r["userAgent"][:5] == "Boto3"
    )
    role = scene.client("iam").get_role(RoleName=scene.site.profile)["Role"]
    assert (finding["Type"], finding["Severity"]) == (TYPE, 8)
    assert finding["Resource"]["ResourceType"] == "AccessKey"
    assert finding["Resource"]["AccessKeyDetails"] == {
        "AccessKeyId": keys["AccessKeyId"],
        "PrincipalId": f"{role['RoleId']}:{server}",
        "UserType": "AssumedRole",
        "UserName": role["RoleName"],
    }
    details = finding["Resource"]["InstanceDetails"]
    assert details["InstanceId"] == server
    assert {"Key": "Team", "Value": "red"} in details["Tags"]
    action = finding["Service"]["Action"]
    assert action["ActionType"] == "AWS_API_CALL"
    call = action["AwsApiCallAction"]
    assert call["RemoteIpDetails"]["IpAddressV4"] == record["sourceIPAddress"]
    assert {name: call[name] for name in ("Api", "ServiceName", "CallerType", "UserAgent")} == {
        "Api": "GetCallerIdentity", "ServiceName": "sts.amazonaws.com", "CallerType": "Remote IP",
        "UserAgent": record["userAgent"],
    }  # fmt: skip
    assert "ErrorCode" not in call
    assert role["RoleName"] in finding["Title"]
    assert finding["Description"].endswith(f" external IP address {record['sourceIPAddress']}.")
    assert finding["Service"]["EventLastSeen"][:19] == record["eventTime"][:19]
    assert finding["Service"]["ResourceRole"] == "TARGET"
    assert (finding["Service"]["Count"], finding["Service"]["Archived"]) == (1, False)


def test_further_calls_increase_the_count_and_show_the_latest(scene: Scene) -> None:
    server, keys, outside = scene.steal()
    outside("sts").get_caller_identity()
    (first,) = scene.of(server)
    scene.clock.advance(90)
    deny = {**ALL, "Effect": "Deny"}
    scene.client("iam").put_role_policy(
        RoleName=scene.site.profile, PolicyName="deny", PolicyDocument=policy(deny)
    )
    try:
        denied(outside("ec2").describe_snapshots)
        denied(outside("iam").list_users)
    finally:
        scene.client("iam").delete_role_policy(RoleName=scene.site.profile, PolicyName="deny")
    (finding,) = scene.of(server)
    assert finding["Id"] == first["Id"]
    service = finding["Service"]
    assert service["Count"] == 3
    assert service["EventFirstSeen"] == first["Service"]["EventFirstSeen"]
    assert service["EventLastSeen"] > first["Service"]["EventLastSeen"]
    call = service["Action"]["AwsApiCallAction"]
    assert (call["Api"], call["ErrorCode"]) == ("ListUsers", "AccessDenied")
    told = json.loads(service["AdditionalInfo"]["Value"])["recentApiCalls"]
    assert told == [
        {"api": "ListUsers", "count": 1}, {"api": "DescribeSnapshots", "count": 1},
        {"api": "GetCallerIdentity", "count": 1},
    ]  # fmt: skip

    other, _, elsewhere = scene.steal()
    elsewhere("sts").get_caller_identity()
    assert [f["Service"]["Count"] for f in scene.of(other)] == [1]
    assert keys["AccessKeyId"] == finding["Resource"]["AccessKeyDetails"]["AccessKeyId"]


def test_use_inside_aws_causes_no_finding(scene: Scene) -> None:
    server = scene.site.run()
    scene.site.describe(server)
    shell = Shell(scene.aws, scene.account, server)
    said = shell.type("aws s3 cp /etc/os-release s3://no-such-bucket-here/key --no-progress")
    assert "(NoSuchBucket) when calling the PutObject operation" in said
    trust = policy(
        {"Effect": "Allow", "Principal": {"AWS": scene.account}, "Action": "sts:AssumeRole"}
    )
    iam = scene.client("iam")
    iam.create_role(RoleName="of-people", AssumeRolePolicyDocument=trust)
    arn = iam.get_role(RoleName="of-people")["Role"]["Arn"]
    made = scene.client("sts").assume_role(RoleArn=arn, RoleSessionName=server)["Credentials"]
    clients_with(scene.aws, {**made, "Token": made["SessionToken"]})("sts").get_caller_identity()
    assert scene.findings() == []


def test_a_client_in_a_private_network_is_outside_too(scene: Scene) -> None:
    server, keys, _ = scene.steal()
    known = find_key(scene.aws.world, keys["AccessKeyId"], "192.168.7.9", "someone")
    assert known is not None
    scene.aws.world.call(known.caller, "sts", "GetCallerIdentity", REGION)
    (finding,) = scene.of(server)
    call = finding["Service"]["Action"]["AwsApiCallAction"]
    assert call["RemoteIpDetails"]["IpAddressV4"] == "192.168.7.9"
    inside = find_key(scene.aws.world, keys["AccessKeyId"], "52.208.1.1", "someone")
    assert inside is not None
    scene.aws.world.call(inside.caller, "sts", "GetCallerIdentity", REGION)
    assert scene.of(server)[0]["Service"]["Count"] == 1


def test_object_calls_count_if_s3_protection_is_on(scene: Scene) -> None:
    bucket = f"protected-{scene.detector[:8]}"
    s3 = scene.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    server, _, outside = scene.steal()
    outside("s3").get_object(Bucket=bucket, Key="k")["Body"].read()
    (finding,) = scene.of(server)
    call = finding["Service"]["Action"]["AwsApiCallAction"]
    assert (call["Api"], call["ServiceName"]) == ("GetObject", "s3.amazonaws.com")
    assert call["AffectedResources"] == {"AWS::S3::Bucket": bucket}
    scene.guardduty.update_detector(
        DetectorId=scene.detector, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    )
    outside("s3").get_object(Bucket=bucket, Key="k")["Body"].read()
    assert scene.of(server)[0]["Service"]["Count"] == 1
    outside("s3").list_buckets()
    assert scene.of(server)[0]["Service"]["Count"] == 2


def test_credentials_of_a_terminated_server_are_detected(scene: Scene) -> None:
    server, keys, outside = scene.steal()
    scene.client("ec2").terminate_instances(InstanceIds=[server])
    assert scene.site.describe(server)["State"]["Name"] == "terminated"
    scene.clock.advance(2 * 3600)  # forgotten an hour after that
    outside("sts").get_caller_identity()
    (finding,) = scene.findings(
        **{"resource.accessKeyDetails.accessKeyId": {"Eq": [keys["AccessKeyId"]]}}
    )
    assert "InstanceDetails" not in finding["Resource"]


def test_findings_are_listed_by_their_access_key(scene: Scene) -> None:
    server, keys, outside = scene.steal()
    _, _, other = scene.steal()
    outside("sts").get_caller_identity()
    other("sts").get_caller_identity()
    (finding,) = scene.of(server)
    key = finding["Resource"]["AccessKeyDetails"]
    address = finding["Service"]["Action"]["AwsApiCallAction"]["RemoteIpDetails"]["IpAddressV4"]
    for attribute, value, number in (
        ("resource.accessKeyDetails.accessKeyId", keys["AccessKeyId"], 1),
        ("resource.accessKeyDetails.principalId", key["PrincipalId"], 1),
        ("resource.accessKeyDetails.userName", key["UserName"], 2),
        ("resource.accessKeyDetails.userType", "AssumedRole", 2),
        ("resource.accessKeyDetails.userType", "IAMUser", 0),
        ("service.action.awsApiCallAction.api", "GetCallerIdentity", 2),
        ("service.action.awsApiCallAction.remoteIpDetails.ipAddressV4", "192.0.2.1", 0),
        ("type", TYPE, 2),
    ):
        assert len(scene.findings(**{attribute: {"Eq": [value]}})) == number, attribute
    assert address.startswith(("198.18.", "198.19."))
    groups = scene.guardduty.get_findings_statistics(DetectorId=scene.detector, GroupBy="RESOURCE")
    names = {g["ResourceId"] for g in groups["FindingStatistics"]["GroupedByResource"]}
    assert keys["AccessKeyId"] in names
    scene.guardduty.archive_findings(DetectorId=scene.detector, FindingIds=[finding["Id"]])
    assert len(scene.findings(**{"service.archived": {"Eq": ["false"]}})) == 1


def test_an_event_passes_a_rule_and_becomes_an_email(scene: Scene) -> None:
    server, keys, outside = scene.steal()
    _alert_by_mail(scene, {"source": ["aws.guardduty"], "detail": {"type": [TYPE], "resource": {"instanceDetails": {"instanceId": [server]}}}})  # fmt: skip
    outside("sts").get_caller_identity()
    (mail,) = _mails(scene)
    detail = mail["detail"]
    assert mail["detail-type"] == "GuardDuty Finding"
    assert detail["schemaVersion"] == "2.0"
    assert detail["resource"]["accessKeyDetails"]["accessKeyId"] == keys["AccessKeyId"]
    assert detail["service"]["action"]["awsApiCallAction"]["callerType"] == "Remote IP"
    assert detail["service"]["additionalInfo"]["recentApiCalls"] == [{"api": "GetCallerIdentity", "count": 1}]  # fmt: skip
    outside("ec2").describe_regions()
    assert len(_mails(scene)) == 1
    scene.clock.advance(15 * 60)
    scene.guardduty.list_detectors()
    assert [m["detail"]["service"]["count"] for m in _mails(scene)] == [1, 2]


def test_every_region_inspects_calls_to_global_services(scene: Scene) -> None:
    server, _, outside = scene.steal()
    outside("iam").list_roles()
    (finding,) = scene.of(server)
    assert finding["Service"]["Action"]["AwsApiCallAction"]["Api"] == "ListRoles"


def _alert_by_mail(scene: Scene, pattern: dict[str, Any]) -> None:
    name = f"alerts-{scene.detector[:8]}"
    topic = scene.client("sns").create_topic(Name=name)["TopicArn"]
    allow = {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish", "Resource": topic,
    }  # fmt: skip
    scene.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy(allow)
    )
    scene.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
    events = scene.client("events")
    events.put_rule(Name="alerts", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alerts", Targets=[{"Id": "mail", "Arn": topic}])


def _mails(scene: Scene) -> list[dict[str, Any]]:
    """Return the events that were emailed for this detector."""
    scene.guardduty.list_detectors()
    with scene.aws.world.transaction():
        sent = [mail for mail in inbox(scene.aws.world).mails if mail.subscription_arn]
    events = [json.loads(mail.body.split("\n\n--\n")[0]) for mail in sent]
    return [e for e in events if e["detail"]["service"]["detectorId"] == scene.detector]
