"""The class of a terminated instance. It's in its own module because moto's classes take half a second to import."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.instances import Instance


class Terminated(Instance):  # moto's classes have no types here
    """A terminated instance: no addresses, subnet, or interfaces."""

    @property
    def network_interfaces(self) -> list[Any]:
        return []

    @property
    def private_ip(self) -> None:
        return None

    @property
    def private_ip_address(self) -> None:
        return None

    @property
    def public_ip(self) -> None:
        return None

    @property
    def public_ip_address(self) -> None:
        return None

    @property
    def private_dns_name(self) -> str:
        return ""

    @property
    def public_dns_name(self) -> str:
        return ""

    @property
    def vpc_id(self) -> None:
        return None

    @property
    def subnet_id(self) -> None:
        return None
