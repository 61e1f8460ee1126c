"""Each resource type: ``Ref``, ``Fn::GetAtt``, what the service shows, and deletion."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from .conftest import REGION, ClientFactory
from .test_cloudformation_stacks import describe, outputs, steps

TRAIL = """
Parameters:
  Days: {Type: Number, Default: 7}
  Logging: {Type: String, Default: "true"}
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:GetBucketAcl", Resource: !GetAtt Bucket.Arn}
          - {Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: !Sub "${Bucket.Arn}/AWSLogs/${AWS::AccountId}/*"}
  Logs: {Type: "AWS::Logs::LogGroup", Properties: {RetentionInDays: !Ref Days, Tags: [{Key: own, Value: one}]}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "sts:AssumeRole"}]}
      Policies:
        - PolicyName: write
          PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: !GetAtt Logs.Arn}]}
      Tags: [{Key: own, Value: two}]
  Trail:
    Type: AWS::CloudTrail::Trail
    DependsOn: Policy
    Properties:
      TrailName: watching
      IsLogging: !Ref Logging
      S3BucketName: !Ref Bucket
      CloudWatchLogsLogGroupArn: !GetAtt Logs.Arn
      CloudWatchLogsRoleArn: !GetAtt Role.Arn
      Tags: [{Key: own, Value: three}]
Outputs:
  Trail: {Value: !Ref Trail}
  TrailArn: {Value: !GetAtt Trail.Arn}
  Logs: {Value: !Ref Logs}
  LogsArn: {Value: !GetAtt Logs.Arn}
  Role: {Value: !Ref Role}
  RoleArn: {Value: !GetAtt Role.Arn}
  Bucket: {Value: !Ref Bucket}
"""

LISTS = """
Parameters: {Location: {Type: String}}
Resources:
  Detector: {Type: "AWS::GuardDuty::Detector", Properties: {Enable: true, FindingPublishingFrequency: FIFTEEN_MINUTES, Features: [{Name: S3_DATA_EVENTS, Status: DISABLED}]}}
  Bad: {Type: "AWS::GuardDuty::ThreatIntelSet", Properties: {Name: bad, DetectorId: !Ref Detector, Format: TXT, Location: !Ref Location, Activate: true}}
Outputs:
  Detector: {Value: !Ref Detector}
  Bad: {Value: !Ref Bad}
  BadId: {Value: !GetAtt Bad.Id}
"""

ALERT = """
Parameters: {Title: {Type: String, Default: Alerts}}
Resources:
  Topic: {Type: "AWS::SNS::Topic", Properties: {DisplayName: !Ref Title}}
  Mail: {Type: "AWS::SNS::Subscription", Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: ada@example.com}}
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument: {Version: 2012-10-17, Statement: [{Sid: !Ref Title, Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: "sns:Publish", Resource: !Ref Topic}]}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.guardduty], detail: {severity: [5], sample: [{exists: false}, false]}}
      Targets: [{Id: topic, Arn: !Ref Topic, InputTransformer: {InputPathsMap: {id: $.detail.id}, InputTemplate: '"<id>"'}}]
Outputs:
  Topic: {Value: !Ref Topic}
  TopicName: {Value: !GetAtt Topic.TopicName}
  Mail: {Value: !Ref Mail}
  Rule: {Value: !Ref Rule}
  RuleArn: {Value: !GetAtt Rule.Arn}
