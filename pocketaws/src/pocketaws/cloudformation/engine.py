"""Advances a stack: starts steps, notices finished ones, and picks the next.

Everything happens in effects, so a stack's life is a sequence of small steps at modeled times. Each
effect carries the number of its operation. If another operation, such as a rollback, has superseded
that one, the effect does nothing. ``building`` and ``removal`` carry out the steps.

Source: CloudFormation user guide, "Stack status codes" and "Stack failure options".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..effects import effect
from . import building, events, graph, removal, values
from .run import Run
from .store import Operation, OperationKind, Stack, stack_of

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World

_ACCEPT_SECONDS = 1.0
_REMOVING = ("rollback", "cleanup", "delete")


def begin(
    world: World,
    stack: Stack,
    kind: OperationKind,
    caller: Caller,
    token: str | None = None,
    operation_id: str | None = None,
    **details: Any,
) -> Operation:
    """Start a new operation on a stack, replacing its current one."""
    stack.operations += 1
    stack.operation = Operation(
        kind, stack.operations, operation_id or world.uuid(), caller, token, **details
    )
    return stack.operation


def schedule(world: World, stack: Stack, seconds: float = _ACCEPT_SECONDS) -> None:
    """Schedule a check of the stack."""
    if stack.operation is not None:
        world.later(
            "cloudformation.advance", seconds, account=stack.account, region=stack.region,
            stack_id=stack.id, number=stack.operation.number,
        )  # fmt: skip


@effect("cloudformation.advance")
def advance_effect(world: World, account: str, region: str, stack_id: str, number: int) -> None:
    """Start all steps that are ready."""
    run = _run(world, account, region, stack_id, number)
    if run is not None:
        advance(run)


@effect("cloudformation.settle")
def settle_effect(
    world: World, account: str, region: str, stack_id: str, number: int, logical_id: str
) -> None:
    """Check whether a resource is done."""
    run = _run(world, account, region, stack_id, number)
    if run is not None and logical_id in run.operation.running:
        settle(run, logical_id)


@effect("cloudformation.timeout")
def timeout_effect(world: World, account: str, region: str, stack_id: str, number: int) -> None:
    """Fail a creation that takes longer than ``TimeoutInMinutes``."""
    run = _run(world, account, region, stack_id, number)
    if run is not None and run.operation.kind == "create":
        building.cancel(run, "Resource creation cancelled")
        _creation_failed(run, "Stack creation timed out.")


@effect("cloudformation.signals_due")
def signals_due_effect(
    world: World, account: str, region: str, stack_id: str, number: int, logical_id: str
) -> None:
    """Fail a resource that didn't receive its signals in time."""
    run = _run(world, account, region, stack_id, number)
    if run is not None and logical_id in run.operation.running:
        resource = run.stack.resources[logical_id]
        missing = resource.signals_wanted - len(resource.signals)
        run.fail(
            logical_id,
            "CREATE_FAILED",
            f"Failed to receive {missing} resource signal(s) within the specified duration",
        )
        advance(run)


def settle(run: Run, logical_id: str) -> None:
    """Check a resource, and continue with the stack if it's done."""
    if run.operation.kind in _REMOVING:
        at_rest = removal.settle(run, logical_id)
    else:
        at_rest = building.settle(run, logical_id)
    if at_rest:
        advance(run)


def advance(run: Run) -> None:
    """Start all steps that are ready, or finish the operation if nothing is left to do."""
    operation = run.operation
    if operation.kind in _REMOVING:
        removal.start_ready(run)
    elif not operation.failed or operation.kind == "update-rollback":
        building.start_ready(run)
    if operation.failed and operation.kind in {"create", "update"}:
        _failed(run)
    elif not operation.running and (not operation.waiting or operation.failed):
        _FINISH[operation.kind](run)


def begin_removal(run: Run, kind: OperationKind, names: set[str], **details: Any) -> None:
    """Switch from the current operation to deleting resources."""
    old = run.operation
    begin(
        run.world, run.stack, kind, old.caller, old.token, old.id, waiting=set(names), **details
    )  # fmt: skip
    schedule(run.world, run.stack)


def _run(world: World, account: str, region: str, stack_id: str, number: int) -> Run | None:
    stack = stack_of(world, account, region, stack_id)
    if stack.operation is None or stack.operation.number != number:
        return None
    return Run(world, stack, stack.operation)


