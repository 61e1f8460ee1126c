"""When a workshop's stacks delete themselves, and the stack parameters that say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from labkit.errors import UsageError
from labkit.model import Workshop

EXPIRES_PARAMETER = "Expires"
RETENTION_PARAMETER = "RetentionDays"
DETECTOR_GRACE = timedelta(hours=1)
"""The detector outlives the threat lists in it, because a list can't be deleted without its detector."""

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# Of the values that CloudWatch Logs accepts (API reference, "PutRetentionPolicy"), those in the templates.
_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60)
# Logs stay a little longer than the lab, so that an extended lab doesn't lose its first hours.
_RETENTION_MARGIN = timedelta(days=1)


def expiry_for(workshop: Workshop, now: datetime) -> datetime:
    """Return when a workshop that ``up`` deploys or renews now expires: its time to live after it starts.

    Without ``starts`` in ``workshop.toml``, it starts now. Raises ``UsageError`` if that expiry has passed.
    """
    expires = (workshop.starts or now) + workshop.ttl
    if expires <= now:
        raise UsageError(
            f"The workshop started at {format_time(workshop.starts or now)} and its time to live has ended.",
            "Correct starts or ttl in workshop.toml.",
        )
    return expires.replace(microsecond=0)


def expiry_parameters(expires: datetime, now: datetime) -> dict[str, str]:
    """Return the parameters of every stack that expires and keeps logs or files."""
    return {
        EXPIRES_PARAMETER: format_time(expires),
        RETENTION_PARAMETER: str(retention_days(expires, now)),
    }


def retention_days(expires: datetime, now: datetime) -> int:
    """Return how many days logs and files must stay so that none disappears before the expiry."""
    needed = expires - now + _RETENTION_MARGIN
    return next((d for d in _RETENTION_DAYS if timedelta(days=d) >= needed), _RETENTION_DAYS[-1])


def format_time(moment: datetime) -> str:
    """Return a time as templates and tags have it: ISO 8601, UTC, in whole seconds."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def parse_time(text: str) -> datetime | None:
    """Return the time in a stack's parameter or tag; None if it isn't one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
