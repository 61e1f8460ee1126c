"""A tagged resource, and where services say which of theirs there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..world import World

GLOBAL_REGION = "us-east-1"
"""Where services without Regions show what they have."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource: its type as filters name it (``ec2:instance``), its ARN and its tags."""

    type: str
    arn: str
    tags: Mapping[str, str]


Finder = Callable[["World", str, str], Iterable[Tagged]]

_FINDERS: list[Finder] = []


def tagged(finder: Finder) -> Finder:
    """Register ``function(world, account, region)`` that gives a service's resources, tagged or not.

    It makes nothing: an account that has never used the service has none.
    """
    _FINDERS.append(finder)
    return finder


def find(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Every resource with a tag, sorted by ARN."""
    found = [item for finder in _FINDERS for item in finder(world, account, region) if item.tags]
    return iter(sorted(found, key=lambda item: item.arn))
