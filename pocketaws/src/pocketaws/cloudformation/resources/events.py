"""EventBridge: rules with their targets.

Source: CloudFormation template reference, "AWS::Events::Rule".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .handler import ResourceFailed, ResourceType, Work, resource_type, update_tags

_ABSENT = "ResourceNotFoundException"
_SETTINGS = ("Description", "EventPattern", "RoleArn", "ScheduleExpression", "State")


@resource_type("AWS::Events::Rule")
class Rule(ResourceType):
    """A rule; its ID is its name, or ``bus|name`` on a custom bus."""

    supported = frozenset({"Name", "EventBusName", "Targets", "Tags", *_SETTINGS})
    attributes = frozenset({"Arn", "RuleName"})
    updatable = frozenset({"Targets", *_SETTINGS})
    create_seconds = 61.0  # CloudFormation waits a minute for the rule to propagate

    def create(self, work: Work) -> None:
        name = work.properties.get("Name") or work.name(64)
        bus = work.properties.get("EventBusName")
        made = self._put(work, name, Tags=work.tag_list())
        physical_id = name if bus in {None, "default"} else f"{str(bus).rpartition('/')[2]}|{name}"
        work.identify(physical_id, Arn=made["RuleArn"], RuleName=name)
        self._put_targets(work, work.properties.get("Targets", []))

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._put(work, self._name(work))
        old, new = before.get("Targets", []), work.properties.get("Targets", [])
        self._put_targets(work, [each for each in new if each not in old])
        kept = [each["Id"] for each in new]
        self._remove_targets(work, [each["Id"] for each in old if each["Id"] not in kept])
        arn = work.resource.attributes["Arn"]
        update_tags(work, before, "events", ResourceARN=arn)

    def _put(self, work: Work, name: str, **more: Any) -> dict[str, Any]:
        given = {key: work.properties[key] for key in _SETTINGS if key in work.properties}
        if isinstance(given.get("EventPattern"), dict):
            given["EventPattern"] = json.dumps(given["EventPattern"])
        bus = work.properties.get("EventBusName")
        return work.call("events", "PutRule", Name=name, EventBusName=bus, **given, **more)

    def _put_targets(self, work: Work, targets: list[dict[str, Any]]) -> None:
        if not targets:
            return
        answer = work.call("events", "PutTargets", **self._which(work, "Rule"), Targets=targets)
        if answer.get("FailedEntryCount"):
            raise ResourceFailed(answer["FailedEntries"][0]["ErrorMessage"])

    def _remove_targets(self, work: Work, ids: list[str]) -> None:
        if ids:
            work.delete_if_exists(
                "events", "RemoveTargets", _ABSENT, **self._which(work, "Rule"), Ids=ids
            )

    def _which(self, work: Work, key: str) -> dict[str, Any]:
        return {key: self._name(work), "EventBusName": work.properties.get("EventBusName")}

    def _name(self, work: Work) -> str:
        return work.physical_id.rpartition("|")[2]

    def delete(self, work: Work) -> None:
        if not work.exists("events", "DescribeRule", _ABSENT, **self._which(work, "Name")):
            return
        found = work.call("events", "ListTargetsByRule", **self._which(work, "Rule"))["Targets"]
        self._remove_targets(work, [each["Id"] for each in found])
        work.delete_if_exists("events", "DeleteRule", _ABSENT, **self._which(work, "Name"))

    def gone(self, work: Work) -> bool:
        return not work.exists("events", "DescribeRule", _ABSENT, **self._which(work, "Name"))
