"""``DescribeInstanceInformation``: lists managed instances.

Source: Systems Manager API reference, "DescribeInstanceInformation".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..errors import AwsError
from ..guests import store
from ..registry import operation
from . import agents
from .store import SsmStore, page

if TYPE_CHECKING:
    from ..gateway.call import Call

_FILTERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "InstanceIds": lambda item: item["InstanceId"],
    "AgentVersion": lambda item: item["AgentVersion"],
    "PingStatus": lambda item: item["PingStatus"],
    "PlatformTypes": lambda item: item["PlatformType"],
    "PlatformType": lambda item: item["PlatformType"],
    "IamRole": lambda item: item["IamRole"],
    "ResourceType": lambda item: item["ResourceType"],
}


@operation("ssm", "DescribeInstanceInformation")
def describe_instance_information(call: Call) -> dict[str, Any]:
    """List the managed instances that match the filters."""
    items = [_item(call, known) for known in call.store(SsmStore).instances.values()]
    wanted = [(f["Key"], f["Values"]) for f in call.params.get("Filters", [])]
    wanted += [
        (f["key"], f["valueSet"]) for f in call.params.get("InstanceInformationFilterList", [])
    ]
    for key, values in wanted:
        if key.startswith("tag:"):
            items = [i for i in items if _tag(call, i["InstanceId"], key[4:]) in values]
        elif key in _FILTERS:
            items = [i for i in items if _FILTERS[key](i) in values]
        else:
            raise AwsError(
                "InvalidInstanceInformationFilterValue", f"The filter key {key} is not valid."
            )
    return page("InstanceInformationList", items, call.params)


def _item(call: Call, known: Any) -> dict[str, Any]:
    guest = store.find(call.world, call.account, call.region, known.instance_id)
    instance = instances.find_or_none(call.account, call.region, known.instance_id)
    online = agents.is_online(call.world, known, call.account, call.region)
    return {
        "InstanceId": known.instance_id,
        "PingStatus": "Online" if online else "ConnectionLost",
        "LastPingDateTime": known.last_ping,
        "AgentVersion": agents.VERSION,
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "IPAddress": str(instance.private_ip_address or "") if instance is not None else "",
        "ComputerName": guest.hostname if guest is not None else "",
        "IamRole": known.role_name,
        "RegistrationDate": known.registered_at,
        "SourceId": known.instance_id,
        "SourceType": "AWS::EC2::Instance",
    }


def _tag(call: Call, instance_id: str, key: str) -> str | None:
    tags = instances.backend(call.account, call.region).tags.get(instance_id, {})
    value = tags.get(key)
    return None if value is None else str(value)
