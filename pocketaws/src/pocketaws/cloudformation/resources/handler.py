"""The interface of a resource type, and the registry of types.

A class per type, without state of its own: everything it works on is in its ``Work``. It makes,
changes and deletes by calling services, and reads back what it cannot trust.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ...errors import AwsError
from .. import events, names

if TYPE_CHECKING:
    from ...identity.caller import Caller
    from ...world import World
    from ..store import Stack, StackResource


class ResourceFailed(Exception):  # noqa: N818 - it is CloudFormation's word
    """A resource cannot be made, changed or deleted, for a reason of CloudFormation's own."""


class ServiceRefused(AwsError):  # noqa: N818 - it is what happened
    """A service's error, with what CloudFormation tells of it."""

    def __init__(self, service: str, error: AwsError) -> None:
        super().__init__(error.code, error.message, error.status)
        self.service = service
        self.request_id = error.request_id


@dataclass
class Work:
    """One step on one resource: who does it, on what, and by which properties."""

    world: World
    stack: Stack
    resource: StackResource
    caller: Caller

    @property
    def properties(self) -> dict[str, Any]:
        return self.resource.properties

    @property
    def physical_id(self) -> str:
        return self.resource.physical_id

    @property
    def account(self) -> str:
        return self.stack.account

    @property
    def region(self) -> str:
        return self.stack.region

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Call a service as the stack's deployer or its service role."""
        given = {name: value for name, value in params.items() if value is not None}
        try:
            return self.world.call(self.caller, service, operation, self.region, **given)
        except AwsError as error:
            raise ServiceRefused(service, error) from error

    def exists(self, service: str, operation: str, *absent: str, **params: Any) -> bool:
        """Whether such a read is answered; ``absent`` are the codes that say that it is not there."""
        try:
            self.call(service, operation, **params)
        except AwsError as error:
            if error.code in absent:
                return False
            raise
        return True

    def gone_already(self, service: str, operation: str, *absent: str, **params: Any) -> None:
        """Make a deleting call; what is not there any more is as good as deleted."""
        try:
            self.call(service, operation, **params)
        except AwsError as error:
            if error.code not in absent:
                raise

    def identify(self, physical_id: str, **attributes: Any) -> None:
        """Say what the new resource is called, as soon as it exists: from then on it is rolled back."""
        self.resource.physical_id = physical_id
        self.resource.attributes.update(attributes)
        events.resource_event(
            self.world,
            self.stack,
            self.resource,
            self.resource.status,
            "Resource creation Initiated",
        )

    def name(self, limit: int, *, lower: bool = False) -> str:
        """A physical name made of the stack's and the logical id."""
        return names.physical_name(
            self.world, self.stack.name, self.resource.logical_id, limit, lower=lower
        )

    def short_name(self) -> str:
        return names.short_name(self.world, self.stack.name, self.resource.logical_id)

    @property
    def system_tags(self) -> dict[str, str]:
        """The tags that CloudFormation itself puts on what it makes."""
        return {
            "aws:cloudformation:stack-name": self.stack.name,
            "aws:cloudformation:stack-id": self.stack.id,
            "aws:cloudformation:logical-id": self.resource.logical_id,
        }

    def tags(self, *, system: bool = True) -> dict[str, str]:
        """The tags of the resource: the stack's, its own over them, and the system's."""
        own = self.properties.get("Tags") or {}
        if isinstance(own, list):
            own = {tag["Key"]: tag.get("Value", "") for tag in own}
        found = {**self.resource.tags, **own}
        return {**found, **self.system_tags} if system else found

    def tag_list(self, *, system: bool = True) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.tags(system=system).items()]


class ResourceType:
    """A resource type: override what it can do."""

    supported: ClassVar[frozenset[str]] = frozenset()
    """Properties that are understood; any other is refused rather than ignored."""
    attributes: ClassVar[frozenset[str]] = frozenset()
    """What ``Fn::GetAtt`` gives."""
    updatable: ClassVar[frozenset[str]] = frozenset()
    """Properties that can be changed in place here."""
    create_seconds: ClassVar[float] = 3.0
    """How long AWS takes for it; only a plausible figure, used under modelled delays."""
    delete_seconds: ClassVar[float] = 2.0

    def create(self, work: Work) -> None:
        """Make it, and call ``work.identify`` as soon as it exists."""
        raise NotImplementedError

    def settled(self, work: Work) -> bool:  # noqa: ARG002 - for those that have to look
        """Whether it has come to rest after its creation; attributes known only then are set here."""
        return True

    def update(self, work: Work, before: Mapping[str, Any]) -> None:  # noqa: ARG002 - as above
        """Bring it from the properties ``before`` to ``work.properties`` (and its tags along)."""
        raise ResourceFailed(f"Updates of {work.resource.type} are not emulated here")

    def delete(self, work: Work) -> None:
        """Delete it; what is not there is no error."""
        raise NotImplementedError

    def gone(self, work: Work) -> bool:
        """Whether it has gone, read back."""
        raise NotImplementedError

    def reference(self, work: Work) -> str:
        """What ``Ref`` gives."""
        return work.physical_id

    def attribute(self, work: Work, name: str) -> Any:
        """What ``Fn::GetAtt`` gives for one of ``attributes``."""
        if name not in work.resource.attributes:
            raise ResourceFailed(f"Attribute '{name}' does not exist")
        return work.resource.attributes[name]


_TYPES: dict[str, ResourceType] = {}


def resource_type(name: str) -> Callable[[type[ResourceType]], type[ResourceType]]:
    """Register the class behind a resource type: ``@resource_type("AWS::EC2::VPC")``."""

    def register(kind: type[ResourceType]) -> type[ResourceType]:
        if name in _TYPES:
            raise ValueError(f"{name} is registered twice")
        _TYPES[name] = kind()
        return kind

    return register


def find(name: str) -> ResourceType | None:
    """The class behind a type, if it is emulated."""
    return _TYPES.get(name)


def of(name: str) -> ResourceType:
    """The class behind a type that a stack has; raises ``KeyError`` for another."""
    return _TYPES[name]


def emulated_types() -> list[str]:
    """Every resource type that can be in a template here."""
    return sorted(_TYPES)


def tag_changes(work: Work, before: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Tags to set and tag keys to take away when a resource changes."""
    old = before.get("Tags") or {}
    if isinstance(old, list):
        old = {tag["Key"]: tag.get("Value", "") for tag in old}
    had = {**work.resource.before_tags, **old}
    wanted = work.tags(system=False)
    changed = {key: value for key, value in wanted.items() if had.get(key) != value}
    return changed, [key for key in had if key not in wanted]
