"""IAM: inline and managed policies.

Source: CloudFormation template reference, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceFailed, ResourceType, Work, resource_type
from .iam import ABSENT, document


@resource_type("AWS::IAM::Policy")
class Policy(ResourceType):
    """An inline policy of groups, roles, and users; its ID is generated."""

    supported = frozenset({"PolicyName", "PolicyDocument", "Groups", "Roles", "Users"})
    attributes = frozenset({"Id"})
    updatable = frozenset({"PolicyDocument", "Groups", "Roles", "Users"})
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
            work.delete_if_exists(
                "iam", f"Delete{kind}Policy", ABSENT, **{f"{kind}Name": name},
                PolicyName=work.properties["PolicyName"],
            )  # fmt: skip

    def delete(self, work: Work) -> None:
        self._take(work, _holders(work.properties))

    def gone(self, work: Work) -> bool:
        policy = work.properties["PolicyName"]
        return not any(
            work.exists(
                "iam", f"Get{kind}Policy", ABSENT, **{f"{kind}Name": name}, PolicyName=policy
            )
            for kind, name in _holders(work.properties)
        )


def _holders(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (kind, name)
        for kind in ("Group", "Role", "User")
        for name in properties.get(f"{kind}s", [])
    ]


@resource_type("AWS::IAM::ManagedPolicy")
class ManagedPolicy(ResourceType):
    """A managed policy; its ID and ``Ref`` are its ARN. The schema doesn't allow tags."""

    supported = frozenset(
        {"Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"}
    )
    attributes = frozenset({"PolicyArn"})
    updatable = frozenset({"Groups", "PolicyDocument", "Roles", "Users"})
    create_seconds = 17.0

    def create(self, work: Work) -> None:
        given = work.properties
        arn = work.call(
            "iam", "CreatePolicy",
            PolicyName=given.get("ManagedPolicyName") or work.name(128),
            Path=given.get("Path"),
            Description=given.get("Description"),
            PolicyDocument=document(given["PolicyDocument"]),
        )["Policy"]["Arn"]  # fmt: skip
        work.identify(arn, PolicyArn=arn)
        self._attach(work, _holders(given))

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        text = document(work.properties["PolicyDocument"])
        if text != document(before["PolicyDocument"]):
            self._drop_old_versions(work)
            work.call(
                "iam", "CreatePolicyVersion",
                PolicyArn=work.physical_id, PolicyDocument=text, SetAsDefault=True,
            )  # fmt: skip
        had, wanted = _holders(before), _holders(work.properties)
        self._attach(work, [each for each in wanted if each not in had])
        self._detach(work, [each for each in had if each not in wanted])

    def _attach(self, work: Work, holders: list[tuple[str, str]]) -> None:
        for kind, name in holders:
            who = {f"{kind}Name": name}
            work.call("iam", f"Attach{kind}Policy", **who, PolicyArn=work.physical_id)

    def _detach(self, work: Work, holders: list[tuple[str, str]]) -> None:
        for kind, name in holders:
            who = {f"{kind}Name": name}
            work.delete_if_exists(
                "iam", f"Detach{kind}Policy", ABSENT, **who, PolicyArn=work.physical_id
            )

    def _drop_old_versions(self, work: Work) -> None:
        """
        Delete the non-default versions, because IAM requires that before deleting a policy.

        IAM keeps up to five versions.
        """
        for version in work.call("iam", "ListPolicyVersions", PolicyArn=work.physical_id)[
            "Versions"
        ]:
            if not version["IsDefaultVersion"]:
                work.delete_if_exists(
                    "iam", "DeletePolicyVersion", ABSENT,
                    PolicyArn=work.physical_id, VersionId=version["VersionId"],
                )  # fmt: skip

    def delete(self, work: Work) -> None:
        if self.gone(work):
            return
        self._detach(work, _holders(work.properties))
        self._drop_old_versions(work)
        work.delete_if_exists("iam", "DeletePolicy", ABSENT, PolicyArn=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("iam", "GetPolicy", ABSENT, PolicyArn=work.physical_id)
