"""IAM: roles, their policies, and instance profiles.

CloudFormation puts the stack's own tags on roles, and none of the ``aws:cloudformation:`` ones: the
schemas say so (``cloudFormationSystemTags``).

Source: CloudFormation template reference, "AWS::IAM::Role", "…::Policy", "…::InstanceProfile".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .handler import ResourceFailed, ResourceType, Work, resource_type, tag_changes

_ABSENT = "NoSuchEntity"


def document(value: Any) -> str:
    """A policy document as the API wants it."""
    return value if isinstance(value, str) else json.dumps(value)


def _inline(properties: Mapping[str, Any]) -> dict[str, str]:
    return {
        each["PolicyName"]: document(each["PolicyDocument"])
        for each in properties.get("Policies", [])
    }


@resource_type("AWS::IAM::Role")
class Role(ResourceType):
    """A role with its inline and attached policies."""

    supported = frozenset(
        {
            "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration",
            "Path", "PermissionsBoundary", "Policies", "RoleName", "Tags",
        }
    )  # fmt: skip
    attributes = frozenset({"Arn", "RoleId"})
    updatable = frozenset({"AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"})
    create_seconds = 18.0

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "iam", "CreateRole",
            RoleName=given.get("RoleName") or work.name(64),
            AssumeRolePolicyDocument=document(given["AssumeRolePolicyDocument"]),
            Path=given.get("Path"),
            Description=given.get("Description"),
            MaxSessionDuration=given.get("MaxSessionDuration"),
            PermissionsBoundary=given.get("PermissionsBoundary"),
            Tags=work.tag_list(system=False),
        )["Role"]  # fmt: skip
        work.identify(made["RoleName"], Arn=made["Arn"], RoleId=made["RoleId"])
        self._policies(work, {})

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        role = work.physical_id
        trust = document(work.properties["AssumeRolePolicyDocument"])
        if trust != document(before["AssumeRolePolicyDocument"]):
            work.call("iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=trust)
        self._policies(work, before)
        changed, gone = tag_changes(work, before)
        if changed:
            tags = [{"Key": key, "Value": value} for key, value in changed.items()]
            work.call("iam", "TagRole", RoleName=role, Tags=tags)
        if gone:
            work.call("iam", "UntagRole", RoleName=role, TagKeys=gone)

    def _policies(self, work: Work, before: Mapping[str, Any]) -> None:
        role = work.physical_id
        had, wanted = (
            before.get("ManagedPolicyArns", []),
            work.properties.get("ManagedPolicyArns", []),
        )
        for arn in [each for each in wanted if each not in had]:
            work.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        for arn in [each for each in had if each not in wanted]:
            work.gone_already("iam", "DetachRolePolicy", _ABSENT, RoleName=role, PolicyArn=arn)
        old, new = _inline(before), _inline(work.properties)
        for name, text in new.items():
            if old.get(name) != text:
                work.call(
                    "iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=text
                )
        for name in [each for each in old if each not in new]:
            work.gone_already("iam", "DeleteRolePolicy", _ABSENT, RoleName=role, PolicyName=name)

    def delete(self, work: Work) -> None:
        role = work.physical_id
        for arn in work.properties.get("ManagedPolicyArns", []):
            work.gone_already("iam", "DetachRolePolicy", _ABSENT, RoleName=role, PolicyArn=arn)
        for name in _inline(work.properties):
            work.gone_already("iam", "DeleteRolePolicy", _ABSENT, RoleName=role, PolicyName=name)
        work.gone_already("iam", "DeleteRole", _ABSENT, RoleName=role)

    def gone(self, work: Work) -> bool:
        return not work.exists("iam", "GetRole", _ABSENT, RoleName=work.physical_id)


@resource_type("AWS::IAM::Policy")
class Policy(ResourceType):
    """An inline policy of roles and users; its id is a made-up name."""

    supported = frozenset({"PolicyName", "PolicyDocument", "Roles", "Users"})
    attributes = frozenset({"Id"})
    updatable = frozenset({"PolicyDocument", "Roles", "Users"})
    create_seconds = 17.0

    def create(self, work: Work) -> None:
        if not _holders(work.properties):
            raise ResourceFailed("At least one of [Groups,Roles,Users] must be non-empty.")
        name = work.short_name()
        work.identify(name, Id=name)
        self._put(work, _holders(work.properties))

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        wanted = _holders(work.properties)
        if not wanted:
            raise ResourceFailed("At least one of [Groups,Roles,Users] must be non-empty.")
        self._put(work, wanted)
        self._take(work, [each for each in _holders(before) if each not in wanted])

    def _put(self, work: Work, holders: list[tuple[str, str]]) -> None:
        text = document(work.properties["PolicyDocument"])
        for kind, name in holders:
            work.call(
                "iam", f"Put{kind}Policy", **{f"{kind}Name": name},
                PolicyName=work.properties["PolicyName"], PolicyDocument=text,
            )  # fmt: skip

    def _take(self, work: Work, holders: list[tuple[str, str]]) -> None:
        for kind, name in holders:
            work.gone_already(
                "iam", f"Delete{kind}Policy", _ABSENT, **{f"{kind}Name": name},
                PolicyName=work.properties["PolicyName"],
            )  # fmt: skip

    def delete(self, work: Work) -> None:
        self._take(work, _holders(work.properties))

    def gone(self, work: Work) -> bool:
        policy = work.properties["PolicyName"]
        return not any(
            work.exists(
                "iam", f"Get{kind}Policy", _ABSENT, **{f"{kind}Name": name}, PolicyName=policy
            )
            for kind, name in _holders(work.properties)
        )


def _holders(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        *(("Role", name) for name in properties.get("Roles", [])),
        *(("User", name) for name in properties.get("Users", [])),
    ]


@resource_type("AWS::IAM::InstanceProfile")
class InstanceProfile(ResourceType):
    """An instance profile."""

    supported = frozenset({"InstanceProfileName", "Path", "Roles"})
    attributes = frozenset({"Arn"})
    updatable = frozenset({"Roles"})
    create_seconds = 125.0  # CloudFormation waits two minutes for it to be known everywhere

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "iam", "CreateInstanceProfile",
            InstanceProfileName=given.get("InstanceProfileName") or work.name(128),
            Path=given.get("Path"),
        )["InstanceProfile"]  # fmt: skip
        work.identify(made["InstanceProfileName"], Arn=made["Arn"])
        self._set_roles(work, [])

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._set_roles(work, before.get("Roles", []))

    def _set_roles(self, work: Work, had: list[str]) -> None:
        wanted = work.properties.get("Roles", [])
        for role in [each for each in had if each not in wanted]:
            self._remove(work, role)
        for role in [each for each in wanted if each not in had]:
            work.call(
                "iam", "AddRoleToInstanceProfile",
                InstanceProfileName=work.physical_id, RoleName=role,
            )  # fmt: skip

    def _remove(self, work: Work, role: str) -> None:
        work.gone_already(
            "iam", "RemoveRoleFromInstanceProfile", _ABSENT,
            InstanceProfileName=work.physical_id, RoleName=role,
        )  # fmt: skip

    def delete(self, work: Work) -> None:
        for role in work.properties.get("Roles", []):
            self._remove(work, role)
        work.gone_already(
            "iam", "DeleteInstanceProfile", _ABSENT, InstanceProfileName=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "iam", "GetInstanceProfile", _ABSENT, InstanceProfileName=work.physical_id
        )
