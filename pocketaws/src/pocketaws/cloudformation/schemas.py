"""AWS's published schemas of resource types, from cfn-lint.

This module reads only the files of the types that it needs, and doesn't import cfn-lint itself,
which would take a second. A schema gives the required and read-only properties, the properties
whose change replaces the resource, and the types of values.

Source: CloudFormation CLI user guide, "Resource type schema".
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# If a schema offers alternatives, violations inside the alternatives aren't reported.
_DEPTH_LIMIT = 60


@dataclass(frozen=True)
class Schema:
    """One resource type's schema; ``body`` is AWS's JSON schema, and must not be modified."""

    type: str
    body: Mapping[str, Any]
    read_only: frozenset[str] = frozenset()
    """Attributes that the service sets, in dotted form (``State.Name``)."""
    create_only: frozenset[str] = frozenset()
    """Top-level properties whose change replaces the resource."""
    conditional_create_only: frozenset[str] = frozenset()
    """Top-level properties whose change replaces the resource under some conditions."""
    tag_property: str | None = None
    system_tags: bool = False
    """Whether CloudFormation adds its own ``aws:cloudformation:…`` tags."""
    properties: frozenset[str] = frozenset()


@functools.cache
def _folder() -> Path:
    found = importlib.util.find_spec("cfnlint")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("cfn-lint is not installed: its resource schemas are needed")
    return Path(found.submodule_search_locations[0]) / "data" / "schemas"


@functools.cache
def _files(region: str) -> dict[str, str]:
    path = _folder() / "providers" / f"{region}.json"
    if not path.is_file():
        path = _folder() / "providers" / "us-east-1.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def is_region(name: str) -> bool:
    """Whether AWS has this Region."""
    return name in _regions()


@functools.cache
def _regions() -> frozenset[str]:
    return frozenset(path.stem for path in (_folder() / "providers").glob("*-*-*.json"))


def exists(type_: str, region: str) -> bool:
    """Whether AWS has this resource type in a Region."""
    return type_ in _files(region)


def schema_of(type_: str, region: str) -> Schema:
    """Return the schema of a type that exists in ``region``."""
    return _read(type_, _files(region)[type_])


@functools.cache
def _read(type_: str, name: str) -> Schema:
    path = _folder() / "resources" / f"{name}.json"
    body = json.loads(path.read_text(encoding="utf-8"))
    tagging = body.get("tagging") or {}
    taggable = tagging.get("taggable", bool(tagging))
    tag_property = str(tagging.get("tagProperty", "/properties/Tags")).split("/")[-1]
    return Schema(
        type_,
        body,
        frozenset(_dotted(p) for p in body.get("readOnlyProperties") or []),
        _tops(body.get("createOnlyProperties")),
        _tops(body.get("conditionalCreateOnlyProperties")),
        tag_property if taggable and tag_property in body.get("properties", {}) else None,
        bool(taggable and tagging.get("cloudFormationSystemTags", True)),
        frozenset(body.get("properties", {})),
    )


def _tops(pointers: list[str] | None) -> frozenset[str]:
    """The top-level properties that JSON pointers lead into, without those into the items of lists."""
    return frozenset(_dotted(p).partition(".")[0] for p in pointers or [] if "/*" not in p)


def _dotted(pointer: str) -> str:
    return pointer.removeprefix("/properties/").replace("/", ".")


@dataclass
class _Violations:
    found: list[str] = field(default_factory=list)

    def add(self, path: str, text: str) -> None:
        self.found.append(f"#{path}: {text}")


def check(schema: Schema, properties: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the properties, with scalars converted to the schema's types, and the violations.

    CloudFormation accepts ``"60"`` as a number and ``60`` as a string. Violations read like AWS's:
    ``#/Path: required key [X] not found``.
    """
    violations = _Violations()
    value = _walk(dict(properties), schema.body, schema.body, "", violations, 0)
    top = schema.body.get("properties", {})
    for name in properties:
        if name in top and name in schema.read_only:
            violations.add("", f"Encountered read-only property [{name}]")
    return value, violations.found


