"""An account with a detector, a bucket for lists, and a server that sends a test's traffic."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from pocketaws.clock import ManualClock
from pocketaws.network.traffic import Traffic, publish
from pocketaws.server import LocalAws
from pocketaws.sns.inbox import inbox

from .conftest import REGION, client_factory, member_account

TYPE = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"


class Lab:
    """``start`` and ``stop`` create and delete the detector; everything else stays."""

    def __init__(self, aws: LocalAws, clock: ManualClock) -> None:
        self.aws = aws
        self.clock = clock
        key = aws.administrator
        administrator = client_factory(aws, key.access_key_id, key.secret_access_key)
        self.client = member_account(aws, administrator, "lab")
        self.account: str = self.client("sts").get_caller_identity()["Account"]
        self.guardduty = self.client("guardduty")
        self.client("s3").create_bucket(
            Bucket=f"lists-{self.account}",
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        ec2 = self.client("ec2")
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        run = ec2.run_instances(
            ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1,
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Team", "Value": "red"}]}
            ],
        )  # fmt: skip
        self.instance = run["Instances"][0]
        self.detector = ""

    def start(self) -> None:
        made = self.guardduty.create_detector(
            Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES"
        )
        self.detector = made["DetectorId"]
        with self.aws.world.transaction():
            inbox(self.aws.world).mails.clear()

    def stop(self) -> None:
        for detector in self.guardduty.list_detectors()["DetectorIds"]:
            self.guardduty.delete_detector(DetectorId=detector)
        events = self.client("events")
        for rule in events.list_rules()["Rules"]:
            events.remove_targets(Rule=rule["Name"], Ids=["mail"])
            events.delete_rule(Name=rule["Name"])

    def put_list(self, content: str, key: str = "bad.txt") -> str:
        bucket = f"lists-{self.account}"
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content.encode())
        return f"https://s3.amazonaws.com/{bucket}/{key}"

    def threat_list(self, location: str, name: str = "bad", **options: Any) -> str:
        made = self.guardduty.create_threat_intel_set(
            DetectorId=self.detector, Name=name, Location=location,
            **{"Format": "TXT", "Activate": True, **options},
        )  # fmt: skip
        return str(made["ThreatIntelSetId"])

    def status(self, list_id: str) -> str:
        found = self.guardduty.get_threat_intel_set(
            DetectorId=self.detector, ThreatIntelSetId=list_id
        )
        return str(found["Status"])

    def traffic(self, remote: str, **changes: Any) -> None:
        with self.aws.world.transaction():
            now = self.aws.world.now
            values: dict[str, Any] = {
                "account": self.account,
                "region": REGION,
                "instance_id": self.instance["InstanceId"],
                "interface_id": self.instance["NetworkInterfaces"][0]["NetworkInterfaceId"],
                "private_address": self.instance["PrivateIpAddress"],
                "remote_address": remote,
                "local_port": 41118,
                "remote_port": 80,
                "protocol": 6,
                "direction": "OUTBOUND",
                "action": "ACCEPT",
                "packets_in": 4,
                "bytes_in": 756,
                "packets_out": 6,
                "bytes_out": 397,
                "started_at": now,
                "ended_at": now + timedelta(seconds=1),
            }
            publish(self.aws.world, Traffic(**{**values, **changes}))

    def findings(self, **criterion: Any) -> list[dict[str, Any]]:
        ids = self.guardduty.list_findings(
            DetectorId=self.detector, FindingCriteria={"Criterion": criterion}
        )["FindingIds"]
        found = self.guardduty.get_findings(DetectorId=self.detector, FindingIds=ids)
        return list(found["Findings"])

    def alert_by_mail(self, pattern: dict[str, Any]) -> None:
        topic = self.client("sns").create_topic(Name="alerts")["TopicArn"]
        allow = {
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish", "Resource": topic,
        }  # fmt: skip
        self.client("sns").set_topic_attributes(
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
        )
        self.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
        events = self.client("events")
        events.put_rule(Name="alerts", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="alerts", Targets=[{"Id": "mail", "Arn": topic}])

    def mails(self) -> list[dict[str, Any]]:
        """Return the events that were sent by email."""
        with self.aws.world.transaction():
            sent = [mail for mail in inbox(self.aws.world).mails if mail.subscription_arn]
        return [json.loads(mail.body.split("\n\n--\n")[0]) for mail in sent]
