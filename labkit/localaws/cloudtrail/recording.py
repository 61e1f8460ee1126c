"""Every call becomes a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..errors import AwsError
    from ..gateway.call import Call


def record(call: Call, result: dict[str, Any] | None, error: AwsError | None) -> None:
    """Keep the record of one call, answered or refused."""
