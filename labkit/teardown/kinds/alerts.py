"""Alerts: EventBridge rules, SNS topics, and subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Resource, Tags
from labkit.teardown.search import OUR_PREFIX, Search


class Rules(Kind):
    """EventBridge rules with their targets."""

    name = "rule"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        events = search.account.client("events")
        for rule in search.pages("events", "list_rules", "Rules", NamePrefix=OUR_PREFIX):
            arn = rule["Arn"]
            yield from search.named(
                "rule", rule["Name"], partial(_rule_tags, events, arn)
            )  # fmt: skip

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        events = account.client("events")
        targets = [target["Id"] for target in events.list_targets_by_rule(Rule=key)["Targets"]]
        if targets:
            events.remove_targets(Rule=key, Ids=targets)
        events.delete_rule(Name=key)


class Topics(Kind):
    """SNS topics. Their subscriptions go with them (SNS API reference, "DeleteTopic")."""

    name = "topic"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        sns = search.account.client("sns")
        for topic in search.pages("sns", "list_topics", "Topics"):
            arn = topic["TopicArn"]
            if arn.rpartition(":")[2].startswith(OUR_PREFIX):
                yield from search.named(
                    "topic", arn, partial(_topic_tags, sns, arn)
                )  # fmt: skip

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("sns").delete_topic(TopicArn=key)


KINDS = (Rules(), Topics())


def _rule_tags(events: Any, arn: str) -> Tags:
    tags: Tags = events.list_tags_for_resource(ResourceARN=arn)["Tags"]
    return tags


def _topic_tags(sns: Any, arn: str) -> Tags:
    tags: Tags = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return tags
