"""A template and its sections, with structural validation.

Source: CloudFormation user guide, "Template anatomy", "Resource attribute reference" and
"CloudFormation quotas"; the messages are AWS's.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import AwsError
from . import yaml_text

MAX_INLINE_BYTES = 51_200
MAX_BYTES = 1_048_576
_MAX_RESOURCES = 500
_MAX_PARAMETERS = 200
_MAX_OUTPUTS = 200
_VERSION = "2010-09-09"
_SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings",
    "Conditions", "Transform", "Resources", "Outputs", "Hooks",
}  # fmt: skip
_ATTRIBUTES = {
    "Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy",
    "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy",
}  # fmt: skip
_POLICIES = {"Delete", "Retain", "Snapshot", "RetainExceptOnCreate"}
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}")


@dataclass(frozen=True)
class Resource:
    """One entry of ``Resources``, with its intrinsic functions not yet evaluated."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    condition: str | None = None
    deletion_policy: str = "Delete"
    signal_count: int = 0
    """The success signals that its creation waits for; 0 without a ``CreationPolicy``."""
    signal_timeout: Any = "PT5M"
    """An ISO 8601 duration. Like ``signal_count``, it can contain an intrinsic function."""
    metadata: Any = None


@dataclass(frozen=True)
class Template:
    """A parsed template."""

    text: str
    description: str | None
    parameters: Mapping[str, Mapping[str, Any]]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Mapping[str, Any]]
    metadata: Any


def invalid(message: str) -> AwsError:
    """CloudFormation's code for every error in a template or a parameter."""
    return AwsError("ValidationError", message)


def format_error(message: str) -> AwsError:
    return invalid(f"Template format error: {message}")


@functools.lru_cache(maxsize=128)
def parse(text: str) -> Template:
    """Parse a template. The function is pure, so the result is cached for a class of equal labs.

    Raises ``AwsError`` ``ValidationError``. Don't modify the values in the result.
    """
    root = yaml_text.load(text)
    if not isinstance(root, dict):
        raise format_error("unsupported structure.")
    _check_sections(root)
    resources = _section(root, "Resources")
    if not resources:
        raise format_error("At least one Resources member must be defined.")
    parameters, outputs = _section(root, "Parameters"), _section(root, "Outputs")
    for kind, found, limit in (
        ("resources", resources, _MAX_RESOURCES),
        ("parameters", parameters, _MAX_PARAMETERS),
        ("outputs", outputs, _MAX_OUTPUTS),
    ):
        if len(found) > limit:
            raise format_error(
                f"Number of {kind}, {len(found)}, is greater than maximum allowed, {limit}"
            )
    for name, parameter in parameters.items():
        _check_entry("Parameters", name, parameter, "Type")
    for name, output in outputs.items():
        _check_entry("Outputs", name, output, "Value")
        _check_output(name, output)
    description = root.get("Description")
    if description is not None and not isinstance(description, str):
        raise format_error("Template Description must be a string.")
    return Template(
        text,
        description,
        parameters,
        _section(root, "Mappings"),
        _section(root, "Conditions"),
        {name: _resource(name, body) for name, body in resources.items()},
        outputs,
        root.get("Metadata"),
    )


def _check_sections(root: dict[Any, Any]) -> None:
    unknown = [str(name) for name in root if name not in _SECTIONS]
    if unknown:
        raise invalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    version = root.get("AWSTemplateFormatVersion", _VERSION)
    if version != _VERSION:
        raise format_error(f"{version} is not a supported value for AWSTemplateFormatVersion.")
    for section in ("Transform", "Rules", "Hooks"):
        if root.get(section):
            raise AwsError(
                "NotImplemented",
                f"pocketaws doesn't emulate the section {section} of a template.",
                501,
            )


def _section(root: dict[str, Any], name: str) -> dict[str, Any]:
    section = root.get(name)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise format_error(f"'{name}' section must be an object.")
    for key in section:
        if name in {"Resources", "Parameters", "Outputs"} and not (
            isinstance(key, str) and _LOGICAL_ID.fullmatch(key)
        ):
            if name == "Resources":
                raise format_error(f"Resource name {key} is non alphanumeric.")
            raise format_error(f"{name[:-1]} name {key} is non alphanumeric.")
    return section


def _check_entry(section: str, name: str, entry: Any, needed: str) -> None:
    if not isinstance(entry, dict):
        raise format_error(f"[/{section}/{name}] Every {section} member must be an object.")
    if entry.get(needed) is None:
        raise format_error(
            f"[/{section}/{name}] Every {section} object must contain a {needed} member."
        )


def _check_output(name: str, output: dict[str, Any]) -> None:
    for key in ("Condition", "Description"):
        if not isinstance(output.get(key, ""), str):
            raise format_error(f"[/Outputs/{name}/{key}] {key} must be a string.")
    export = output.get("Export", {"Name": ""})
    if not isinstance(export, dict) or set(export) != {"Name"}:
        raise format_error(f"[/Outputs/{name}/Export] Export must have a Name and nothing else.")


def _resource(name: str, body: Any) -> Resource:
    if not isinstance(body, dict):
        raise format_error(f"[/Resources/{name}] resource definition is malformed")
    if not isinstance(body.get("Type"), str):
        raise format_error(
            f"[/Resources/{name}] Every Resources object must contain a Type member."
        )
    unknown = [str(key) for key in body if key not in _ATTRIBUTES]
    if unknown:
        raise invalid(f"Invalid template resource property '{unknown[0]}'")
    properties = body.get("Properties") or {}
    if not isinstance(properties, dict):
        raise format_error(f"[/Resources/{name}/Properties] Properties must be an object.")
    policy = body.get("DeletionPolicy", "Delete")
    if policy not in _POLICIES:
        raise format_error(f"Unrecognized DeletionPolicy {policy} for resource {name}")
    if policy == "Snapshot":
        raise format_error(
            f"DeletionPolicy Snapshot is not supported for resource type {body['Type']}"
        )
    signal = _signal(name, body.get("CreationPolicy"))
    condition = body.get("Condition")
    if not isinstance(condition, str | None):
        raise format_error(f"[/Resources/{name}/Condition] Condition must be a string.")
    return Resource(
        name,
        body["Type"],
        properties,
        _depends_on(name, body.get("DependsOn")),
        condition,
        policy,
        0 if signal is None else signal.get("Count", 1),
        "PT5M" if signal is None else signal.get("Timeout", "PT5M"),
        body.get("Metadata"),
    )


def _signal(name: str, policy: Any) -> dict[str, Any] | None:
    if policy is None:
        return None
    match policy:
        case {"ResourceSignal": dict() as signal} if len(policy) == 1:
            return signal
    raise format_error(
        f"[/Resources/{name}/CreationPolicy] pocketaws emulates only ResourceSignal."
    )


def _depends_on(name: str, value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(each, str) for each in names):
        raise format_error(f"DependsOn of resource {name} must be a string or a list of strings.")
    return tuple(names)
