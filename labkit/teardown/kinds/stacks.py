"""CloudFormation stacks."""

from __future__ import annotations

from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Every existing stack with the scope's tags."""
    pages = scope.account.client("cloudformation").get_paginator("describe_stacks").paginate()
    found: list[Resource] = []
    for page in pages:
        for stack in page["Stacks"]:
            name, tags, state = stack["StackName"], stack.get("Tags", []), stack["StackStatus"]
            found += scope.match_tags("stack", name, tags, reason=f"state {state}")
    return found
