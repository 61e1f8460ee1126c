"""Plan ``up`` in one account: from what exists to the actions that complete every seat's lab.

The stack that deletes expired stacks comes first, then the detector and the evidence stack, because the trail and the
detector must exist before the labs that they observe. The threat list and the labs follow side by side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from labkit.deploy import changes
from labkit.deploy.detector import holds_detector
from labkit.deploy.expiry import DETECTOR_GRACE, expiry_for, format_time, parse_time
from labkit.deploy.observation import Observation, Templates
from labkit.deploy.stacks import Stack
from labkit.errors import CloudError, LabkitError, UsageError
from labkit.model import Action, Plan, Seat, Workshop
from labkit.names import (
    TAG_SEAT,
    TAG_WORKSHOP,
    detector_stack_name,
    evidence_stack,
    expiry_stack,
    seat_stack,
    threat_list_stack,
)

_WANTED = "workshop.toml"
# A stack in one of these states can only be deleted and created again.
_BROKEN = {
    "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deployment:
    """The plan for one account, and what it takes to carry it out."""

    plan: Plan
    expires: datetime
    """When new stacks expire."""
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    """When stacks that the plan extends expire, by name."""
    broken_seats: frozenset[str] = frozenset()
    """Seats whose lab must be removed before the plan creates it."""
    broken_shared: frozenset[str] = frozenset()
    """Shared stacks that must be removed before the plan creates them."""
    refused: Mapping[str, LabkitError] = field(default_factory=dict)
    """Why there's no plan for a seat."""


def plan_up(
    workshop: Workshop,
    templates: Templates,
    seats: Collection[Seat],
    seen: Observation,
    replaced: Collection[str] = frozenset(),
) -> Deployment:
    """Return what completes the seats' labs; ``replaced`` are seats that get a new one in any case.

    Raises ``LabkitError`` if the stacks that the seats share are in a state that ``up`` can't repair.
    """
    return _Planner(workshop, templates, seats, seen, frozenset(replaced)).plan()


def plan_extension(
    workshop: Workshop, seats: Collection[Seat], seen: Observation, by: timedelta
) -> Deployment:
    """Return what lets the seats' labs live longer by a duration, from their expiry or, if that has passed, from now.

    What the seats share outlives every lab in the account, so it may have to live longer, too.
    """
    return _Planner(workshop, {}, seats, seen, frozenset()).plan_extension(by)


def expiry_of_new_stacks(workshop: Workshop, seen: Observation) -> datetime:
    """Return when new stacks expire: with the evidence stack, unless that has expired."""
    evidence = seen.stacks.get(evidence_stack(workshop))
    known = (
        parse_time(evidence.expires or "") if evidence is not None and evidence.complete else None
    )
    return known if known is not None and known > seen.now else expiry_for(workshop, seen.now)


