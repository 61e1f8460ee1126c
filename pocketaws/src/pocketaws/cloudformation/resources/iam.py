"""IAM: roles and instance profiles.

CloudFormation adds the stack's own tags to roles, but not the ``aws:cloudformation:`` tags, as the
schemas state (``cloudFormationSystemTags``).

Source: CloudFormation template reference, "AWS::IAM::Role", "AWS::IAM::InstanceProfile".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .handler import ResourceType, Work, resource_type, update_tags

_ABSENT = "NoSuchEntity"


def _document(value: Any) -> str:
    """Return a policy document in the API's format."""
    return value if isinstance(value, str) else json.dumps(value)


def _inline_policies(properties: Mapping[str, Any]) -> dict[str, str]:
    """Name -> document of a role's inline ``Policies``."""
    return {
        each["PolicyName"]: _document(each["PolicyDocument"])
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
    updatable = frozenset(
        {
            "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration",
            "PermissionsBoundary", "Policies",
        }
    )  # fmt: skip
    create_seconds = 18.0

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "iam", "CreateRole",
            RoleName=given.get("RoleName") or work.name(64),
            AssumeRolePolicyDocument=_document(given["AssumeRolePolicyDocument"]),
            Path=given.get("Path"),
            Description=given.get("Description"),
            MaxSessionDuration=given.get("MaxSessionDuration"),
            PermissionsBoundary=given.get("PermissionsBoundary"),
            Tags=work.tag_list(system=False),
        )["Role"]  # fmt: skip
        work.identify(made["RoleName"], Arn=made["Arn"], RoleId=made["RoleId"])
        self._set_policies(work, {})

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        role = work.physical_id
        trust = _document(work.properties["AssumeRolePolicyDocument"])
        if trust != _document(before["AssumeRolePolicyDocument"]):
            work.call("iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=trust)
        self._settings(work, before)
        self._set_policies(work, before)
        update_tags(work, before, "iam", tag="TagRole", untag="UntagRole", RoleName=role)

    def _settings(self, work: Work, before: Mapping[str, Any]) -> None:
        role, given = work.physical_id, work.properties
        settings = {"Description": "", "MaxSessionDuration": 3600}
        if any(given.get(name, old) != before.get(name, old) for name, old in settings.items()):
            wanted = {name: given.get(name, default) for name, default in settings.items()}
            work.call("iam", "UpdateRole", RoleName=role, **wanted)
        boundary = given.get("PermissionsBoundary")
        if boundary is None and "PermissionsBoundary" in before:
            work.delete_if_exists("iam", "DeleteRolePermissionsBoundary", _ABSENT, RoleName=role)
        elif boundary != before.get("PermissionsBoundary"):
            work.call(
                "iam", "PutRolePermissionsBoundary", RoleName=role, PermissionsBoundary=boundary
            )

    def _set_policies(self, work: Work, before: Mapping[str, Any]) -> None:
        """Make the attached and inline policies match the properties."""
        role, given = work.physical_id, work.properties
        had, wanted = before.get("ManagedPolicyArns", []), given.get("ManagedPolicyArns", [])
        for arn in [each for each in wanted if each not in had]:
            work.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        old, new = _inline_policies(before), _inline_policies(given)
        for name, text in new.items():
            if old.get(name) != text:
                work.call(
                    "iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=text
                )
        self._remove_policies(
            work,
            [each for each in had if each not in wanted],
            [each for each in old if each not in new],
        )

    def _remove_policies(self, work: Work, attached: list[str], inline: Iterable[str]) -> None:
        role = work.physical_id
        for arn in attached:
            work.delete_if_exists("iam", "DetachRolePolicy", _ABSENT, RoleName=role, PolicyArn=arn)
        for name in inline:
            work.delete_if_exists(
                "iam", "DeleteRolePolicy", _ABSENT, RoleName=role, PolicyName=name
            )

    def delete(self, work: Work) -> None:
        """Remove the template's policies and the role; any other policy blocks the deletion, as on AWS."""
        given = work.properties
        self._remove_policies(work, given.get("ManagedPolicyArns", []), _inline_policies(given))
        work.delete_if_exists("iam", "DeleteRole", _ABSENT, RoleName=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("iam", "GetRole", _ABSENT, RoleName=work.physical_id)


@resource_type("AWS::IAM::InstanceProfile")
class InstanceProfile(ResourceType):
    """An instance profile; its schema has no tags."""

    supported = frozenset({"InstanceProfileName", "Path", "Roles"})
    attributes = frozenset({"Arn"})
    updatable = frozenset({"Roles"})
    create_seconds = 125.0  # CloudFormation waits two minutes for the profile to propagate

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
        work.delete_if_exists(
            "iam", "RemoveRoleFromInstanceProfile", _ABSENT,
            InstanceProfileName=work.physical_id, RoleName=role,
        )  # fmt: skip

    def delete(self, work: Work) -> None:
        for role in work.properties.get("Roles", []):
            self._remove(work, role)
        work.delete_if_exists(
            "iam", "DeleteInstanceProfile", _ABSENT, InstanceProfileName=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "iam", "GetInstanceProfile", _ABSENT, InstanceProfileName=work.physical_id
        )
