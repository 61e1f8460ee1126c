"""Whether a caller may make a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..gateway.call import Call


def authorize(call: Call) -> None:
    """Let the call pass, or raise ``AwsError`` with the service's own code for a denial."""
