"""IAM: roles and instance profiles.

CloudFormation adds the stack's own tags to roles, but not the ``aws:cloudformation:`` tags, as the
schemas state (``cloudFormationSystemTags``).

Source: CloudFormation template reference, "AWS::IAM::Role", "AWS::IAM::InstanceProfile".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .handler import ResourceType, Work, resource_type, update_tags

ABSENT = "NoSuchEntity"


def document(value: Any) -> str:
    """Return a policy document in the API's format."""
    return value if isinstance(value, str) else json.dumps(value)


def inline_policies(properties: Mapping[str, Any]) -> dict[str, str]:
    """Name -> document of a role's or user's inline ``Policies``."""
    return {
        each["PolicyName"]: document(each["PolicyDocument"])
        for each in properties.get("Policies", [])
    }


def set_policies(work: Work, kind: str, before: Mapping[str, Any]) -> None:
    """Update the attached and inline policies of a ``Role`` or ``User`` to match its properties."""
    who = {f"{kind}Name": work.physical_id}
    had, wanted = before.get("ManagedPolicyArns", []), work.properties.get("ManagedPolicyArns", [])
    for arn in [each for each in wanted if each not in had]:
        work.call("iam", f"Attach{kind}Policy", **who, PolicyArn=arn)
    for arn in [each for each in had if each not in wanted]:
        work.delete_if_exists("iam", f"Detach{kind}Policy", ABSENT, **who, PolicyArn=arn)
    old, new = inline_policies(before), inline_policies(work.properties)
    for name, text in new.items():
        if old.get(name) != text:
            work.call("iam", f"Put{kind}Policy", **who, PolicyName=name, PolicyDocument=text)
    for name in [each for each in old if each not in new]:
        work.delete_if_exists("iam", f"Delete{kind}Policy", ABSENT, **who, PolicyName=name)


def remove_policies(work: Work, kind: str) -> None:
    """Remove the template's policies; any others block the deletion, as on AWS."""
    who = {f"{kind}Name": work.physical_id}
    for arn in work.properties.get("ManagedPolicyArns", []):
        work.delete_if_exists("iam", f"Detach{kind}Policy", ABSENT, **who, PolicyArn=arn)
    for name in inline_policies(work.properties):
        work.delete_if_exists("iam", f"Delete{kind}Policy", ABSENT, **who, PolicyName=name)


def set_boundary(work: Work, kind: str, before: Mapping[str, Any]) -> None:
    """Update the permissions boundary to match the properties."""
    who = {f"{kind}Name": work.physical_id}
    wanted = work.properties.get("PermissionsBoundary")
    if wanted == before.get("PermissionsBoundary"):
        return
    if wanted is None:
        work.delete_if_exists("iam", f"Delete{kind}PermissionsBoundary", ABSENT, **who)
    else:
        work.call("iam", f"Put{kind}PermissionsBoundary", **who, PermissionsBoundary=wanted)


def tag(work: Work, kind: str, before: Mapping[str, Any]) -> None:
    """Update the tags to match the properties and the stack."""
    who = {f"{kind}Name": work.physical_id}
    update_tags(work, before, "iam", tag=f"Tag{kind}", untag=f"Untag{kind}", **who)


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
            AssumeRolePolicyDocument=document(given["AssumeRolePolicyDocument"]),
            Path=given.get("Path"),
            Description=given.get("Description"),
            MaxSessionDuration=given.get("MaxSessionDuration"),
            PermissionsBoundary=given.get("PermissionsBoundary"),
            Tags=work.tag_list(system=False),
        )["Role"]  # fmt: skip
        work.identify(made["RoleName"], Arn=made["Arn"], RoleId=made["RoleId"])
        set_policies(work, "Role", {})

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        role = work.physical_id
        trust = document(work.properties["AssumeRolePolicyDocument"])
        if trust != document(before["AssumeRolePolicyDocument"]):
            work.call("iam", "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=trust)
        self._settings(work, before)
        set_policies(work, "Role", before)
        tag(work, "Role", before)

    def _settings(self, work: Work, before: Mapping[str, Any]) -> None:
        role, given = work.physical_id, work.properties
        settings = {"Description": "", "MaxSessionDuration": 3600}
        if any(given.get(name, old) != before.get(name, old) for name, old in settings.items()):
            wanted = {name: given.get(name, default) for name, default in settings.items()}
            work.call("iam", "UpdateRole", RoleName=role, **wanted)
        set_boundary(work, "Role", before)

    def delete(self, work: Work) -> None:
        remove_policies(work, "Role")
        work.delete_if_exists("iam", "DeleteRole", ABSENT, RoleName=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("iam", "GetRole", ABSENT, RoleName=work.physical_id)


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
            "iam", "RemoveRoleFromInstanceProfile", ABSENT,
            InstanceProfileName=work.physical_id, RoleName=role,
        )  # fmt: skip

    def delete(self, work: Work) -> None:
        for role in work.properties.get("Roles", []):
            self._remove(work, role)
        work.delete_if_exists(
            "iam", "DeleteInstanceProfile", ABSENT, InstanceProfileName=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "iam", "GetInstanceProfile", ABSENT, InstanceProfileName=work.physical_id
        )
