"""CloudFormation stacks."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every stack tagged as the scope's that is not deleted."""
    pages = scope.account.client("cloudformation").get_paginator("describe_stacks").paginate()
    found: list[Found] = []
    for page in pages:
        for stack in page["Stacks"]:
            name, tags, state = stack["StackName"], stack.get("Tags", []), stack["StackStatus"]
            found += scope.tagged("stack", name, tags, reason=f"is {state}")
    return found
