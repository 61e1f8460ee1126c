"""The stacks of an account and Region, as plain values that can be saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ..errors import AwsError

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World
    from .parameters import Parameter

OperationKind = Literal["create", "rollback", "update", "cleanup", "update-rollback", "delete"]
OnFailure = Literal["ROLLBACK", "DELETE", "DO_NOTHING"]


@dataclass(frozen=True)
class StackEvent:
    """One event in a stack's history."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    at: datetime
    operation_id: str
    token: str | None
    properties: str | None = None
    """The resource's properties as JSON text."""


@dataclass
class StackResource:
    """A stack's resource, from the moment its creation starts."""

    logical_id: str
    type: str
    status: str
    updated_at: datetime
    physical_id: str = ""
    reason: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    """The current properties, evaluated and converted to the schema's types."""
    tags: dict[str, str] = field(default_factory=dict)
    """The stack tags that the resource has, without the system tags."""
    attributes: dict[str, Any] = field(default_factory=dict)
    """The attributes for ``Fn::GetAtt``."""
    state: dict[str, Any] = field(default_factory=dict)
    """Data that the resource's handler keeps between steps."""
    needs: tuple[str, ...] = ()
    """Logical IDs of its dependencies, which must not be deleted before it."""
    deletion_policy: str = "Delete"
    metadata: Any = None
    attempts: int = 0
    """How many checks of this step found that it isn't done."""
    signals: dict[str, str] = field(default_factory=dict)
    """Unique ID -> SUCCESS or FAILURE."""
    signals_wanted: int = 0
    before: dict[str, Any] | None = None
    """During an update: the properties for a rollback."""
    before_tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """The desired state of a stack."""

    template_body: str
    parameters: dict[str, Parameter]
    conditions: dict[str, bool]
    tags: dict[str, str]
    capabilities: tuple[str, ...] = ()


@dataclass
class Operation:
    """An operation on a stack."""

    kind: OperationKind
    number: int
    id: str
    caller: Caller
    token: str | None = None
    waiting: set[str] = field(default_factory=set)
    """Logical IDs that this operation hasn't started yet."""
    running: set[str] = field(default_factory=set)
    """Logical IDs that are in progress."""
    failed: list[str] = field(default_factory=list)
    retained: frozenset[str] = frozenset()
    forced: bool = False
    by_creation: bool = False
    """Whether it deletes what was just created (a rollback)."""
    after: str | None = None
    """For a cleanup: the stack's status afterward."""


@dataclass
class Stack:
    """A stack. Deleted stacks stay in the store for 90 days."""

    name: str
    id: str
    account: str
    region: str
    definition: Definition
    created_at: datetime
    status: str
    reason: str | None = None
    next_definition: Definition | None = None
    role_arn: str | None = None
    on_failure: OnFailure = "ROLLBACK"
    timeout_minutes: int | None = None
    retain_except_on_create: bool = False
    termination_protection: bool = False
    deletion_mode: str | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    resources: dict[str, StackResource] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    """Output key -> ``{"value", "description", "export"}``; the last two are optional."""
    events: list[StackEvent] = field(default_factory=list)
    """Oldest first."""
    operation: Operation | None = None
    operations: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    """Client request token -> the action it was used for."""
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    """Keyed by ARN."""
    change_set_id: str | None = None


@dataclass
class ChangeSet:
    """A planned change of a stack."""

    id: str
    name: str
    type: Literal["CREATE", "UPDATE"]
    definition: Definition
    created_at: datetime
    status: str
    execution_status: str
    status_reason: str | None = None
    description: str | None = None
    changes: tuple[dict[str, Any], ...] = ()
    role_arn: str | None = None
    on_stack_failure: str | None = None
    client_token: str | None = None


@dataclass
class CloudFormationStore:
    """The stacks of an account in a Region."""

    stacks: dict[str, Stack] = field(default_factory=dict)
    """Keyed by ID; includes stacks that were deleted in the last 90 days."""
    living: dict[str, str] = field(default_factory=dict)
    """Name -> ID of the stacks that aren't deleted."""

    def find(self, name_or_id: str) -> Stack | None:
        """Return a stack by name, or by ID even if it's deleted."""
        if name_or_id.startswith("arn:"):
            return self.stacks.get(name_or_id)
        stack_id = self.living.get(name_or_id)
        return self.stacks[stack_id] if stack_id is not None else None

    def exports(self) -> dict[str, tuple[str, str]]:
        """Export name -> (value, ID of the stack that exports it)."""
        found = {}
        for stack_id in self.living.values():
            for output in self.stacks[stack_id].outputs.values():
                if "export" in output:
                    found[output["export"]] = (output["value"], stack_id)
        return found


def stack_of(world: World, account: str, region: str, stack_id: str) -> Stack:
    """Return the stack that an effect belongs to."""
    return world.store(CloudFormationStore, account, region).stacks[stack_id]


def does_not_exist(name: str) -> AwsError:
    return AwsError("ValidationError", f"Stack with id {name} does not exist")
