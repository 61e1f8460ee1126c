"""VPC Block Public Access: a Region's setting that keeps internet gateways from passing traffic.

Source: EC2 API reference, "DescribeVpcBlockPublicAccessOptions", "ModifyVpcBlockPublicAccessOptions"; VPC user guide,
"Block public access to VPCs and subnets" (off by default; a change can take a few minutes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..registry import operation
from . import instances
from .dry_run import refuse_dry_run
from .store import Ec2Store, PublicAccess

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

UPDATE_SECONDS = 120


@operation("ec2", "DescribeVpcBlockPublicAccessOptions")
def describe(call: Call) -> dict[str, Any]:
    """Return the Region's setting."""
    return _shown(call, call.store(Ec2Store).public_access)


@operation("ec2", "ModifyVpcBlockPublicAccessOptions")
def modify(call: Call) -> dict[str, Any]:
    """Change the Region's setting; it takes effect a little later."""
    refuse_dry_run(call)
    setting = call.store(Ec2Store).public_access
    setting.mode = call.params["InternetGatewayBlockMode"]
    setting.state, setting.updated_at = "update-in-progress", call.now
    call.world.later(
        "ec2.public_access", UPDATE_SECONDS,
        account=call.account, region=call.region, mode=setting.mode,
    )  # fmt: skip
    return _shown(call, setting)


@effect("ec2.public_access")
def update(world: World, account: str, region: str, mode: str) -> None:
    """Let a changed setting take effect, unless it was changed again."""
    setting = world.store(Ec2Store, account, region).public_access
    if setting.mode == mode:
        setting.state = "update-complete"
        # Where ``network.reach`` decides about packets, it only has moto's objects.
        instances.backend(account, region).public_access_mode = mode


def _shown(call: Call, setting: PublicAccess) -> dict[str, Any]:
    options = {
        "AwsAccountId": call.account,
        "AwsRegion": call.region,
        "State": setting.state,
        "InternetGatewayBlockMode": setting.mode,
        "LastUpdateTimestamp": setting.updated_at,
        "ManagedBy": "account",
        "ExclusionsAllowed": "allowed",
    }
    shown = {name: value for name, value in options.items() if value is not None}
    return {"VpcBlockPublicAccessOptions": shown}
