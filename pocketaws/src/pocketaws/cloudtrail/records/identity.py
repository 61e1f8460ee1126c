"""Build ``userIdentity``, which says who made a call.

Source: CloudTrail user guide, "CloudTrail userIdentity element", and the real samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...identity.caller import Caller, Session


@dataclass(slots=True)
class Identity:
    """The caller's identity and source address, shared by all of the caller's records."""

    user_identity: dict[str, Any]
    source_address: str
    user_agent: str
    username: str | None
    """The user name that ``LookupEvents`` returns."""
    access_key_id: str | None
    by_service: bool
    """Whether an AWS service made the call, for itself or for another principal."""


NOBODY = Identity({}, "", "", None, None, by_service=True)
"""A placeholder for an identity that isn't known yet."""


def identity_of(caller: Caller) -> Identity:
    """Return the identity that records show for ``caller``."""
    return Identity(
        user_identity(caller),
        caller.source_address,
        caller.user_agent,
        _username(caller),
        caller.access_key_id,
        caller.invoked_by is not None,
    )


def user_identity(caller: Caller) -> dict[str, Any]:
    if caller.kind == "AWSService":
        return {"type": "AWSService", "invokedBy": caller.invoked_by or caller.arn}
    if caller.kind == "Unknown":
        return {"type": "Unknown", "principalId": "", "accountId": caller.account}
    fields: dict[str, Any] = {
        "type": caller.kind,
        "principalId": caller.principal_id,
        "arn": caller.arn,
        "accountId": caller.account,
    }
    if caller.access_key_id is not None:
        fields["accessKeyId"] = caller.access_key_id
    if caller.user_name is not None:
        fields["userName"] = caller.user_name
    if caller.session is not None:
        fields["sessionContext"] = _session_context(caller.session)
    if caller.invoked_by is not None:
        fields["invokedBy"] = caller.invoked_by
    return fields


def foreign_identity(caller: Caller) -> Identity:
    """Return what an account's records show of a caller from another account.

    Source: IAM user guide, "Logging IAM and AWS STS API calls", the example of cross-account
    access.
    """
    if caller.kind == "AWSService":
        return identity_of(caller)
    return Identity(
        {
            "type": "AWSAccount",
            "principalId": caller.principal_id,
            "accountId": caller.account,
        },
        caller.source_address,
        caller.user_agent,
        None,
        None,
        caller.invoked_by is not None,
    )


def _session_context(session: Session) -> dict[str, Any]:
    context: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": session.role_id,
            "arn": f"arn:aws:iam::{session.account}:role{session.role_path}{session.role_name}",
            "accountId": session.account,
            "userName": session.role_name,
        },
        "attributes": {
            "creationDate": iso(session.issued_at),
            "mfaAuthenticated": "false",
        },
    }
    if session.delivery is not None:
        context["ec2RoleDelivery"] = session.delivery.version
    if session.source_identity is not None:
        context["sourceIdentity"] = session.source_identity
    return context


def _username(caller: Caller) -> str | None:
    match caller.kind:
        case "Root":
            return "root"
        case "IAMUser":
            return caller.user_name
        case "AssumedRole":
            return caller.arn.rpartition("/")[2]
        case "AWSService" | "Unknown":
            return None


def iso(moment: datetime) -> str:
    """Format a time as ``2024-08-01T12:04:19Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
