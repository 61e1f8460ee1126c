"""What's attached to a network: interfaces, elastic addresses, and endpoints, including those of attendees."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from labkit.aws import Account, ClientError, is_missing
from labkit.clock import Clock, backoff
from labkit.errors import CloudError
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Resource
from labkit.teardown.search import TAG_FILTER, Search, first_of_each

_MAX_POLLS = 60


class NetworkInterfaces(Kind):
    """Network interfaces, except those that go with their server or endpoint."""

    name = "network interface"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from first_of_each(_interfaces(search))

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        ec2 = account.client("ec2")
        (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[key])[
            "NetworkInterfaces"
        ]
        attachment = interface.get("Attachment")
        if attachment is not None:
            ec2.detach_network_interface(AttachmentId=attachment["AttachmentId"], Force=True)
            _wait(lambda: _is_free(ec2, key), f"{key} doesn't detach", clock)
        ec2.delete_network_interface(NetworkInterfaceId=key)


class Addresses(Kind):
    """Elastic addresses of a workshop's servers: while one is mapped, the network's gateway can't be detached."""

    name = "elastic address"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        addresses = search.account.client("ec2").describe_addresses()["Addresses"]
        if not addresses:
            return
        vpc_of = {
            each["NetworkInterfaceId"]: each["VpcId"]
            for each in (_in_our_vpcs(search) if search.vpcs else ())
        }
        for address in addresses:
            allocation, interface = address["AllocationId"], address.get("NetworkInterfaceId")
            if tagged := list(
                search.tagged("elastic address", allocation, address.get("Tags", []))
            ):
                yield from tagged
            elif interface in vpc_of:
                yield from search.inside("elastic address", allocation, vpc_of[interface])

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        ec2 = account.client("ec2")
        (address,) = ec2.describe_addresses(AllocationIds=[key])["Addresses"]
        if "AssociationId" in address:
            ec2.disassociate_address(AssociationId=address["AssociationId"])
        ec2.release_address(AllocationId=key)


class Endpoints(Kind):
    """VPC endpoints. GuardDuty creates one where Runtime Monitoring is on (GuardDuty user guide, "VPC endpoints")."""

    name = "VPC endpoint"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        if not search.vpcs:
            return
        for endpoint in search.pages(
            "ec2", "describe_vpc_endpoints", "VpcEndpoints", Filters=[*search.in_our_vpcs]
        ):
            if endpoint["State"].lower() != "deleted":
                yield from search.inside(
                    "VPC endpoint", endpoint["VpcEndpointId"], endpoint["VpcId"]
                )

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        ec2 = account.client("ec2")
        for failed in ec2.delete_vpc_endpoints(VpcEndpointIds=[key])["Unsuccessful"]:
            error = failed["Error"]
            if "NotFound" in error["Code"]:
                return
            raise CloudError(
                f"The VPC endpoint {key} can't be deleted: {error['Code']}: {error['Message']}",
                "Delete it in the VPC console, then rerun 'labkit down'.",
            )
        _wait(lambda: _endpoint_is_gone(ec2, key), f"The VPC endpoint {key} isn't deleted", clock)


KINDS = (NetworkInterfaces(), Addresses(), Endpoints())


def _interfaces(search: Search) -> Iterator[Resource]:
    tagged = search.pages(
        "ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=[*TAG_FILTER]
    )
    for interface in tagged:
        if not _goes_along(interface):
            yield from search.tagged(
                "network interface", interface["NetworkInterfaceId"], interface["TagSet"]
            )
    for interface in _in_our_vpcs(search) if search.vpcs else ():
        if not _goes_along(interface):
            yield from search.inside(
                "network interface", interface["NetworkInterfaceId"], interface["VpcId"]
            )


def _in_our_vpcs(search: Search) -> Iterator[dict[str, Any]]:
    yield from search.pages(
        "ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=[*search.in_our_vpcs]
    )


def _goes_along(interface: dict[str, Any]) -> bool:
    """Whether an interface goes with its server, or belongs to a service that removes it."""
    attachment = interface.get("Attachment", {})
    with_server = bool(attachment.get("InstanceId")) and attachment.get("DeleteOnTermination")
    return bool(with_server or interface.get("RequesterManaged"))


def _is_free(ec2: Any, interface: str) -> bool:
    (found,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"]
    return str(found["Status"]) == "available"


def _endpoint_is_gone(ec2: Any, endpoint: str) -> bool:
    try:
        found = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    except ClientError as error:
        if is_missing(error):
            return True
        raise
    return all(each["State"].lower() == "deleted" for each in found)


def _wait(is_done: Any, problem: str, clock: Clock) -> None:
    for pause in islice(backoff(first=0.2, longest=10.0, growth=1.5), _MAX_POLLS):
        if is_done():
            return
        clock.sleep(pause)
    raise CloudError(f"{problem}.", "Look at it in the console, then rerun 'labkit down'.")
