"""Organizations: what its calls are checked for.

Source: service authorization reference, "AWS Organizations".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..attached import organization_of
from .check import Check, action_of, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


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
    "UntagResource", "ListTagsForResource",
)  # fmt: skip
def entity(call: Call) -> Iterator[Check]:
    """The account, unit or root that is named."""
    params = call.params
    name = params.get("ResourceId") or params.get("ParentId") or params.get("ChildId") or "*"
    yield Check(action_of(call), _arn(call, str(name)))


def _arn(call: Call, entity_id: str) -> str:
    kind = {"r-": "root", "ou": "ou", "p-": "policy"}.get(entity_id[:2], "account")
    organization = organization_of(call, call.account) or "*"
    return (
        f"arn:aws:organizations::{call.world.management_account}:{kind}/{organization}/{entity_id}"
    )
