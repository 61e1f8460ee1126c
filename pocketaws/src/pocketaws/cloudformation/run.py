"""One operation on one stack, shared by its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import events, failures
from .resources.handler import ResourceType, Work, of
from .store import Definition, Operation, Stack, StackResource

if TYPE_CHECKING:
    from ..world import World


@dataclass(frozen=True)
class Run:
    """The world, a stack, and the operation in progress."""

    world: World
    stack: Stack
    operation: Operation

    @property
    def definition(self) -> Definition:
        """The definition that the stack is moving to."""
        if self.operation.kind == "update" and self.stack.next_definition is not None:
            return self.stack.next_definition
        return self.stack.definition

    def resource(self, logical_id: str) -> StackResource:
        return self.stack.resources[logical_id]

    def work(self, resource: StackResource) -> Work:
        return Work(self.world, self.stack, resource, self.operation.caller)

    def type_of(self, resource: StackResource) -> ResourceType:
        return of(resource.type)

    def begin_with(self, logical_id: str) -> None:
        self.operation.waiting.discard(logical_id)
        self.operation.running.add(logical_id)

    def check_again(self, logical_id: str, seconds: float) -> None:
        """Schedule another check of a resource."""
        self.world.later(
            "cloudformation.settle", seconds, account=self.stack.account, region=self.stack.region,
            stack_id=self.stack.id, number=self.operation.number, logical_id=logical_id,
        )  # fmt: skip

    def event(self, logical_id: str, status: str, reason: str | None = None) -> None:
        events.resource_event(self.world, self.stack, self.resource(logical_id), status, reason)

    def complete(self, logical_id: str, status: str) -> None:
        self.operation.running.discard(logical_id)
        self.event(logical_id, status)

    def fail(self, logical_id: str, status: str, reason: str | Exception) -> None:
        """Fail a resource, with its reason."""
        self.operation.running.discard(logical_id)
        self.operation.waiting.discard(logical_id)
        self.operation.failed.append(logical_id)
        text = reason if isinstance(reason, str) else failures.reason_of(self.world, reason)
        self.event(logical_id, status, text)

    def failures(self, verb: str) -> str:
        """AWS's sentence about what failed; ``verb`` is what was tried on existing resources."""
        made = [
            name for name in self.operation.failed
            if verb != "update" or self.resource(name).status != "CREATE_FAILED"
        ]  # fmt: skip
        if made:
            return f"The following resource(s) failed to {verb}: [{', '.join(made)}]."
        names = ", ".join(self.operation.failed)
        return f"The following resource(s) failed to create: [{names}]."
