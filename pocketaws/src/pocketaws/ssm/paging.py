"""Splits lists into pages; the token is the next entry's position."""

from __future__ import annotations

from typing import Any

from ..errors import AwsError


def page(items: list[Any], params: dict[str, Any], most: int) -> tuple[list[Any], dict[str, str]]:
    """Return a page and the next page's token; raises ``AwsError`` ``InvalidNextToken``."""
    token = params.get("NextToken")
    if token is not None and not str(token).isdigit():
        raise AwsError("InvalidNextToken", "The specified token is not valid.")
    start, size = int(token or 0), min(int(params.get("MaxResults", most)), most)
    end = start + size
    return items[start:end], {"NextToken": str(end)} if end < len(items) else {}
