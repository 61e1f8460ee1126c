"""Add the record fields that neither the request nor the response has.

Source: the real samples (ssm:SendCommand).
"""

from __future__ import annotations

from typing import Any

_REQUESTS: dict[tuple[str, str], dict[str, Any]] = {
    ("ssm", "SendCommand"): {"interactive": False},
}
_COMMAND = {
    "alarmConfiguration": {"alarms": [], "ignorePollAlarmFailure": False},
    "clientName": "",
    "clientSourceId": "",
    "hasCancelCommandSignature": False,
    "hasSendCommandSignature": False,
    "interactive": False,
    "triggeredAlarms": [],
}


def add_to_request(service: str, operation: str, fields: dict[str, Any]) -> None:
    """Add the fields that a record always has in its request parameters."""
    for name, value in _REQUESTS.get((service, operation), {}).items():
        fields.setdefault(name, value)


def add_to_response(service: str, operation: str, fields: dict[str, Any]) -> None:
    """Add the fields that a record always has in its response elements."""
    if (service, operation) == ("ssm", "SendCommand") and "command" in fields:
        fields["command"] = {**_COMMAND, **fields["command"]}
