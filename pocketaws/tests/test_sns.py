"""SNS and the inbox, with an unmodified boto3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws
from pocketaws.testing import inbox

from .conftest import ClientFactory


@pytest.fixture
def topic(member: ClientFactory) -> Iterator[str]:
    arn = member("sns").create_topic(Name="alerts")["TopicArn"]
    yield arn
    member("sns").delete_topic(TopicArn=arn)


def test_a_message_reaches_a_confirmed_address(
    member: ClientFactory, local_aws: LocalAws, topic: str
) -> None:
    sns = member("sns")
    made = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ada@example.com")
    assert made["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.publish(TopicArn=topic, Message="i-0123 is calling", Subject="Look")
    asked, told = [mail for mail in inbox(local_aws) if mail["topic_arn"] == topic][-2:]
    assert asked["subject"] == "AWS Notification - Subscription Confirmation"
    assert topic in asked["body"]
    assert (told["to"], told["subject"]) == ("ada@example.com", "Look")
    assert told["from"].endswith("<no-reply@sns.amazonaws.com>")
    assert told["subscription_arn"] == listed["SubscriptionArn"]
    message, footer = told["body"].split("\n\n--\n")
    assert message == "i-0123 is calling"
    assert f"SubscriptionArn={listed['SubscriptionArn']}&Endpoint=ada@example.com" in footer


def test_nothing_is_sent_before_the_owner_confirms(
    member: ClientFactory, local_aws: LocalAws, topic: str
) -> None:
    sns = member("sns")
    local_aws.world.confirm_subscriptions = False
    try:
        made = sns.subscribe(
            TopicArn=topic, Protocol="email", Endpoint="bob@example.com", ReturnSubscriptionArn=True
        )
    finally:
        local_aws.world.confirm_subscriptions = True
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    sns.publish(TopicArn=topic, Message="too early")
    (asked,) = [mail for mail in inbox(local_aws) if mail["to"] == "bob@example.com"]
    token = re.search(r"Token=(\w+)", asked["body"])
    assert token is not None
    with pytest.raises(ClientError, match="Token"):
        sns.confirm_subscription(TopicArn=topic, Token="wrong")
    confirmed = sns.confirm_subscription(TopicArn=topic, Token=token[1])
    assert confirmed["SubscriptionArn"] == made["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="now")
    mails = [mail for mail in inbox(local_aws) if mail["to"] == "bob@example.com"]
    assert [mail["body"].split("\n")[0] for mail in mails[1:]] == ["now"]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["SubscriptionsConfirmed"] == "1"
    sns.unsubscribe(SubscriptionArn=made["SubscriptionArn"])
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_a_filter_policy_holds_messages_back(
    member: ClientFactory, local_aws: LocalAws, topic: str
) -> None:
    sns = member("sns")
    sns.subscribe(
        TopicArn=topic,
        Protocol="email",
        Endpoint="filtered@example.com",
        Attributes={"FilterPolicy": json.dumps({"severity": [{"numeric": [">", 4]}]})},
    )
    for severity in ("3", "5"):
        attribute = {"severity": {"DataType": "Number", "StringValue": severity}}
        sns.publish(TopicArn=topic, Message=f"severity {severity}", MessageAttributes=attribute)
    mails = [mail for mail in inbox(local_aws) if mail["to"] == "filtered@example.com"]
    assert [mail["body"].split("\n")[0] for mail in mails[1:]] == ["severity 5"]


def test_topics_are_created_once_and_keep_their_attributes(
    member: ClientFactory, topic: str
) -> None:
    sns = member("sns")
    assert sns.create_topic(Name="alerts")["TopicArn"] == topic
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "Team", "Value": "red"}])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [
        {"Key": "Team", "Value": "red"}
    ]
    with pytest.raises(ClientError, match="different attributes"):
        sns.create_topic(Name="alerts", Attributes={"DisplayName": "x"})
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:*", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"] == policy


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Protocol": "email", "Endpoint": "nobody"}, "InvalidParameter"),
        ({"Protocol": "pigeon", "Endpoint": "x"}, "InvalidParameter"),
        ({"Protocol": "email-json", "Endpoint": "ada@example.com"}, "NotImplemented"),
        ({"Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:1:q"}, "NotImplemented"),
    ],
)
def test_what_cannot_be_subscribed_is_refused(
    member: ClientFactory, topic: str, arguments: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        member("sns").subscribe(TopicArn=topic, **arguments)
    assert caught.value.response["Error"]["Code"] == code


def test_messages_that_sns_refuses(member: ClientFactory, topic: str) -> None:
    sns = member("sns")
    for arguments in (
        {"Message": "x", "Subject": "two\nlines"},
        {"Message": "x" * (256 * 1024 + 1)},
        {"Message": "{}", "MessageStructure": "json"},
    ):
        with pytest.raises(ClientError) as caught:
            sns.publish(TopicArn=topic, **arguments)
        assert caught.value.response["Error"]["Code"] == "InvalidParameter"
    with pytest.raises(ClientError) as caught:
        sns.publish(TopicArn=f"{topic}-gone", Message="x")
    assert caught.value.response["Error"]["Code"] == "NotFound"
