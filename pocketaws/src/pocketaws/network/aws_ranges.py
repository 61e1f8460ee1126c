"""The AWS service that an address belongs to, for the addresses that appear here.

Source: AWS's ip-ranges.json, the networks that ``internet`` and ``ec2.addresses`` take theirs from.
"""

from __future__ import annotations

import functools
import ipaddress

_SERVICES = (
    ("EC2", ("3.0.0.0/8", "13.236.0.0/14", "18.184.0.0/15", "18.200.0.0/16", "18.204.0.0/14", "34.224.0.0/11",
             "35.156.0.0/14", "52.20.0.0/14", "52.28.0.0/15", "52.62.0.0/15", "52.208.0.0/13", "54.144.0.0/14",
             "54.216.0.0/14", "54.252.0.0/16")),
    ("AMAZON", ("52.94.0.0/20", "54.239.32.0/21", "52.119.128.0/20")),
)  # fmt: skip


@functools.lru_cache(maxsize=4096)
def service_at(address: str) -> str | None:
    """``EC2``, ``AMAZON``, or ``None``."""
    parsed = ipaddress.ip_address(address)
    for service, networks in _SERVICES:
        if any(parsed in ipaddress.ip_network(network) for network in networks):
            return service
    return None
