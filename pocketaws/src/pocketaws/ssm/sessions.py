"""Session Manager. Its data channel isn't emulated, so no server is ever connected to it.

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
    """Refuse, as for a server that its agent cannot connect."""
    target = call.params["Target"]
    instances.find(call.account, call.region, target)
    raise AwsError(
        "TargetNotConnected",
        f"{target} is not connected. Sessions have no data channel here: use Run Command, or SSH with a key pushed by "
        "EC2 Instance Connect.",
    )
