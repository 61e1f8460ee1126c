"""Convert parameters and results to the JSON that CloudTrail records for JSON and query services.

Member names begin with one lowercase letter (``sSHPublicKey``), times look like Java's, and
everything else stays as it was sent. Each shape's conversion is computed once.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.utils import get_service_model

Convert = Callable[[Any], Any]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Services that write times without a comma after the year (the real samples of IAM).
_WITHOUT_COMMA = frozenset({"iam", "organizations"})


def words(text: str) -> frozenset[str]:
    """Return the names in a text as a set."""
    return frozenset(text.split())


def lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def java_time(moment: datetime, comma: str = ",") -> str:
    """Format a time as ``Aug 2, 2024, 10:23:24 AM``."""
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return (
        f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}{comma} "
        f"{hour}:{moment.minute:02}:{moment.second:02} {half}"
    )


@functools.cache
def request_converter(service: str, operation: str) -> Convert:
    """Return the function that converts an operation's parameters to ``requestParameters``."""
    model = get_service_model(service).operation_model(operation)
    return _converter(service, model.input_shape)


@functools.cache
def response_converter(service: str, operation: str) -> Convert:
    """Return the function that converts an operation's result to ``responseElements``."""
    model = get_service_model(service).operation_model(operation)
    return _converter(service, model.output_shape)


def _converter(service: str, shape: Any) -> Convert:
    if shape is None:
        return lambda _: {}
    comma = "" if service in _WITHOUT_COMMA else ","
    return compile_shape(shape, lambda moment: java_time(moment, comma), {}) or _same


def compile_shape(
    shape: Any, write_time: Convert, known: dict[str, list[Convert]]
) -> Convert | None:
    """Return the conversion for values of ``shape``, or ``None`` if they stay as they are."""
    match shape.type_name:
        case "structure":
            return _structure(shape, write_time, known)
        case "list":
            return _each(compile_shape(shape.member, write_time, known))
        case "map":
            return _values(compile_shape(shape.value, write_time, known))
        case "timestamp":
            return lambda value: write_time(value) if isinstance(value, datetime) else value
        case "blob":
            return _text
        case _:
            return None


def _structure(shape: Any, write_time: Convert, known: dict[str, list[Convert]]) -> Convert:
    if shape.name in known:  # a recursive shape
        return functools.partial(late, known[shape.name])
    known[shape.name] = holder = []
    members = {
        name: (lower_first(name), compile_shape(member, write_time, known))
        for name, member in shape.members.items()
    }

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        converted = {}
        for name, item in value.items():
            member = members.get(name)
            if member is not None and item is not None:
                spelling, inner = member
                converted[spelling] = item if inner is None else inner(item)
        return converted

    holder.append(convert)
    return convert


def late(holder: list[Convert], value: Any) -> Any:
    """Convert with ``holder``'s function, which is set later if the shape is recursive."""
    return holder[0](value)


def _each(inner: Convert | None) -> Convert:
    if inner is None:
        return list
    return lambda values: [inner(value) for value in values]


def _values(inner: Convert | None) -> Convert:
    if inner is None:
        return dict
    return lambda items: {key: inner(value) for key, value in items.items()}


def _text(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _same(value: Any) -> Any:
    return value