def _failed(run: Run) -> None:
    building.cancel(
        run,
        "Resource creation cancelled"
        if run.operation.kind == "create"
        else "Resource update cancelled",
    )
    if run.operation.kind == "create":
        _creation_failed(run, run.failures("create"))
    else:
        _update_failed(run, run.failures("update"))


def _creation_failed(run: Run, reason: str) -> None:
    world, stack = run.world, run.stack
    if stack.on_failure == "DO_NOTHING":
        events.stack_event(world, stack, "CREATE_FAILED", reason)
        stack.operation = None
        return
    if stack.on_failure == "DELETE":
        events.stack_event(
            world, stack, "DELETE_IN_PROGRESS", f"{reason} Delete requested by user."
        )
        begin_removal(run, "delete", set(stack.resources), by_creation=True)
        return
    events.stack_event(
        world, stack, "ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user."
    )
    begin_removal(run, "rollback", set(stack.resources), by_creation=True)


def _update_failed(run: Run, reason: str) -> None:
    world, stack = run.world, run.stack
    if stack.on_failure == "DO_NOTHING":
        events.stack_event(world, stack, "UPDATE_FAILED", reason)
        stack.next_definition = None
        stack.operation = None
        return
    roll_back_update(run, reason)


def roll_back_update(run: Run, reason: str) -> None:
    """Abort an update and roll back the resources that it changed."""
    world, stack, old = run.world, run.stack, run.operation
    events.stack_event(world, stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
    changed = {name for name, each in stack.resources.items() if each.before is not None}
    begin(
        world, stack, "update-rollback", old.caller, old.token, old.id, waiting=changed
    )  # fmt: skip
    schedule(world, stack)


def _finish_create(run: Run) -> None:
    problem = values.evaluate_outputs(run)
    if problem is not None:
        _creation_failed(run, problem)
        return
    events.stack_event(run.world, run.stack, "CREATE_COMPLETE")
    run.stack.operation = None


def _finish_update(run: Run) -> None:
    stack = run.stack
    problem = values.evaluate_outputs(run)
    if problem is not None:
        _update_failed(run, problem)
        return
    if stack.next_definition is not None:
        stack.definition, stack.next_definition = stack.next_definition, None
    for resource in stack.resources.values():
        resource.before = None
    events.stack_event(run.world, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    wanted = graph.active(stack.definition)
    left_over = {name for name in stack.resources if name not in wanted}
    begin_removal(run, "cleanup", left_over, after="UPDATE_COMPLETE")


def _finish_update_rollback(run: Run) -> None:
    stack = run.stack
    stack.next_definition = None
    if run.operation.failed:
        events.stack_event(run.world, stack, "UPDATE_ROLLBACK_FAILED", run.failures("update"))
        stack.operation = None
        return
    events.stack_event(run.world, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    wanted = graph.active(stack.definition)
    made = {name for name in stack.resources if name not in wanted}
    begin_removal(run, "cleanup", made, after="UPDATE_ROLLBACK_COMPLETE", by_creation=True)


def _finish_cleanup(run: Run) -> None:
    # Whatever can't be cleaned up stays behind, and the stack still completes.
    wanted = graph.active(run.stack.definition)
    for name in [each for each in run.stack.resources if each not in wanted]:
        del run.stack.resources[name]
    events.stack_event(run.world, run.stack, run.operation.after or "UPDATE_COMPLETE")
    run.stack.operation = None


def _finish_rollback(run: Run) -> None:
    if run.operation.failed:
        events.stack_event(run.world, run.stack, "ROLLBACK_FAILED", run.failures("delete"))
    else:
        events.stack_event(run.world, run.stack, "ROLLBACK_COMPLETE")
    run.stack.operation = None


def _finish_delete(run: Run) -> None:
    world, stack = run.world, run.stack
    if run.operation.failed:
        events.stack_event(world, stack, "DELETE_FAILED", run.failures("delete"))
    else:
        events.stack_event(world, stack, "DELETE_COMPLETE")
        removal.forget(world, stack)
    stack.operation = None


_FINISH = {
    "create": _finish_create,
    "update": _finish_update,
    "update-rollback": _finish_update_rollback,
    "cleanup": _finish_cleanup,
    "rollback": _finish_rollback,
    "delete": _finish_delete,
}