class _Planner:
    """Collects the actions of one plan."""

    def __init__(
        self,
        workshop: Workshop,
        templates: Templates,
        seats: Collection[Seat],
        seen: Observation,
        replaced: frozenset[str],
    ) -> None:
        self._workshop = workshop
        self._templates = templates
        self._seats = seats
        self._seen = seen
        self._replaced = replaced
        self._expires = seen.now
        self._extensions: dict[str, datetime] = {}
        self._broken_seats: set[str] = set()
        self._broken_shared: set[str] = set()
        self._refused: dict[str, LabkitError] = {}

    def plan(self) -> Deployment:
        self._expires = expiry_of_new_stacks(self._workshop, self._seen)
        evidence = evidence_stack(self._workshop)
        stages = [
            tuple(self._shared(expiry_stack(self._workshop), self._expires)),
            tuple(self._detector()),
            tuple(self._shared(evidence, self._expires)),
        ]
        if evidence in self._broken_shared:
            self._refuse_orphaning(evidence)
        listed = list(self._threat_list()) if "threat_list" in self._templates else []
        stages.append(tuple(action for action in listed if action.kind == "object"))
        labs = [action for seat in self._seats for action in self._lab(seat)]
        stages.append((*(action for action in listed if action.kind == "stack"), *labs))
        return Deployment(
            Plan(self._seen.account, self._seen.region, tuple(stage for stage in stages if stage)),
            self._expires,
            self._extensions,
            frozenset(self._broken_seats),
            frozenset(self._broken_shared),
            self._refused,
        )

    def plan_extension(self, by: timedelta) -> Deployment:
        labs = [action for seat in self._seats for action in self._extended_lab(seat, by)]
        last = max(self._extensions.values(), default=self._seen.now)
        names = (
            expiry_stack(self._workshop),
            evidence_stack(self._workshop),
            threat_list_stack(self._workshop),
        )
        shared = [
            action
            for name in names
            for stack in [self._find(name, None)]
            if stack is not None and stack.complete
            for action in self._extend(stack, None, last)
        ]
        detectors = [
            each for each in self._seen.stacks.values() if each.complete and holds_detector(each)
        ]
        for stack in detectors:
            shared += self._extend(stack, None, last + DETECTOR_GRACE)
        stages = (tuple(shared), tuple(labs)) if labs else ()
        return Deployment(
            Plan(self._seen.account, self._seen.region, tuple(stage for stage in stages if stage)),
            last,
            self._extensions,
            refused=self._refused,
        )

    def _extended_lab(self, seat: Seat, by: timedelta) -> Iterator[Action]:
        name = seat_stack(self._workshop, seat.id)
        stack = self._seen.stacks.get(name)
        if stack is None:
            self._refused[seat.id] = CloudError(f"{seat.id} has no lab.", "Run 'labkit up'.")
        elif not stack.complete:
            self._refused[seat.id] = _beyond_repair(stack, "Wait, or run 'labkit up'.")
        else:
            until = parse_time(stack.expires or "") or self._seen.now
            yield from self._extend(stack, seat.id, max(until, self._seen.now) + by)

    def _shared(self, name: str, expires: datetime) -> Iterator[Action]:
        """Plan a stack that the seats share."""
        stack = self._find(name, None)
        if stack is None:
            yield self._action(None, "create", name, _WANTED)
        elif stack.in_progress:
            yield self._action(None, "wait", name, f"it's {stack.status}", stack)
        elif stack.status in _BROKEN:
            self._broken_shared.add(name)
            yield self._action(None, "create", name, _WANTED)
        elif not stack.complete:
            raise _beyond_repair(stack, "Run 'labkit down', then 'labkit up'.")
        else:
            yield from self._extend(stack, None, expires)

    def _detector(self) -> Iterator[Action]:
        """Plan the detector: labkit's own must outlast this workshop, and anybody else's stays as it is."""
        ends = self._expires + DETECTOR_GRACE
        ours = [stack for stack in self._seen.stacks.values() if holds_detector(stack)]
        complete = next((stack for stack in ours if stack.complete), None)
        own = detector_stack_name(self._workshop.name)
        if complete is not None:
            until = parse_time(complete.expires or "")
            if until is None or until < ends:
                yield from self._extend(complete, None, ends)
        elif own in {stack.name for stack in ours} or not self._seen.has_detector:
            yield from self._shared(own, ends)

    def _threat_list(self) -> Iterator[Action]:
        name = threat_list_stack(self._workshop)
        stack = self._seen.stacks.get(name)
        evidence = self._seen.stacks.get(evidence_stack(self._workshop))
        whole = evidence if evidence is not None and evidence.complete else None
        upload = Action(
            self._seen.account, self._seen.region, None, "upload", "object",
            changes.list_key(self._workshop), _WANTED,
        )  # fmt: skip
        if stack is None or not stack.complete or whole is None:
            planned = list(self._shared(name, self._expires))
            if any(action.verb == "create" for action in planned):
                yield upload  # GuardDuty reads the object when the stack is created.
            yield from planned
        elif changes.list_differs(self._workshop, whole, stack):
            yield upload
            yield self._action(None, "update", name, "the list differs from workshop.toml", stack)
        else:
            yield from self._extend(stack, None, self._expires)

    def _lab(self, seat: Seat) -> Iterator[Action]:
        name = seat_stack(self._workshop, seat.id)
        try:
            stack = self._find(name, seat.id)
        except LabkitError as error:
            self._refused[seat.id] = error
            return
        if stack is not None and stack.in_progress:
            yield self._action(seat.id, "wait", name, f"it's {stack.status}", stack)
        elif stack is None or stack.status in _BROKEN or seat.id in self._replaced:
            if stack is not None or seat.id in self._replaced:
                self._broken_seats.add(seat.id)
            yield self._action(seat.id, "create", name, _WANTED)
        elif not stack.complete:
            self._refused[seat.id] = _beyond_repair(stack, _redo(seat.id))
        elif seat.id in self._seen.unread:
            self._refused[seat.id] = self._seen.unread[seat.id]
        else:
            yield from self._existing_lab(seat.id, stack)

    def _existing_lab(self, seat: str, stack: Stack) -> Iterator[Action]:
        until = parse_time(stack.expires or "")
        if until is not None and until <= self._seen.now:
            if changes.can_update(stack):
                yield from self._extend(stack, seat, self._expires)
            else:
                self._refused[seat] = CloudError(
                    f"The lab of {seat} has expired, and an earlier version of labkit created it.",
                    _redo(seat),
                )
        elif seat in self._seen.differing:
            yield self._action(seat, "update", stack.name, "it differs from workshop.toml", stack)

    def _extend(self, stack: Stack, seat: str | None, expires: datetime) -> Iterator[Action]:
        """Plan a later expiry for a complete stack that would be gone before ``expires``."""
        until = parse_time(stack.expires or "")
        if until is None or until >= expires:
            return
        self._extensions[stack.name] = expires
        reason = f"it expires at {format_time(until)}, not at {format_time(expires)}"
        yield self._action(seat, "extend", stack.name, reason, stack)

    def _find(self, name: str, seat: str | None) -> Stack | None:
        stack = self._seen.stacks.get(name)
        if stack is None:
            return None
        if (stack.tags.get(TAG_WORKSHOP), stack.tags.get(TAG_SEAT)) != (self._workshop.name, seat):
            raise UsageError(
                f"The stack {name} exists, but its tags say that it belongs to something else.",
                "Choose another name for the workshop, or remove that stack yourself.",
            )
        return stack

    def _refuse_orphaning(self, evidence: str) -> None:
        """Refuse to replace an evidence stack on which labs stand: they'd log to a bucket that's gone."""
        standing = [
            stack.name
            for stack in self._seen.stacks.values()
            if stack.tags.get(TAG_WORKSHOP) == self._workshop.name
            and TAG_SEAT in stack.tags
            and stack.complete
        ]
        if standing:
            raise _beyond_repair(
                self._seen.stacks[evidence],
                f"{standing[0]} needs it. Run 'labkit down', then 'labkit up'.",
            )

    def _action(
        self, seat: str | None, verb: str, name: str, reason: str, stack: Stack | None = None
    ) -> Action:
        target = stack.id if stack is not None else None
        return Action(
            self._seen.account, self._seen.region, seat, verb, "stack", name, reason, target
        )


def _beyond_repair(stack: Stack, hint: str) -> CloudError:
    reason = f": {stack.reason.rstrip('.')}" if stack.reason else ""
    return CloudError(f"The stack {stack.name} is {stack.status}{reason}.", hint)


def _redo(seat: str) -> str:
    return f"To replace the lab, run: labkit redo --seat {seat}"
