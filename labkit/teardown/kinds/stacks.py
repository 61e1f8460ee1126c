"""CloudFormation stacks. The executor waits for their deletion, so ``labkit.teardown.actions`` carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from labkit.aws import Account
from labkit.clock import Clock
from labkit.deploy.expiry import parse_time
from labkit.names import detector_stack_name, expiry_stack_name, threat_list_stack_name
from labkit.teardown.kinds.kind import Kind, Stage, Step
from labkit.teardown.resources import Resource
from labkit.teardown.search import Search

# CloudFormation refuses to delete a stack during these (API reference, "DeleteStack"; user guide, "Stack status codes").
_BUSY = {
    "DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_IN_PROGRESS",
    "IMPORT_ROLLBACK_IN_PROGRESS",
}  # fmt: skip


class Stacks(Kind):
    """Every existing stack, in any state."""

    name = "stack"
    stage = Stage.STACKS

    def find(self, search: Search) -> Iterator[Resource]:
        for stack in search.stacks:
            for found in search.tagged(
                "stack", stack.name, stack.tags, target=stack.id, state=stack.status
            ):
                yield replace(found, expires=parse_time(stack.expires or ""))

    def steps(self, resource: Resource, *, with_stack: bool) -> tuple[Step, ...]:
        del with_stack  # a stack's "stack" is itself
        verb = "wait" if resource.state in _BUSY else "delete"
        return ((_stage(resource), verb),)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("cloudformation").delete_stack(StackName=key)


KINDS = (Stacks(),)


def _stage(resource: Resource) -> Stage:
    """Return when a stack goes: the threat list before its detector, and what deletes expired stacks last.

    GuardDuty reads the evidence stack's bucket only when the list is activated, so the list's stack can go first.
    """
    workshop = resource.owner.workshop
    return {
        threat_list_stack_name(workshop): Stage.WRITERS,
        detector_stack_name(workshop): Stage.DETECTOR,
        expiry_stack_name(workshop): Stage.EXPIRY,
    }.get(resource.id, Stage.STACKS)
