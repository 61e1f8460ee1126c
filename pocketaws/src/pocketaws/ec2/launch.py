"""``RunInstances``, with the checks that moto lacks and with idempotent client tokens.

Source: EC2 API reference, "RunInstances", "Error codes for the Amazon EC2 API", "Ensuring idempotency".
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..gateway import protocol
from ..registry import operation
from . import instances, launch_checks, states
from .dry_run import refuse_dry_run
from .store import Ec2Store

if TYPE_CHECKING:
    from ..gateway.call import Call

_ROOT_GIB = 8
# Metadata options of Amazon Linux 2023's images, whose ``ImdsSupport`` is ``v2.0`` (EC2 user guide, "Configure
# instance metadata options for new instances").
_METADATA_OPTIONS = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}


@operation("ec2", "RunInstances")
def run_instances(call: Call) -> dict[str, Any]:
    """Launch instances."""
    token = call.params.get("ClientToken")
    asked = _fingerprint(call.params)
    kept = call.store(Ec2Store).launches
    if token in kept:
        same, ids = kept[token]
        if same != asked:
            raise AwsError(
                "IdempotentParameterMismatch",
                "The client token you have provided is associated with an earlier request. The parameters of the two differ.",
            )
        return _reservation(call, ids)
    image = launch_checks.check(call)
    refuse_dry_run(call)
    ids = _launch(call, image)
    if token:
        kept[token] = (asked, ids)
    for instance_id in ids:
        instance = instances.find(call.account, call.region, instance_id)
        for nic in instance.nics.values():
            nic.delete_on_termination = _goes_along(call, nic)
        states.begin(call.world, instance)
    return _reservation(call, ids)


def _fingerprint(params: dict[str, Any]) -> str:
    asked = {name: value for name, value in params.items() if name not in {"ClientToken", "DryRun"}}
    return json.dumps(asked, sort_keys=True, default=str)


def _launch(call: Call, image: Any) -> list[str]:
    params = {name: value for name, value in call.params.items() if name != "ClientToken"}
    count = int(params["MaxCount"])
    params["MinCount"] = count  # moto launches only the minimum
    params["BlockDeviceMappings"] = _with_root(params.get("BlockDeviceMappings", []), image)
    params["MetadataOptions"] = {**_METADATA_OPTIONS, **params.get("MetadataOptions", {})}
    request = replace(
        protocol.build_request("ec2", "RunInstances", params),
        remote_address=call.http.remote_address,
    )
    answer = moto_state.run("ec2", call.account, call.region, request)
    made = protocol.parse_answer("ec2", "RunInstances", answer)
    ids = [str(instance["InstanceId"]) for instance in made["Instances"]]
    profile: dict[str, str] = params.get("IamInstanceProfile", {})
    if profile:
        backend = instances.backend(call.account, call.region)
        for instance_id in ids[1:]:  # moto sets it on the first one only
            backend.associate_iam_instance_profile(
                instance_id, profile.get("Name"), profile.get("Arn")
            )
    return ids


def _with_root(mappings: list[dict[str, Any]], image: Any) -> list[dict[str, Any]]:
    """The block devices, including the image's root device, which moto would call ``/dev/sda1``."""
    root = image.root_device_name
    made = [
        {
            **m,
            "Ebs": {
                "VolumeSize": _ROOT_GIB,
                "VolumeType": "gp3",
                "DeleteOnTermination": True,
                **m["Ebs"],
            },
        }
        if "Ebs" in m
        else m
        for m in mappings
    ]
    if all(mapping.get("DeviceName") != root for mapping in made):
        ebs = {"VolumeSize": _ROOT_GIB, "VolumeType": "gp3", "DeleteOnTermination": True}
        made.insert(0, {"DeviceName": root, "Ebs": ebs})
    return made


def _goes_along(call: Call, nic: Any) -> bool:
    for spec in call.params.get("NetworkInterfaces", []):
        if spec.get("DeviceIndex") == nic.device_index:
            return bool(spec.get("DeleteOnTermination", "NetworkInterfaceId" not in spec))
    return True


def _reservation(call: Call, ids: list[str]) -> dict[str, Any]:
    """The instances in the form that DescribeInstances and RunInstances return."""
    request = protocol.build_request("ec2", "DescribeInstances", {"InstanceIds": ids})
    answer = moto_state.run("ec2", call.account, call.region, request)
    found: dict[str, Any] = protocol.parse_answer("ec2", "DescribeInstances", answer)[
        "Reservations"
    ][0]
    for instance in found["Instances"]:
        token = call.params.get("ClientToken")
        if token:
            instance["ClientToken"] = token
        reason = instance.get("StateTransitionReason") or ""
        instance["StateTransitionReason"] = re.sub(r"^None$", "", reason)
    return found
