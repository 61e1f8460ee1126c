"""Tagged resources, and the registry of functions that find them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..world import World

GLOBAL_REGION = "us-east-1"
"""The Region under which global services list their resources."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource: its type as filters name it (``ec2:instance``), its ARN, and its tags."""

    type: str
    arn: str
    tags: Mapping[str, str]


Finder = Callable[["World", str, str], Iterable[Tagged]]

_FINDERS: list[Finder] = []


def tagged(finder: Finder) -> Finder:
    """Register ``function(world, account, region)``, which yields a service's resources.

    It yields untagged resources too, and must not create state for an unused service.
    """
    _FINDERS.append(finder)
    return finder


def find(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield all tagged resources, sorted by ARN."""
    found = [item for finder in _FINDERS for item in finder(world, account, region) if item.tags]
    return iter(sorted(found, key=lambda item: item.arn))
