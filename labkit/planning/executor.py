"""The executor: runs exactly the actions of a plan, and decides nothing.

A failed action stops what depends on it and nothing else. A seat's later actions depend on its earlier ones. Shared
actions depend on every earlier action in the account, and every later action depends on them. What the account looks
like afterward is a question for the next plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from labkit.concurrent import Interrupt, map_seats
from labkit.errors import LabkitError
from labkit.model import Action, Plan
from labkit.progress import Tell

# Actions that start at the same time in one account. Most take one quick call.
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Pending:
    """An action that AWS is still carrying out: an operation on a stack."""

    action: Action
    stack_id: str
    finish: Callable[[Any], None]
    """Takes the settled stack, or None if it's gone; raises ``LabkitError`` if that isn't the wanted end."""


@dataclass(frozen=True, slots=True)
class Starter:
    """How to carry out a kind of action."""

    start: Callable[[Sequence[Action]], Pending | None]
    """Starts actions, and returns what to wait for; None if they're done."""
    batch: int = 1
    """How many actions one call takes."""


Settle = Callable[[Sequence[Pending]], Iterator[tuple[Pending, Any]]]
"""Waits for operations, and yields each with its stack as soon as it has settled."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one action ended. Without an error, it's done."""

    action: Action
    error: LabkitError | None = None
    skipped: bool = False
    """Whether it didn't start because of the failure ``error``."""


@dataclass(frozen=True, slots=True)
class Executor:
    """What the executor needs besides the plan."""

    starters: Mapping[tuple[str, str], Starter]
    """How to start an action, by verb and kind."""
    settle: Settle
    interrupt: Interrupt
    tell: Tell
    seats: tuple[str, ...] = ()
    """The account's seats, which learn about shared actions, too."""

    def run(self, plan: Plan) -> list[Outcome]:
        """Carry out one account's plan, stage by stage; returns the outcome of each action, in order."""
        outcomes: list[Outcome] = []
        for stage in plan.stages:
            self.interrupt.check()
            blocked = {action: _blocker(action, outcomes) for action in stage}
            ready = [action for action in stage if blocked[action] is None]
            ended = {outcome.action: outcome for outcome in self._run_stage(ready)}
            outcomes += [
                ended.get(action) or Outcome(action, blocked[action], skipped=True)
                for action in stage
            ]
        return outcomes

    def _run_stage(self, actions: Sequence[Action]) -> Iterator[Outcome]:
        pending: list[Pending] = []
        batches = list(self._batches(actions))
        for result in map_seats(batches, self._start, workers=_WORKERS, interrupt=self.interrupt):
            if result.error is not None:
                yield from (self._failed(action, result.error) for action in result.item)
            elif result.value is not None:
                pending.append(result.value)
            else:
                yield from (Outcome(action) for action in result.item)
        for waited, stack in self.settle(pending):
            try:
                waited.finish(stack)
            except LabkitError as error:
                yield self._failed(waited.action, error)
            else:
                yield Outcome(waited.action)

    def _batches(self, actions: Sequence[Action]) -> Iterator[tuple[Action, ...]]:
        """Group the actions that one call takes."""
        groups: dict[tuple[str, str], list[Action]] = defaultdict(list)
        for action in actions:
            groups[action.verb, action.kind].append(action)
        for key, group in groups.items():
            yield from _batched(group, self.starters[key].batch)

    def _start(self, actions: tuple[Action, ...]) -> Pending | None:
        first = actions[0]
        for seat in self.seats if first.seat is None else (first.seat,):
            what = first.id if first.seat is None else first.kind
            self.tell(seat, f"{first.verb} {what}")
        return self.starters[first.verb, first.kind].start(actions)

    def _failed(self, action: Action, error: LabkitError) -> Outcome:
        if action.seat is not None and action.required:
            self.tell(action.seat, f"failed: {error.message}")
        return Outcome(action, error)


def _blocker(action: Action, outcomes: Sequence[Outcome]) -> LabkitError | None:
    """Return the error of an earlier action that this one depends on, if any."""
    for earlier in outcomes:
        if earlier.error is None or not earlier.action.required:
            continue
        if action.seat is None or earlier.action.seat in (None, action.seat):
            return earlier.error
    return None


def _batched(actions: Sequence[Action], size: int) -> Iterator[tuple[Action, ...]]:
    rest = iter(actions)
    while batch := tuple(islice(rest, size)):
        yield batch
