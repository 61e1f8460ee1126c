"""The GuardDuty detector that a workshop uses: the account's own, another workshop's, or a new one.

An account has at most one detector in each Region (GuardDuty user guide, "Concepts and terminology"). labkit never
changes or deletes one that it didn't create. If several workshops use one that it did create, its stack expires after
the last of them.
"""

from __future__ import annotations

from datetime import datetime

from labkit.aws import Account, explain_errors
from labkit.clock import Clock
from labkit.deploy import stacks
from labkit.deploy.expiry import DETECTOR_GRACE, EXPIRES_PARAMETER, format_time, parse_time
from labkit.deploy.stacks import Stack
from labkit.deploy.updates import apply, renewal
from labkit.model import Workshop
from labkit.names import TAG_EXPIRES, TAG_WORKSHOP, detector_stack_name

_OUTPUT = "DetectorId"


def ensure_detector(
    account: Account, workshop: Workshop, template: str, expires: datetime, clock: Clock
) -> str:
    """Return the ID of the account's detector, and create it if there is none.

    If it's one that labkit created, the detector expires after ``expires``.
    """
    ends = expires + DETECTOR_GRACE
    ours = stack_of_detector(account)
    if ours is not None:
        _extend(account, ours, ends, clock)
        return ours.outputs[_OUTPUT]
    existing = _existing_detector(account)
    name = detector_stack_name(workshop.name)
    own = stacks.find(account, name, workshop.name)
    if existing is not None and (own is None or not own.in_progress):
        return existing
    text = format_time(ends)
    tags = {TAG_WORKSHOP: workshop.name, TAG_EXPIRES: text}
    stack_id = stacks.create(account, name, template, {EXPIRES_PARAMETER: text}, tags, own, clock)
    return stacks.wait_complete(account, stack_id, clock).outputs[_OUTPUT]


def stack_of_detector(account: Account) -> Stack | None:
    """Return the complete stack of a detector that labkit created for any workshop; None if there is none."""
    return next(
        (each for each in stacks.of_workshops(account) if each.complete and holds_detector(each)),
        None,
    )


def holds_detector(stack: Stack) -> bool:
    """Whether a stack is the one of a workshop's detector."""
    return stack.name == detector_stack_name(stack.tags.get(TAG_WORKSHOP, ""))


def has_detector(account: Account) -> bool:
    """Whether the account has a detector, its own or labkit's."""
    return _existing_detector(account) is not None


def _existing_detector(account: Account) -> str | None:
    with explain_errors("looking for a GuardDuty detector"):
        found = account.client("guardduty").list_detectors()["DetectorIds"]
    return str(found[0]) if found else None


def _extend(account: Account, stack: Stack, ends: datetime, clock: Clock) -> None:
    """Let a detector expire later, never earlier, because other workshops may use it."""
    until = parse_time(stack.expires or "")
    if until is None or until < ends:
        renewed = renewal(stack, {EXPIRES_PARAMETER: format_time(ends)})
        apply(account, stack, renewed, clock)
