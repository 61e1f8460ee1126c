"""Refuse names that another workshop in the account already uses.

Role names join the workshop and the seat with a hyphen, so seat ``bar-baz`` of the workshop ``foo`` and seat ``baz`` of
``foo-bar`` have the same ones. Stack names contain ``-seat-`` and can't collide.
"""

from __future__ import annotations

from collections.abc import Iterable

from labkit.aws import Account, ClientError, explain_errors, is_missing
from labkit.errors import UsageError
from labkit.model import Seat, Workshop
from labkit.names import TAG_SEAT, TAG_WORKSHOP, role


def refuse_taken_names(account: Account, workshop: Workshop, seats: Iterable[Seat]) -> None:
    """Raise ``UsageError`` if a role of a seat exists and isn't that seat's; call this before creating anything."""
    for seat in seats:
        name = role(workshop, seat.id, "attendee")
        owner = _owner(account, name)
        if owner in (None, (workshop.name, seat.id)):
            continue
        whose = (
            f"seat {owner[1]} of the workshop {owner[0]}"
            if owner is not None and all(owner)
            else "something else"
        )
        raise UsageError(
            f"The role {name} exists in account {account.id} and belongs to {whose}.",
            "Choose another name for the workshop or the seat.",
        )


def _owner(account: Account, name: str) -> tuple[str | None, str | None] | None:
    """Return the workshop and the seat in a role's tags; None if there is no such role."""
    with explain_errors(f"looking for the role {name}"):
        try:
            found = account.client("iam").get_role(RoleName=name)["Role"]
        except ClientError as error:
            if is_missing(error):
                return None
            raise
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return tags.get(TAG_WORKSHOP), tags.get(TAG_SEAT)
