"""Find a trail by name or ARN, and validate names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import AwsError
from .store import Trail, trails_of

if TYPE_CHECKING:
    from ...gateway.call import Call

_ARN = re.compile(
    r"arn:aws:cloudtrail:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):trail/(?P<name>.+)"
)
_SHORTEST, _LONGEST = 3, 128


def trail_arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def find_trail(call: Call, name_or_arn: str) -> Trail:
    """Return a trail in its home Region, or in any Region if it's a multi-Region trail.

    Raises ``TrailNotFoundException``, ``InvalidTrailNameException``, or
    ``CloudTrailARNInvalidException``.
    """
    trail = lookup(call, name_or_arn)
    if trail is None:
        raise AwsError(
            "TrailNotFoundException",
            f"Unknown trail: {name_or_arn} for the user: {call.account}",
        )
    return trail


def find_own_trail(call: Call, name_or_arn: str) -> Trail:
    """Return a trail in its home Region, or raise ``InvalidHomeRegionException``."""
    trail = find_trail(call, name_or_arn)
    if trail.home_region != call.region:
        raise AwsError(
            "InvalidHomeRegionException",
            f"Trail {trail.arn} can only be changed from its home Region {trail.home_region}.",
        )
    return trail


def lookup(call: Call, name_or_arn: str) -> Trail | None:
    trails = trails_of(call.world, call.account).trails
    if name_or_arn.startswith("arn:"):
        if _ARN.fullmatch(name_or_arn) is None:
            raise AwsError(
                "CloudTrailARNInvalidException",
                f"{name_or_arn} is not a valid ARN of a trail.",
            )
        return trails.get(name_or_arn)
    check_name(name_or_arn)
    own = trails.get(trail_arn(call.region, call.account, name_or_arn))
    if own is not None:
        return own
    shadows = (t for t in trails.values() if t.multi_region and t.name == name_or_arn)
    return next(shadows, None)


def check_name(name: str) -> None:
    """Validate a trail's name.

    Source: CloudTrail user guide, "Naming requirements for CloudTrail resources".
    """
    if len(name) < _SHORTEST:
        raise _invalid(f"Trail name too short. Minimum allowed length: {_SHORTEST} characters.")
    if len(name) > _LONGEST:
        raise _invalid(f"Trail name too long. Maximum allowed length: {_LONGEST} characters.")
    for pattern, problem in _WRONG_NAMES.items():
        if re.search(pattern, name):
            raise _invalid(f"Trail name {problem}.")


_WRONG_NAMES = {
    r"^[^A-Za-z0-9]|[^A-Za-z0-9]\Z": "must begin and end with a letter or number",
    r"[^A-Za-z0-9._-]": "can only have letters, numbers, periods, hyphens and underscores",
    r"[._-]{2}": "can not have adjacent periods, hyphens or underscores",
    r"^\d+\.\d+\.\d+\.\d+\Z": "can not be in the form of an IP address",
}


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidTrailNameException", message)
