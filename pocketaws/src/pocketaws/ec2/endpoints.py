"""VPC endpoints. moto creates and deletes them within the call, and leaves deleted ones in lists forever.

Source: EC2 API reference, "CreateVpcEndpoint", "DeleteVpcEndpoints", "DescribeVpcEndpoints", "Error codes for the
Amazon EC2 API" (``InvalidVpcEndpointId.NotFound``); AWS PrivateLink guide, "Interface endpoints" (the service manages
an endpoint's network interfaces, one in each subnet).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..effects import effect
from ..errors import AwsError
from ..gateway import protocol
from ..registry import operation
from . import instances
from .dry_run import refuse_dry_run

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

AVAILABLE_SECONDS = 60
DELETING_SECONDS = 120
"""AWS documents no times; an interface endpoint takes a minute or more in either direction."""


def find(call: Call, endpoint_id: str) -> Any:
    """moto's endpoint with an ID; raises ``AwsError``."""
    found = instances.backend(call.account, call.region).vpc_end_points.get(endpoint_id)
    if found is None:
        raise _not_found(endpoint_id)
    return found


def _not_found(endpoint_id: str) -> AwsError:
    return AwsError(
        "InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
    )


@operation("ec2", "CreateVpcEndpoint")
def create_vpc_endpoint(call: Call) -> dict[str, Any]:
    """Create an endpoint. One with interfaces is pending at first."""
    _check(call)
    refuse_dry_run(call)  # moto ignores it
    request = protocol.build_request("ec2", "CreateVpcEndpoint", call.params)
    answer = moto_state.run("ec2", call.account, call.region, request)
    made = protocol.parse_answer("ec2", "CreateVpcEndpoint", answer)["VpcEndpoint"]
    endpoint = find(call, made["VpcEndpointId"])
    _begin(call, endpoint)
    return {
        "VpcEndpoint": {
            **made,
            "State": endpoint.state,
            "VpcEndpointType": endpoint.vpc_endpoint_type,
        }
    }


def _check(call: Call) -> None:
    """Refuse unknown networks, and services whose name isn't one of AWS's."""
    backend = instances.backend(call.account, call.region)
    params = call.params
    if params.get("VpcId") not in backend.vpcs:
        raise AwsError("InvalidVpcId.NotFound", f"The Vpc Id {params.get('VpcId')} does not exist")
    service = params.get("ServiceName", "")
    if not service.startswith(f"com.amazonaws.{call.region}."):
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist")
    for group_id in params.get("SecurityGroupIds", []):
        if backend.get_security_group_from_id(group_id) is None:
            raise AwsError(
                "InvalidSecurityGroupId.NotFound",
                f"The Security Group Id {group_id} does not exist",
            )


def _begin(call: Call, endpoint: Any) -> None:
    backend = endpoint.ec2_backend
    endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
    for interface_id in endpoint.network_interface_ids:
        nic = backend.enis[interface_id]
        nic.requester_managed, nic.status = True, "in-use"
        nic.interface_type = "vpc_endpoint"
        nic.description = f"VPC Endpoint Interface {endpoint.id}"
        groups = [backend.get_security_group_from_id(g) for g in endpoint.security_group_ids]
        nic._group_set = groups or nic._group_set  # noqa: SLF001 - moto has no other way in
    if endpoint.vpc_endpoint_type == "Interface":
        endpoint.state = "pending"
        _later(
            call.world,
            "ec2.endpoint_available",
            AVAILABLE_SECONDS,
            call.account,
            call.region,
            endpoint.id,
        )


def _later(
    world: World, name: str, seconds: float, account: str, region: str, endpoint: str
) -> None:
    world.later(name, seconds, account=account, region=region, endpoint_id=endpoint)


@effect("ec2.endpoint_available")
def available(world: World, account: str, region: str, endpoint_id: str) -> None:
    """Let a pending endpoint be used."""
    del world
    endpoint = instances.backend(account, region).vpc_end_points.get(endpoint_id)
    if endpoint is not None and endpoint.state == "pending":
        endpoint.state = "available"


@operation("ec2", "DeleteVpcEndpoints")
def delete_vpc_endpoints(call: Call) -> dict[str, Any]:
    """Delete endpoints. What can't be deleted is in the result, which is a success all the same."""
    refuse_dry_run(call)
    failed = []
    for endpoint_id in call.params["VpcEndpointIds"]:
        try:
            endpoint = find(call, endpoint_id)
        except AwsError as error:
            problem = {"Code": error.code, "Message": error.message}
            failed.append({"ResourceId": endpoint_id, "Error": problem})
            continue
        endpoint.state = "deleting"
        _later(call.world, "ec2.endpoint_deleted", DELETING_SECONDS, call.account, call.region, endpoint_id)  # fmt: skip
    return {"Unsuccessful": failed}


@effect("ec2.endpoint_deleted")
def deleted(world: World, account: str, region: str, endpoint_id: str) -> None:
    """Remove an endpoint with its interfaces or routes."""
    del world
    backend = instances.backend(account, region)
    endpoint = backend.vpc_end_points.get(endpoint_id)
    if endpoint is None:
        return
    for interface_id in endpoint.network_interface_ids:
        if interface_id in backend.enis:
            backend.enis[interface_id].delete()
    if endpoint.destination_prefix_list_id:
        for table_id in endpoint.route_table_ids:
            if table_id in backend.route_tables:
                backend.delete_route(table_id, endpoint.destination_prefix_list_id)
    del backend.vpc_end_points[endpoint_id]
    backend.tags.pop(endpoint_id, None)
