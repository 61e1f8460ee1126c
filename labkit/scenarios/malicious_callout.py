"""Someone logs in to a server, and a command calls an address on the threat list."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from labkit.model import Marks
from labkit.scenario import Scenario, Settings


def _public(text: str) -> str:
    """GuardDuty accepts only publicly routable IPv4 addresses (GuardDuty user guide, "Setting up lists")."""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        raise ValueError(f"threat address {text!r} isn't an IPv4 address") from None
    if not address.is_global or address.is_multicast:
        raise ValueError(f"threat address {text!r} isn't publicly routable")
    return text


def _without_repetition(addresses: list[str]) -> list[str]:
    for place, address in enumerate(addresses):
        if address in addresses[:place]:
            raise ValueError(f"threat address {address!r} is listed twice")
    return addresses


class MaliciousCalloutSettings(Settings):
    """How many servers a lab has, and which addresses raise the alert."""

    servers: int = Field(default=2, ge=1, le=10)
    threat_addresses: Annotated[
        list[Annotated[str, AfterValidator(_public)]], AfterValidator(_without_repetition)
    ] = Field(default=["209.85.202.94"], min_length=1)


SCENARIO = Scenario(
    name="malicious_callout",
    title="A server calls an address on the threat list",
    description=(
        "Someone logs in to a server, a shell command calls an address on a custom threat list, and GuardDuty "
        "raises an alert. Find the command, the address it called, who was connected, and which API calls changed "
        "the server."
    ),
    settings=MaliciousCalloutSettings,
    commands=("curl -s -m 5 -o /dev/null http://{address}/{token}",),
    marks=Marks(in_command=("{address}",)),
)
