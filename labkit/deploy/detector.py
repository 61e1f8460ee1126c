"""The GuardDuty detector that a workshop uses: the account's own, another workshop's, or a new one.

An account has at most one detector in each Region (GuardDuty user guide, "Concepts and terminology"). labkit never
changes or deletes one that it didn't create. If several workshops use one that it did create, its stack expires after
the last of them.
"""

from __future__ import annotations

from labkit.aws import Account, explain_errors
from labkit.deploy.stacks import Stack
from labkit.errors import CloudError
from labkit.names import TAG_WORKSHOP, detector_stack_name


def holds_detector(stack: Stack) -> bool:
    """Whether a stack is the one of a workshop's detector."""
    return stack.name == detector_stack_name(stack.tags.get(TAG_WORKSHOP, ""))


def has_detector(account: Account) -> bool:
    """Whether the account has a detector, its own or labkit's."""
    return _existing_detector(account) is not None


def detector_id(account: Account) -> str:
    """Return the ID of the account's detector; raises ``CloudError`` if it has none."""
    found = _existing_detector(account)
    if found is None:
        raise CloudError("The account's GuardDuty detector is gone.", "Rerun 'labkit up'.")
    return found


def _existing_detector(account: Account) -> str | None:
    with explain_errors("looking for a GuardDuty detector"):
        found = account.client("guardduty").list_detectors()["DetectorIds"]
    return str(found[0]) if found else None
