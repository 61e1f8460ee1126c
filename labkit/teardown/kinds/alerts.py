"""The alert's way: rules, topics, subscriptions."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every rule and topic tagged as the scope's."""
    events, sns = scope.account.client("events"), scope.account.client("sns")
    found = []
    for page in events.get_paginator("list_rules").paginate():
        found += [
            Found("rule", rule["Name"])
            for rule in page["Rules"]
            if scope.owns(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"])
        ]
    for page in sns.get_paginator("list_topics").paginate():
        found += [
            Found("topic", topic["TopicArn"])
            for topic in page["Topics"]
            if scope.owns(sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"])
        ]
    return found