def _walk(
    value: Any, node: Mapping[str, Any], root: Mapping[str, Any], path: str, bad: _Violations, depth: int
) -> Any:  # fmt: skip
    node = _resolve(node, root)
    if depth > _DEPTH_LIMIT:
        return value
    types = node.get("type")
    wanted = [types] if isinstance(types, str) else list(types or [])
    value = _convert(value, wanted)
    if wanted and not any(_is(value, each) for each in wanted):
        bad.add(path, f"expected type: {_title(wanted[0])}, found: {_found(value)}")
        return value
    if isinstance(value, dict):
        return _walk_object(value, node, root, path, bad, depth)
    if isinstance(value, list):
        _check_length(value, node, path, bad, "Items")
        items = node.get("items")
        if not isinstance(items, dict):
            return value
        return [
            _walk(item, items, root, f"{path}/{number}", bad, depth + 1)
            for number, item in enumerate(value)
        ]
    _check_scalar(value, node, path, bad)
    return value


def _walk_object(
    value: dict[str, Any], node: Mapping[str, Any], root: Mapping[str, Any], path: str,
    bad: _Violations, depth: int,
) -> dict[str, Any]:  # fmt: skip
    properties = node.get("properties", {})
    patterns = node.get("patternProperties", {})
    bad_keys = [
        name
        for name in value
        if node.get("additionalProperties") is False
        and name not in properties
        and not any(re.search(pattern, name) for pattern in patterns)
    ]
    for name in bad_keys:
        bad.add(path, f"extraneous key [{name}] is not permitted")
    for name in node.get("required") or []:
        if name not in value:
            bad.add(path, f"required key [{name}] not found")
    return {
        name: _walk(item, properties[name], root, f"{path}/{name}", bad, depth + 1)
        if name in properties
        else item
        for name, item in value.items()
    }


def _resolve(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(8):
        pointer = node.get("$ref")
        if not isinstance(pointer, str):
            return node
        target: Any = root
        for part in pointer.removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _convert(value: Any, wanted: list[str]) -> Any:
    """Convert a scalar to the expected type if they differ only in spelling."""
    if not wanted or isinstance(value, dict | list) or any(_is(value, each) for each in wanted):
        return value
    if isinstance(value, str):
        return _from_text(value, wanted)
    if "string" not in wanted or value is None:
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_text(value: str, wanted: list[str]) -> Any:
    if "boolean" in wanted and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if {"integer", "number"} & set(wanted) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if "number" in wanted and re.fullmatch(r"-?\d+\.\d+", value):
        return float(value)
    return value


_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def _is(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _PYTHON_TYPES[wanted])


def _title(wanted: str) -> str:
    return {"object": "JSONObject", "array": "JSONArray"}.get(wanted, wanted.title())


def _found(value: Any) -> str:
    names = {dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean", int: "Integer"}
    return names.get(type(value), "Number" if isinstance(value, float) else "Null")


def _check_scalar(value: Any, node: Mapping[str, Any], path: str, bad: _Violations) -> None:
    enum = node.get("enum")
    if enum is not None and value not in enum:
        bad.add(path, f"{value} is not a valid enum value")
    if isinstance(value, str):
        _check_length(value, node, path, bad, "Length")
        pattern = node.get("pattern")
        if pattern is not None and not _matches(pattern, value):
            bad.add(path, "failed validation constraint for keyword [pattern]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < node.get("minimum", value):
            bad.add(path, f"{value} is not greater or equal to {node['minimum']}")
        if value > node.get("maximum", value):
            bad.add(path, f"{value} is not less or equal to {node['maximum']}")


def _check_length(
    value: Any, node: Mapping[str, Any], path: str, bad: _Violations, what: str
) -> None:
    least, most = node.get(f"min{what}"), node.get(f"max{what}")
    if least is not None and len(value) < least:
        bad.add(path, f"expected minimum {what} of {least}, found: {len(value)}")
    if most is not None and len(value) > most:
        bad.add(path, f"expected maximum {what} of {most}, found: {len(value)}")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Compile a Java pattern, or return None if Python doesn't support it (Unicode classes)."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None
