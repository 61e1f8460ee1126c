"""Builds a target's input: the event, part of it, a constant, or a filled-in template.

Source: EventBridge user guide, "Input transformation"; API reference, "InputTransformer".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.([\w/-]+)|\['([^']+)'\]|\[(\d+)\]|\[(\*)\]|\.(\*)")
_VARIABLE = re.compile(r"<([\w.-]+)>")
MISSING = object()


def compact(value: Any) -> str:
    """Format JSON the way EventBridge does."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def input_for(
    target: Mapping[str, Any], event: dict[str, Any], rule_arn: str, received: str
) -> str:
    """Return the text that a target (in the shape of ``PutTargets``) receives for an event.

    ``received`` is the time when the event arrived, in ISO 8601.
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = at_path(event, target["InputPath"])
        return compact({} if found is MISSING else found)
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule_arn, received)
    return compact(event)


def at_path(document: Any, path: str) -> Any:
    """Return the value at a JSON path (``$.a.b[0]``, ``[*]``), or ``MISSING``.

    Raises ``ValueError`` for an invalid path.
    """
    if not path.startswith("$"):
        raise ValueError(f"{path} is not a JSON path")
    return _follow(document, path, 1)


def _follow(node: Any, path: str, position: int) -> Any:
    if position == len(path):
        return node
    step = _STEP.match(path, position)
    if step is None:
        raise ValueError(f"{path} is not a JSON path")
    name, quoted, index, *_ = step.groups()
    if index is not None:
        if not isinstance(node, list) or int(index) >= len(node):
            return MISSING
        return _follow(node[int(index)], path, step.end())
    if name is not None or quoted is not None:
        key = name if name is not None else quoted
        if not isinstance(node, dict) or key not in node:
            return MISSING
        return _follow(node[key], path, step.end())
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found = [_follow(each, path, step.end()) for each in inner]
    return [each for each in found if each is not MISSING]


def _transformed(
    transformer: Mapping[str, Any], event: dict[str, Any], rule_arn: str, received: str
) -> str:
    values: dict[str, Any] = {
        name: at_path(event, path) for name, path in transformer.get("InputPathsMap", {}).items()
    }
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": received,
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    template = str(transformer["InputTemplate"])
    parts: list[str] = []
    end, quoted = 0, False
    for variable in _VARIABLE.finditer(template):
        if variable[1] not in values:
            continue
        literal = template[end : variable.start()]
        quoted ^= _quotes(literal) % 2 == 1
        parts += [literal, _inside(values[variable[1]]) if quoted else _alone(values[variable[1]])]
        end = variable.end()
    return "".join([*parts, template[end:]])


def _quotes(literal: str) -> int:
    """Count the quotation marks that open or close a string, ignoring escaped ones."""
    return len(re.findall(r'(?<!\\)(?:\\\\)*"', literal))


def _inside(value: Any) -> str:
    """Format a variable inside quotation marks: text verbatim, other values as unquoted JSON."""
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else compact(value).replace('"', "")


def _alone(value: Any) -> str:
    """Format a variable that's a JSON value of its own."""
    return compact("" if value is MISSING else value)
