"""Determines what an update would change.

A value that depends on something that doesn't exist yet counts as changed.

Source: CloudFormation user guide, "Update CloudFormation stacks using change sets".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from . import changing, graph, intrinsics, replacement, values
from .resources.handler import ResourceFailed
from .run import Run
from .store import Definition, Operation, Stack
from .template import Resource, parse

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World


def differs(world: World, stack: Stack, caller: Caller, wanted: Definition) -> bool:
    """Whether an update to ``wanted`` would change anything."""
    old = stack.definition
    if old.tags != wanted.tags or any(
        each.status.endswith("_FAILED") for each in stack.resources.values()
    ):
        return True
    if changes(world, stack, caller, wanted):
        return True
    if any(
        stack.resources[name].metadata != resource.metadata
        for name, resource in graph.active(wanted).items()
    ):
        return True
    return _outputs(old) != _outputs(wanted)


def changes(world: World, stack: Stack, caller: Caller, wanted: Definition) -> list[dict[str, Any]]:
    """Return an update's changes in the shape of a change set's ``Changes``."""
    run = Run(world, replace(stack, next_definition=wanted), Operation("update", 0, "", caller))
    active = graph.active(wanted)
    found = []
    modified = {
        name: _modified(run, resource)
        for name, resource in active.items()
        if name in stack.resources and stack.resources[name].status != "DELETE_COMPLETE"
    }
    details = _details(run, active, modified)
    for name, resource in active.items():
        if name not in modified:
            found.append(_change("Add", name, resource.type))
        elif details[name]:
            found.append(_modification(run, resource, modified[name], details[name]))
    found += [
        _change("Remove", name, each.type, each.physical_id)
        for name, each in stack.resources.items()
        if name not in active and each.status != "DELETE_COMPLETE"
    ]
    return found


def _details(
    run: Run, active: dict[str, Resource], modified: dict[str, list[str]]
) -> dict[str, list[dict[str, Any]]]:
    """The details of each existing resource's changes, including those that a replacement causes elsewhere."""
    found = {name: replacement.direct(run, active[name], modified[name]) for name in modified}
    replaced: set[str] = set()
    while True:
        now = {
            name for name, each in found.items()
            if modified[name] == ["Type"] or (each and replacement.of(each) != "False")
        }  # fmt: skip
        if now == replaced:
            return found
        replaced = now
        for name, names in modified.items():
            found[name] = [
                *replacement.direct(run, active[name], names),
                *replacement.dynamic(run, active[name], names, replaced),
            ]


def imports(stack: Stack, export: str) -> bool:
    """Whether a stack's template imports this export by its literal name."""
    if not stack.definition.template_body:
        return False
    template = parse(stack.definition.template_body)
    parts = [
        *(each.properties for each in graph.active(stack.definition).values()),
        *template.outputs.values(),
    ]
    return any(export in _imported(part) for part in parts)


def _imported(node: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(node, dict):
        name = node.get("Fn::ImportValue")
        if isinstance(name, str):
            found.add(name)
        for value in node.values():
            found |= _imported(value)
    elif isinstance(node, list):
        for item in node:
            found |= _imported(item)
    return found


def _outputs(definition: Definition) -> Any:
    template = parse(definition.template_body)
    known = {key: each.value for key, each in definition.parameters.items()}
    used = {
        name: known[name]
        for output in template.outputs.values()
        for name in intrinsics.references(output)
        if name in known
    }
    return template.outputs, used, definition.conditions


def _modified(run: Run, resource: Resource) -> list[str]:
    existing = run.stack.resources[resource.logical_id]
    if existing.type != resource.type:
        return ["Type"]
    try:
        properties = values.evaluate_properties(run, resource)
    except (ResourceFailed, AwsError):
        # The value depends on what this update creates, or it's wrong; the update itself finds out.
        return sorted({*resource.properties})
    return changing.changed_properties(run, existing, properties)


def _change(action: str, name: str, type_: str, physical_id: str | None = None) -> dict[str, Any]:
    entry = {"Action": action, "LogicalResourceId": name, "ResourceType": type_}
    if physical_id:
        entry["PhysicalResourceId"] = physical_id
    scope: dict[str, Any] = {"Scope": [], "Details": []}
    return {"Type": "Resource", "ResourceChange": {**entry, **scope}}


def _modification(
    run: Run, resource: Resource, modified: list[str], details: list[dict[str, Any]]
) -> dict[str, Any]:
    existing = run.stack.resources[resource.logical_id]
    change = _change("Modify", resource.logical_id, resource.type, existing.physical_id)
    change["ResourceChange"] |= {
        "Replacement": "True" if modified == ["Type"] else replacement.of(details),
        "Scope": sorted({detail["Target"]["Attribute"] for detail in details}),
        "Details": details,
    }
    return change
