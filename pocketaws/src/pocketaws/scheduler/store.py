"""EventBridge Scheduler's state: groups and their schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import paging
from ..errors import AwsError

if TYPE_CHECKING:
    from ..gateway.call import Call

DEFAULT_GROUP = "default"


@dataclass
class Schedule:
    """A schedule; ``settings`` are the parameters of ``CreateSchedule``."""

    name: str
    group: str
    arn: str
    settings: dict[str, Any]
    created_at: datetime
    modified_at: datetime
    starts_at: datetime
    version: int
    """Identifies the version that a run was planned for."""


@dataclass
class Group:
    """A schedule group."""

    name: str
    arn: str
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "ACTIVE"
    schedules: dict[str, Schedule] = field(default_factory=dict)


@dataclass
class SchedulerStore:
    """The groups of one account and Region, by name."""

    groups: dict[str, Group] = field(default_factory=dict)
    versions: int = 0
    tokens: dict[str, str] = field(default_factory=dict)


def store_of(call: Call) -> SchedulerStore:
    """Return the account's store, which always has the default group."""
    store = call.store(SchedulerStore)
    if DEFAULT_GROUP not in store.groups:
        store.groups[DEFAULT_GROUP] = Group(
            DEFAULT_GROUP, group_arn(call.account, call.region, DEFAULT_GROUP), call.now
        )
    return store


def group_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:scheduler:{region}:{account}:schedule-group/{name}"


def find_group(call: Call, name: str | None) -> Group:
    """Return a group by name; raises ``ResourceNotFoundException``."""
    group = store_of(call).groups.get(name or DEFAULT_GROUP)
    if group is None:
        raise AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)
    return group


def find_schedule(call: Call) -> Schedule:
    """Return the schedule that a call names; raises ``ResourceNotFoundException``."""
    name = call.params["Name"]
    schedule = find_group(call, call.params.get("GroupName")).schedules.get(name)
    if schedule is None:
        raise AwsError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)
    return schedule


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def page(name: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the requested page: ``{name: …, "NextToken": …}``."""
    error = invalid("Invalid NextToken provided.")
    return paging.page(name, items, params.get("NextToken"), params.get("MaxResults", 100), error)
