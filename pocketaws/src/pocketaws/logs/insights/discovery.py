"""Fields that Insights discovers in messages.

Source: CloudWatch Logs user guide, "Supported logs and discovered fields".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .values import Value

MAX_FIELDS = 200
SYSTEM_FIELDS = ("@timestamp", "@message", "@logStream", "@log", "@ingestionTime", "@ptr")

_FLOW_FIELDS = (
    "version", "accountId", "interfaceId", "srcAddr", "dstAddr", "srcPort", "dstPort", "protocol",
    "packets", "bytes", "startTime", "endTime", "action", "logStatus",
)  # fmt: skip
_FLOW_LINE = re.compile(
    r"\d{1,2}\s+(?:\d{12}|unknown|-)\s+(?:eni-[0-9a-f]+|-)(?:\s+[0-9a-fA-F.:]+|\s+-){2}(?:\s+\d+|\s+-){7}"
    r"\s+(?:ACCEPT|REJECT|-)\s+(?:OK|NODATA|SKIPDATA|-)\s*"
)


def discover(message: str) -> dict[str, Value]:
    """Return the fields of a JSON object or a version 2 flow log record, or an empty dict."""
    if message.lstrip().startswith("{"):
        return _json_fields(message)
    if _FLOW_LINE.fullmatch(message) is not None:
        return dict(zip(_FLOW_FIELDS, message.split(), strict=True))
    return {}


def _json_fields(message: str) -> dict[str, Value]:
    try:
        # Numbers keep their original spelling.
        document = json.loads(message, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    fields: dict[str, Value] = {}
    for name, value in _flatten(document):
        fields[f"@{name}" if name.startswith("@") else name] = value
        if len(fields) == MAX_FIELDS:
            break
    return fields


def _flatten(document: Any) -> Iterator[tuple[str, Value]]:
    """Yield a name such as ``a.b.0`` with each nested value, in order; null values are skipped."""
    stack: list[tuple[str, Any]] = [("", document)]
    while stack:
        name, value = stack.pop()
        if isinstance(value, dict | list):
            items = list(value.items() if isinstance(value, dict) else enumerate(value))
            prefix = f"{name}." if name else ""
            stack.extend((f"{prefix}{key}", inner) for key, inner in reversed(items))
        elif value is not None:
            yield name, value
