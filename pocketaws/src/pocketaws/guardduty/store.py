"""GuardDuty's state: at most one detector per account and Region, with everything in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ..errors import AwsError
from .list_formats import Ranges

if TYPE_CHECKING:
    from ..gateway.call import Call

ListStatus = Literal["INACTIVE", "ACTIVATING", "ACTIVE", "DEACTIVATING", "ERROR", "DELETE_PENDING"]


@dataclass
class AddressList:
    """A list of threat addresses."""

    list_id: str
    name: str
    format: str
    location: str
    status: ListStatus = "INACTIVE"
    expected_bucket_owner: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    ranges: Ranges = field(default_factory=Ranges)
    change: int = 0
    """Counts the list's requested changes, so that an effect can tell if it's been superseded."""


@dataclass
class Finding:
    """A finding. ``body`` is the JSON for events; ``key`` identifies the issue."""

    key: tuple[str, ...]
    body: dict[str, Any]
    published_at: datetime
    unpublished: bool = False
    """Whether it has changed since it was last published."""

    @property
    def finding_id(self) -> str:
        return str(self.body["id"])


@dataclass
class Detector:
    """A detector with its lists and findings, keyed by ID."""

    detector_id: str
    created_at: datetime
    updated_at: datetime
    enabled: bool
    frequency: str
    features: dict[str, dict[str, Any]]
    """Name -> ``{"Status", "UpdatedAt", "Additional": {name: {"Status", "UpdatedAt"}}}``."""
    tags: dict[str, str] = field(default_factory=dict)
    lists: dict[str, AddressList] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Client tokens of create requests -> the IDs created."""


@dataclass
class GuardDutyStore:
    """The detector of one account and Region, if any."""

    detector: Detector | None = None


def bad_request(message: str) -> AwsError:
    return AwsError("BadRequestException", f"The request is rejected because {message}", 400)


def find_detector(call: Call) -> Detector:
    """Return the detector that a call names; raises ``BadRequestException``."""
    detector = call.store(GuardDutyStore).detector
    if detector is None or detector.detector_id != call.params["DetectorId"]:
        raise bad_request("the input detectorId is not owned by the current account.")
    return detector


def detector_arn(account: str, region: str, detector_id: str) -> str:
    return f"arn:aws:guardduty:{region}:{account}:detector/{detector_id}"


def stamp(moment: datetime) -> str:
    """Format a time as GuardDuty does: ISO 8601 with milliseconds, in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
