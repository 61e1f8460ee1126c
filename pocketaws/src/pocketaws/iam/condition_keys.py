"""The condition keys that a policy's document names.

Source: IAM user guide, "IAM JSON policy elements: Condition", "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_VARIABLE = re.compile(r"\$\{\s*([A-Za-z0-9-]+:[^,}\s]+)")


def keys_in(text: str) -> set[str]:
    """The keys in conditions and in policy variables."""
    return {*_in_conditions(json.loads(text)), *_VARIABLE.findall(text)}


def _in_conditions(document: dict[str, Any]) -> Iterator[str]:
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        for tests in statement.get("Condition", {}).values():
            yield from tests
