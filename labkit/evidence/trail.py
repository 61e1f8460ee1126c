"""The trail's files in its bucket: every API call in the account, as CloudTrail delivered it.

Sources: CloudTrail user guide, "CloudTrail log file names" (the time in a name is the time of delivery) and
"CloudTrail record contents". CloudTrail can deliver a record twice; both have the same ``eventID``.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.evidence.addresses import canonical
from labkit.evidence.calls import call, pages, utc
from labkit.evidence.window import Window
from labkit.model import ApiEvent

# CloudTrail delivers "on average within about 5 minutes", without a guarantee, so search an hour of files.
DELIVERY = timedelta(hours=1)
# Characters of a parameter to keep. An object's key has at most 1,024 bytes (S3 user guide, "Naming Amazon S3 objects").
_LONGEST = 8192
_DELIVERED_AT = re.compile(r"_(\d{8}T\d{4})Z_[^/]+\.json\.gz$")


def parse(record: Mapping[str, Any]) -> ApiEvent:
    """Parse a CloudTrail record of any version 1.x; the oldest have no ID, and Insights events have no name."""
    return ApiEvent(
        event_id=_identity(record),
        name=record.get("eventName", ""),
        source=record.get("eventSource", ""),
        time=utc(record["eventTime"]),
        read_only=bool(record.get("readOnly", False)),
        user=caller(record),
        address=caller_address(record),
        error_code=record.get("errorCode"),
        resources=tuple(
            resource["ARN"] for resource in record.get("resources") or () if resource.get("ARN")
        ),
        record=shortened(record),
    )


def shortened(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without the rest of very long parameters, such as the text of a query.

    An attendee can make any number of them, and every seat's grading would take longer.
    """
    asked = record.get("requestParameters")
    if not isinstance(asked, Mapping):
        return dict(record)
    if not any(isinstance(value, str) and len(value) > _LONGEST for value in asked.values()):
        return dict(record)
    short = {
        name: f"{value[:_LONGEST]} …" if isinstance(value, str) and len(value) > _LONGEST else value
        for name, value in asked.items()
    }
    return {**record, "requestParameters": short}


def _identity(record: Mapping[str, Any]) -> str:
    """Return what identifies a record if CloudTrail delivers it twice."""
    return str(record.get("eventID") or json.dumps(record, sort_keys=True))


def named_instances(event: ApiEvent) -> set[str]:
    """Return the servers that a call names in its parameters."""
    parameters = event.record.get("requestParameters") or {}
    several = parameters.get("instanceIds") or ()
    return {parameters.get("instanceId"), parameters.get("target"), *several} - {None}


def caller(record: Mapping[str, Any]) -> str | None:
    """Return who made a call: the session name of an assumed role, a user's name, or a service.

    Source: CloudTrail user guide, "CloudTrail userIdentity element": the ARN of an assumed role ends in the
    session name.
    """
    identity = record.get("userIdentity") or {}
    kind = identity.get("type")
    if kind == "AssumedRole":
        arn = str(identity.get("arn") or "")
        return arn.rpartition("/")[2] or str(identity.get("principalId", "")).rpartition(":")[2]
    if kind == "Root":
        return "root"
    named = identity.get("userName") or identity.get("invokedBy") or identity.get("principalId")
    return str(named) if named else None


def caller_address(record: Mapping[str, Any]) -> str | None:
    """Return where a call came from: an address in its usual notation, or the name of an AWS service."""
    address = record.get("sourceIPAddress")
    return canonical(str(address)) if address else None


def role_of(record: Mapping[str, Any]) -> str | None:
    """Return the name of the role that issued the caller's session, or None if the caller isn't a session.

    Source: CloudTrail user guide, "CloudTrail userIdentity element" (``sessionIssuer``). A caller chooses the session's
    name, but not the role that issues it.
    """
    issuer = ((record.get("userIdentity") or {}).get("sessionContext") or {}).get("sessionIssuer")
    name = (issuer or {}).get("userName")
    return str(name) if name else None


def read_file(body: bytes) -> Iterator[Mapping[str, Any]]:
    """Yield the records in one delivered file (gzipped JSON with a list under ``Records``)."""
    yield from json.loads(gzip.decompress(body)).get("Records", ())


def days(windows: Iterable[Window]) -> tuple[str, ...]:
    """Return the day folders (``2026/03/02``) that can contain records of the windows."""
    found: set[str] = set()
    for window in windows:
        day = window.start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day <= window.end + DELIVERY:
            found.add(f"{day:%Y/%m/%d}")
            day += timedelta(days=1)
    return tuple(sorted(found))


def may_hold(key: str, windows: Iterable[Window]) -> bool:
    """Whether a file can contain records of the windows, according to the delivery time in its name."""
    named = _DELIVERED_AT.search(key)
    if named is None:
        return False
    delivered = datetime.strptime(named[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    # The name has no seconds: a file named 08:30 might have been delivered at 08:30:59.
    latest = delivered + timedelta(minutes=1)
    return any(w.start <= latest and delivered <= w.end + DELIVERY for w in windows)


def fetch(
    s3: Any, bucket: str, account: str, region: str, windows: Sequence[Window]
) -> tuple[ApiEvent, ...]:
    """Return the records of the windows in a trail's bucket, each once, by time."""
    found: dict[str, ApiEvent] = {}
    for day in days(windows):
        prefix = f"AWSLogs/{account}/CloudTrail/{region}/{day}/"
        for key in _keys(s3, bucket, prefix):
            if may_hold(key, windows):
                for record in _records(s3, bucket, key):
                    if any(window.contains(utc(record["eventTime"])) for window in windows):
                        found.setdefault(_identity(record), parse(record))
    return tuple(sorted(found.values(), key=lambda event: (event.time, event.event_id)))


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    parameters = {"Bucket": bucket, "Prefix": prefix}
    for page in pages(
        "s3:ListBucket",
        bucket,
        s3.list_objects_v2,
        parameters,
        request_key="ContinuationToken",
        answer_key="NextContinuationToken",
    ):
        yield from (entry["Key"] for entry in page.get("Contents", ()))


def _records(s3: Any, bucket: str, key: str) -> Iterator[Mapping[str, Any]]:
    answer = call("s3:GetObject", f"{bucket}/{key}", s3.get_object, Bucket=bucket, Key=key)
    yield from read_file(answer["Body"].read())
