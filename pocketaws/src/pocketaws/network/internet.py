"""The internet as a server sees it: names have addresses, and some addresses answer.

Nothing here opens a connection. A name that isn't AWS's always gets the same address.
"""

from __future__ import annotations

import ipaddress
import re
import zlib

_NAME = re.compile(
    r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]{2,63}\.?", re.IGNORECASE
)
_NOWHERE = (".invalid", ".test", ".example", ".localhost", ".local", ".internal", ".lan", ".home")
# Networks for other people's public hosts. All are allocated and routed.
_PUBLIC = tuple(
    ipaddress.ip_network(cidr)
    for cidr in ("93.184.208.0/20", "104.16.0.0/14", "151.101.0.0/16", "185.199.108.0/22")
)
# Networks of AWS's public endpoints (ip-ranges.json, service AMAZON).
_AWS = tuple(
    ipaddress.ip_network(cidr) for cidr in ("52.94.0.0/20", "54.239.32.0/21", "52.119.128.0/20")
)
_OPEN_TCP = {22, 25, 53, 80, 443, 587, 993, 8080, 8443}
_OPEN_UDP = {53, 123, 443}


def resolve(name: str) -> str | None:
    """The address of a public name; ``None`` if it doesn't exist (NXDOMAIN)."""
    lowered = name.lower().rstrip(".")
    if not _NAME.fullmatch(lowered) or lowered.endswith(_NOWHERE):
        return None
    public = re.fullmatch(r"ec2-(\d+)-(\d+)-(\d+)-(\d+)\..*\.amazonaws\.com", lowered)
    if public:
        return ".".join(public.groups())
    networks = (
        _AWS if lowered.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws")) else _PUBLIC
    )
    number = zlib.crc32(lowered.encode())
    network = networks[number % len(networks)]
    return str(network[number % (network.num_addresses - 2) + 1])


def answers(address: str, protocol: int, port: int) -> bool:
    """Whether a public host accepts connections at a port."""
    if protocol == 1:
        return True
    return port in (_OPEN_TCP if protocol == 6 else _OPEN_UDP) and is_public(address)


def is_public(address: str) -> bool:
    """Whether an address is routed on the internet (RFC 2544's range counts, because clients on loopback appear there)."""
    parsed = ipaddress.ip_address(address)
    return parsed.is_global or parsed in ipaddress.ip_network("198.18.0.0/15")
