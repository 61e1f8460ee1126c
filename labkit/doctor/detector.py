"""Whether GuardDuty would raise the alert, and whether labkit may create a threat list.

Sources: GuardDuty user guide, "Relationship between GuardDuty administrator account and member accounts" and "GuardDuty
quotas" (6 threat IP lists per account and Region, which can't be raised); GuardDuty API reference, "GetDetector",
"GetAdministratorAccount".
"""

from __future__ import annotations

from collections.abc import Iterator

from labkit.aws import explain_errors
from labkit.doctor.finding import Finding, Subject
from labkit.names import threat_list_stack

_MOST_LISTS = 6


def check_detector(subject: Subject) -> Iterator[Finding]:
    """Say in which state the account's detector is; without one, ``up`` creates one."""
    guardduty = subject.account.client("guardduty")
    with explain_errors("looking for a GuardDuty detector"):
        ids = guardduty.list_detectors()["DetectorIds"]
    if not ids:
        yield subject.ok("guardduty", "there's no detector; 'labkit up' creates one")
        return
    with explain_errors("reading the GuardDuty detector"):
        status = guardduty.get_detector(DetectorId=ids[0])["Status"]
        administrator = guardduty.get_administrator_account(DetectorId=ids[0]).get("Administrator")
    account, region = subject.account.id, subject.account.region
    managed = bool(administrator) and administrator.get("RelationshipStatus") == "Enabled"
    if status != "ENABLED":
        who = f"account {administrator['AccountId']} (its GuardDuty administrator)" if managed else "the account's owner"  # fmt: skip
        yield subject.blocker(
            "guardduty",
            "GuardDuty is suspended, so nothing would raise the alert.",
            f"Resume it in the GuardDuty console (Settings), or ask {who} to.",
            f"Please resume GuardDuty in account {account}, Region {region}.",
        )
    elif not (managed and subject.has_threat_list):
        yield subject.ok("guardduty", "the detector is enabled")
    if subject.has_threat_list:
        yield from _check_list(subject, ids[0], administrator["AccountId"] if managed else None)


def _check_list(subject: Subject, detector: str, administrator: str | None) -> Iterator[Finding]:
    if threat_list_stack(subject.workshop) in subject.stacks:
        yield subject.ok("threat list", "the workshop's threat list exists")
        return
    account, region = subject.account.id, subject.account.region
    if administrator is not None:
        yield subject.blocker(
            "threat list",
            f"Account {administrator} administers GuardDuty here, so only that account can create a threat list.",
            "Send the request, use an account outside that organization's GuardDuty, or use the scenario "
            "credential_exfiltration, which needs no list.",
            f"Please remove account {account} from the GuardDuty members of account {administrator} in {region} until "
            "our workshop is over. We need a threat list of our own there, which a member account can't create.",
        )
        return
    pages = subject.account.client("guardduty").get_paginator("list_threat_intel_sets")
    with explain_errors("counting the threat lists"):
        lists = [each for page in pages.paginate(DetectorId=detector) for each in page["ThreatIntelSetIds"]]  # fmt: skip
    if len(lists) >= _MOST_LISTS:
        yield subject.blocker(
            "threat list",
            f"The account already has {len(lists)} of {_MOST_LISTS} threat lists, a quota that AWS doesn't raise.",
            "Delete a list that's no longer needed (GuardDuty console, Lists), or use another account.",
        )
    else:
        yield subject.ok("threat list", f"{len(lists)} of {_MOST_LISTS} threat lists exist")
