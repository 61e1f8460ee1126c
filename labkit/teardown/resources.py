"""What a search finds: resources, who owns them, and why labkit may remove them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.names import TAG_EXPIRES, TAG_SEAT, TAG_WORKSHOP

Tags = Iterable[Mapping[str, Any]] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Owner:
    """The workshop and, unless its seats share the resource, the seat that a resource belongs to."""

    workshop: str
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """An existing resource of a workshop."""

    kind: str
    id: str
    owner: Owner
    reason: str
    """Why it belongs to the owner: "stack X", "tag labkit:workshop=acme", "inside VPC vpc-1 of stack X" …"""
    stack: str | None = None
    """The name of the existing stack that removes it."""
    target: str | None = None
    """What a call names, if that isn't ``id``."""
    state: str = ""
    """Its state, if it says more than that the resource exists."""
    expires: datetime | None = None
    """The expiry in its own tags."""
    goes_by_itself: bool = False
    """Whether AWS removes it."""
    until: datetime | None = None
    """When AWS has removed it, at the latest."""


def plain_tags(tags: Tags) -> dict[str, str]:
    """Return tags as a dict, whichever of AWS's formats they have."""
    if isinstance(tags, Mapping):
        return dict(tags)
    return {
        str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value", "")))
        for tag in tags
    }


def owner_of(tags: Mapping[str, str]) -> Owner | None:
    """Return the owner that tags name, or None if they name no workshop."""
    workshop = tags.get(TAG_WORKSHOP)
    return Owner(workshop, tags.get(TAG_SEAT)) if workshop else None


def expiry_of(tags: Mapping[str, str]) -> datetime | None:
    """Return the expiry that tags name; None without one, or if someone has changed it to anything else."""
    try:
        expires = datetime.fromisoformat(tags.get(TAG_EXPIRES, ""))
    except ValueError:
        return None
    return expires if expires.tzinfo is not None else None


def tag_reason(owner: Owner) -> str:
    """Say which tag shows the owner."""
    return f"tag {TAG_WORKSHOP}={owner.workshop}"
