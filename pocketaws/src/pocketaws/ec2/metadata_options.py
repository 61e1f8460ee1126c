"""Options of the instance metadata service: their defaults, and changing them while the instance runs.

Source: EC2 API reference, "ModifyInstanceMetadataOptions", "InstanceMetadataOptionsResponse" (an answer says
``pending`` until the change is carried out); EC2 user guide, "Configure instance metadata options for new
instances".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..registry import operation
from . import instances
from .dry_run import refuse_dry_run

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

# Amazon Linux 2023's images support version 2 and say so (``ImdsSupport`` is ``v2.0``).
OF_IMAGE = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
_APPLY_SECONDS = 5.0
_MOST_HOPS = 64
# Parameter -> moto's name for it, and the values it takes.
_OPTIONS = {
    "HttpTokens": ("http_tokens", ("optional", "required")),
    "HttpEndpoint": ("http_endpoint", ("disabled", "enabled")),
    "HttpProtocolIpv6": ("http_protocol_ipv6", ("disabled", "enabled")),
    "InstanceMetadataTags": ("instance_metadata_tags", ("disabled", "enabled")),
}
_HOPS = "HttpPutResponseHopLimit"


@operation("ec2", "ModifyInstanceMetadataOptions")
def modify_instance_metadata_options(call: Call) -> dict[str, Any]:
    """Change the options that are given; the others stay as they are."""
    params = call.params
    instance = instances.find(call.account, call.region, params["InstanceId"])
    if instance.state in {"shutting-down", "terminated"}:
        message = f"The instance '{instance.id}' is not in a state in which it can be modified."
        raise AwsError("IncorrectInstanceState", message)
    _check(params)
    refuse_dry_run(call)
    options = instance.metadata_options
    for parameter, (name, _) in _OPTIONS.items():
        if parameter in params:
            setattr(options, name, params[parameter])
    if _HOPS in params:
        options.http_put_response_hop_limit = int(params[_HOPS])
    options.state = "pending"
    call.world.later(
        "ec2.metadata_options_applied", _APPLY_SECONDS,
        account=call.account, region=call.region, instance_id=instance.id,
    )  # fmt: skip
    return {"InstanceId": instance.id, "InstanceMetadataOptions": _shown(options)}


def _check(params: dict[str, Any]) -> None:
    for parameter, (_, values) in _OPTIONS.items():
        if parameter in params and params[parameter] not in values:
            message = f"Value ({params[parameter]}) for parameter {parameter} is invalid."
            raise AwsError("InvalidParameterValue", f"{message} Valid values: {', '.join(values)}.")
    if _HOPS in params and not 1 <= int(params[_HOPS]) <= _MOST_HOPS:
        message = f"Value ({params[_HOPS]}) for parameter {_HOPS} is invalid."
        raise AwsError("InvalidParameterValue", f"{message} It must be from 1 to {_MOST_HOPS}.")


def _shown(options: Any) -> dict[str, Any]:
    shown = {parameter: getattr(options, name) for parameter, (name, _) in _OPTIONS.items()}
    return {"State": options.state, _HOPS: options.http_put_response_hop_limit, **shown}


@effect("ec2.metadata_options_applied")
def applied(world: World, account: str, region: str, instance_id: str) -> None:
    """A change of options is carried out."""
    del world
    instance = instances.find_or_none(account, region, instance_id)
    if instance is not None:
        instance.metadata_options.state = "applied"
