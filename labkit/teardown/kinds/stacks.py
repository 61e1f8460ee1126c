"""CloudFormation stacks."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every stack tagged as the scope's that is not deleted."""
    pages = scope.account.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [
        Found("stack", stack["StackName"], f"is {stack['StackStatus']}")
        for page in pages
        for stack in page["Stacks"]
        if scope.owns(stack.get("Tags", []))
    ]
