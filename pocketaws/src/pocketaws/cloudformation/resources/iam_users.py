"""IAM: users.

Source: CloudFormation template reference, "AWS::IAM::User" (its ``LoginProfile`` isn't emulated
because the emulator has no console to sign in to).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceType, Work, resource_type
from .iam import ABSENT, remove_policies, set_boundary, set_policies, tag


@resource_type("AWS::IAM::User")
class User(ResourceType):
    """A user."""

    supported = frozenset(
        {
            "Groups",
            "ManagedPolicyArns",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "Tags",
            "UserName",
        }
    )
    attributes = frozenset({"Arn"})
    updatable = frozenset({"Groups", "ManagedPolicyArns", "PermissionsBoundary", "Policies"})
    create_seconds = 17.0

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "iam", "CreateUser",
            UserName=given.get("UserName") or work.name(64),
            Path=given.get("Path"),
            PermissionsBoundary=given.get("PermissionsBoundary"),
            Tags=work.tag_list(system=False),
        )["User"]  # fmt: skip
        work.identify(made["UserName"], Arn=made["Arn"])
        set_policies(work, "User", {})
        self._join(work, given.get("Groups", []))

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        had, wanted = before.get("Groups", []), work.properties.get("Groups", [])
        self._join(work, [each for each in wanted if each not in had])
        self._leave(work, [each for each in had if each not in wanted])
        set_boundary(work, "User", before)
        set_policies(work, "User", before)
        tag(work, "User", before)

    def _join(self, work: Work, groups: list[str]) -> None:
        for group in groups:
            work.call("iam", "AddUserToGroup", GroupName=group, UserName=work.physical_id)

    def _leave(self, work: Work, groups: list[str]) -> None:
        for group in groups:
            work.delete_if_exists(
                "iam", "RemoveUserFromGroup", ABSENT, GroupName=group, UserName=work.physical_id
            )

    def delete(self, work: Work) -> None:
        self._leave(work, work.properties.get("Groups", []))
        remove_policies(work, "User")
        work.delete_if_exists("iam", "DeleteUser", ABSENT, UserName=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("iam", "GetUser", ABSENT, UserName=work.physical_id)
