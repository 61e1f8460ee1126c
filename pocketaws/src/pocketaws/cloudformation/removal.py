"""Deletes each resource after everything that depends on it, and confirms that it's gone.

Source: CloudFormation API reference, "ListStacks", "DescribeStackResources" (deleted stacks are kept for 90 days).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..effects import effect
from .resources.handler import ResourceFailed
from .store import CloudFormationStore

if TYPE_CHECKING:
    from ..world import World
    from .run import Run
    from .store import Stack, StackResource

_LOOK_AGAIN_SECONDS = 5.0
_KEPT_AFTER_DELETION = timedelta(days=90)
# CloudFormation resource provider definition schema, "timeoutInMinutes": two hours unless the type
# sets another value.
_MAX_ATTEMPTS = 1440


def start_ready(run: Run) -> None:
    """Start deleting every waiting resource that nothing depends on anymore."""
    operation = run.operation
    more = True
    while more:
        more = False
        for name in reversed(run.stack.resources):
            if name in operation.waiting and not _is_needed(run, name):
                run.begin_with(name)
                _start(run, run.resource(name))
                more = True


def settle(run: Run, logical_id: str) -> bool:
    """Check a resource, and return whether its deletion is done, successfully or not."""
    resource = run.resource(logical_id)
    try:
        gone = run.type_of(resource).gone(run.work(resource))
    except Exception as error:  # noqa: BLE001 - fails this resource, with its reason
        return _fail_deletion(run, logical_id, error)
    if gone:
        run.complete(logical_id, "DELETE_COMPLETE")
        return True
    resource.attempts += 1
    if resource.attempts > _MAX_ATTEMPTS:
        return _fail_deletion(run, logical_id, ResourceFailed("Exceeded attempts to wait"))
    run.check_again(logical_id, _LOOK_AGAIN_SECONDS)
    return False


def forget(world: World, stack: Stack) -> None:
    """Release a deleted stack's name; its ID can still be described for 90 days."""
    stack.deleted_at = world.now
    stack.change_sets.clear()
    store = world.store(CloudFormationStore, stack.account, stack.region)
    store.living.pop(stack.name, None)
    world.at(
        world.now + _KEPT_AFTER_DELETION, "cloudformation.forget_deleted",
        account=stack.account, region=stack.region, stack_id=stack.id,
    )  # fmt: skip


@effect("cloudformation.forget_deleted")
def forget_deleted(world: World, account: str, region: str, stack_id: str) -> None:
    """Remove a stack that was deleted 90 days ago."""
    world.store(CloudFormationStore, account, region).stacks.pop(stack_id, None)


def _is_needed(run: Run, name: str) -> bool:
    """Whether a resource that still exists depends on it."""
    operation = run.operation
    return any(
        name in other.needs
        and (
            other_name in operation.waiting
            or other_name in operation.running
            or other_name in operation.failed
        )
        for other_name, other in run.stack.resources.items()
        if other_name != name
    )


def _start(run: Run, resource: StackResource) -> None:
    name, kind = resource.logical_id, run.type_of(resource)
    resource.attempts = 0
    if resource.status == "DELETE_COMPLETE":
        run.operation.running.discard(name)
        return
    if not resource.physical_id:
        run.complete(name, "DELETE_COMPLETE")
        return
    if _is_retained(run, resource):
        run.complete(name, "DELETE_SKIPPED")
        return
    run.event(name, "DELETE_IN_PROGRESS")
    try:
        kind.delete(run.work(resource))
    except Exception as error:  # noqa: BLE001 - fails this resource, with its reason
        _fail_deletion(run, name, error)
        return
    run.check_again(name, kind.delete_seconds)


def _is_retained(run: Run, resource: StackResource) -> bool:
    if resource.logical_id in run.operation.retained:
        return True
    if resource.deletion_policy == "RetainExceptOnCreate" or run.stack.retain_except_on_create:
        return resource.deletion_policy != "Delete" and not run.operation.by_creation
    return resource.deletion_policy == "Retain"


def _fail_deletion(run: Run, name: str, error: Exception) -> bool:
    if run.operation.forced:
        run.complete(name, "DELETE_SKIPPED")
    else:
        run.fail(name, "DELETE_FAILED", error)
    return True
