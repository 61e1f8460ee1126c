"""Updates resources in place, and rolls updates back.

A change that would replace a resource fails instead, and the event gives the reason.

Source: CloudFormation user guide, "Understand update behaviors of stack resources".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import graph, replacement, schemas, values
from .resources.handler import ResourceFailed, of
from .store import StackResource
from .template import Resource

if TYPE_CHECKING:
    from .run import Run

UPDATE_SECONDS = 3.0


def change(run: Run, resource: StackResource, wanted: Resource) -> None:
    """Update an existing resource if anything has changed."""
    name = resource.logical_id
    kind = run.type_of(resource)
    begun = False
    try:
        properties = _evaluate_properties(run, resource, wanted)
        changed = changed_properties(run, resource, properties)
        if not changed:
            _adopt(run, resource, wanted, properties)
            run.operation.running.discard(name)
            return
        resource.before, resource.before_tags = _last_known_state(resource)
        resource.properties = properties
        run.event(name, "UPDATE_IN_PROGRESS")
        begun = True
        reject_replacement(run, resource, changed)
        _adopt(run, resource, wanted, properties)
        kind.update(run.work(resource), resource.before)
    except Exception as error:  # noqa: BLE001 - fails this resource, with its reason
        if not begun:
            resource.before, resource.before_tags = _last_known_state(resource)
            run.event(name, "UPDATE_IN_PROGRESS")
        run.fail(name, "UPDATE_FAILED", error)
        return
    run.check_again(name, UPDATE_SECONDS)


def _last_known_state(resource: StackResource) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a resource's last known properties and tags.

    If an update failed and wasn't rolled back, it's unknown how far it got.
    """
    if resource.status == "UPDATE_FAILED" and resource.before is not None:
        return resource.before, resource.before_tags
    return resource.properties, resource.tags


def _adopt(run: Run, resource: StackResource, wanted: Resource, properties: dict[str, Any]) -> None:
    resource.properties = properties
    resource.tags = dict(run.definition.tags)
    resource.needs = graph.needs(run.definition, resource.logical_id)
    resource.deletion_policy = wanted.deletion_policy
    resource.metadata = wanted.metadata


def changed_properties(run: Run, resource: StackResource, properties: dict[str, Any]) -> list[str]:
    """Return the top-level properties that an update changes.

    The list also includes ``Tags`` if only the stack's tags differ and the type supports tags.
    """
    old, tags = _last_known_state(resource)
    found = [name for name in {**old, **properties} if old.get(name) != properties.get(name)]
    schema = schemas.schema_of(resource.type, run.stack.region)
    if (
        schema.tag_property is not None
        and schema.tag_property not in found
        and tags != run.definition.tags
    ):
        found.append(schema.tag_property)
    return found


def reject_replacement(run: Run, resource: StackResource, changed: list[str]) -> None:
    """Raise ``ResourceFailed`` for changes that can't be made in place, here or on AWS."""
    refused = [name for name in changed if not _is_updatable(run, resource.type, name)]
    region = run.stack.region
    replacing = [n for n in refused if replacement.recreation(resource.type, region, n) != "Never"]
    if refused and not replacing:
        raise ResourceFailed(
            f"pocketaws doesn't emulate changing {', '.join(refused)} of {resource.type}. Delete the stack and create it again"
        )
    if replacing:
        raise ResourceFailed(
            f"Changing {', '.join(replacing)} of {resource.type} replaces the resource, which pocketaws "
            "doesn't emulate. Give it another logical ID, or delete the stack and create it again"
        )


def _is_updatable(run: Run, type_: str, name: str) -> bool:
    schema = schemas.schema_of(type_, run.stack.region)
    return name == schema.tag_property or name in of(type_).updatable


def roll_back(run: Run, resource: StackResource) -> None:
    """Roll an update back, even a failed one, because it's unknown how far it got."""
    name, kind = resource.logical_id, run.type_of(resource)
    tried, resource.properties = resource.properties, dict(resource.before or {})
    tried_tags, resource.tags = resource.tags, resource.before_tags
    resource.before, resource.before_tags = None, tried_tags
    run.event(name, "UPDATE_IN_PROGRESS")
    try:
        changed = [
            k
            for k in {**tried, **resource.properties}
            if tried.get(k) != resource.properties.get(k)
        ]
        if all(_is_updatable(run, resource.type, each) for each in changed):
            kind.update(run.work(resource), tried)
    except Exception as error:  # noqa: BLE001 - fails this resource, with its reason
        run.fail(name, "UPDATE_FAILED", error)
        return
    run.check_again(name, UPDATE_SECONDS)


def _evaluate_properties(run: Run, resource: StackResource, wanted: Resource) -> dict[str, Any]:
    if resource.type != wanted.type:
        raise ResourceFailed("Update of resource type is not permitted.")
    return values.evaluate_properties(run, wanted)
