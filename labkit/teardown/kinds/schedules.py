"""Expiry schedules and their group."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Owner, Resource, Tags
from labkit.teardown.search import OUR_PREFIX, Search


class ScheduleGroups(Kind):
    """Schedule groups. What's in one goes with it (EventBridge Scheduler API reference, "DeleteScheduleGroup")."""

    name = "schedule group"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from _groups(search)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("scheduler").delete_schedule_group(Name=key)


class Schedules(Kind):
    """Schedules. They have no tags of their own (EventBridge Scheduler user guide, "Tagging resources")."""

    name = "schedule"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        for group in _groups(search):
            workshop = group.owner.workshop
            for schedule in search.pages(
                "scheduler", "list_schedules", "Schedules", GroupName=group.id
            ):
                name, target = schedule["Name"], f"{group.id}/{schedule['Name']}"
                stack = search.members_by_workshop.get((workshop, name))
                if stack is not None:
                    yield search.member("schedule", name, stack, target=target)
                else:
                    owner = Owner(workshop, _seat(workshop, name))
                    reason = f"in schedule group {group.id}"
                    yield Resource("schedule", name, owner, reason, target=target)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        group, _, name = key.partition("/")
        account.client("scheduler").delete_schedule(GroupName=group, Name=name)


KINDS = (ScheduleGroups(), Schedules())


def _groups(search: Search) -> Iterator[Resource]:
    scheduler = search.account.client("scheduler")
    for group in search.pages(
        "scheduler", "list_schedule_groups", "ScheduleGroups", NamePrefix=OUR_PREFIX
    ):
        arn, name = group["Arn"], group["Name"]
        if group.get("State") != "DELETING":
            yield from search.named(
                "schedule group", name,
                partial(_tags, scheduler, arn),
            )  # fmt: skip


def _tags(scheduler: Any, arn: str) -> Tags:
    tags: Tags = scheduler.list_tags_for_resource(ResourceArn=arn).get("Tags", [])
    return tags


def _seat(workshop: str, schedule: str) -> str | None:
    """Return the seat in a schedule's name. Earlier versions left out "-seat"."""
    for prefix in (f"labkit-{workshop}-seat-", f"labkit-{workshop}-"):
        if schedule.startswith(prefix):
            return schedule.removeprefix(prefix)
    return None
