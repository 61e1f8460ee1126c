"""Organizational units, and the accounts in them.

Source: Organizations API reference, "CreateOrganizationalUnit", "DeleteOrganizationalUnit", "MoveAccount",
"ListChildren".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AwsError
from ..registry import before, moto_operations
from .policies import organization

if TYPE_CHECKING:
    from ..gateway.call import Call

NAMES = """
    CreateOrganizationalUnit DeleteOrganizationalUnit DescribeOrganizationalUnit ListChildren
    ListOrganizationalUnitsForParent MoveAccount UpdateOrganizationalUnit
"""

moto_operations("organizations", NAMES)


@before("organizations", "CreateOrganizationalUnit")
def name_once(call: Call) -> None:
    """Refuse a name that another unit of the same parent has."""
    parent, name = call.params["ParentId"], call.params["Name"]
    units = organization(call).ou
    if any(getattr(unit, "parent_id", None) == parent and unit.name == name for unit in units):
        message = "An OU with the same name already exists."
        raise AwsError("DuplicateOrganizationalUnitException", message)


@before("organizations", "DeleteOrganizationalUnit")
def delete_empty_ones(call: Call) -> None:
    """Refuse to delete a unit that isn't empty; detach the policies of one that is."""
    backend, wanted = organization(call), call.params["OrganizationalUnitId"]
    inside = [
        each for each in (*backend.ou, *backend.accounts) if getattr(each, "parent_id", None) == wanted
    ]  # fmt: skip
    if inside:
        message = "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again."  # fmt: skip
        raise AwsError("OrganizationalUnitNotEmptyException", message)
    for policy in backend.policies:
        policy.attachments[:] = [each for each in policy.attachments if each.id != wanted]


@before("organizations", "MoveAccount")
def move_from_where_it_is(call: Call) -> None:
    params = call.params
    account = next(
        (each for each in organization(call).accounts if each.id == params["AccountId"]), None
    )
    if account is None:
        return  # moto raises the error
    if account.parent_id != params["SourceParentId"]:
        message = "We can't find a source root or OU with the ParentId that you specified."
        raise AwsError("SourceParentNotFoundException", message)
    if account.parent_id == params["DestinationParentId"]:
        message = "That account is already present in the specified destination."
        raise AwsError("DuplicateAccountException", message)
