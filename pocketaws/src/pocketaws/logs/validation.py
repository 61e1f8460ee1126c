"""Validates parameters against botocore's model of an operation."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..gateway import protocol

if TYPE_CHECKING:
    from ..gateway.call import Call

_NUMBERS = {"integer", "long", "float", "double"}


def validate(call: Call) -> None:
    """Reject parameters that violate their declared length, range, pattern, or enumeration.

    Raises ``AwsError`` (``InvalidParameterException``) with the message that AWS's JSON services
    share.
    """
    shape = protocol.operation_model(call.service, call.operation).input_shape
    if shape is None:
        return
    faults = list(_faults(shape, call.params, ""))
    if faults:
        count = "1 validation error" if len(faults) == 1 else f"{len(faults)} validation errors"
        raise AwsError("InvalidParameterException", f"{count} detected: {'; '.join(faults)}")


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind = "number" if shape.type_name in _NUMBERS else shape.type_name
    wanted = _TYPES.get(kind, object)
    if not isinstance(value, wanted) or (kind == "number" and isinstance(value, bool)):
        yield _fault(f"'{value}'", path, "Member must be of its declared type")
    elif kind in _CHECKS:
        yield from _CHECKS[kind](shape, value, path)


def _list_faults(shape: Any, value: list[Any], path: str) -> Iterator[str]:
    yield from _size_faults(shape, value, path)
    for number, item in enumerate(value, 1):
        yield from _faults(shape.member, item, f"{path}.{number}.member")


def _map_faults(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    yield from _size_faults(shape, value, path)
    for key, item in value.items():
        yield from _faults(shape.key, key, f"{path}.key")
        yield from _faults(shape.value, item, f"{path}.{key}.member")


def _structure_faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _fault("null", _join(path, name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _faults(member, value[name], _join(path, name))


def _string_faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    yield from _size_faults(shape, value, path)
    limits = shape.metadata
    if "pattern" in limits and not _regex(limits["pattern"]).fullmatch(value):
        constraint = f"Member must satisfy regular expression pattern: {limits['pattern']}"
        yield _fault(f"'{value}'", path, constraint)
    if "enum" in limits and value not in limits["enum"]:
        constraint = f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
        yield _fault(f"'{value}'", path, constraint)


def _size_faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    return _limit_faults(shape, len(value), "length", value, path)


def _range_faults(shape: Any, value: float, path: str) -> Iterator[str]:
    return _limit_faults(shape, value, "value", value, path)


def _limit_faults(shape: Any, size: float, what: str, value: Any, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        constraint = f"Member must have {what} greater than or equal to {low}"
        yield _fault(f"'{value}'", path, constraint)
    if high is not None and size > high:
        constraint = f"Member must have {what} less than or equal to {high}"
        yield _fault(f"'{value}'", path, constraint)


def _fault(value: str, path: str, constraint: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: {constraint}"


_TYPES: dict[str, Any] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "number": int | float,
    "boolean": bool,
}
_CHECKS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "structure": _structure_faults,
    "map": _map_faults,
    "list": _list_faults,
    "string": _string_faults,
    "number": _range_faults,
}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@functools.lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    # The models use Java's character classes, which ``re`` doesn't know.
    for java, python in ((r"\p{L}", r"\w"), (r"\p{Z}", r"\s"), (r"\p{N}", r"\d")):
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
