"""One line of a flow log, in the flow log's format.

Source: VPC user guide, "Flow log records" (available fields, versions 2 to 5).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .aws_ranges import service_at

if TYPE_CHECKING:
    from .traffic import Traffic

DEFAULT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
_VERSIONS = {
    2: "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status",
    3: "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr",
    4: "region az-id sublocation-type sublocation-id",
    5: "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path",
}
FIELDS = {name: version for version, names in _VERSIONS.items() for name in names.split()}
_FIELD = re.compile(r"\$\{([a-z0-9-]+)\}")
_FORM = re.compile(rf"{_FIELD.pattern}( {_FIELD.pattern})*")
_FIN, _SYN, _RST, _SYN_ACK = 1, 2, 4, 18


@dataclass(frozen=True, slots=True)
class Record:
    """The packets of a conversation in one direction."""

    source: str
    target: str
    source_port: int
    target_port: int
    protocol: int
    packets: int
    bytes: int
    action: str
    ingress: bool
    flags: int

    def same_flow(self, other: Record) -> bool:
        """Whether two records belong to one flow."""
        return (self.source, self.target, self.source_port, self.target_port, self.protocol, self.action) == (
            other.source, other.target, other.source_port, other.target_port, other.protocol, other.action
        )  # fmt: skip

    def plus(self, other: Record) -> Record:
        """Two records of one flow as one."""
        return replace(
            self,
            packets=self.packets + other.packets,
            bytes=self.bytes + other.bytes,
            flags=self.flags | other.flags,
        )


@dataclass(frozen=True, slots=True)
class Context:
    """The fields of a line that don't come from the traffic."""

    account: str
    region: str
    interface_id: str
    interface: Any


def both_ways(traffic: Traffic) -> list[Record]:
    """The records of a conversation: one for each direction that has packets."""
    begun_here = traffic.direction == "OUTBOUND"
    whole = traffic.packets_in > 0 and traffic.packets_out > 0
    out = Record(
        traffic.private_address, traffic.remote_address, traffic.local_port, traffic.remote_port, traffic.protocol,
        traffic.packets_out, traffic.bytes_out, traffic.action, ingress=False,
        flags=_flags(traffic, first=begun_here, whole=whole),
    )  # fmt: skip
    back = Record(
        traffic.remote_address, traffic.private_address, traffic.remote_port, traffic.local_port, traffic.protocol,
        traffic.packets_in, traffic.bytes_in, traffic.action, ingress=True,
        flags=_flags(traffic, first=not begun_here, whole=whole),
    )  # fmt: skip
    order = [out, back] if begun_here else [back, out]
    return [record for record in order if record.packets > 0]


def _flags(traffic: Traffic, *, first: bool, whole: bool) -> int:
    """The TCP flags in one direction: the initiator sends SYN, the other side SYN-ACK, and both FIN."""
    if traffic.protocol != 6:
        return 0
    if not whole:
        return _SYN
    if traffic.packets_in <= 1 and traffic.packets_out <= 1:
        return _SYN if first else _RST
    return (_SYN if first else _SYN_ACK) | _FIN


def fields_of(form: str) -> list[str]:
    """The names of the fields in a format."""
    return _FIELD.findall(form)


def is_well_formed(form: str) -> bool:
    """Whether a text is ``${…}`` fields with single spaces between them (EC2 API reference, "CreateFlowLogs")."""
    return _FORM.fullmatch(form) is not None


def unknown_fields(form: str) -> list[str]:
    """Names in a format that aren't fields of versions 2 to 5."""
    return [name for name in fields_of(form) if name not in FIELDS]


def line_of(form: str, record: Record, context: Context, start: int, end: int) -> str:
    """A record as a line."""
    values = _values(record, context, start, end)
    values["version"] = str(_version(form))
    return " ".join(values[name] for name in fields_of(form))


def _version(form: str) -> int:
    return max((FIELDS[name] for name in fields_of(form)), default=2)


def idle(form: str, account: str, interface_id: str, start: int, end: int) -> str:
    """The line of a window without traffic."""
    values = {
        "version": str(_version(form)), "account-id": account, "interface-id": interface_id, "start": str(start),
        "end": str(end), "log-status": "NODATA",
    }  # fmt: skip
    return " ".join(values.get(name, "-") for name in fields_of(form))


def _values(record: Record, context: Context, start: int, end: int) -> dict[str, str]:
    interface = context.interface
    instance = interface.instance if interface is not None else None
    subnet = interface.subnet if interface is not None else None
    outward = not record.ingress
    return {
        "account-id": context.account,
        "interface-id": context.interface_id,
        "srcaddr": record.source,
        "dstaddr": record.target,
        "srcport": str(record.source_port),
        "dstport": str(record.target_port),
        "protocol": str(record.protocol),
        "packets": str(record.packets),
        "bytes": str(record.bytes),
        "start": str(start),
        "end": str(end),
        "action": record.action,
        "log-status": "OK",
        "vpc-id": str(subnet.vpc_id) if subnet is not None else "-",
        "subnet-id": str(subnet.id) if subnet is not None else "-",
        "instance-id": str(instance.id) if instance is not None else "-",
        "tcp-flags": str(record.flags),
        "type": "IPv4",
        "pkt-srcaddr": record.source,
        "pkt-dstaddr": record.target,
        "region": context.region,
        "az-id": str(subnet.availability_zone_id) if subnet is not None else "-",
        "sublocation-type": "-",
        "sublocation-id": "-",
        "pkt-src-aws-service": service_at(record.source) or "-",
        "pkt-dst-aws-service": service_at(record.target) or "-",
        "flow-direction": "ingress" if record.ingress else "egress",
        "traffic-path": _path(record, subnet) if outward else "-",
    }


def _path(record: Record, subnet: Any) -> str:
    """``1`` to another resource of the VPC, ``8`` through an internet gateway."""
    if subnet is None:
        return "-"
    vpc = subnet.ec2_backend.get_vpc(subnet.vpc_id)
    inside = ipaddress.ip_address(record.target) in ipaddress.ip_network(str(vpc.cidr_block))
    return "1" if inside else "8"
