"""What is kept of EC2 beside moto's state."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Ec2Store:
    """EC2 of an account in a Region."""

    launches: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Client token -> what was asked for, and the instances that were made."""
