"""An event as it's stored, and as the record that AWS writes.

Stored events are small, because most are never read. The record is built when it's read. Source:
CloudTrail user guide, "CloudTrail record contents".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import s3
from .identity import Identity, iso
from .operation import Operation

_TLS_VERSION, _CIPHER_SUITE = "TLSv1.3", "TLS_AES_128_GCM_SHA256"


@dataclass(slots=True)
class Event:
    """One event in one account and Region."""

    operation: Operation
    identity: Identity
    time: datetime
    event_id: str
    request_id: str
    account: str
    """The account that the event belongs to (``recipientAccountId``)."""
    region: str
    parameters: dict[str, Any] | None
    response: dict[str, Any] | None
    error_code: str | None = None
    error_message: str | None = None
    resources: list[dict[str, Any]] | None = None
    additional_data: dict[str, Any] | None = None
    shared_event_id: str | None = None


def whole_second(moment: datetime) -> datetime:
    """CloudTrail truncates event times to whole seconds."""
    return moment - timedelta(microseconds=moment.microsecond)


def to_record(event: Event) -> dict[str, Any]:
    """Return the record, ready for ``json.dumps``."""
    operation, identity = event.operation, event.identity
    record: dict[str, Any] = {
        "eventVersion": operation.event_version,
        "userIdentity": _user_identity(operation, identity),
        "eventTime": iso(event.time),
        "eventSource": operation.event_source,
        "eventName": operation.event_name,
        "awsRegion": event.region,
        "sourceIPAddress": identity.source_address,
        "userAgent": _user_agent(operation, identity),
    }
    if event.error_code is not None:
        record["errorCode"] = event.error_code
        record["errorMessage"] = event.error_message
    record["requestParameters"] = event.parameters
    record["responseElements"] = event.response
    if event.additional_data is not None:
        record["additionalEventData"] = event.additional_data
    record["requestID"] = event.request_id
    record["eventID"] = event.event_id
    record["readOnly"] = operation.read_only
    if event.resources is not None:
        record["resources"] = event.resources
    record["eventType"] = "AwsApiCall"
    if operation.api_version is not None:
        record["apiVersion"] = operation.api_version
    record["managementEvent"] = operation.category == "Management"
    record["recipientAccountId"] = event.account
    if event.shared_event_id is not None:
        record["sharedEventID"] = event.shared_event_id
    record["eventCategory"] = operation.category
    if not identity.by_service:
        record["tlsDetails"] = {
            "tlsVersion": _TLS_VERSION,
            "cipherSuite": _CIPHER_SUITE,
            "clientProvidedHostHeader": _host(event),
        }
    return record


def _user_identity(operation: Operation, identity: Identity) -> dict[str, Any]:
    user = identity.user_identity
    context = user.get("sessionContext")
    if context is None or not operation.is_older:
        return user
    return {**user, "sessionContext": {**context, "webIdFederationData": {}}}


def _user_agent(operation: Operation, identity: Identity) -> str:
    agent = identity.user_agent[:1024]
    if operation.service == "s3" and not identity.by_service:
        return f"[{agent}]"
    return agent


def _host(event: Event) -> str:
    if event.operation.service == "s3":
        return s3.host((event.parameters or {}).get("bucketName"), event.region)
    return event.operation.host(event.region)
