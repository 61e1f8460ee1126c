"""Filters and sorts findings by a request's criteria.

Source: GuardDuty API reference, "ListFindings" (attributes and conditions).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from .store import bad_request

_ROOTS = {
    "accountId", "arn", "confidence", "createdAt", "description", "id", "region", "resource",
    "service", "severity", "title", "type", "updatedAt",
}  # fmt: skip
_ONE_OF = {"Eq": True, "Equals": True, "Neq": False, "NotEquals": False}
_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "Gt": operator.gt,
    "GreaterThan": operator.gt,
    "Gte": operator.ge,
    "GreaterThanOrEqual": operator.ge,
    "Lt": operator.lt,
    "LessThan": operator.lt,
    "Lte": operator.le,
    "LessThanOrEqual": operator.le,
}


def meets(body: dict[str, Any], criteria: dict[str, Any] | None) -> bool:
    """Whether a finding meets ``FindingCriteria``; raises ``BadRequestException``."""
    check_criteria(criteria)
    conditions = (criteria or {}).get("Criterion", {})
    return all(_holds(body, name, condition) for name, condition in conditions.items())


def check_criteria(criteria: dict[str, Any] | None) -> None:
    """Raise ``BadRequestException`` for unsupported criteria."""
    for attribute, condition in (criteria or {}).get("Criterion", {}).items():
        _check(attribute)
        for kind in condition:
            if kind not in _ONE_OF and kind not in _BOUNDS:
                raise bad_request(f"the condition {kind} is not supported.")


def _holds(body: dict[str, Any], attribute: str, condition: dict[str, Any]) -> bool:
    values = list(_values(body, attribute.split(".")))
    for kind, operand in condition.items():
        if kind in _ONE_OF:
            found = bool({_text(value) for value in values} & set(operand))
            if found is not _ONE_OF[kind]:
                return False
        else:
            numbers = [number for value in values if (number := _number(value)) is not None]
            if not any(_BOUNDS[kind](number, operand) for number in numbers):
                return False
    return True


def _check(attribute: str) -> None:
    if attribute.split(".", maxsplit=1)[0] not in _ROOTS:
        raise bad_request(f"{attribute} is not a supported finding attribute.")


def _values(node: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for each in node:
            yield from _values(each, steps)
    elif not steps:
        yield node
    elif isinstance(node, dict) and steps[0] in node:
        yield from _values(node[steps[0]], steps[1:])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> float | None:
    """Convert to a number; a time becomes milliseconds since 1970."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return datetime.fromisoformat(str(value)).timestamp() * 1000
    except ValueError:
        return None


def sort_findings(
    bodies: Iterable[dict[str, Any]], sort: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Sort findings by ``SortCriteria``; the default is the most recently updated first."""
    attribute = (sort or {}).get("AttributeName", "updatedAt")
    descending = (sort or {}).get("OrderBy", "ASC" if sort else "DESC") == "DESC"
    _check(attribute)

    def key(body: dict[str, Any]) -> tuple[int, float, str]:
        value = next(_values(body, attribute.split(".")), None)
        number = _number(value)
        return (0, number, "") if number is not None else (1, 0.0, _text(value))

    return sorted(bodies, key=key, reverse=descending)
