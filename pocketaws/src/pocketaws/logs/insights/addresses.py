"""Functions of IP addresses.

Source: "Boolean, comparison, numeric, datetime, and other functions", IP address string functions.
"""

from __future__ import annotations

import functools
import ipaddress
import operator
from collections.abc import Callable

from .function import Function, textual
from .values import Value, to_text


@functools.lru_cache(maxsize=65536)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@functools.lru_cache(maxsize=256)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _in_subnet(*versions: int) -> Callable[..., Value]:
    def contains(text: str, subnet: Value) -> bool:
        address, network = _address(text), _network(to_text(subnet))
        return (
            address is not None
            and network is not None
            and address.version == network.version
            and address.version in versions
            and address in network
        )

    return contains


def _address_is(test: Callable[[ipaddress.IPv4Address | ipaddress.IPv6Address], bool]) -> Function:
    def check(value: Value) -> bool:
        address = _address(to_text(value))
        return address is not None and test(address)

    return Function(check, 1, 1)


_RFC_1918 = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


ADDRESS_FUNCTIONS: dict[str, Function] = {
    "isvalidip": _address_is(lambda _: True),
    "isvalidipv4": _address_is(lambda address: address.version == 4),
    "isvalidipv6": _address_is(lambda address: address.version == 6),
    "isipinsubnet": Function(textual(_in_subnet(4, 6)), 2, 2),
    "isipv4insubnet": Function(textual(_in_subnet(4)), 2, 2),
    "isipv6insubnet": Function(textual(_in_subnet(6)), 2, 2),
    "ipv4tonumber": Function(
        textual(lambda t: int(a) if (a := _address(t)) and a.version == 4 else None), 1, 1
    ),
    "isprivateip": _address_is(lambda a: a.version == 4 and any(a in net for net in _RFC_1918)),
    "ispublicip": _address_is(operator.attrgetter("is_global")),
    "isreservedip": _address_is(operator.attrgetter("is_reserved")),
}
