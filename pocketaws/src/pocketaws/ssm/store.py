"""Systems Manager's state, except for parameters, which moto stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .. import paging
from ..errors import AwsError


@dataclass
class ManagedInstance:
    """An instance whose agent has registered."""

    instance_id: str
    role_name: str
    registered_at: datetime
    last_ping: datetime
    boots: int


@dataclass
class Invocation:
    """A command on one instance."""

    instance_id: str
    status: str = "Pending"
    details: str = "Pending"
    """The detailed status."""
    visible: bool = False
    """Whether reads see it yet."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_status: int = -1
    output: str = ""
    errors: str = ""

    def set_status(self, status: str, details: str | None = None) -> None:
        """Set the status and its detailed form, which is the same by default."""
        self.status, self.details = status, details or status


@dataclass
class Command:
    """A command sent to instances."""

    command_id: str
    document: str
    commands: list[str]
    folder: str
    timeout_seconds: float
    instance_ids: list[str]
    targets: list[dict[str, object]]
    comment: str
    parameters: dict[str, list[str]]
    requested_at: datetime
    expires_after: datetime
    invocations: dict[str, Invocation] = field(default_factory=dict)
    delivery_seconds: int = 3600
    max_concurrency: str = "50"
    max_errors: str = "0"


@dataclass
class SsmStore:
    """The Systems Manager state of an account in a Region."""

    instances: dict[str, ManagedInstance] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)


def page(name: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the requested page, ``{name: …, "NextToken": …}``, with at most 50 items."""
    error = AwsError("InvalidNextToken", "The specified token is not valid.")
    size = min(params.get("MaxResults", 50), 50)
    return paging.page(name, items, params.get("NextToken"), size, error)
