"""EventBridge Scheduler: schedules and their groups.

Source: CloudFormation template reference, "AWS::Scheduler::Schedule" (which doesn't support tags),
"AWS::Scheduler::ScheduleGroup".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .handler import ResourceFailed, ResourceType, Work, resource_type, update_tags

_ABSENT = "ResourceNotFoundException"
_SETTINGS = (
    "Description", "EndDate", "FlexibleTimeWindow", "KmsKeyArn", "ScheduleExpression",
    "ScheduleExpressionTimezone", "StartDate", "State", "Target",
)  # fmt: skip
_DATES = ("StartDate", "EndDate")


def _moment(name: str, text: str) -> datetime:
    """Parse a template's ISO 8601 date, in UTC unless it has an offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ResourceFailed(f"Invalid {name}: {text} is not an ISO 8601 date") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@resource_type("AWS::Scheduler::Schedule")
class Schedule(ResourceType):
    """A schedule."""

    supported = frozenset({"Name", "GroupName", *_SETTINGS})
    attributes = frozenset({"Arn"})
    updatable = frozenset(_SETTINGS)
    create_seconds = 1.0

    def create(self, work: Work) -> None:
        name = work.properties.get("Name") or work.name(64)
        made = work.call(
            "scheduler", "CreateSchedule",
            Name=name, ClientToken=work.world.uuid(), **self._settings(work),
        )  # fmt: skip
        work.identify(name, Arn=made["ScheduleArn"])

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        del before  # the API replaces the whole schedule
        work.call("scheduler", "UpdateSchedule", Name=work.physical_id, **self._settings(work))

    def _settings(self, work: Work) -> dict[str, Any]:
        names = (*_SETTINGS, "GroupName")
        given = {name: work.properties[name] for name in names if name in work.properties}
        return given | {name: _moment(name, given[name]) for name in _DATES if name in given}

    def _which(self, work: Work) -> dict[str, Any]:
        return {"Name": work.physical_id, "GroupName": work.properties.get("GroupName")}

    def delete(self, work: Work) -> None:
        work.delete_if_exists("scheduler", "DeleteSchedule", _ABSENT, **self._which(work))

    def gone(self, work: Work) -> bool:
        return not work.exists("scheduler", "GetSchedule", _ABSENT, **self._which(work))


@resource_type("AWS::Scheduler::ScheduleGroup")
class ScheduleGroup(ResourceType):
    """A schedule group; deleting it deletes its schedules."""

    supported = frozenset({"Name", "Tags"})
    attributes = frozenset({"Arn"})
    create_seconds = 11.0

    def create(self, work: Work) -> None:
        name = work.properties.get("Name") or work.name(64)
        made = work.call(
            "scheduler", "CreateScheduleGroup",
            Name=name, ClientToken=work.world.uuid(), Tags=work.tag_list(),
        )  # fmt: skip
        work.identify(name, Arn=made["ScheduleGroupArn"])

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        arn = work.resource.attributes["Arn"]
        update_tags(work, before, "scheduler", ResourceArn=arn)

    def delete(self, work: Work) -> None:
        work.delete_if_exists("scheduler", "DeleteScheduleGroup", _ABSENT, Name=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("scheduler", "GetScheduleGroup", _ABSENT, Name=work.physical_id)
