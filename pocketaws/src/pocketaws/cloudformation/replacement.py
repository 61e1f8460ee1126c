"""Whether a change replaces a resource, as change sets say it.

A resource that's replaced has another physical ID, so whatever refers to it changes, too. CloudFormation can't know
the new value while it plans; it calls such a change dynamic.

Source: CloudFormation API reference, "ResourceChange", "ResourceChangeDetail", "ResourceTargetDefinition"; the resource
types' schemas (``createOnlyProperties``, ``conditionalCreateOnlyProperties``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import intrinsics, schemas
from .template import Resource, parse

if TYPE_CHECKING:
    from .run import Run

_TAGS = {"Tags", "TagSet"}
_REPLACEMENT = {"Never": "False", "Conditionally": "Conditional", "Always": "True"}


def recreation(type_: str, region: str, name: str) -> str:
    """Whether a change of a top-level property replaces a resource: ``Always``, ``Conditionally``, or ``Never``."""
    schema = schemas.schema_of(type_, region)
    if name in schema.create_only:
        return "Always"
    return "Conditionally" if name in schema.conditional_create_only else "Never"


def direct(run: Run, resource: Resource, modified: list[str]) -> list[dict[str, Any]]:
    """The details of properties whose values change in the template or by a parameter."""
    return [
        _detail(run, resource, name, "Static", *cause)
        for name in modified
        for cause in _causes(run, resource, name)
    ]


def _causes(run: Run, resource: Resource, name: str) -> list[tuple[str, str | None]]:
    """``(source, entity)`` of each reason for a change of a property."""
    old, new = run.stack.definition, run.definition
    before = parse(old.template_body).resources.get(resource.logical_id)
    if before is None or before.properties.get(name) != resource.properties.get(name):
        return [("DirectModification", None)]
    used = sorted(intrinsics.references(resource.properties.get(name)))
    changed = [
        each for each in used
        if each in new.parameters
        and (each not in old.parameters or old.parameters[each].value != new.parameters[each].value)
    ]  # fmt: skip
    return [("ParameterReference", each) for each in changed] or [("DirectModification", None)]


def dynamic(
    run: Run, resource: Resource, modified: list[str], replaced: set[str]
) -> list[dict[str, Any]]:
    """The details of properties that refer to resources that are, or could be, replaced."""
    return [
        _detail(run, resource, name, "Dynamic", source, entity)
        for name, value in resource.properties.items()
        if name not in modified
        for source, entity in _referrals(value, replaced)
    ]


def _referrals(value: Any, replaced: set[str]) -> Iterator[tuple[str, str]]:
    attributes = intrinsics.attribute_references(value)
    for logical_id, attribute in sorted(attributes):
        if logical_id in replaced:
            yield "ResourceAttribute", f"{logical_id}.{attribute}"
    for logical_id in sorted(
        intrinsics.references(value) & replaced - {id_ for id_, _ in attributes}
    ):
        yield "ResourceReference", logical_id


def of(details: list[dict[str, Any]]) -> str:
    """``Replacement`` of a resource with these details: what has the most impact decides."""
    return max((_of_detail(each) for each in details), key=list(_REPLACEMENT.values()).index)


def _of_detail(detail: dict[str, Any]) -> str:
    needed = detail["Target"]["RequiresRecreation"]
    if needed == "Always" and detail["Evaluation"] == "Dynamic":
        return "Conditional"
    return _REPLACEMENT[needed]


def _detail(
    run: Run, resource: Resource, name: str, evaluation: str, source: str, entity: str | None
) -> dict[str, Any]:
    in_tags = name in _TAGS
    detail = {
        "Target": {
            "Attribute": "Tags" if in_tags else "Properties",
            "Name": name,
            "RequiresRecreation": "Never" if in_tags else recreation(resource.type, run.stack.region, name),
        },
        "Evaluation": evaluation,
        "ChangeSource": source,
    }  # fmt: skip
    return detail if entity is None else {**detail, "CausingEntity": entity}
