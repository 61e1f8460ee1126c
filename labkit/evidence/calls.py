"""Call AWS through a given client, without importing boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from labkit.error_causes import Cause, cause_of

ClientFactory = Callable[[str], Any]
"""``client("logs")``: a boto3 client of a service, in the seat's account and Region."""


class AwsCallError(Exception):
    """AWS answered a call with an error. ``permission`` is what the call needs (``logs:FilterLogEvents``)."""

    def __init__(self, permission: str, on: str, code: str, text: str) -> None:
        super().__init__(f"{permission} on {on}: {code}: {text}")
        self.permission = permission
        self.on = on
        self.code = code
        self.text = text

    @property
    def missing(self) -> bool:
        """Whether the requested thing doesn't exist."""
        return self.cause is Cause.MISSING

    @property
    def cause(self) -> Cause:
        return cause_of(self.code, self.text)

    def explain(self) -> str:
        """Explain the error to the instructor in one line."""
        if self.cause in (Cause.DENIED, Cause.ORGANIZATION):
            return f"the grader lacks the permission {self.permission} on {self.on}"
        if self.cause is Cause.THROTTLED:
            return f"AWS throttled {self.permission} ({self.code}); grade again in a minute"
        return f"{self.permission} on {self.on} failed: {self.code}: {self.text}"


def call(permission: str, on: str, method: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
    """Call one operation; raises ``AwsCallError`` if AWS answers with an error.

    This package must not import botocore, so it recognizes a ``ClientError`` by its ``response`` (botocore: "Parsing
    error responses"). Other exceptions, such as a lost connection, pass through.
    """
    try:
        answer: dict[str, Any] = method(**parameters)
    except Exception as error:
        response = getattr(error, "response", None)
        if not isinstance(response, Mapping) or "Error" not in response:
            raise
        details = response["Error"]
        raise AwsCallError(
            permission, on, str(details.get("Code", "")), str(details.get("Message", ""))
        ) from error
    return answer


def pages(
    permission: str,
    on: str,
    method: Callable[..., Any],
    parameters: Mapping[str, Any],
    *,
    request_key: str = "NextToken",
    answer_key: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield every page of a list. The token's key is ``request_key`` in requests, and ``answer_key`` in answers if it differs.

    An empty page isn't necessarily the last one; only a missing token ends the list.
    """
    more: dict[str, Any] = {}
    while True:
        page = call(permission, on, method, **parameters, **more)
        yield page
        if not (value := page.get(answer_key or request_key)):
            return
        more = {request_key: value}


def log_events(
    logs: Any, group: str, start: datetime, end: datetime
) -> Iterator[Mapping[str, Any]]:
    """Yield all events of a log group in a window (CloudWatch Logs API reference, FilterLogEvents)."""
    parameters = {
        "logGroupName": group,
        "startTime": _milliseconds(start),
        "endTime": _milliseconds(end),
    }
    for page in pages(
        "logs:FilterLogEvents", group, logs.filter_log_events, parameters, request_key="nextToken"
    ):
        yield from page.get("events", ())


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def moment(milliseconds: int) -> datetime:
    """The time of a log event."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def utc(value: datetime | str) -> datetime:
    """Convert a time from an AWS answer (boto3's datetime, or ISO 8601 text with Z) to UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(UTC)
