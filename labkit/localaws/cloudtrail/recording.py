"""Every call becomes an event of its account, where AWS would keep one.

``record`` is called for every call, answered or refused; ``record_unmodelled`` is for calls that no
client can make here (the agents of servers speak operations that are in no service description).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .delivery.wanted import is_wanted
from .history.log import EventLog
from .records import ec2, s3, shapes
from .records.additions import add_to_request, add_to_response
from .records.errors import error_code, error_message, is_denial
from .records.event import Event
from .records.identity import Identity, foreign_identity
from .records.operation import Operation, operation
from .records.redaction import redact_request, redact_response
from .records.resources import resources_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..errors import AwsError
    from ..gateway.call import Call
    from ..identity.caller import Caller
    from ..world import World

# CloudTrail leaves out parameters of more than 100 KB (user guide, "CloudTrail record contents").
_LARGEST_PARAMETERS = 100 * 1024


def record(call: Call, result: dict[str, Any] | None, error: AwsError | None) -> None:
    """Keep the event of one call, answered (``result``) or refused (``error``).

    A call that is not emulated leaves no trace: on AWS it would have been answered.
    """
    facts = operation(call.service, call.operation)
    if facts.category == "none" or (error is not None and error.code == "NotImplemented"):
        return
    region = facts.region(call.region)
    if facts.category == "Data" and not is_wanted(call, facts, region):
        return
    log = call.world.store(EventLog, call.account, region)
    event = _event(call, facts, region, log.identity(call.caller))
    if error is not None:
        event.error_code = error_code(call.service, call.operation, error)
        event.error_message = error_message(error)
    elif facts.keeps_response and result:
        event.response = _response(call, result)
    elif facts.service == "ec2" and facts.keeps_response:
        event.response = _response(call, {})
    event.parameters = _parameters(call, error)
    event.resources = _resources(call, event)
    (log.data_events if facts.category == "Data" else log.events).append(event)
    if call.service == "sts" and call.operation == "AssumeRole" and error is None:
        _share(call, event)


def record_unmodelled(  # noqa: PLR0913
    world: World,
    caller: Caller,
    event_source: str,
    event_name: str,
    region: str,
    *,
    read_only: bool,
    parameters: dict[str, Any] | None,
    response: dict[str, Any] | None = None,
    resources: list[dict[str, Any]] | None = None,
) -> None:
    """Keep the event of a call that is in no service description, its parts as records have them.

    The SSM agent's ``UpdateInstanceInformation`` and ``ListInstanceAssociations`` are such calls;
    ``event_source`` is ``ssm.amazonaws.com`` then.
    """
    service = event_source.partition(".")[0]
    known = operation(service, "DescribeParameters") if service == "ssm" else None
    facts = Operation(
        service,
        event_name,
        event_source,
        event_name,
        read_only,
        "Management",
        known.event_version if known is not None else "1.11",
        None,
        keeps_response=not read_only,
    )
    log = world.store(EventLog, caller.account, region)
    log.events.append(
        Event(
            facts,
            log.identity(caller),
            _whole_second(world.now),
            world.uuid(),
            world.request_id(),
            caller.account,
            region,
            parameters,
            response,
            resources=resources,
        )
    )


def _event(call: Call, facts: Operation, region: str, identity: Identity) -> Event:
    return Event(
        facts,
        identity,
        _whole_second(call.now),
        call.world.uuid(),
        call.request_id,
        call.account,
        region,
        None,
        None,
        additional_data=s3.additional_data(call) if call.service == "s3" else None,
    )


def _parameters(call: Call, error: AwsError | None) -> dict[str, Any] | None:
    if call.service == "s3":
        return s3.request_parameters(call)
    if len(call.http.body) > _LARGEST_PARAMETERS:
        return None
    if call.service == "ec2":
        said = ec2.request_converter(call.operation)(call.params)
        redact_request("ec2", call.operation, said)
        return said
    # The other services refuse before they read the parameters (the real samples of STS).
    if not call.params or (error is not None and is_denial(error)):
        return None
    said = shapes.request_converter(call.service, call.operation)(call.params)
    add_to_request(call.service, call.operation, said)
    redact_request(call.service, call.operation, said)
    return said or None


def _response(call: Call, result: dict[str, Any]) -> dict[str, Any] | None:
    if call.service == "s3":
        return None
    if call.service == "ec2":
        said = ec2.response_converter(call.operation)(result, call.request_id)
    else:
        said = shapes.response_converter(call.service, call.operation)(result)
        add_to_response(call.service, call.operation, said)
    redact_response(call.service, call.operation, said)
    return said or None


def _resources(call: Call, event: Event) -> list[dict[str, Any]] | None:
    if call.service == "s3":
        return s3.resources(call.params.get("Bucket"), call.params.get("Key"), call.account)
    if event.error_code is not None and call.service == "sts":
        return None
    return resources_of(call.service, call.operation, event.parameters, event.region, call.account)


def _share(call: Call, event: Event) -> None:
    """Tell the account of the role as well, where it is another one.

    Source: IAM user guide, "Logging IAM and AWS STS API calls" (denied calls are not told there).
    """
    account = str(call.params["RoleArn"]).split(":")[4]
    if call.caller.kind == "AWSService":
        event.shared_event_id = call.world.uuid()
        return
    if account == call.account:
        return
    event.shared_event_id = call.world.uuid()
    caller = call.caller
    foreign = Identity(
        foreign_identity(caller), caller.source_address, caller.user_agent, None, None,
        caller.invoked_by is not None,
    )  # fmt: skip
    other = Event(
        event.operation, foreign, event.time, call.world.uuid(), event.request_id, account,
        event.region, event.parameters, event.response, resources=event.resources,
        shared_event_id=event.shared_event_id,
    )  # fmt: skip
    call.world.store(EventLog, account, event.region).events.append(other)


def _whole_second(moment: datetime) -> datetime:
    return moment - timedelta(microseconds=moment.microsecond)
