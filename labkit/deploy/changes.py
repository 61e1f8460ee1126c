"""Differences between ``workshop.toml`` and the deployed stacks."""

from __future__ import annotations

import hashlib

from labkit.aws import Account
from labkit.deploy import stacks
from labkit.deploy.stacks import Stack
from labkit.model import Seat, Workshop
from labkit.scenario import threat_addresses

LIST_PARAMETER = "ListLocation"
EMAIL_PARAMETER = "AlertEmail"
SIGN_IN_PARAMETER = "AttendeeSignIn"
IMAGE_PARAMETER = "ImageId"
"""Earlier versions passed the name of a public parameter, whose value changes with every new image."""
LIST_FOLDER = "threat-list/"


def list_text(workshop: Workshop) -> str:
    """Return the threat list as labkit uploads it: one address per line."""
    return "\n".join(threat_addresses(workshop)) + "\n"


def list_key(workshop: Workshop) -> str:
    """Return the list's key in the evidence stack's bucket.

    The key depends on the content, so a changed list has a new location. That matters because GuardDuty reads a list
    again only after an update (GuardDuty user guide, "Updating an entity list or IP address list").
    """
    digest = hashlib.sha256(list_text(workshop).encode()).hexdigest()
    return f"{LIST_FOLDER}{digest[:16]}.txt"


def list_location(workshop: Workshop, evidence: Stack) -> str:
    return f"s3://{evidence.outputs['TrailBucket']}/{list_key(workshop)}"


def list_differs(workshop: Workshop, evidence: Stack, threat_list: Stack) -> bool:
    """Whether GuardDuty's list differs from the one in ``workshop.toml``."""
    return threat_list.parameters.get(LIST_PARAMETER) != list_location(workshop, evidence)


def lab_parameters(workshop: Workshop, seat: Seat) -> dict[str, str]:
    """Return the parameters that ``up`` updates in an existing lab when ``workshop.toml`` changes."""
    return {
        EMAIL_PARAMETER: seat.email or "",
        SIGN_IN_PARAMETER: workshop.attendee_sign_in or "",
    }


def can_update(lab: Stack) -> bool:
    """Whether a lab has a template that this version can update without replacing servers."""
    return lab.parameters.get(IMAGE_PARAMETER, "").startswith("ami-")


def lab_differs(
    account: Account, lab: Stack, template: str, workshop: Workshop, seat: Seat
) -> bool:
    """Whether a lab was created from a different template or with different parameters."""
    wanted = lab_parameters(workshop, seat)
    if any(lab.parameters.get(name, "") != value for name, value in wanted.items()):
        return True
    return stacks.template(account, lab.id) != template


def lab_updates(lab: Stack, workshop: Workshop, seat: Seat) -> list[dict[str, str]]:
    """Return the parameters for each update of a lab.

    A changed email takes two updates, one to remove it and one to add the new one, so that nothing is replaced.
    """
    wanted = lab_parameters(workshop, seat)
    if lab.parameters.get(EMAIL_PARAMETER, "") in ("", wanted[EMAIL_PARAMETER]):
        return [wanted]
    return [
        wanted | {EMAIL_PARAMETER: email} for email in dict.fromkeys(("", wanted[EMAIL_PARAMETER]))
    ]
