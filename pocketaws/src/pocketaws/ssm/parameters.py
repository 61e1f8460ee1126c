"""Checks the parameter limits that moto doesn't.

Source: Systems Manager API reference, "PutParameter"; user guide, "Managing parameter tiers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AwsError
from ..registry import before

if TYPE_CHECKING:
    from ..gateway.call import Call

_STANDARD, _ADVANCED = 4096, 8192


@before("ssm", "PutParameter")
def value_fits(call: Call) -> None:
    """Raise ``AwsError`` if a value is empty, too long, or refers to another parameter."""
    value = call.params.get("Value", "")
    if not value:
        raise AwsError(
            "ValidationException",
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        )
    if "{{" in value:
        raise AwsError(
            "ValidationException",
            'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
        )
    advanced = call.params.get("Tier") in {"Advanced", "Intelligent-Tiering"}
    size = len(value.encode())
    if size > (_ADVANCED if advanced else _STANDARD):
        tier, limit = ("Advanced", _ADVANCED) if advanced else ("Standard", _STANDARD)
        raise AwsError(
            "ValidationException",
            f"{tier} tier parameters support a maximum parameter value of {limit} characters.",
        )
