"""Session Manager. Its data channel isn't emulated, so no instance is ever connected.

Source: Systems Manager API reference, "StartSession" (``TargetNotConnected``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..errors import AwsError
from ..registry import operation

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("ssm", "StartSession")
def start_session(call: Call) -> dict[str, Any]:
    """Always raise ``AwsError`` ``TargetNotConnected``."""
    target = call.params["Target"]
    instances.find(call.account, call.region, target)
    raise AwsError(
        "TargetNotConnected",
        f"{target} is not connected. The emulator has no sessions: use Run Command, or SSH with a key from "
        "EC2 Instance Connect.",
    )
