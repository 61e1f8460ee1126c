"""Evaluates a template's values for one step of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import failures, intrinsics, schemas
from .resources.handler import ResourceFailed, of
from .scope import StackScope
from .store import CloudFormationStore
from .template import Resource, parse

if TYPE_CHECKING:
    from .run import Run


def evaluate_outputs(run: Run) -> str | None:
    """Evaluate the stack's outputs, and return the reason if that fails."""
    definition = run.definition
    template = parse(definition.template_body)
    scope = scope_of(run)
    found: dict[str, dict[str, str]] = {}
    try:
        for name, output in template.outputs.items():
            condition = output.get("Condition")
            if condition is not None and not definition.conditions[condition]:
                continue
            entry = {"value": _output_text(name, intrinsics.evaluate(output["Value"], scope))}
            if output.get("Description"):
                entry["description"] = str(output["Description"])
            if "Export" in output:
                exported = intrinsics.evaluate(output["Export"].get("Name"), scope)
                entry["export"] = _export(run, str(exported))
            found[name] = entry
    except Exception as error:  # noqa: BLE001 - reported as the reason
        return failures.reason_of(run.world, error)
    run.stack.outputs = found
    return None


def scope_of(run: Run) -> StackScope:
    definition = run.definition
    return StackScope(
        run.world, run.stack, run.operation.caller, parse(definition.template_body),
        definition.parameters, definition.conditions,
    )  # fmt: skip


def evaluate_properties(run: Run, resource: Resource) -> dict[str, Any]:
    """Evaluate a resource's properties and validate them against its schema.

    Raises ``ResourceFailed`` with AWS's message, or ``AwsError``.
    """
    schema = schemas.schema_of(resource.type, run.stack.region)
    values = intrinsics.evaluate(resource.properties, scope_of(run))
    if not isinstance(values, dict):
        raise ResourceFailed(f"Properties of {resource.logical_id} must be an object")
    checked, violations = schemas.check(schema, values)
    if violations:
        count = f"#: {len(violations)} schema violations found\n" if len(violations) > 1 else ""
        raise ResourceFailed(
            f"Properties validation failed for resource {resource.logical_id} with message:\n"
            f"{count}" + "\n".join(violations)
        )
    unknown = [name for name in checked if name not in of(resource.type).supported]
    if unknown:
        raise ResourceFailed(
            f"pocketaws doesn't emulate the property {', '.join(unknown)} of {resource.type}"
        )
    return checked


def _output_text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ResourceFailed(
        f"Template format error: Output {name} is malformed. The Value field of every Outputs member "
        "must evaluate to a String."
    )


def _export(run: Run, name: str) -> str:
    store = run.world.store(CloudFormationStore, run.stack.account, run.stack.region)
    value = store.exports().get(name)
    if value is not None and value[1] != run.stack.id:
        other = store.stacks[value[1]].name
        raise ResourceFailed(f"Export with name {name} is already exported by stack {other}.")
    return name
