"""A workshop, its seats, and the lab of a seat."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

Via = Literal["ssh", "ssm"]


@dataclass(frozen=True, slots=True)
class Seat:
    """One attendee's place. ``account`` is an account ID, or None for the caller's own account."""

    id: str
    account: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """One event, as its ``workshop.toml`` describes it."""

    name: str
    scenario: str
    region: str
    ttl: timedelta
    seats: tuple[Seat, ...]
    access_role: str | None = None
    starts: datetime | None = None
    """When the time to live begins, in UTC; None for the first ``up``."""
    attendee_sign_in: str | None = None
    """The role that attendees sign in with, in their account: path and name, possibly with ``*``."""
    check: Literal["self", "grader"] = "self"
    """Who judges during the event: attendees themselves too, or only the instructor's grader."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The scenario's own settings (``[scenario]``), checked by the scenario."""
    folder: Path = Path()
    """The folder of ``workshop.toml``. Caches, snapshots, and reports go to its subfolder ``.labkit/``."""


class SeatState(StrEnum):
    """The state of a seat's lab."""

    ABSENT = "absent"
    DEPLOYING = "deploying"
    PREPARING = "preparing"
    READY = "ready"
    INCIDENT = "incident"
    FAILED = "failed"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class Instance:
    """A server of a lab. ``public_address`` is None while it's stopped."""

    instance_id: str
    interface_id: str
    private_address: str
    public_address: str | None


@dataclass(frozen=True, slots=True)
class Lab:
    """What is deployed for one seat; the fields are the contract's keys under ``lab``."""

    instances: tuple[Instance, ...]
    trail_name: str
    trail_bucket: str
    trail_log_group: str
    flow_log_group: str
    detector_id: str
    threat_list_id: str | None
    """None if the scenario has no threat list, and for attendees, who can't read it."""
    topic_arn: str
    athena_workgroup: str
    athena_database: str
    athena_table: str
    attendee_role_arn: str
    operator_role_arn: str
    responder_role_arn: str
    grader_role_arn: str
