"""Creates each resource as soon as the resources that it depends on exist."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from . import changing, durations, graph, intrinsics, values
from .resources.handler import ResourceFailed
from .store import StackResource
from .template import Resource

if TYPE_CHECKING:
    from .run import Run

_LOOK_AGAIN_SECONDS = 5.0
# CloudFormation resource provider definition schema, "timeoutInMinutes": two hours unless the type
# sets another value.
_MAX_ATTEMPTS = 1440


def start_ready(run: Run) -> None:
    """Start every waiting resource whose dependencies are done."""
    if run.operation.kind == "update-rollback":
        for name in [n for n in run.stack.resources if n in run.operation.waiting]:
            run.begin_with(name)
            changing.roll_back(run, run.resource(name))
        return
    wanted = graph.active(run.definition)
    more = True
    while more and not run.operation.failed:
        more = False
        for name, resource in wanted.items():
            if name in run.operation.waiting and _needs_are_met(run, name):
                more = True
                run.begin_with(name)
                _start(run, resource)
                if run.operation.failed:
                    return


def settle(run: Run, logical_id: str) -> bool:
    """Check a started resource, and return whether it's done."""
    resource = run.resource(logical_id)
    updating = resource.status.startswith("UPDATE")
    failed = "UPDATE_FAILED" if updating else "CREATE_FAILED"
    try:
        at_rest = updating or run.type_of(resource).settled(run.work(resource))
    except Exception as error:  # noqa: BLE001 - fails this resource, with its reason
        run.fail(logical_id, failed, error)
        return True
    if not at_rest:
        resource.attempts += 1
        if resource.attempts > _MAX_ATTEMPTS:
            run.fail(logical_id, failed, "Exceeded attempts to wait")
            return True
        run.check_again(logical_id, _LOOK_AGAIN_SECONDS)
        return False
    if not updating and _signals_missing(resource):
        return False  # the next signal, or their timeout, checks again
    run.complete(logical_id, "UPDATE_COMPLETE" if updating else "CREATE_COMPLETE")
    return True


def cancel(run: Run, reason: str) -> None:
    """Cancel every resource that has started but isn't done."""
    for name in [n for n in run.stack.resources if n in run.operation.running]:
        resource = run.resource(name)
        status = "UPDATE_FAILED" if resource.status.startswith("UPDATE") else "CREATE_FAILED"
        run.fail(name, status, reason)
    run.operation.waiting.clear()


def _needs_are_met(run: Run, name: str) -> bool:
    unmet = run.operation.waiting | run.operation.running
    return not any(need in unmet for need in graph.needs(run.definition, name))


def _start(run: Run, wanted: Resource) -> None:
    existing = run.stack.resources.get(wanted.logical_id)
    if existing is None or (existing.status == "CREATE_FAILED" and not existing.physical_id):
        _create(run, wanted)
    elif existing.status == "CREATE_FAILED":
        reason = "Its creation failed halfway. Delete the stack and create it again"
        run.fail(wanted.logical_id, "CREATE_FAILED", reason)
    else:
        changing.change(run, existing, wanted)


def _create(run: Run, wanted: Resource) -> None:
    name = wanted.logical_id
    resource = StackResource(
        name, wanted.type, "CREATE_IN_PROGRESS", run.world.now,
        tags=dict(run.definition.tags),
        needs=graph.needs(run.definition, name),
        deletion_policy=wanted.deletion_policy,
        metadata=wanted.metadata,
    )  # fmt: skip
    run.stack.resources[name] = resource
    kind = run.type_of(resource)
    begun = False
    try:
        resource.properties = values.evaluate_properties(run, wanted)
        run.event(name, "CREATE_IN_PROGRESS")
        begun = True
        _expect_signals(run, resource, wanted)
        kind.create(run.work(resource))
    except Exception as error:  # noqa: BLE001 - fails this resource, with its reason
        if not begun:
            run.event(name, "CREATE_IN_PROGRESS")
        run.fail(name, "CREATE_FAILED", error)
        return
    run.check_again(name, kind.create_seconds)


def _expect_signals(run: Run, resource: StackResource, wanted: Resource) -> None:
    scope = values.scope_of(run)
    count = str(intrinsics.evaluate(wanted.signal_count, scope))
    if not count.isdecimal():
        raise ResourceFailed(f"CreationPolicy's Count must be a number: {count}")
    resource.signals_wanted = int(count)
    if resource.signals_wanted == 0:
        return
    timeout = durations.seconds(str(intrinsics.evaluate(wanted.signal_timeout, scope)))
    run.world.at(
        run.world.now + timedelta(seconds=timeout), "cloudformation.signals_due",
        account=run.stack.account, region=run.stack.region, stack_id=run.stack.id,
        number=run.operation.number, logical_id=resource.logical_id,
    )  # fmt: skip


def _signals_missing(resource: StackResource) -> bool:
    return len(resource.signals) < resource.signals_wanted
