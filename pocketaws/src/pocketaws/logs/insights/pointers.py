"""Decodes ``@ptr``."""

from __future__ import annotations

import base64
import binascii
import json

from ...errors import AwsError
from .values import Pointer


def read_pointer(text: str) -> Pointer:
    """Decode a pointer's text; raises ``AwsError`` (``InvalidParameterException``)."""
    try:
        found = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _invalid() from error
    match found:
        case [str(group), str(stream), int(timestamp), int(sequence)]:
            return Pointer(group, stream, timestamp, sequence)
    raise _invalid()


def _invalid() -> AwsError:
    return AwsError("InvalidParameterException", "Invalid log record pointer.")
