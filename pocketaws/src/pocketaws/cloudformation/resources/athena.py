"""Athena: work groups and named queries.

Source: CloudFormation template reference, "AWS::Athena::WorkGroup", "AWS::Athena::NamedQuery".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import AwsError
from .handler import ResourceType, Work, resource_type, update_tags

_ABSENT = "InvalidRequestException"  # with "is not found" in the message
# Settings that UpdateWorkGroup removes through a member of their own.
_REMOVABLE = ("BytesScannedCutoffPerQuery", "CustomerContentEncryptionConfiguration")


@resource_type("AWS::Athena::WorkGroup")
class WorkGroup(ResourceType):
    """A work group; its ID is its name."""

    supported = frozenset(
        {"Description", "Name", "RecursiveDeleteOption", "State", "Tags", "WorkGroupConfiguration"}
    )
    updatable = frozenset(
        {"Description", "RecursiveDeleteOption", "State", "WorkGroupConfiguration"}
    )
    create_seconds = 2.0

    def create(self, work: Work) -> None:
        given = work.properties
        work.call(
            "athena", "CreateWorkGroup",
            Name=given["Name"],
            Description=given.get("Description"),
            Configuration=given.get("WorkGroupConfiguration"),
            Tags=work.tag_list(),
        )  # fmt: skip
        work.identify(given["Name"])
        if given.get("State") == "DISABLED":
            work.call("athena", "UpdateWorkGroup", WorkGroup=given["Name"], State="DISABLED")

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        given = work.properties
        changed = {
            name: given.get(name, default)
            for name, default in (("Description", ""), ("State", "ENABLED"))
            if given.get(name, default) != before.get(name, default)
        }
        if given.get("WorkGroupConfiguration") != before.get("WorkGroupConfiguration"):
            changed["ConfigurationUpdates"] = _updates(
                given.get("WorkGroupConfiguration") or {},
                before.get("WorkGroupConfiguration") or {},
            )
        if changed:
            work.call("athena", "UpdateWorkGroup", WorkGroup=work.physical_id, **changed)
        self._tag(work, before)

    def _tag(self, work: Work, before: Mapping[str, Any]) -> None:
        arn = f"arn:aws:athena:{work.region}:{work.account}:workgroup/{work.physical_id}"
        update_tags(work, before, "athena", ResourceARN=arn)

    def delete(self, work: Work) -> None:
        if self.gone(work):
            return
        work.call(
            "athena", "DeleteWorkGroup",
            WorkGroup=work.physical_id,
            RecursiveDeleteOption=work.properties.get("RecursiveDeleteOption"),
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        try:
            work.call("athena", "GetWorkGroup", WorkGroup=work.physical_id)
        except AwsError as error:
            if error.code == _ABSENT and "not found" in error.message:
                return True
            raise
        return False


def _updates(wanted: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Convert ``WorkGroupConfiguration`` to the API's ``ConfigurationUpdates``."""
    made = {name: value for name, value in wanted.items() if name != "ResultConfiguration"}
    if "ResultConfiguration" in wanted:
        made["ResultConfigurationUpdates"] = wanted["ResultConfiguration"]
    elif "ResultConfiguration" in before:
        made["ResultConfigurationUpdates"] = {
            "RemoveOutputLocation": True,
            "RemoveEncryptionConfiguration": True,
        }
    for name in _REMOVABLE:
        if name in before and name not in wanted:
            made[f"Remove{name}"] = True
    return made


@resource_type("AWS::Athena::NamedQuery")
class NamedQuery(ResourceType):
    """A named query; any change replaces it."""

    supported = frozenset({"Database", "Description", "Name", "QueryString", "WorkGroup"})
    attributes = frozenset({"NamedQueryId"})
    create_seconds = 1.0

    def create(self, work: Work) -> None:
        given = {"Name": work.name(128), **work.properties}
        made = work.call(
            "athena", "CreateNamedQuery", **given, ClientRequestToken=work.world.uuid()
        )["NamedQueryId"]
        work.identify(made, NamedQueryId=made)

    def delete(self, work: Work) -> None:
        try:
            work.call("athena", "DeleteNamedQuery", NamedQueryId=work.physical_id)
        except AwsError as error:
            if error.code != _ABSENT or "does not exist" not in error.message:
                raise

    def gone(self, work: Work) -> bool:
        del work  # the type's schema only allows its handler to delete, so it can't check
        return True
