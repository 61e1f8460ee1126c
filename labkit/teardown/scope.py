"""The scope of a teardown: whose resources it covers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from labkit.deploy.detector import holds_detector
from labkit.deploy.expiry import parse_time
from labkit.deploy.stacks import Stack
from labkit.model import Leftover
from labkit.names import detector_stack_name, evidence_stack_name, expiry_stack_name
from labkit.teardown.resources import Owner, Resource, owner_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Some or all seats of a workshop, or whatever has expired."""

    workshop: str | None = None
    """None for any workshop."""
    seats: frozenset[str] | None = None
    """None for every seat, on the roster or not."""
    without: frozenset[str] = frozenset()
    """Seats to leave alone."""
    expired_at: datetime | None = None
    """If set, only what has expired by then."""
    only_shared: frozenset[str] | None = None
    """If set, of what seats share only these stacks and what's in them."""
    keep: Collection[str] = frozenset()
    """Kinds of resources to leave alone."""
    alive: frozenset[Owner] = frozenset()
    """Owners of existing stacks that stay. What they share stays, too."""
    evidence: frozenset[str] = frozenset()
    """The workshops of existing evidence stacks. They need the account's detector, whichever workshop created it."""
    detectors: frozenset[str] = frozenset()
    """The workshops of existing detector stacks. Such a stack needs the expiry stack of its workshop."""
    expiries: tuple[tuple[Owner, datetime], ...] = ()
    """When the owners of existing stacks expire, according to these stacks."""

    def in_account(self, stacks: Iterable[Stack]) -> Scope:
        """Return this scope with what an account's stacks say about it."""
        owned = [(owner, stack) for stack in stacks if (owner := owner_of(stack.tags)) is not None]
        expiries = tuple(
            (owner, ends)
            for owner, stack in owned
            if not holds_detector(stack)  # which lasts as long as any workshop needs it
            and (ends := parse_time(stack.expires or "")) is not None
        )
        evidence = frozenset(
            o.workshop for o, s in owned if s.name == evidence_stack_name(o.workshop)
        )
        detectors = frozenset(owner.workshop for owner, each in owned if holds_detector(each))
        known = replace(self, expiries=expiries, evidence=evidence, detectors=detectors)
        alive = frozenset(o for o, _ in owned if o.seat is not None and not known.takes(o, None))
        return replace(known, alive=alive)

    def covers(self, resource: Resource) -> bool:
        """Whether a resource is in this scope."""
        if resource.kind in self.keep:
            return False
        if self.only_shared is not None and resource.owner.seat is None:
            ours = resource.owner.workshop == self.workshop
            return ours and not self.only_shared.isdisjoint({resource.id, resource.stack})
        workshop = resource.owner.workshop
        with_detector = {detector_stack_name(workshop)}
        if workshop in self.detectors:
            with_detector.add(expiry_stack_name(workshop))
        if not with_detector.isdisjoint({resource.id, resource.stack}):
            return self._takes_detector(resource)
        return self.takes(resource.owner, resource.expires)

    def staying(self, stacks: Iterable[Stack]) -> tuple[Leftover, ...]:
        """Return what stays of the workshop because other workshops need it: its detector, and what deletes that."""
        ours = [s for s in stacks if owner_of(s.tags) == Owner(self.workshop or "")]
        detectors = [stack for stack in ours if holds_detector(stack)]
        needing = [
            each
            for each in sorted(self.evidence - {self.workshop})
            if not self.takes(Owner(each), None)
        ]
        if not detectors or not needing:
            return ()
        names = {detectors[0].name, expiry_stack_name(self.workshop or "")}
        reason = f"the workshop {needing[0]} needs the GuardDuty detector"
        return tuple(Leftover("stack", s.name, reason) for s in ours if s.name in names)

    def _takes_detector(self, resource: Resource) -> bool:
        """Whether the stack of a detector is in this scope: it goes with the last workshop that needs it."""
        needing = {each for each in self.evidence if not self.takes(Owner(each), resource.expires)}
        if needing:
            return False
        last = self.workshop if resource.owner.workshop not in self.evidence else None
        owner = resource.owner if last is None else Owner(last)
        return self.takes(owner, resource.expires)

    def takes(self, owner: Owner, expires: datetime | None) -> bool:
        """Whether an owner's things are in this scope; ``expires`` is what their own tags say."""
        if self.workshop not in (None, owner.workshop):
            return False
        if owner.seat is None:
            if any(other.workshop == owner.workshop for other in self.alive):
                return False
        elif owner.seat in self.without or (
            self.seats is not None and owner.seat not in self.seats
        ):
            return False
        return self.expired_at is None or self._has_expired(owner, expires, self.expired_at)

    def _has_expired(self, owner: Owner, expires: datetime | None, now: datetime) -> bool:
        """Whether an owner's things have expired, according to its stack, else to themselves, else to what's shared.

        What nobody's stack and no tag says anything about is orphaned.
        """
        ends = dict(self.expiries)
        shared = ends.get(Owner(owner.workshop))
        when = ends.get(owner) or expires or shared
        return when is None or when <= now
