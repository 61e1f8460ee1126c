"""The interface of a resource type, and the registry of types.

Each type has a class without state: everything it works on is in its ``Work``. It creates, changes,
and deletes by calling services, and checks the result where a successful call isn't enough.
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


class ResourceFailed(Exception):  # noqa: N818 - CloudFormation's word
    """A resource can't be created, changed, or deleted, for one of CloudFormation's own reasons."""


class ServiceRefused(AwsError):  # noqa: N818 - names what happened
    """A service's error, with the details that CloudFormation reports."""

    def __init__(self, service: str, error: AwsError) -> None:
        super().__init__(error.code, error.message, error.status)
        self.service = service
        self.request_id = error.request_id


@dataclass
class Work:
    """One step on one resource: the principal, the resource, and its properties."""

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
        """Call a service as the stack's caller or its service role."""
        given = {name: value for name, value in params.items() if value is not None}
        try:
            return self.world.call(self.caller, service, operation, self.region, **given)
        except AwsError as error:
            raise ServiceRefused(service, error) from error

    def exists(self, service: str, operation: str, *absent: str, **params: Any) -> bool:
        """Whether a read succeeds; ``absent`` has the error codes for a missing resource."""
        try:
            self.call(service, operation, **params)
        except AwsError as error:
            if error.code in absent:
                return False
            raise
        return True

    def delete_if_exists(self, service: str, operation: str, *absent: str, **params: Any) -> None:
        """Make a delete call; a resource that's already gone counts as deleted."""
        try:
            self.call(service, operation, **params)
        except AwsError as error:
            if error.code not in absent:
                raise

    def identify(self, physical_id: str, **attributes: Any) -> None:
        """Record a new resource's ID as soon as it exists, so that a rollback deletes it."""
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
        """Return a physical name built from the stack's name and the logical ID."""
        return names.physical_name(
            self.world, self.stack.name, self.resource.logical_id, limit, lower=lower
        )

    def short_name(self) -> str:
        return names.short_name(self.world, self.stack.name, self.resource.logical_id)

    @property
    def system_tags(self) -> dict[str, str]:
        """The tags that CloudFormation adds to what it creates."""
        return {
            "aws:cloudformation:stack-name": self.stack.name,
            "aws:cloudformation:stack-id": self.stack.id,
            "aws:cloudformation:logical-id": self.resource.logical_id,
        }

    def tags(self, *, system: bool = True) -> dict[str, str]:
        """Return the stack's tags, overridden by the resource's own, plus the system tags."""
        own = self.properties.get("Tags") or {}
        if isinstance(own, list):
            own = {tag["Key"]: tag.get("Value", "") for tag in own}
        found = {**self.resource.tags, **own}
        return {**found, **self.system_tags} if system else found

    def tag_list(self, *, system: bool = True) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in self.tags(system=system).items()]


class ResourceType:
    """A resource type. Override the methods that it supports."""

    supported: ClassVar[frozenset[str]] = frozenset()
    """Supported properties; any other property is an error."""
    attributes: ClassVar[frozenset[str]] = frozenset()
    """The attributes that ``Fn::GetAtt`` returns."""
    updatable: ClassVar[frozenset[str]] = frozenset()
    """Properties that can be changed in place here."""
    create_seconds: ClassVar[float] = 3.0
    """How long AWS takes; only a plausible figure, used under modeled delays."""
    delete_seconds: ClassVar[float] = 2.0

    def create(self, work: Work) -> None:
        """Create the resource, and call ``work.identify`` as soon as it exists."""
        raise NotImplementedError

    def settled(self, work: Work) -> bool:  # noqa: ARG002 - for types that override it
        """Whether the creation is done; sets attributes that become known only then."""
        return True

    def update(self, work: Work, before: Mapping[str, Any]) -> None:  # noqa: ARG002 - as above
        """Update the resource and its tags; ``before`` has its previous properties."""
        raise ResourceFailed(f"pocketaws doesn't emulate updates of {work.resource.type}")

    def delete(self, work: Work) -> None:
        """Delete the resource; a missing one isn't an error."""
        raise NotImplementedError

    def gone(self, work: Work) -> bool:
        """Check whether the resource is gone."""
        raise NotImplementedError

    def reference(self, work: Work) -> str:
        """The value of ``Ref``."""
        return work.physical_id

    def attribute(self, work: Work, name: str) -> Any:
        """Return one of ``attributes`` for ``Fn::GetAtt``."""
        if name not in work.resource.attributes:
            raise ResourceFailed(f"Attribute '{name}' does not exist")
        return work.resource.attributes[name]


_TYPES: dict[str, ResourceType] = {}


def resource_type(name: str) -> Callable[[type[ResourceType]], type[ResourceType]]:
    """Register the class for a resource type: ``@resource_type("AWS::EC2::VPC")``."""

    def register(kind: type[ResourceType]) -> type[ResourceType]:
        if name in _TYPES:
            raise ValueError(f"{name} is registered twice")
        _TYPES[name] = kind()
        return kind

    return register


def find(name: str) -> ResourceType | None:
    """Return a type's handler, or ``None`` if it isn't emulated."""
    return _TYPES.get(name)


def of(name: str) -> ResourceType:
    """Return the handler of an emulated type; raises ``KeyError`` for any other."""
    return _TYPES[name]


def emulated_types() -> list[str]:
    """Every resource type that the emulator supports."""
    return sorted(_TYPES)


def tag_changes(work: Work, before: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return the tags to set and the tag keys to remove when a resource changes."""
    old = before.get("Tags") or {}
    if isinstance(old, list):
        old = {tag["Key"]: tag.get("Value", "") for tag in old}
    had = {**work.resource.before_tags, **old}
    wanted = work.tags(system=False)
    changed = {key: value for key, value in wanted.items() if had.get(key) != value}
    return changed, [key for key in had if key not in wanted]


def update_tags(
    work: Work,
    before: Mapping[str, Any],
    service: str,
    *,
    tag: str = "TagResource",
    untag: str = "UntagResource",
    **resource: Any,
) -> None:
    """Update a resource's tags with operations that take ``Tags`` and ``TagKeys``."""
    changed, gone = tag_changes(work, before)
    if changed:
        tags = [{"Key": key, "Value": value} for key, value in changed.items()]
        work.call(service, tag, **resource, Tags=tags)
    if gone:
        work.call(service, untag, **resource, TagKeys=gone)
