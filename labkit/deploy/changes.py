"""What has changed in the workshop's file since its stacks were made."""

from __future__ import annotations

import hashlib

from labkit.aws import Account
from labkit.deploy import stacks
from labkit.deploy.stacks import Stack
from labkit.model import Seat, Workshop
from labkit.scenario import threat_addresses

LIST_PARAMETER = "ListLocation"
EMAIL_PARAMETER = "AlertEmail"
LIST_FOLDER = "threat-list/"


def list_text(workshop: Workshop) -> str:
    """The threat list as it is uploaded: an address a line."""
    return "\n".join(threat_addresses(workshop)) + "\n"


def list_key(workshop: Workshop) -> str:
    """Where the list is in the evidence stack's bucket.

    Named by what is in it, so that another list is another location: GuardDuty reads a list again only when it
    is updated (GuardDuty user guide, "Updating an entity list or IP address list").
    """
    digest = hashlib.sha256(list_text(workshop).encode()).hexdigest()
    return f"{LIST_FOLDER}{digest[:16]}.txt"


def list_location(workshop: Workshop, evidence: Stack) -> str:
    return f"s3://{evidence.outputs['TrailBucket']}/{list_key(workshop)}"


def list_differs(workshop: Workshop, evidence: Stack, threat_list: Stack) -> bool:
    """Whether GuardDuty has been given another list than the one in the workshop's file."""
    return threat_list.parameters.get(LIST_PARAMETER) != list_location(workshop, evidence)


def lab_differs(account: Account, lab: Stack, template: str, seat: Seat) -> bool:
    """Whether a lab was made from another template or for another e-mail address."""
    if _email(lab) != (seat.email or ""):
        return True
    return stacks.template(account, lab.id) != template


def emails_on_the_way(lab: Stack, seat: Seat) -> tuple[str, ...]:
    """The e-mail addresses to give a lab one after the other: none in between, so nothing need be replaced."""
    wanted = seat.email or ""
    return ("", wanted) if wanted and _email(lab) not in ("", wanted) else (wanted,)


def _email(lab: Stack) -> str:
    return lab.parameters.get(EMAIL_PARAMETER, "")
