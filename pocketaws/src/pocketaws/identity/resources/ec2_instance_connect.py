"""EC2 Instance Connect: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon EC2 Instance Connect".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, checks
from .ec2 import instance_check

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("ec2-instance-connect", "SendSSHPublicKey", "SendSerialConsoleSSHPublicKey")
def send_key(call: Call) -> Iterator[Check]:
    """The instance and the operating system user."""
    user = call.params.get("InstanceOSUser")
    keys = {"ec2:osuser": (user,)} if user else {}
    yield instance_check(call, call.params.get("InstanceId", "*"), action_of(call), keys)
