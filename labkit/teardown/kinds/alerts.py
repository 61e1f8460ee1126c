"""The alert's way: rules, topics, subscriptions."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every rule and topic tagged as the scope's."""
    events, sns = scope.account.client("events"), scope.account.client("sns")
    found: list[Found] = []
    for page in events.get_paginator("list_rules").paginate():
        for rule in page["Rules"]:
            tags = events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
            found += scope.tagged("rule", rule["Name"], tags)
    for page in sns.get_paginator("list_topics").paginate():
        for topic in page["Topics"]:
            tags = sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]
            found += scope.tagged("topic", topic["TopicArn"], tags)
    return found
