"""Expiry schedules and their group."""

from __future__ import annotations

from labkit.aws import ClientError, error_code
from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Schedule groups with the scope's tags, and the seats' schedules in the workshop's group.

    Schedules have no tags of their own (EventBridge Scheduler user guide, "Tagging resources").
    """
    scheduler = scope.account.client("scheduler")
    found: list[Resource] = []
    for page in scheduler.get_paginator("list_schedule_groups").paginate():
        for group in page["ScheduleGroups"]:
            if group["Name"] == "default":
                continue
            tags = scheduler.list_tags_for_resource(ResourceArn=group["Arn"]).get("Tags", [])
            found += scope.match_tags("schedule group", group["Name"], tags)
    own = {f"labkit-{scope.workshop.name}-{seat}": seat for seat in scope.seats}
    try:
        pages = scheduler.get_paginator("list_schedules").paginate(
            GroupName=f"labkit-{scope.workshop.name}"
        )
        found += [
            Resource("schedule", schedule["Name"], own[schedule["Name"]])
            for page in pages
            for schedule in page["Schedules"]
            if schedule["Name"] in own
        ]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
    return found
