"""Parses a list's location: the URL forms that GuardDuty accepts for an S3 object.

Source: GuardDuty user guide, "Adding and activating an entity list or IP list", "Format of location
URL".
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from .store import bad_request

_BUCKET = r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"
_KEY = r"(?P<key>.+)"
_HOST = r"s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"s3://{_BUCKET}/{_KEY}",
        rf"https?://{_HOST}/{_BUCKET}/{_KEY}",
        rf"https?://{_BUCKET}\.{_HOST}/{_KEY}",
    )
)


def read_location(location: str) -> tuple[str, str]:
    """Return ``(bucket, key)`` of a list's file; raises ``BadRequestException``."""
    for form in _FORMS:
        match = form.fullmatch(location)
        if match is not None:
            is_url = location.startswith("http")
            return match["bucket"], unquote(match["key"]) if is_url else match["key"]
    raise bad_request("the parameter location has an invalid value.")
