"""Rejects what CloudFormation rejects in a template before it creates anything.

The messages are AWS's. If a type or attribute exists on AWS but pocketaws doesn't emulate it, the error says
so (``NotImplemented``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import AwsError
from . import graph, intrinsics, parameters, schemas
from .resources import handler
from .scope import PSEUDO_PARAMETERS
from .template import Template, format_error, invalid

_IAM_TYPES = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}


def check(template: Template, region: str) -> None:
    """Raise ``AwsError`` for a template that can't become a stack."""
    parameters.check_declarations(template)
    for name in template.parameters:
        if name in template.resources:
            raise format_error(f"Duplicate parameter and resource name {name}")
    _check_types(template, region)
    _check_resources(template)
    _check_outputs(template)
    graph.check_cycles(template)


def capabilities_needed(template: Template) -> list[str]:
    """Return ``CAPABILITY_NAMED_IAM`` or ``CAPABILITY_IAM`` if the template has IAM resources."""
    found = iam_resources(template)
    if not found:
        return []
    for name in found:
        resource = template.resources[name]
        named = _IAM_TYPES[resource.type]
        if named is not None and named in resource.properties:
            return ["CAPABILITY_NAMED_IAM"]
    return ["CAPABILITY_IAM"]


def iam_resources(template: Template) -> list[str]:
    """Return the logical IDs of the resources that require a capability."""
    return [name for name, each in template.resources.items() if each.type in _IAM_TYPES]


def check_capabilities(template: Template, given: Iterable[str]) -> None:
    """Raise ``InsufficientCapabilitiesException`` unless all capabilities are acknowledged."""
    acknowledged = set(given)
    if "CAPABILITY_NAMED_IAM" in acknowledged:
        acknowledged.add("CAPABILITY_IAM")
    missing = [each for each in capabilities_needed(template) if each not in acknowledged]
    if missing:
        raise AwsError(
            "InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(missing)}]"
        )


def _check_types(template: Template, region: str) -> None:
    used = dict.fromkeys(each.type for each in template.resources.values())
    unknown = [
        type_
        for type_ in used
        if not type_.startswith("Custom::") and not schemas.exists(type_, region)
    ]
    if unknown:
        raise format_error(f"Unrecognized resource types: [{', '.join(unknown)}]")
    foreign = [type_ for type_ in used if handler.find(type_) is None]
    if foreign:
        raise AwsError(
            "NotImplemented",
            f"pocketaws doesn't emulate these resource types: {', '.join(foreign)}.",
            501,
        )


def _check_resources(template: Template) -> None:
    names = [*template.parameters, *template.resources, *PSEUDO_PARAMETERS]
    unresolved: set[str] = set()
    for resource in template.resources.values():
        _check_conditions(template, resource.properties, "Resources")
        if resource.condition is not None and resource.condition not in template.conditions:
            raise format_error(
                f"Unresolved condition dependency {resource.condition} in the Resources block of the "
                "template"
            )
        _check_attributes(template, resource.properties)
        unresolved |= intrinsics.references(resource.properties) - set(names)
        unresolved |= set(resource.depends_on) - set(template.resources)
    _refuse_unresolved(unresolved, "Resources")


def _check_outputs(template: Template) -> None:
    names = [*template.parameters, *template.resources, *PSEUDO_PARAMETERS]
    for output in template.outputs.values():
        _check_conditions(template, output, "Outputs")
        _check_attributes(template, output)
        _refuse_unresolved(intrinsics.references(output) - set(names), "Outputs")


def _check_conditions(template: Template, node: Any, block: str) -> None:
    for name in sorted(_if_conditions(node)):
        if name not in template.conditions:
            raise format_error(
                f"Unresolved condition dependency {name} in the {block} block of the template"
            )


def _if_conditions(node: Any) -> set[str]:
    """Return the conditions in ``Fn::If``; a policy document's ``Condition`` isn't one."""
    found: set[str] = set()
    if isinstance(node, dict):
        argument = node.get("Fn::If")
        if len(node) == 1 and isinstance(argument, list) and argument:
            found.add(str(argument[0]))
        for value in node.values():
            found |= _if_conditions(value)
    elif isinstance(node, list):
        for item in node:
            found |= _if_conditions(item)
    return found


def _refuse_unresolved(names: set[str], block: str) -> None:
    if names:
        raise format_error(
            f"Unresolved resource dependencies [{', '.join(sorted(names))}] in the {block} block of "
            "the template"
        )


def _check_attributes(template: Template, node: Any) -> None:
    for name, attribute in sorted(intrinsics.attribute_references(node)):
        resource = template.resources.get(name)
        if resource is None:
            raise invalid(
                f"Template error: instance of Fn::GetAtt references undefined resource {name}"
            )
        kind = handler.of(resource.type)
        if attribute in kind.attributes:
            continue
        schema = schemas.schema_of(resource.type, "us-east-1")
        if attribute in schema.read_only:
            raise AwsError(
                "NotImplemented",
                f"pocketaws doesn't emulate the attribute {attribute} of {resource.type}.",
                501,
            )
        raise invalid(
            f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
        )
