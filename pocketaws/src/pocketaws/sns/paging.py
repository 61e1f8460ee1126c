"""Splits SNS's lists into pages of 100."""

from __future__ import annotations

import base64
from typing import Any

from ..errors import AwsError

_PAGE = 100


def page(name: str, items: list[Any], token: str | None) -> dict[str, Any]:
    """Return ``{name: …, "NextToken": …}`` with the items from the token's position on."""
    start = 0
    if token:
        try:
            start = int(base64.b64decode(token, validate=True))
        except ValueError as error:
            raise AwsError("InvalidParameter", "Invalid parameter: NextToken") from error
    answer: dict[str, Any] = {name: items[start : start + _PAGE]}
    if start + _PAGE < len(items):
        answer["NextToken"] = base64.b64encode(str(start + _PAGE).encode()).decode()
    return answer
