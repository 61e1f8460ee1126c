"""EventBridge with an unmodified boto3: from an event to an email."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from pocketaws.events.bus import put
from pocketaws.server import LocalAws
from pocketaws.testing import inbox

from .conftest import REGION, ClientFactory

ACCESS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "*",
        }
    ],
}


def bodies(aws: LocalAws, address: str) -> list[str]:
    own = [mail for mail in inbox(aws) if mail["to"] == address and mail["subscription_arn"]]
    return [mail["body"].split("\n\n--\n")[0] for mail in own]


def topic_with(member: ClientFactory, name: str) -> str:
    sns = member("sns")
    topic: str = sns.create_topic(Name=name)["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(ACCESS)
    )
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{name}@example.com")
    return topic


def test_an_event_that_matches_is_mailed(member: ClientFactory, local_aws: LocalAws) -> None:
    events = member("events")
    account = member("sts").get_caller_identity()["Account"]

    def happen(colour: str) -> None:
        with local_aws.world.transaction():
            put(local_aws.world, account, REGION, "shop", "sold", {"colour": colour}, ["a"])

    topic = topic_with(member, "sales")
    pattern = json.dumps({"detail": {"colour": ["red"]}})
    events.put_rule(Name="sales", EventPattern=pattern)
    transformer = {"InputPathsMap": {"c": "$.detail.colour"}, "InputTemplate": '"sold: <c>"'}
    events.put_targets(
        Rule="sales", Targets=[{"Id": "t", "Arn": topic, "InputTransformer": transformer}]
    )
    happen("red")
    happen("blue")
    assert bodies(local_aws, "sales@example.com") == ['"sold: red"']
    events.put_rule(Name="sales", EventPattern=pattern, State="DISABLED")
    happen("red")
    assert len(bodies(local_aws, "sales@example.com")) == 1
    events.put_rule(Name="sales", EventPattern=pattern, State="ENABLED")
    events.put_targets(Rule="sales", Targets=[{"Id": "t", "Arn": topic}])
    happen("red")
    sent = json.loads(bodies(local_aws, "sales@example.com")[1])
    assert list(sent) == [
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    ]  # fmt: skip
    assert (sent["detail-type"], sent["resources"]) == ("sold", ["a"])


def test_a_rule_is_created_and_deleted_as_documented(member: ClientFactory) -> None:
    events = member("events")
    pattern = json.dumps({"source": ["x"]})
    made = events.put_rule(
        Name="lives", EventPattern=pattern, Description="d", Tags=[{"Key": "a", "Value": "b"}]
    )
    described = events.describe_rule(Name="lives")
    assert (described["Arn"], described["EventPattern"]) == (made["RuleArn"], pattern)
    assert described["State"] == "ENABLED"
    assert events.list_tags_for_resource(ResourceARN=made["RuleArn"])["Tags"] == [
        {"Key": "a", "Value": "b"}
    ]
    topic = member("sns").create_topic(Name="lives")["TopicArn"]
    events.put_targets(Rule="lives", Targets=[{"Id": "t", "Arn": topic}])
    with pytest.raises(ClientError, match="has targets"):
        events.delete_rule(Name="lives")
    removed = events.remove_targets(Rule="lives", Ids=["t", "gone"])
    assert [entry["TargetId"] for entry in removed["FailedEntries"]] == ["gone"]
    events.delete_rule(Name="lives")
    assert "lives" not in [rule["Name"] for rule in events.list_rules()["Rules"]]
    with pytest.raises(ClientError) as caught:
        events.describe_rule(Name="lives")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"EventPattern": '{"a": "b"}'}, "InvalidEventPatternException"),
        ({}, "ValidationException"),
        ({"EventPattern": '{"a": ["b"]}', "EventBusName": "mine"}, "ResourceNotFoundException"),
        ({"ScheduleExpression": "rate(1 day)"}, "NotImplemented"),
        ({"EventPattern": '{"a": [{"wildcard": "b*"}]}'}, "NotImplemented"),
    ],
)
def test_rules_that_are_refused(
    member: ClientFactory, arguments: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        member("events").put_rule(Name="refused", **arguments)
    assert caught.value.response["Error"]["Code"] == code


def test_targets_that_are_not_emulated_are_refused_by_name(member: ClientFactory) -> None:
    events = member("events")
    events.put_rule(Name="kinds", EventPattern='{"source": ["x"]}')
    with pytest.raises(ClientError, match="lambda"):
        events.put_targets(
            Rule="kinds", Targets=[{"Id": "t", "Arn": "arn:aws:lambda:eu-west-1:1:function:f"}]
        )
