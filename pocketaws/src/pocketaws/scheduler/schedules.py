"""Creates, updates, deletes, and runs schedules.

Source: EventBridge Scheduler API reference, "CreateSchedule", "UpdateSchedule", "GetSchedule".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..registry import operation
from . import targets
from .expressions import Expression, parse
from .store import (
    DEFAULT_GROUP,
    Schedule,
    SchedulerStore,
    find_group,
    find_schedule,
    group_arn,
    invalid,
    page,
    store_of,
)

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

_SETTINGS = (
    "ActionAfterCompletion", "Description", "EndDate", "FlexibleTimeWindow", "KmsKeyArn",
    "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "State", "Target",
)  # fmt: skip
_GRACE = timedelta(minutes=5)


@operation("scheduler", "CreateSchedule")
def create_schedule(call: Call) -> dict[str, Any]:
    """Create a schedule and plan its first run."""
    group = find_group(call, call.params.get("GroupName"))
    name, token = call.params["Name"], call.params.get("ClientToken")
    if group.state != "ACTIVE":
        raise AwsError("ConflictException", f"Schedule group {group.name} is being deleted.", 409)
    if name in group.schedules:
        schedule = group.schedules[name]
        if token and store_of(call).tokens.get(token) == schedule.arn:
            return {"ScheduleArn": schedule.arn}
        raise AwsError("ConflictException", f"Schedule {name} already exists.", 409)
    arn = f"arn:aws:scheduler:{call.region}:{call.account}:schedule/{group.name}/{name}"
    schedule = _made(call, name, group.name, arn, call.now)
    group.schedules[name] = schedule
    if token:
        store_of(call).tokens[token] = arn
    _plan(call.world, call.account, call.region, schedule, call.now)
    return {"ScheduleArn": arn}


@operation("scheduler", "UpdateSchedule")
def update_schedule(call: Call) -> dict[str, Any]:
    """Replace all settings; omitted ones return to their defaults."""
    there = find_schedule(call)
    schedule = _made(call, there.name, there.group, there.arn, there.created_at)
    find_group(call, there.group).schedules[there.name] = schedule
    _plan(call.world, call.account, call.region, schedule, call.now)
    return {"ScheduleArn": schedule.arn}


def _made(call: Call, name: str, group: str, arn: str, created_at: datetime) -> Schedule:
    params = call.params
    settings = {key: params[key] for key in _SETTINGS if key in params}
    expression = _expression(settings)
    start, end = _utc(settings.get("StartDate")), _utc(settings.get("EndDate"))
    if not expression.once:
        if start is not None and start < call.now - _GRACE:
            raise invalid("The StartDate you specify cannot be earlier than 5 minutes ago.")
        if end is not None and end <= (start or call.now):
            raise invalid("The EndDate you specify must be later than the StartDate and than now.")
    window = settings["FlexibleTimeWindow"]
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        raise invalid("The FLEXIBLE time window, and no other, requires MaximumWindowInMinutes.")
    targets.request_of(settings["Target"])
    targets.check_role(
        call, settings["Target"]["RoleArn"], group_arn(call.account, call.region, group)
    )
    store = store_of(call)
    store.versions += 1
    return Schedule(
        name, group, arn, settings, created_at, call.now, start or call.now, store.versions
    )


def _expression(settings: dict[str, Any]) -> Expression:
    text = settings["ScheduleExpression"]
    try:
        return parse(text, settings.get("ScheduleExpressionTimezone", "UTC"))
    except ValueError as error:
        raise invalid(f"Invalid Schedule Expression {text}.") from error


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None


def _plan(world: World, account: str, region: str, schedule: Schedule, after: datetime) -> bool:
    """Plan the first run at or after a time, and return whether there is one."""
    settings = schedule.settings
    expression = _expression(settings)
    due = expression.next_run(schedule.starts_at, after)
    end = _utc(settings.get("EndDate"))
    over = due is None or (not expression.once and end is not None and due > end)
    if due is None or over or settings.get("State") == "DISABLED":
        return False
    world.at(
        due, "scheduler.run",
        account=account, region=region, group=schedule.group, schedule=schedule.name,
        version=schedule.version,
    )  # fmt: skip
    return True


@effect("scheduler.run")
def run(world: World, account: str, region: str, group: str, schedule: str, version: int) -> None:
    """Call a schedule's target, unless the schedule has changed since this run was planned."""
    known = world.store(SchedulerStore, account, region).groups.get(group)
    found = known.schedules.get(schedule) if known else None
    if known is None or found is None or found.version != version:
        return
    again = not _expression(found.settings).once and _plan(
        world, account, region, found, world.now + timedelta(microseconds=1)
    )
    if not again and found.settings.get("ActionAfterCompletion") == "DELETE":
        del known.schedules[schedule]
    targets.invoke(world, account, region, found.settings["Target"], known.arn)


@operation("scheduler", "GetSchedule")
def get_schedule(call: Call) -> dict[str, Any]:
    schedule = find_schedule(call)
    return {
        "ActionAfterCompletion": "NONE",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
        **schedule.settings,
        "Arn": schedule.arn,
        "Name": schedule.name,
        "GroupName": schedule.group,
        "CreationDate": schedule.created_at,
        "LastModificationDate": schedule.modified_at,
        "Target": {
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
            **schedule.settings["Target"],
        },
    }


@operation("scheduler", "ListSchedules")
def list_schedules(call: Call) -> dict[str, Any]:
    """List the schedules of one group or of all groups, by name."""
    params = call.params
    wanted = params.get("GroupName")
    groups = [find_group(call, wanted)] if wanted else list(store_of(call).groups.values())
    found = [
        {
            "Arn": schedule.arn,
            "Name": schedule.name,
            "GroupName": schedule.group,
            "State": schedule.settings.get("State", "ENABLED"),
            "CreationDate": schedule.created_at,
            "LastModificationDate": schedule.modified_at,
            "Target": {"Arn": schedule.settings["Target"]["Arn"]},
        }
        for group in groups
        for schedule in group.schedules.values()
    ]
    prefix, state = params.get("NamePrefix", ""), params.get("State")
    found = [
        each for each in found if each["Name"].startswith(prefix) and state in {None, each["State"]}
    ]
    return page("Schedules", sorted(found, key=lambda each: str(each["Name"])), params)


@operation("scheduler", "DeleteSchedule")
def delete_schedule(call: Call) -> None:
    schedule = find_schedule(call)
    del find_group(call, call.params.get("GroupName") or DEFAULT_GROUP).schedules[schedule.name]
