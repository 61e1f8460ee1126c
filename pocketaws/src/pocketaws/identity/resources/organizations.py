"""Organizations: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS Organizations".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..attached import organization_of
from ..checks import Check, action_of, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

# Parameters that name a resource, the most specific first.
_NAMING = ("ResourceId", "ParentId", "ChildId", "TargetId")
_POLICY, _OWN = "service_control_policy", "FullAWSAccess"


@checks(
    "organizations",
    "DescribeAccount",
    "CloseAccount",
    "MoveAccount",
    "RemoveAccountFromOrganization",
)
def account(call: Call) -> Iterator[Check]:
    """The account."""
    yield Check(action_of(call), _arn(call, str(call.params.get("AccountId", "*"))))


@checks(
    "organizations", "ListAccountsForParent", "ListParents", "ListChildren", "TagResource",
    "UntagResource", "ListTagsForResource", "CreateOrganizationalUnit",
    "ListOrganizationalUnitsForParent", "ListPoliciesForTarget",
)  # fmt: skip
def entity(call: Call) -> Iterator[Check]:
    """The account, unit, root, or policy in the parameters."""
    params = call.params
    name = next((params[member] for member in _NAMING if params.get(member)), "*")
    yield Check(action_of(call), _arn(call, str(name)))


@checks(
    "organizations", "UpdateOrganizationalUnit", "DeleteOrganizationalUnit",
    "DescribeOrganizationalUnit",
)  # fmt: skip
def unit(call: Call) -> Iterator[Check]:
    """The unit."""
    yield Check(action_of(call), _arn(call, str(call.params["OrganizationalUnitId"]), "ou"))


@checks("organizations", "EnablePolicyType", "DisablePolicyType")
def root(call: Call) -> Iterator[Check]:
    """The root."""
    yield Check(action_of(call), _arn(call, str(call.params["RootId"]), "root"))


@checks(
    "organizations", "CreatePolicy", "DescribePolicy", "UpdatePolicy", "DeletePolicy",
    "ListTargetsForPolicy",
)  # fmt: skip
def policy(call: Call) -> Iterator[Check]:
    """The policy, or any policy if the call creates one."""
    yield Check(action_of(call), _arn(call, str(call.params.get("PolicyId", "*")), "policy"))


@checks("organizations", "AttachPolicy", "DetachPolicy")
def attachment(call: Call) -> Iterator[Check]:
    """The policy and its target."""
    for member in ("PolicyId", "TargetId"):
        yield Check(action_of(call), _arn(call, str(call.params[member])))


def _arn(call: Call, entity_id: str, kind: str | None = None) -> str:
    if entity_id == f"p-{_OWN}":
        return f"arn:aws:organizations::aws:policy/{_POLICY}/{entity_id}"
    kind = kind or {"r-": "root", "ou": "ou", "p-": "policy"}.get(entity_id[:2], "account")
    organization = organization_of(call, call.account) or "*"
    if kind == "policy":
        entity_id = f"{_POLICY}/{entity_id}"
    return (
        f"arn:aws:organizations::{call.world.management_account}:{kind}/{organization}/{entity_id}"
    )
