"""GuardDuty in an organization: an administrator's account, and what its members may no longer do."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import ClientFactory, member_account


def account_of(client: ClientFactory) -> str:
    return str(client("sts").get_caller_identity()["Account"])


def detector_of(client: ClientFactory) -> str:
    (detector,) = client("guardduty").list_detectors()["DetectorIds"]
    return str(detector)


def test_an_administrator_manages_the_detectors_of_its_members(
    local_aws: LocalAws, administrator: ClientFactory, member: ClientFactory
) -> None:
    security = member_account(local_aws, administrator, "security")
    management = administrator("guardduty")
    assert management.list_organization_admin_accounts()["AdminAccounts"] == []
    management.enable_organization_admin_account(AdminAccountId=account_of(security))
    (named,) = management.list_organization_admin_accounts()["AdminAccounts"]
    assert named["AdminAccountId"] == account_of(security)

    theirs: Any = security("guardduty")
    details = [{"AccountId": account_of(member), "Email": "member@example.com"},
               {"AccountId": "999999999999", "Email": "nobody@example.com"}]  # fmt: skip
    answer = theirs.create_members(DetectorId=detector_of(security), AccountDetails=details)
    assert [u["AccountId"] for u in answer["UnprocessedAccounts"]] == ["999999999999"]
    (listed,) = theirs.list_members(DetectorId=detector_of(security))["Members"]
    assert (listed["AccountId"], listed["RelationshipStatus"]) == (account_of(member), "Enabled")

    ours, detector = member("guardduty"), detector_of(member)
    found = ours.get_administrator_account(DetectorId=detector)["Administrator"]
    assert (found["AccountId"], found["RelationshipStatus"]) == (account_of(security), "Enabled")
    assert "Administrator" not in theirs.get_administrator_account(DetectorId=detector_of(security))
    for call in (
        lambda: ours.update_detector(DetectorId=detector, Enable=False),
        lambda: ours.delete_detector(DetectorId=detector),
        lambda: ours.create_threat_intel_set(
            DetectorId=detector, Name="x", Format="TXT", Location="s3://b/k", Activate=True
        ),
    ):
        with pytest.raises(ClientError, match=r"BadRequestException.*member account"):
            call()

    gone = theirs.delete_members(DetectorId=detector_of(security), AccountIds=[account_of(member)])
    assert gone["UnprocessedAccounts"] == []
    assert "Administrator" not in ours.get_administrator_account(DetectorId=detector)
    ours.delete_detector(DetectorId=detector)


def test_only_the_management_account_names_an_administrator(member: ClientFactory) -> None:
    with pytest.raises(ClientError, match=r"BadRequestException.*management account"):
        member("guardduty").enable_organization_admin_account(AdminAccountId=account_of(member))
