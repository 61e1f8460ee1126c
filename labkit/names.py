"""Names of a workshop's resources in AWS. The contract fixes most of them."""

from __future__ import annotations

from labkit.model import Workshop

TAG_WORKSHOP = "labkit:workshop"
TAG_SEAT = "labkit:seat"
TAG_EXPIRES = "labkit:expires"
PARAMETERS_ROOT = "/labkit"
"""The Parameter Store path of all workshops."""


def expiry_stack(workshop: Workshop) -> str:
    """The name of the stack that deletes the other stacks when they have expired."""
    return expiry_stack_name(workshop.name)


def expiry_stack_name(workshop: str) -> str:
    return f"labkit-{workshop}-expiry"


def detector_stack_name(workshop: str) -> str:
    """The name of the stack of a GuardDuty detector that this workshop was the first to need."""
    return f"labkit-{workshop}-detector"


def evidence_stack_name(workshop: str) -> str:
    return f"labkit-{workshop}-evidence"


def evidence_stack(workshop: Workshop) -> str:
    return evidence_stack_name(workshop.name)


def threat_list_stack(workshop: Workshop) -> str:
    return threat_list_stack_name(workshop.name)


def threat_list_stack_name(workshop: str) -> str:
    return f"labkit-{workshop}-threat-list"


def athena_database_name(workshop: str) -> str:
    return f"labkit_{workshop}".replace("-", "_")


def seat_stack(workshop: Workshop, seat: str) -> str:
    return f"labkit-{workshop.name}-seat-{seat}"


def role(workshop: Workshop, seat: str, part: str) -> str:
    """The name of a seat's role; ``part`` is attendee, operator, responder, grader, or server."""
    return f"labkit-{workshop.name}-{seat}-{part}"


def answers_path(workshop: Workshop, seat: str) -> str:
    """The Parameter Store path of a seat's answers."""
    return f"/labkit/{workshop.name}/{seat}/answers"


def hints_path(workshop: Workshop, seat: str) -> str:
    """The Parameter Store path of a seat's hints; where only a grader judges, attendees can't write it."""
    folder = "ledger/hints" if workshop.check == "grader" else "hints"
    return f"/labkit/{workshop.name}/{seat}/{folder}"


def runs_path(workshop: Workshop, seat: str) -> str:
    return f"/labkit/{workshop.name}/{seat}/runs"


def seat_path(workshop: Workshop, seat: str) -> str:
    """The Parameter Store path of everything that belongs to a seat."""
    return f"/labkit/{workshop.name}/{seat}"
