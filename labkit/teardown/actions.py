"""Carry out the actions of a teardown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from labkit.aws import Account, explain_errors
from labkit.clock import Clock
from labkit.deploy import stacks
from labkit.errors import CloudError
from labkit.model import Action
from labkit.planning.executor import Pending, Starter
from labkit.teardown.kinds import kinds


def starters(account: Account, clock: Clock) -> dict[tuple[str, str], Starter]:
    """Return how to start each action of a teardown in an account, by verb and kind."""
    found = {
        (verb, kind.name): Starter(_remove(account, clock, kind.name, verb), kind.batch)
        for kind in kinds().values()
        for verb in kind.verbs
    }
    return found | {
        ("delete", "stack"): Starter(lambda actions: _delete_stack(account, actions[0])),
        ("wait", "stack"): Starter(lambda actions: _wait_for_stack(account, actions[0])),
    }


def _remove(
    account: Account, clock: Clock, kind: str, verb: str
) -> Callable[[Sequence[Action]], None]:
    def start(actions: Sequence[Action]) -> None:
        first = actions[0]
        what = f"{kind} {first.id}" if len(actions) == 1 else f"{len(actions)} of kind {kind}"
        with explain_errors(f"carrying out '{verb} {what}'"):
            kinds()[kind].remove(verb, account, [a.target or a.id for a in actions], clock)

    return start


def _delete_stack(account: Account, action: Action) -> Pending:
    stack_id = action.target or action.id
    stacks.delete(account, stack_id)
    return Pending(action, stack_id, lambda stack: _check_gone(account, stack))


def _wait_for_stack(account: Account, action: Action) -> Pending:
    return Pending(action, action.target or action.id, lambda stack: _check_gone(account, stack))


def _check_gone(account: Account, stack: Any) -> None:
    """Raise ``CloudError`` with the cause if a stack still exists."""
    if stack is not None:
        raise CloudError(
            f"The stack {stack.name} is {stack.status}: {stacks.first_cause(account, stack.id)}",
            "Remove what the message names, then rerun 'labkit down'.",
        )
