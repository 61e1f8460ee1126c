"""Alerts: EventBridge rules and SNS topics."""

from __future__ import annotations

from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Every rule and topic with the scope's tags."""
    events, sns = scope.account.client("events"), scope.account.client("sns")
    found: list[Resource] = []
    for page in events.get_paginator("list_rules").paginate():
        for rule in page["Rules"]:
            tags = events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
            found += scope.match_tags("rule", rule["Name"], tags)
    for page in sns.get_paginator("list_topics").paginate():
        for topic in page["Topics"]:
            tags = sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]
            found += scope.match_tags("topic", topic["TopicArn"], tags)
    return found
