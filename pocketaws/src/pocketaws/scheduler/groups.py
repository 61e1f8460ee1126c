"""Schedule groups and their tags.

Source: EventBridge Scheduler API reference, "CreateScheduleGroup", "DeleteScheduleGroup"; user
guide, "Managing a schedule group" (deleting a group deletes its schedules).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..registry import operation
from ..tag_operations import register_tag_operations, tags_from
from .store import (
    DEFAULT_GROUP,
    Group,
    SchedulerStore,
    find_group,
    group_arn,
    invalid,
    page,
    store_of,
)

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

_DELETING_SECONDS = 30.0


@operation("scheduler", "CreateScheduleGroup")
def create_schedule_group(call: Call) -> dict[str, Any]:
    name, token = call.params["Name"], call.params.get("ClientToken")
    store = store_of(call)
    if name in store.groups:
        if token and store.tokens.get(token) == store.groups[name].arn:
            return {"ScheduleGroupArn": store.groups[name].arn}
        raise AwsError("ConflictException", f"Schedule group {name} already exists.", 409)
    arn = group_arn(call.account, call.region, name)
    store.groups[name] = Group(name, arn, call.now, tags_from(call.params.get("Tags", [])))
    if token:
        store.tokens[token] = arn
    return {"ScheduleGroupArn": arn}


@operation("scheduler", "GetScheduleGroup")
def get_schedule_group(call: Call) -> dict[str, Any]:
    return _described(find_group(call, call.params["Name"]))


def _described(group: Group) -> dict[str, Any]:
    return {
        "Arn": group.arn,
        "Name": group.name,
        "State": group.state,
        "CreationDate": group.created_at,
        "LastModificationDate": group.created_at,
    }


@operation("scheduler", "ListScheduleGroups")
def list_schedule_groups(call: Call) -> dict[str, Any]:
    prefix = call.params.get("NamePrefix", "")
    groups = store_of(call).groups
    found = [_described(groups[name]) for name in sorted(groups) if name.startswith(prefix)]
    return page("ScheduleGroups", found, call.params)


@operation("scheduler", "DeleteScheduleGroup")
def delete_schedule_group(call: Call) -> None:
    """Start deleting a group; its schedules no longer run."""
    group = find_group(call, call.params["Name"])
    if group.name == DEFAULT_GROUP:
        raise invalid("The default schedule group cannot be deleted.")
    group.state = "DELETING"
    group.schedules.clear()
    call.world.later(
        "scheduler.group_is_gone", _DELETING_SECONDS,
        account=call.account, region=call.region, group=group.name,
    )  # fmt: skip


@effect("scheduler.group_is_gone")
def group_is_gone(world: World, account: str, region: str, group: str) -> None:
    world.store(SchedulerStore, account, region).groups.pop(group, None)


def _tags_of(call: Call) -> dict[str, str]:
    arn = call.params["ResourceArn"]
    for group in store_of(call).groups.values():
        if group.arn == arn:
            return group.tags
    raise AwsError("ResourceNotFoundException", f"Resource {arn} does not exist.", 404)


register_tag_operations("scheduler", _tags_of)
