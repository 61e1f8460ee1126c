"""Splits EventBridge's lists into pages: ``Limit`` (at most 100) and ``NextToken``."""

from __future__ import annotations

import base64
from typing import Any

from .store import validation

_LARGEST = 100


def page(name: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the requested page: ``{name: …, "NextToken": …}``."""
    start = 0
    if params.get("NextToken"):
        try:
            start = int(base64.b64decode(params["NextToken"], validate=True))
        except ValueError as error:
            raise validation("Parameter NextToken is not valid.") from error
    size = int(params.get("Limit", _LARGEST))
    answer: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        answer["NextToken"] = base64.b64encode(str(start + size).encode()).decode()
    return answer
