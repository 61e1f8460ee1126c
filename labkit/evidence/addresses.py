"""IP addresses in one notation, so that they can be compared as text."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def canonical(text: str) -> str:
    """Return an IP address in its usual notation, mapped IPv4 addresses as IPv4; any other text stays as it is."""
    try:
        address = ip_address(text)
    except ValueError:
        return text
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
