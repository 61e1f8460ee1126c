"""The EC2 state that isn't in moto."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class PublicAccess:
    """VPC Block Public Access of an account and Region."""

    mode: str = "off"
    state: str = "default-state"
    updated_at: datetime | None = None


@dataclass
class Ec2Store:
    """The EC2 state of an account and Region."""

    launches: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """Client token -> the request's parameters, and the instances that it launched."""
    credits: dict[str, str] = field(default_factory=dict)
    """Instance -> its credit option for CPU usage, if it's burstable."""
    public_access: PublicAccess = field(default_factory=PublicAccess)
