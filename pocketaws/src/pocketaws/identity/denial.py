"""The error for a denied call: each service's own code, and AWS's sentence about the reason.

Source: IAM user guide, "Troubleshoot access denied error messages"; the services' lists of common errors; SNS API
reference (``AuthorizationError``); EC2 user guide (``UnauthorizedOperation``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AwsError
from ..gateway.protocol import protocol_of

if TYPE_CHECKING:
    from ..gateway.call import Call
    from .checks import Check
    from .evaluate import Decision

_FORBIDDEN = 403
# Services that don't give the reason.
_SILENT = {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}


def denial(call: Call, check: Check, decision: Decision) -> AwsError:
    """The error for a denied check."""
    if call.service == "s3" and check.account not in {None, call.account}:
        return AwsError("AccessDenied", "Access Denied", _FORBIDDEN)
    message = f"User: {call.caller.arn} is not authorized to perform: {check.action}"
    if check.resource != "*":
        resource = f'"{check.resource}"' if call.service == "s3" else check.resource
        message += f" on resource: {resource}"
    if check.action not in _SILENT:
        message += f" {_reason(check, decision)}"
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    code, status = _code(call)
    return AwsError(code, message, status)


def _reason(check: Check, decision: Decision) -> str:
    article = "an" if decision.layer.startswith("i") else "a"
    if decision.explicit:
        return f"with an explicit deny in {article} {decision.layer}"
    return f"because no {decision.layer} allows the {check.action} action"


def _code(call: Call) -> tuple[str, int]:
    if call.service == "ec2":
        return "UnauthorizedOperation", _FORBIDDEN
    if call.service == "sns":
        return "AuthorizationError", _FORBIDDEN
    protocol = protocol_of(call.service)
    if protocol == "json":
        return "AccessDeniedException", 400
    if protocol == "rest-json":
        return "AccessDeniedException", _FORBIDDEN
    return "AccessDenied", _FORBIDDEN
