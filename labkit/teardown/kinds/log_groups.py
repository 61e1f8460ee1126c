"""Log groups: the stacks' own, and those that the servers' agents created."""

from __future__ import annotations

from labkit.aws import explain_errors
from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Command logs of the scope's servers, and every log group with the scope's tags."""
    logs = scope.account.client("logs")
    found = []
    for instance_id, seat in scope.instances.items():
        groups = logs.describe_log_groups(logGroupNamePrefix=f"{instance_id}-")["logGroups"]
        found += [Resource("log group", group["logGroupName"], seat) for group in groups]
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="labkit-"):
        for group in page["logGroups"]:
            tags = logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"]
            found += scope.match_tags("log group", group["logGroupName"], tags)
    return found


def remove_command_logs(scope: Scope) -> None:
    """Delete the log groups of terminated servers; the agent of a running server would recreate its group."""
    logs = scope.account.client("logs")
    for instance_id in scope.instances:
        with explain_errors(f"deleting the command log of {instance_id}"):
            for group in logs.describe_log_groups(logGroupNamePrefix=f"{instance_id}-")[
                "logGroups"
            ]:
                logs.delete_log_group(logGroupName=group["logGroupName"])
