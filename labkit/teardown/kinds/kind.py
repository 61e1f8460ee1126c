"""What every kind of resource can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import partial
from typing import ClassVar

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.resources import Resource
from labkit.teardown.search import Search, unless_gone


class Stage(IntEnum):
    """When something is removed: what others depend on comes later, and what refills others comes first."""

    WRITERS = 1
    SERVERS = 2
    ATTACHMENTS = 3
    CONTENTS = 4
    GROUPS = 5
    STACKS = 6
    VOLUMES = 7
    SUBNETS = 8
    NETWORKS = 9
    RECORDS = 10
    DETECTOR = 11
    EXPIRY = 12


Step = tuple[Stage, str]
"""A stage and a verb."""
Remove = Callable[[Account, str, Clock], None]
"""Removes what a key names: a resource's ``target`` or, without one, its ``id``. May raise boto3's errors."""


class Kind(ABC):
    """A kind of resource."""

    name: ClassVar[str]
    stage: ClassVar[Stage]
    batch: ClassVar[int] = 1
    """How many resources one call removes."""

    @abstractmethod
    def find(self, search: Search) -> Iterator[Resource]:
        """Yield every resource of this kind that belongs to a workshop, each with the reason."""

    @abstractmethod
    def delete(self, account: Account, key: str, clock: Clock) -> None:
        """Delete one resource, named by its ``target`` or, without one, its ``id``; may raise boto3's errors."""

    def steps(self, resource: Resource, *, with_stack: bool) -> tuple[Step, ...]:
        """Return what removing a resource takes. ``with_stack`` says that its stack goes and takes it along."""
        del resource
        return () if with_stack else ((self.stage, "delete"),)

    @property
    def verbs(self) -> Mapping[str, Remove]:
        """What carries out each verb that ``steps`` returns."""
        return {"delete": self.delete}

    def remove(self, verb: str, account: Account, keys: Sequence[str], clock: Clock) -> None:
        """Carry out a verb for at most ``batch`` resources. What's gone already is fine."""
        for key in keys:
            unless_gone(partial(self.verbs[verb], account, key, clock), None)
