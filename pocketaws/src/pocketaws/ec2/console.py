"""``GetConsoleOutput``: what a server wrote while booting, including the output of its boot scripts.

Source: EC2 API reference, "GetConsoleOutput".
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from ..guests import store
from ..registry import operation
from . import instances

if TYPE_CHECKING:
    from ..gateway.call import Call

_MAX_BYTES = 64 * 1024


@operation("ec2", "GetConsoleOutput")
def get_console_output(call: Call) -> dict[str, Any]:
    """The last 64 KB of an instance's console output, in base64."""
    instance_id = call.params["InstanceId"]
    instances.find(call.account, call.region, instance_id)
    guest = store.find(call.world, call.account, call.region, instance_id)
    if guest is None or not guest.console:
        return {"InstanceId": instance_id, "Timestamp": call.now}
    # A serial console ends each line with a carriage return and a line feed.
    data = guest.console.replace("\n", "\r\n").encode("utf-8", "replace")[-_MAX_BYTES:]
    return {
        "InstanceId": instance_id,
        "Timestamp": guest.booted_at or call.now,
        "Output": base64.b64encode(data).decode(),
    }
