"""Record every call as an event of its account, if AWS would record it.

The pipeline calls ``record`` for every call, answered or refused. Events without a call are in
``synthetic_events``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..inputs import world_input
from .delivery.selection import is_selected
from .history.log import EventLog
from .observers import notify
from .records import ec2, s3, shapes
from .records.additions import add_to_request, add_to_response
from .records.errors import error_code, error_message, is_denial
from .records.event import Event, whole_second
from .records.identity import NOBODY
from .records.operation import Operation, operation
from .records.redaction import redact_request, redact_response
from .records.resources import resources_of
from .shared_events import shared_event_for

if TYPE_CHECKING:
    from ..errors import AwsError
    from ..gateway.call import Call
    from ..world import World

# CloudTrail leaves out parameters of more than 100 KB (user guide, "CloudTrail record contents").
_LARGEST_PARAMETERS = 100 * 1024


def record(
    call: Call,
    result: dict[str, Any] | None,
    error: AwsError | None,
    sent: Callable[[], int] = lambda: 0,
) -> Event | None:
    """Record a call that returned ``result`` or failed with ``error``.

    ``sent`` returns the response's length.

    Returns the event if it's in the event history of the caller's account and nowhere else.

    An operation that pocketaws doesn't emulate leaves no event, because AWS would have answered it.
    """
    facts = operation(call.service, call.operation)
    if facts.category == "none" or (error is not None and error.code == "NotImplemented"):
        return None
    region = facts.region(call.region)
    event = _event(call, facts, region)
    notify(call, event, error)
    describe = functools.partial(_describe, call, event, result, error, sent)
    if facts.category == "Data":
        _keep_data(call, event, describe)
        return None
    describe()
    log = call.world.store(EventLog, call.account, region)
    event.identity = log.identity(call.caller)
    log.events.append(event)
    if call.service == "sts" and call.operation == "AssumeRole" and error is None:
        _share_session(call, event)
        return None
    return event


@world_input("cloudtrail.keep")
def keep(world: World, event: Event) -> None:
    """Store an event that was recorded earlier, which is all that replaying a read-only call needs."""
    log = world.store(EventLog, event.account, event.region)
    event.identity = log.same_identity(event.identity)
    log.events.append(event)


def _keep_data(call: Call, event: Event, describe: Callable[[], None]) -> None:
    """Store a data event for the caller and for the bucket's owner, if their trails select it.

    Source: S3 user guide, "Amazon S3 object-level actions in cross-account scenarios".
    """
    log = call.world.store(EventLog, call.account, event.region)
    event.identity = log.identity(call.caller)
    event.resources = _resources(call, event)
    selecting = [
        account
        for account in dict.fromkeys((call.account, _owner(call)))
        if is_selected(call.world, event, account)
    ]
    if not selecting:
        return
    call.world.note_change()
    describe()
    if call.account in selecting:
        log.data_events.append(event)
    for account in selecting:
        if account != call.account:
            other = shared_event_for(call.world, call.caller, event, account)
            call.world.store(EventLog, account, event.region).data_events.append(other)


def _share_session(call: Call, event: Event) -> None:
    """Record the call in the role's account as well, if that's another account.

    Source: IAM user guide, "Logging IAM and AWS STS API calls" (denied calls aren't recorded there).
    """
    account = str(call.params["RoleArn"]).split(":")[4]
    if call.caller.kind == "AWSService":
        event.shared_event_id = call.world.uuid()
    elif account != call.account:
        other = shared_event_for(call.world, call.caller, event, account)
        call.world.store(EventLog, account, event.region).events.append(other)


def _describe(
    call: Call,
    event: Event,
    result: dict[str, Any] | None,
    error: AwsError | None,
    sent: Callable[[], int],
) -> None:
    if error is not None:
        if call.service == "s3":
            error = s3.full_error(call, error)
        event.error_code = error_code(call.service, call.operation, error)
        event.error_message = error_message(error)
    elif event.operation.keeps_response and (result or call.service == "ec2"):
        event.response = _response(call, result or {})
    event.parameters = _parameters(call, error)
    event.resources = _resources(call, event)
    if call.service == "s3":
        event.additional_data = s3.additional_data(call, error, sent())


def _event(call: Call, facts: Operation, region: str) -> Event:
    return Event(
        facts,
        NOBODY,
        whole_second(call.now),
        call.world.uuid(),
        call.request_id,
        call.account,
        region,
        None,
        None,
    )


def _owner(call: Call) -> str:
    """The bucket's account, or the caller's if the bucket doesn't exist (any longer)."""
    bucket = call.params.get("Bucket") if call.service == "s3" else None
    owner = moto_state.bucket_account(bucket) if bucket is not None else None
    return owner or call.account


def _parameters(call: Call, error: AwsError | None) -> dict[str, Any] | None:
    if call.service == "s3":
        return s3.request_parameters(call)
    if len(call.http.body) > _LARGEST_PARAMETERS:
        return None
    if call.service == "ec2":
        converted = ec2.request_converter(call.operation)(call.params)
        redact_request("ec2", call.operation, converted)
        return converted
    # The other services refuse before they read the parameters (the real samples of STS).
    if not call.params or (error is not None and is_denial(error)):
        return None
    converted = shapes.request_converter(call.service, call.operation)(call.params)
    add_to_request(call.service, call.operation, converted)
    redact_request(call.service, call.operation, converted)
    return converted or None


def _response(call: Call, result: dict[str, Any]) -> dict[str, Any] | None:
    if call.service == "s3":
        return s3.response_elements(call.operation, result)
    if call.service == "ec2":
        converted = ec2.response_converter(call.operation)(result, call.request_id)
    else:
        converted = shapes.response_converter(call.service, call.operation)(result)
        add_to_response(call.service, call.operation, converted)
    redact_response(call.service, call.operation, converted)
    return converted or None


def _resources(call: Call, event: Event) -> list[dict[str, Any]] | None:
    if call.service == "s3":
        return s3.resources(
            call.params.get("Bucket"), call.params.get("Key"), _owner(call),
            of_objects=event.operation.category == "Data",
        )  # fmt: skip
    if event.error_code is not None and call.service == "sts":
        return None
    return resources_of(call.service, call.operation, event.parameters, event.region, call.account)
