"""What an error of AWS means to a person: its cause by code and message, and what to do about it.

This is the only place that knows error codes by cause. It imports neither boto3 nor botocore, so that evidence can use it.

Sources: "Common errors" in the services' API references; EC2 API reference, "Error codes"; IAM user guide, "Troubleshoot
access denied error messages" (which policy denied a call) and "Troubleshooting Signature Version 4 signing" (clocks); STS API
reference, "AssumeRole" (``RegionDisabledException``).
"""

from __future__ import annotations

import re
from enum import Enum


class Cause(Enum):
    """Why AWS didn't do what it should."""

    EXPIRED = "the credentials have expired"
    CLOCK = "this machine's clock is wrong"
    REGION = "the Region isn't enabled"
    CREDENTIALS = "AWS doesn't know the credentials"
    ORGANIZATION = "a policy of the organization denies it"
    DENIED = "the caller lacks a permission"
    QUOTA = "a quota is used up"
    CAPACITY = "AWS has no such servers left right now"
    THROTTLED = "too many calls"
    MISSING = "it doesn't exist"
    UNAVAILABLE = "the service has a problem"
    OTHER = ""


_EXPIRED = ("ExpiredToken", "TokenRefreshRequired", "RequestExpired")
_CLOCK = ("RequestTimeTooSkewed", "RequestInTheFuture")
_CLOCK_TEXTS = ("Signature expired", "Signature not yet current", "current time on your computer")
_REGION = ("RegionDisabled", "OptInRequired", "InvalidRegion")
_CREDENTIALS = (
    "InvalidClientTokenId", "UnrecognizedClient", "SignatureDoesNotMatch", "InvalidSignature", "AuthFailure",
    "InvalidAccessKeyId", "InvalidToken", "MissingAuthenticationToken", "IncompleteSignature",
)  # fmt: skip
_ORGANIZATION_TEXTS = ("service control policy", "resource control policy")
_DENIED = (
    "AccessDenied", "UnauthorizedOperation", "UnauthorizedAccess", "AuthorizationError", "NotAuthorized",
)  # fmt: skip
_CAPACITY = ("InsufficientInstanceCapacity", "InsufficientHostCapacity", "InsufficientCapacity")
_THROTTLED = (
    "Throttl", "TooManyRequests", "SlowDown", "RequestLimitExceeded", "RequestThrottled",
    "PriorRequestNotComplete", "BandwidthLimitExceeded",
)  # fmt: skip
_QUOTA = ("ServiceQuotaExceeded", "TooManyBuckets", "MaximumNumberOfTrailsExceeded")
_UNAVAILABLE = ("InternalError", "InternalFailure", "InternalServer", "ServiceUnavailable", "ServiceFailure", "Unavailable")  # fmt: skip
_REASON_CODES = re.compile(r"Error ?Code: (\w+)")
_HANDLER_CODES = {
    "ServiceLimitExceeded": Cause.QUOTA,
    "Throttling": Cause.THROTTLED,
    "InvalidCredentials": Cause.CREDENTIALS,
    "ServiceInternalError": Cause.UNAVAILABLE,
}
_CAPACITY_TEXTS = ("InsufficientInstanceCapacity", "do not have sufficient", "is not supported in your requested Availability Zone")  # fmt: skip


def cause_of(code: str, message: str = "") -> Cause:
    """Return the cause of an error by its code, such as ``AccessDeniedException``, and its message."""
    if code.startswith(_CLOCK) or any(text in message for text in _CLOCK_TEXTS):
        return Cause.CLOCK
    for codes, cause in (
        (_EXPIRED, Cause.EXPIRED),
        (_REGION, Cause.REGION),
        (_CREDENTIALS, Cause.CREDENTIALS),
        (_CAPACITY, Cause.CAPACITY),
        (_THROTTLED, Cause.THROTTLED),
        (_UNAVAILABLE, Cause.UNAVAILABLE),
    ):
        if code.startswith(codes):
            return cause
    if code.startswith(_DENIED):
        organization = any(text in message for text in _ORGANIZATION_TEXTS)
        return Cause.ORGANIZATION if organization else Cause.DENIED
    if code.startswith(_QUOTA) or "LimitExceeded" in code:
        return Cause.QUOTA
    if _is_missing(code, message):
        return Cause.MISSING
    return Cause.OTHER


def cause_of_reason(reason: str) -> Cause:
    """Return the cause that a stack event's reason names.

    The codes come from the resource's handler (CloudFormation CLI user guide, "Handler error codes") or from the service.
    """
    for code in _REASON_CODES.findall(reason):
        cause = _HANDLER_CODES.get(code) or cause_of(code, reason)
        if cause is not Cause.OTHER:
            return cause
    if any(text in reason for text in _CAPACITY_TEXTS):
        return Cause.CAPACITY
    return (
        Cause.ORGANIZATION if any(text in reason for text in _ORGANIZATION_TEXTS) else Cause.OTHER
    )


def _is_missing(code: str, message: str) -> bool:
    """Athena and GuardDuty say only in the message that something is missing (API references, "GetWorkGroup", "GetDetector")."""
    if code == "InvalidRequestException":
        return "WorkGroup" in message and "not found" in message
    if code == "BadRequestException":
        return "is not owned by the current account" in message
    return "NotFound" in code or code.startswith("NoSuch")


NEXT_STEPS = {
    Cause.EXPIRED: "Sign in again, for example with 'aws sso login', and rerun the command.",
    Cause.CLOCK: "Set this machine's clock, for example by turning on network time, and rerun the command.",
    Cause.REGION: "Enable the Region in the account's settings (Account > AWS Regions), or set another one in workshop.toml.",
    Cause.CREDENTIALS: "Sign in again. If the Region must be enabled first, enable it in the account's settings.",
    Cause.ORGANIZATION: (
        "Ask the organization's administrator for an exception for this account, or use another account."
    ),
    Cause.DENIED: "Use credentials that are allowed to do this.",
    Cause.QUOTA: "Request an increase in the Service Quotas console, or use fewer seats per account.",
    Cause.CAPACITY: "Rerun the command; AWS might have servers again, or in another zone.",
    Cause.THROTTLED: "Wait a minute, and rerun the command.",
    Cause.MISSING: "Run 'labkit status' to see what exists.",
    Cause.UNAVAILABLE: "Look at the AWS Health Dashboard, and rerun the command later.",
    Cause.OTHER: "Try again. To see the traceback, add --debug.",
}
"""What to do about each cause, in one or two sentences."""
