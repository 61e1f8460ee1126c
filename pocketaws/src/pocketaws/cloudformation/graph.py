"""A template's resources and their dependencies."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from . import intrinsics
from .store import Definition
from .template import Resource, Template, invalid, parse


@functools.lru_cache(maxsize=128)
def all_needs(template_body: str) -> Mapping[str, frozenset[str]]:
    """Logical ID -> the resources that it refers to or depends on, ignoring conditions."""
    template = parse(template_body)
    return {
        name: frozenset(
            need
            for need in (
                *intrinsics.references(resource.properties),
                *resource.depends_on,
            )
            if need in template.resources
        )
        for name, resource in template.resources.items()
    }


def active(definition: Definition) -> dict[str, Resource]:
    """The resources whose conditions are true, in the template's order."""
    template = parse(definition.template_body)
    return {
        name: resource
        for name, resource in template.resources.items()
        if resource.condition is None or definition.conditions[resource.condition]
    }


def needs(definition: Definition, logical_id: str) -> tuple[str, ...]:
    """Return an active resource's dependencies, limited to active resources."""
    template = parse(definition.template_body)
    found = []
    for name in sorted(all_needs(definition.template_body)[logical_id]):
        condition = template.resources[name].condition
        if condition is None or definition.conditions[condition]:
            found.append(name)
    return tuple(found)


def check_cycles(template: Template) -> None:
    """Raise ``AwsError`` if resources depend on each other in a cycle."""
    left = {name: set(each) for name, each in all_needs(template.text).items()}
    while True:
        free = [name for name, each in left.items() if not each]
        if not free:
            break
        for name in free:
            del left[name]
        for each in left.values():
            each.difference_update(free)
    if left:
        names = ", ".join(name for name in template.resources if name in left)
        raise invalid(f"Circular dependency between resources: [{names}]")
