"""CloudWatch Logs: groups.

Source: CloudFormation template reference, "AWS::Logs::LogGroup".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceType, Work, resource_type, tag_changes

_ABSENT = "ResourceNotFoundException"


@resource_type("AWS::Logs::LogGroup")
class LogGroup(ResourceType):
    """A log group; its ``Arn`` ends in ``:*``, as policies need it."""

    supported = frozenset({"LogGroupName", "RetentionInDays", "KmsKeyId", "LogGroupClass", "Tags"})
    attributes = frozenset({"Arn"})
    updatable = frozenset({"RetentionInDays"})
    create_seconds = 2.0

    def create(self, work: Work) -> None:
        given = work.properties
        name = given.get("LogGroupName") or work.name(512)
        work.call(
            "logs", "CreateLogGroup",
            logGroupName=name,
            kmsKeyId=given.get("KmsKeyId"),
            logGroupClass=given.get("LogGroupClass"),
            tags=work.tags(),
        )  # fmt: skip
        work.identify(name, Arn=f"{self._arn(work, name)}:*")
        self._retain(work, None)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._retain(work, before.get("RetentionInDays"))
        arn = self._arn(work, work.physical_id)
        changed, gone = tag_changes(work, before)
        if changed:
            work.call("logs", "TagResource", resourceArn=arn, tags=changed)
        if gone:
            work.call("logs", "UntagResource", resourceArn=arn, tagKeys=gone)

    def _retain(self, work: Work, before: int | None) -> None:
        days = work.properties.get("RetentionInDays")
        if days == before:
            return
        if days is None:
            work.call("logs", "DeleteRetentionPolicy", logGroupName=work.physical_id)
        else:
            work.call(
                "logs", "PutRetentionPolicy", logGroupName=work.physical_id, retentionInDays=days
            )

    def _arn(self, work: Work, name: str) -> str:
        return f"arn:aws:logs:{work.region}:{work.account}:log-group:{name}"

    def delete(self, work: Work) -> None:
        work.delete_if_exists("logs", "DeleteLogGroup", _ABSENT, logGroupName=work.physical_id)

    def gone(self, work: Work) -> bool:
        found = work.call("logs", "DescribeLogGroups", logGroupNamePrefix=work.physical_id)
        # The exact name sorts before longer names with the same prefix.
        return work.physical_id not in [each["logGroupName"] for each in found["logGroups"]]
