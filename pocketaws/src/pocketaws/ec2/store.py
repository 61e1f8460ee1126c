"""The EC2 state that isn't in moto."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Ec2Store:
    """The EC2 state of an account and Region."""

    launches: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Client token -> the request's parameters, and the instances that it launched."""
