"""Whether security groups and routes let a packet through.

Source: VPC user guide, "Control traffic to your AWS resources using security groups", "Enable internet
access for a VPC using an internet gateway", "Block public access to VPCs and subnets".
"""

from __future__ import annotations

import ipaddress
from typing import Any, Literal

Direction = Literal["INBOUND", "OUTBOUND"]
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}


def allowed(interface: Any, direction: Direction, protocol: int, port: int, address: str) -> bool:
    """Whether the interface's security groups let a conversation start (its replies always pass)."""
    rules = [
        rule
        for group in interface.group_set
        for rule in (group.ingress_rules if direction == "INBOUND" else group.egress_rules)
    ]
    return any(_matches(interface, rule, protocol, port, address) for rule in rules)


def _matches(interface: Any, rule: Any, protocol: int, port: int, address: str) -> bool:
    name = str(rule.ip_protocol)
    if name != "-1":
        number = PROTOCOLS.get(name) or (int(name) if name.isdigit() else None)
        if number != protocol:
            return False
        bounded = protocol in {6, 17} and rule.from_port is not None and rule.from_port != -1
        if bounded and not rule.from_port <= port <= rule.to_port:
            return False
    cidr = rule.cidr_ipv4
    if cidr:
        return ipaddress.ip_address(address) in ipaddress.ip_network(cidr, strict=False)
    source = rule.source_group.get("GroupId") if rule.source_group else None
    return source is not None and address in _addresses_in(interface.ec2_backend, source)


def _addresses_in(backend: Any, group_id: str) -> set[str]:
    return {
        str(eni.private_ip_address)
        for eni in backend.enis.values()
        if any(group.id == group_id for group in eni.group_set)
    }


def has_internet(interface: Any, direction: Direction = "OUTBOUND") -> bool:
    """Whether the interface has a public address and a route to an internet gateway that nothing blocks."""
    backend, subnet = interface.ec2_backend, interface.subnet
    if not interface.public_ip or _is_blocked(backend, direction):
        return False
    return any(
        route.gateway is not None
        and route.destination_cidr_block == "0.0.0.0/0"
        and getattr(route.gateway, "vpc", None) is not None
        for route in _route_table(backend, subnet).routes
    )


def _is_blocked(backend: Any, direction: Direction) -> bool:
    """Whether VPC Block Public Access keeps conversations from beginning in this direction."""
    mode = getattr(backend, "public_access_mode", "off")
    return mode == "block-bidirectional" or (mode == "block-ingress" and direction == "INBOUND")


def _route_table(backend: Any, subnet: Any) -> Any:
    tables = [t for t in backend.route_tables.values() if t.vpc_id == subnet.vpc_id]
    for table in tables:
        if subnet.id in table._associations.values():  # noqa: SLF001 - moto shows them only as dicts
            return table
    return next(table for table in tables if table.main_association_id is not None)
