"""CloudTrail: trails.

Source: CloudFormation template reference, "AWS::CloudTrail::Trail".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceType, Work, resource_type, tag_changes

_ABSENT = "TrailNotFoundException"
_SETTINGS = (
    "S3BucketName", "S3KeyPrefix", "SnsTopicName", "IncludeGlobalServiceEvents",
    "IsMultiRegionTrail", "EnableLogFileValidation", "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn", "IsOrganizationTrail",
)  # fmt: skip
_SELECTORS = ("EventSelectors", "AdvancedEventSelectors")


@resource_type("AWS::CloudTrail::Trail")
class Trail(ResourceType):
    """A trail, whether it's logging or not."""

    supported = frozenset({"TrailName", "IsLogging", "Tags", *_SETTINGS, *_SELECTORS})
    attributes = frozenset({"Arn", "SnsTopicArn"})
    updatable = frozenset({"IsLogging", *_SETTINGS, *_SELECTORS})
    create_seconds = 3.0

    def create(self, work: Work) -> None:
        name = work.properties.get("TrailName") or work.name(128)
        made = work.call(
            "cloudtrail", "CreateTrail",
            Name=name, **self._settings(work), TagsList=work.tag_list(),
        )  # fmt: skip
        work.identify(name, Arn=made["TrailARN"], SnsTopicArn=made.get("SnsTopicARN", ""))
        self._select(work, {})
        if work.properties["IsLogging"]:
            work.call("cloudtrail", "StartLogging", Name=name)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        name = work.physical_id
        old = {key: before[key] for key in _SETTINGS if key in before}
        if self._settings(work) != old:
            # UpdateTrail keeps what it isn't given, so removed settings need explicit values.
            emptied = dict.fromkeys((key for key in old if key not in work.properties), "")
            work.call("cloudtrail", "UpdateTrail", Name=name, **emptied, **self._settings(work))
        self._select(work, before)
        if work.properties["IsLogging"] != before["IsLogging"]:
            verb = "StartLogging" if work.properties["IsLogging"] else "StopLogging"
            work.call("cloudtrail", verb, Name=name)
        self._tag(work, before)

    def _tag(self, work: Work, before: Mapping[str, Any]) -> None:
        arn = work.resource.attributes["Arn"]
        changed, gone = tag_changes(work, before)
        if changed:
            tags = [{"Key": key, "Value": value} for key, value in changed.items()]
            work.call("cloudtrail", "AddTags", ResourceId=arn, TagsList=tags)
        if gone:
            tags = [{"Key": key} for key in gone]
            work.call("cloudtrail", "RemoveTags", ResourceId=arn, TagsList=tags)

    def _settings(self, work: Work) -> dict[str, Any]:
        return {name: work.properties[name] for name in _SETTINGS if name in work.properties}

    def _select(self, work: Work, before: Mapping[str, Any]) -> None:
        given = {name: work.properties[name] for name in _SELECTORS if name in work.properties}
        if given and given != {name: before[name] for name in _SELECTORS if name in before}:
            work.call("cloudtrail", "PutEventSelectors", TrailName=work.physical_id, **given)

    def delete(self, work: Work) -> None:
        work.delete_if_exists("cloudtrail", "DeleteTrail", _ABSENT, Name=work.physical_id)

    def gone(self, work: Work) -> bool:
        del work  # the type's schema only allows its handler to delete, so it can't check
        return True
