"""Names of what CloudTrail delivers: object keys and log streams.

Source: CloudTrail user guide, "Finding your CloudTrail log files" and "Log group and log stream
naming for CloudTrail".
"""

from __future__ import annotations

import string
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...world import World
    from ..trails.store import Trail

SERVICE = "cloudtrail.amazonaws.com"
_ALPHABET = string.ascii_letters + string.digits


def key_prefix(trail: Trail) -> str:
    """``[PREFIX/]AWSLogs/ACCOUNT/CloudTrail``."""
    own = f"AWSLogs/{trail.account}/CloudTrail"
    return f"{trail.prefix}/{own}" if trail.prefix else own


def file_key(world: World, trail: Trail, region: str) -> str:
    """The key of a log file that is delivered now."""
    now = world.now
    unique = "".join(world.random.choice(_ALPHABET) for _ in range(16))
    return (
        f"{key_prefix(trail)}/{region}/{now:%Y/%m/%d}/"
        f"{trail.account}_CloudTrail_{region}_{now:%Y%m%dT%H%MZ}_{unique}.json.gz"
    )


def digest_key(trail: Trail, region: str, end: datetime) -> str:
    """The key of the digest file that ends at ``end``."""
    prefix = f"{trail.prefix}/" if trail.prefix else ""
    return (
        f"{prefix}AWSLogs/{trail.account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}/"
        f"{trail.account}_CloudTrail-Digest_{region}_{trail.name}_{trail.home_region}_"
        f"{end:%Y%m%dT%H%M%SZ}.json.gz"
    )


def stream_name(trail: Trail, region: str) -> str:
    return f"{trail.account}_CloudTrail_{region}"
