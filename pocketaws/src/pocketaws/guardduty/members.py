"""Accounts that a delegated administrator of the organization manages.

In a member account, only the administrator manages threat lists and the detector's settings.

Source: GuardDuty API reference, "EnableOrganizationAdminAccount", "ListOrganizationAdminAccounts", "CreateMembers",
"ListMembers", "DeleteMembers", "GetAdministratorAccount"; user guide, "Relationship between GuardDuty administrator
account and member accounts".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..identity.caller import Caller
from ..registry import before, operation
from .store import GuardDutyStore, bad_request, find_detector, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from ..gateway.call import Call
    from ..world import World


@dataclass
class OrganizationStore:
    """The delegated administrator of the organization in a Region."""

    administrator: str | None = None


@dataclass
class MemberStore:
    """Whether an account is a member in a Region: of which administrator, and since when."""

    administrator: str | None = None
    since: datetime | None = None


def _delegated(world: World, region: str) -> OrganizationStore:
    return world.store(OrganizationStore, world.management_account, region)


@operation("guardduty", "EnableOrganizationAdminAccount")
def enable_organization_admin_account(call: Call) -> None:
    """Make an account of the organization the administrator, with a detector of its own."""
    _only_management(call)
    account = call.params["AdminAccountId"]
    if account not in _accounts(call):
        raise bad_request("the account is not a member of the organization.")
    delegated = _delegated(call.world, call.region)
    if delegated.administrator not in {None, account}:
        raise bad_request("a delegated administrator already exists for the organization.")
    _ensure_detector(call, account)
    delegated.administrator = account


@operation("guardduty", "ListOrganizationAdminAccounts")
def list_organization_admin_accounts(call: Call) -> dict[str, Any]:
    """Return the delegated administrator, if there's one."""
    _only_management(call)
    account = _delegated(call.world, call.region).administrator
    found = [{"AdminAccountId": account, "AdminStatus": "ENABLED"}] if account else []
    return {"AdminAccounts": found}


@operation("guardduty", "CreateMembers")
def create_members(call: Call) -> dict[str, Any]:
    """Add accounts of the organization; GuardDuty is enabled in them."""
    find_detector(call)
    if _delegated(call.world, call.region).administrator != call.account:
        raise AwsError("NotImplemented", "Members by invitation aren't emulated.", 501)
    unprocessed = []
    for detail in call.params["AccountDetails"]:
        account = detail["AccountId"]
        if account not in _accounts(call) or account == call.account:
            result = "The request failed because the account is not a member of the organization."
            unprocessed.append({"AccountId": account, "Result": result})
            continue
        _ensure_detector(call, account)
        member = call.world.store(MemberStore, account, call.region)
        member.administrator, member.since = call.account, call.now
    return {"UnprocessedAccounts": unprocessed}


@operation("guardduty", "DeleteMembers")
def delete_members(call: Call) -> dict[str, Any]:
    """Let accounts go; their detectors stay, and are their own again."""
    find_detector(call)
    unprocessed = []
    for account in call.params["AccountIds"]:
        member = call.world.store(MemberStore, account, call.region)
        if member.administrator == call.account:
            member.administrator = member.since = None
        else:
            result = "The request was rejected because the account is not a member."
            unprocessed.append({"AccountId": account, "Result": result})
    return {"UnprocessedAccounts": unprocessed}


@operation("guardduty", "ListMembers")
def list_members(call: Call) -> dict[str, Any]:
    """Return the accounts that this one manages."""
    find_detector(call)
    return {
        "Members": [
            _shown(call, account, member)
            for account, region, member in call.world.stores(MemberStore)
            if region == call.region and member.administrator == call.account
        ]
    }


def _shown(call: Call, account: str, member: MemberStore) -> dict[str, Any]:
    detector = call.world.store(GuardDutyStore, account, call.region).detector
    accounts = _accounts(call)
    since = stamp(member.since or call.now)
    return {
        "AccountId": account,
        "DetectorId": detector.detector_id if detector else "",
        "MasterId": call.account,
        "AdministratorId": call.account,
        "Email": accounts.get(account, ""),
        "RelationshipStatus": "Enabled",
        "InvitedAt": since,
        "UpdatedAt": since,
    }


@operation("guardduty", "GetAdministratorAccount")
def get_administrator_account(call: Call) -> dict[str, Any]:
    """Return who manages this account, if anybody does."""
    find_detector(call)
    member = call.store(MemberStore)
    if member.administrator is None:
        return {}
    return {
        "Administrator": {
            "AccountId": member.administrator,
            "InvitationId": "",
            "RelationshipStatus": "Enabled",
            "InvitedAt": stamp(member.since or call.now),
        }
    }


@before(
    "guardduty", "CreateThreatIntelSet", "UpdateThreatIntelSet", "DeleteThreatIntelSet",
    "UpdateDetector", "DeleteDetector",
)  # fmt: skip
def administrator_decides(call: Call) -> None:
    """Refuse a member account what only its administrator may do."""
    if call.store(MemberStore).administrator is not None:
        raise bad_request("the current account is a member account: its administrator manages this.")  # fmt: skip


def _only_management(call: Call) -> None:
    if call.account != call.world.management_account:
        raise bad_request("the current account is not the organization's management account.")


def _accounts(call: Call) -> dict[str, str]:
    """The accounts of the organization, and their email addresses."""
    backend = moto_state.backend("organizations", call.world.management_account, "aws")
    return {str(each.id): str(each.email) for each in backend.accounts}


def _ensure_detector(call: Call, account: str) -> None:
    """Enable GuardDuty in an account, as its root user."""
    if call.world.store(GuardDutyStore, account, call.region).detector is None:
        internal = "AWS Internal"
        root = Caller("Root", account, f"arn:aws:iam::{account}:root", account, internal, internal)
        call.world.call(root, "guardduty", "CreateDetector", call.region, Enable=True)
