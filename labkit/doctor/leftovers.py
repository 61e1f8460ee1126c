"""What's still there of earlier events, names that something else uses, and emails that nobody confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from labkit.deploy.collisions import refuse_taken_names
from labkit.deploy.detection import email_warnings
from labkit.deploy.status import status
from labkit.doctor.finding import Finding, Subject
from labkit.errors import UsageError
from labkit.names import TAG_WORKSHOP, seat_stack
from labkit.plurals import counted
from labkit.teardown.inventory import take_inventory
from labkit.teardown.resources import Resource
from labkit.teardown.scope import Scope


def check_leftovers(subject: Subject) -> Iterator[Finding]:
    """Name what's past its expiry, of any workshop. Where no stack and no resource has labkit's tags, nothing is."""
    tagged = any(TAG_WORKSHOP in stack.tags for stack in subject.stacks.values())
    if not tagged and not subject.account.has_tagged_resources():
        yield subject.ok("leftovers", "nothing has labkit's tags")
        return
    inventory = take_inventory(subject.account, Scope(expired_at=subject.account.cloud_time.now()))
    owned: dict[str, list[Resource]] = defaultdict(list)
    for resource in inventory.removable:
        owned[resource.owner.workshop].append(resource)
    for workshop, resources in owned.items():
        first = resources[0]
        mine = workshop == subject.workshop.name
        yield subject.warning(
            "leftovers",
            f"{counted(len(resources), 'resource')} of the workshop {workshop} should be gone, such as the {first.kind} "
            f"{first.id}.",
            "To list and remove them, run 'labkit sweep'."
            if mine
            else "To list and remove them, run 'labkit sweep --all-workshops'.",
        )
    for gap in inventory.gaps:
        yield subject.warning("leftovers", gap.message, gap.hint)
    if not owned and not inventory.gaps:
        yield subject.ok("leftovers", "nothing is past its expiry")


def check_names(subject: Subject) -> Iterator[Finding]:
    """Say whether something else has the names of the new labs' roles."""
    try:
        refuse_taken_names(subject.account, subject.workshop, subject.new_seats)
    except UsageError as error:
        yield subject.blocker("names", error.message, error.hint)
    else:
        yield subject.ok("names", "the names of the new labs are free")


def check_emails(subject: Subject) -> Iterator[Finding]:
    """Say which seats' alert wouldn't reach the attendee's email address. A lab that isn't complete has no address yet."""
    for seat in subject.seats:
        stack = subject.stacks.get(seat_stack(subject.workshop, seat.id))
        if stack is None or not stack.complete:
            continue
        deployed = status(subject.account, subject.workshop, seat).deployed
        if deployed is None:
            continue
        warnings = email_warnings(subject.account, deployed)
        for text in warnings:
            yield subject.warning(
                "emails",
                f"Seat {seat.id}: {text}.",
                "Ask the attendee to choose the link in the message from AWS Notifications. The exercise works without.",
                "Please look for a message from AWS Notifications in your inbox and choose Confirm subscription.",
            )
        if not warnings:
            yield subject.ok("emails", f"the alert of {seat.id} needs no confirmation")