"""

SCHEDULE = """
Parameters: {Rate: {Type: String, Default: rate(1 hour)}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: scheduler.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Group: {Type: "AWS::Scheduler::ScheduleGroup", Properties: {Name: of-tests}}
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      GroupName: !Ref Group
      ScheduleExpression: !Ref Rate
      StartDate: "2099-01-01T00:00:00Z"
      FlexibleTimeWindow: {Mode: "OFF"}
      Target:
        Arn: arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack
        RoleArn: !GetAtt Role.Arn
        Input: !Sub '{"StackName": "${AWS::StackId}"}'
Outputs:
  Group: {Value: !Ref Group}
  Schedule: {Value: !Ref Schedule}
  Arn: {Value: !GetAtt Schedule.Arn}
"""


class Stack:
    """A stack of one test, which it creates, changes, and deletes."""

    def __init__(self, client: ClientFactory, name: str, template: str) -> None:
        self.client = client
        self.cloudformation = client("cloudformation")
        self.name = name
        self.template = template

    def make(self, **parameters: str) -> dict[str, str]:
        self.cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=self.template,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=_parameters(parameters),
            Tags=[{"Key": "team", "Value": "blue"}],
        )
        return self._outputs("CREATE_COMPLETE")

    def change(self, **parameters: str) -> dict[str, str]:
        self.cloudformation.update_stack(
            StackName=self.name,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=_parameters(parameters),
            Tags=[{"Key": "team", "Value": "red"}],
        )
        return self._outputs("UPDATE_COMPLETE")

    def delete(self) -> None:
        stack_id = describe(self.cloudformation, self.name)["StackId"]
        self.cloudformation.delete_stack(StackName=self.name)
        self._expect("DELETE_COMPLETE", stack_id)

    def _outputs(self, status: str) -> dict[str, str]:
        self._expect(status, self.name)
        return outputs(describe(self.cloudformation, self.name))

    def _expect(self, status: str, name: str) -> None:
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [e["ResourceStatusReason"] for e in events if "FAILED" in e["ResourceStatus"]]
        assert failed == []
        assert describe(self.cloudformation, name)["StackStatus"] == status

    def system_tags(self, logical_id: str) -> dict[str, str]:
        return {
            "aws:cloudformation:stack-name": self.name,
            "aws:cloudformation:stack-id": describe(self.cloudformation, self.name)["StackId"],
            "aws:cloudformation:logical-id": logical_id,
        }


def _parameters(parameters: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]


def pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def empty(client: ClientFactory, bucket: str) -> None:
    """Delete the files that the trail delivered, so that the bucket can be deleted."""
    s3 = client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for each in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=each["Key"])


def test_a_trail_with_its_bucket_group_and_role(member: ClientFactory) -> None:
    stack = Stack(member, "watch", TRAIL)
    found = stack.make()
    account = member("sts").get_caller_identity()["Account"]
    assert found["Trail"] == "watching"
    assert found["TrailArn"] == f"arn:aws:cloudtrail:{REGION}:{account}:trail/watching"
    assert found["Logs"].startswith("watch-Logs-")
    assert found["LogsArn"] == f"arn:aws:logs:{REGION}:{account}:log-group:{found['Logs']}:*"
    assert found["RoleArn"] == f"arn:aws:iam::{account}:role/{found['Role']}"
    trails = member("cloudtrail")
    trail = trails.get_trail(Name="watching")["Trail"]
    assert trail["S3BucketName"] == found["Bucket"]
    assert trail["CloudWatchLogsLogGroupArn"] == found["LogsArn"]
    assert trails.get_trail_status(Name="watching")["IsLogging"]
    told = trails.list_tags(ResourceIdList=[found["TrailArn"]])["ResourceTagList"][0]["TagsList"]
    assert pairs(told) == {"team": "blue", "own": "three", **stack.system_tags("Trail")}
    # CloudFormation doesn't add its own tags to roles.
    role_tags = member("iam").list_role_tags(RoleName=found["Role"])["Tags"]
    assert pairs(role_tags) == {"team": "blue", "own": "two"}
    stack.change(Days="3", Logging="false")
    assert not trails.get_trail_status(Name="watching")["IsLogging"]
    group = member("logs").describe_log_groups(logGroupNamePrefix=found["Logs"])["logGroups"][0]
    assert group["retentionInDays"] == 3
    tags = member("logs").list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
    assert tags == {"team": "red", "own": "one", **stack.system_tags("Logs")}
    empty(member, found["Bucket"])
    stack.delete()
    assert trails.list_trails()["Trails"] == []


def test_a_detector_with_its_lists(member: ClientFactory) -> None:
    s3, guardduty = member("s3"), member("guardduty")
    s3.create_bucket(Bucket="of-lists", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="of-lists", Key="one.txt", Body=b"8.8.4.4\n")
    s3.put_object(Bucket="of-lists", Key="two.txt", Body=b"8.8.8.8\n")
    stack = Stack(member, "detect", LISTS)
    found = stack.make(Location="s3://of-lists/one.txt")
    detector = guardduty.get_detector(DetectorId=found["Detector"])
    assert detector["FindingPublishingFrequency"] == "FIFTEEN_MINUTES"
    features = {each["Name"]: each["Status"] for each in detector["Features"]}
    assert features["S3_DATA_EVENTS"] == "DISABLED"
    assert detector["Tags"] == {"team": "blue", **stack.system_tags("Detector")}
    assert found["Bad"] == found["BadId"]
    which = {"DetectorId": found["Detector"]}
    bad = guardduty.get_threat_intel_set(**which, ThreatIntelSetId=found["Bad"])
    assert (bad["Name"], bad["Status"], bad["Location"]) == (
        "bad",
        "ACTIVE",
        "s3://of-lists/one.txt",
    )
    stack.change(Location="s3://of-lists/two.txt")
    bad = guardduty.get_threat_intel_set(**which, ThreatIntelSetId=found["Bad"])
    assert (bad["Location"], bad["Tags"]["team"]) == ("s3://of-lists/two.txt", "red")
    stack.delete()
    assert guardduty.list_detectors()["DetectorIds"] == []


def test_a_second_detector_is_refused_and_the_first_stays(member: ClientFactory) -> None:
    guardduty, cloudformation = member("guardduty"), member("cloudformation")
    first = guardduty.create_detector(Enable=True)["DetectorId"]
    template = (
        'Resources: {Detector: {Type: "AWS::GuardDuty::Detector", Properties: {Enable: true}}}'
    )
    cloudformation.create_stack(StackName="second", TemplateBody=template)
    status, reason = steps(cloudformation, "second", "Detector")[1]
    assert status == "CREATE_FAILED"
    assert "a detector already exists for the current account" in str(reason)
    assert guardduty.list_detectors()["DetectorIds"] == [first]
    guardduty.delete_detector(DetectorId=first)


def test_an_alert_from_rule_to_mail(member: ClientFactory) -> None:
    stack = Stack(member, "alert", ALERT)
    found = stack.make()
    sns, events = member("sns"), member("events")
    assert found["Topic"].rpartition(":")[2] == found["TopicName"]
    assert found["TopicName"].startswith("alert-Topic-")
    attributes = sns.get_topic_attributes(TopicArn=found["Topic"])["Attributes"]
    assert attributes["DisplayName"] == "Alerts"
    assert json.loads(attributes["Policy"])["Statement"][0]["Sid"] == "Alerts"
    tags = sns.list_tags_for_resource(ResourceArn=found["Topic"])["Tags"]
    assert pairs(tags) == {"team": "blue", **stack.system_tags("Topic")}
    mail = sns.get_subscription_attributes(SubscriptionArn=found["Mail"])["Attributes"]
    assert mail["Endpoint"] == "ada@example.com"
    assert found["Rule"].startswith("alert-Rule-")
    rule = events.describe_rule(Name=found["Rule"])
    assert rule["Arn"] == found["RuleArn"]
    pattern = json.loads(rule["EventPattern"])
    assert pattern["detail"] == {"severity": [5], "sample": [{"exists": False}, False]}
    targets = events.list_targets_by_rule(Rule=found["Rule"])["Targets"]
    assert targets[0]["InputTransformer"]["InputTemplate"] == '"<id>"'
    stack.change(Title="Warnings")
    attributes = sns.get_topic_attributes(TopicArn=found["Topic"])["Attributes"]
    assert attributes["DisplayName"] == "Warnings"
    assert json.loads(attributes["Policy"])["Statement"][0]["Sid"] == "Warnings"
    tags = sns.list_tags_for_resource(ResourceArn=found["Topic"])["Tags"]
    assert pairs(tags)["team"] == "red"
    stack.delete()
    assert sns.list_topics()["Topics"] == []
    assert events.list_rules()["Rules"] == []


def test_a_schedule_in_its_group(member: ClientFactory) -> None:
    stack = Stack(member, "later", SCHEDULE)
    found = stack.make()
    scheduler = member("scheduler")
    assert found["Group"] == "of-tests"
    schedule = scheduler.get_schedule(Name=found["Schedule"], GroupName="of-tests")
    assert schedule["Arn"] == found["Arn"]
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert schedule["StartDate"].year == 2099
    stack.change(Rate="rate(2 hours)")
    schedule = scheduler.get_schedule(Name=found["Schedule"], GroupName="of-tests")
    assert schedule["ScheduleExpression"] == "rate(2 hours)"
    group = scheduler.get_schedule_group(Name="of-tests")["Arn"]
    tags = scheduler.list_tags_for_resource(ResourceArn=group)["Tags"]
    assert pairs(tags) == {"team": "red", **stack.system_tags("Group")}
    stack.delete()
    with pytest.raises(ClientError, match="of-tests"):
        scheduler.get_schedule_group(Name="of-tests")
