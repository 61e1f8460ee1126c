"""The reason why a resource couldn't be created, updated, or deleted (``ResourceStatusReason``).

Source: CloudFormation CLI user guide, "Handler error codes"; the wording is that of stack events on
AWS.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..errors import AwsError
from .resources.handler import ResourceFailed, ServiceRefused

if TYPE_CHECKING:
    from ..world import World

log = logging.getLogger(__name__)

_SERVICE_NAMES = {
    "ec2": "Ec2",
    "cloudtrail": "CloudTrail",
    "logs": "CloudWatchLogs",
    "guardduty": "GuardDuty",
    "events": "EventBridge",
    "s3": "S3",
}
_HANDLER_CODES = (
    ("AccessDenied", ("AccessDenied", "UnauthorizedOperation", "NotAuthorized")),
    ("AlreadyExists", ("AlreadyExists", "Duplicate", "AlreadyOwned", "ConflictException")),
    ("NotFound", ("NotFound", "NoSuch", "DoesNotExist")),
    ("ServiceLimitExceeded", ("LimitExceeded", "TooMany", "Maximum")),
    ("Throttling", ("Throttl", "RequestLimit")),
    ("InvalidRequest", ("Invalid", "Validation", "Malformed", "BadRequest", "Unsupported")),
)


def reason_of(world: World, error: Exception) -> str:
    """Return the reason for an exception from a resource type or a template value.

    An unexpected exception is logged, and reported as an internal failure, as AWS does.
    """
    if isinstance(error, ServiceRefused):
        service = _SERVICE_NAMES.get(error.service, error.service.title())
        text = (
            f"{error.message} (Service: {service}, Status Code: {error.status}, "
            f"Request ID: {error.request_id})"
        )
        return handler_message(world, text, _handler_code(error.code))
    if isinstance(error, AwsError):
        return error.message
    if isinstance(error, ResourceFailed):
        return str(error)
    log.error("a resource failed because of a bug in the emulator", exc_info=error)
    return "Internal Failure"


def handler_message(world: World, text: str, code: str) -> str:
    """Format a handler's error: ``Resource handler returned message: "…" (RequestToken: …)``."""
    token = world.uuid()
    return (
        f'Resource handler returned message: "{text}" '
        f"(RequestToken: {token}, HandlerErrorCode: {code})"
    )


def _handler_code(code: str) -> str:
    for handler_code, parts in _HANDLER_CODES:
        if any(part in code for part in parts):
            return handler_code
    return "GeneralServiceException"
