"""Targets of schedules: API calls with the schedule's role.

Source: EventBridge Scheduler user guide, "Using universal targets", "Using templated targets".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from ..errors import AwsError
from ..gateway import protocol
from ..gateway.call import Call
from ..identity.authorize import authorize
from ..identity.caller import Caller, service_caller
from ..identity.credentials import session_caller, sessions
from .store import invalid

if TYPE_CHECKING:
    from ..world import World

PRINCIPAL = "scheduler.amazonaws.com"
_UNIVERSAL = re.compile(r"arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([a-z]\w*)")
_TOPIC = re.compile(r"arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]+")
_ANY_ARN = re.compile(r"arn:aws[\w-]*:([\w-]+):.+")
# Service names in the SDKs that differ from botocore's.
_SERVICES = {"cloudwatchlogs": "logs", "eventbridge": "events", "sfn": "stepfunctions"}
_READING = re.compile(
    "(?:get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|"
    "batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|"
    "translateDocument|isAuthorized|invokeModel)"
)


def request_of(target: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return the ``(service, operation, parameters)`` of a target's call.

    Raises ``AwsError``: ``ValidationException`` if the target is invalid, ``NotImplemented`` if its
    type isn't emulated.
    """
    arn = target["Arn"]
    if _TOPIC.fullmatch(arn):
        message = target.get("Input")
        if message is None:
            raise invalid("Input is required for a topic.")
        return "sns", "Publish", {"TopicArn": arn, "Message": message}
    universal = _UNIVERSAL.fullmatch(arn)
    if universal is None:
        kind = _ANY_ARN.fullmatch(arn)
        if kind is None or kind[1] == "scheduler":
            raise invalid(f"Provided Arn is not in correct format: {arn}")
        raise AwsError("NotImplemented", f"pocketaws doesn't emulate targets of {kind[1]}.", 501)
    service = _SERVICES.get(universal[1], universal[1])
    operation = universal[2][0].upper() + universal[2][1:]
    if _READING.match(universal[2]):
        raise invalid(f"{arn} is not a supported target: it is read-only.")
    try:
        model = protocol.operation_model(protocol.service_of(service), operation)
    except Exception as error:  # unknown services and operations raise unrelated errors
        raise invalid(f"{arn} is not a supported target.") from error
    return service, operation, _parameters(target.get("Input", "{}"), model.input_shape)


def _parameters(text: str, shape: Shape | None) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise invalid("Invalid RequestJson provided. Reason: it is not JSON.") from error
    if not isinstance(given, dict):
        raise invalid("Invalid RequestJson provided. Reason: it is not an object.")
    named = _named(given, shape) if shape is not None else given
    missing = [name for name in getattr(shape, "required_members", []) if name not in named]
    if missing:
        message = f"Invalid RequestJson provided. Reason: {missing[0]} is required."
        raise invalid(message)
    return dict(named)


def _named(value: Any, shape: Shape) -> Any:
    """Rename a value's members to the service model's names, whose case differs in SDKs."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {name.lower(): name for name in shape.members}
        unknown = [name for name in value if name.lower() not in members]
        if unknown:
            message = f"Invalid RequestJson provided. Reason: {unknown[0]} is not a parameter."
            raise invalid(message)
        return {
            members[name.lower()]: _named(inner, shape.members[members[name.lower()]])
            for name, inner in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_named(inner, shape.member) for inner in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _named(inner, shape.value) for name, inner in value.items()}
    return value


def check_role(call: Call, role_arn: str, source_arn: str) -> None:
    """Raise ``AwsError`` if the role doesn't allow the service to assume it."""
    asking = Call(
        call.world, _service(call.account, source_arn), "sts", "AssumeRole", call.region,
        {"RoleArn": role_arn, "RoleSessionName": "scheduler"}, call.request_id, call.now, call.http,
    )  # fmt: skip
    try:
        authorize(asking)
    except AwsError as error:
        message = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."  # fmt: skip
        raise invalid(message) from error


def invoke(
    world: World, account: str, region: str, target: dict[str, Any], source_arn: str
) -> None:
    """Make the target's call with a session of its role; raises ``AwsError``."""
    service, operation, params = request_of(target)
    made = world.call(
        _service(account, source_arn), "sts", "AssumeRole", region,
        RoleArn=target["RoleArn"], RoleSessionName=world.hex(32),
    )  # fmt: skip
    session = sessions(world).by_key[made["Credentials"]["AccessKeyId"]]
    caller = session_caller(session, PRINCIPAL).through(PRINCIPAL)
    world.call(caller, service, operation, region, **params)


def _service(account: str, source_arn: str) -> Caller:
    return service_caller(PRINCIPAL, account, source_arn=source_arn)
