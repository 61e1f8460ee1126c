"""Events of calls that don't pass through the gateway.

``record_unmodelled`` is for operations without a service description (the servers' agents make some).
``record_role_session`` is for role sessions that a service starts for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..identity.caller import service_caller
from .history.log import EventLog
from .records.event import Event, whole_second
from .records.operation import Operation, operation, version_of
from .records.shapes import java_time

if TYPE_CHECKING:
    from ..identity.caller import Caller, Session
    from ..world import World


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
    """Record a call that has no service description. The parameters and response are already in a record's form.

    The SSM agent's ``UpdateInstanceInformation`` and ``ListInstanceAssociations`` are such calls, with the
    ``event_source`` ``ssm.amazonaws.com``.
    """
    service = event_source.partition(".")[0]
    facts = Operation(
        service,
        event_name,
        event_source,
        event_name,
        read_only,
        "Management",
        version_of(service),
        None,
        keeps_response=not read_only,
    )
    log = world.store(EventLog, caller.account, region)
    log.events.append(
        Event(
            facts,
            log.identity(caller),
            whole_second(world.now),
            world.uuid(),
            world.request_id(),
            caller.account,
            region,
            parameters,
            response,
            resources=resources,
        )
    )


def record_role_session(world: World, session: Session, region: str, service: str) -> None:
    """Record that a service assumed a role (``ec2.amazonaws.com`` for an instance's role).

    Source: CloudTrail user guide, "userIdentity element", cross-account access by an AWS service.
    """
    role = f"arn:aws:iam::{session.account}:role{session.role_path}{session.role_name}"
    log = world.store(EventLog, session.account, region)
    log.events.append(
        Event(
            operation("sts", "AssumeRole"),
            log.identity(service_caller(service, session.account)),
            whole_second(world.now),
            world.uuid(),
            world.request_id(),
            session.account,
            region,
            {"roleArn": role, "roleSessionName": session.name},
            _session_response(session),
            resources=[{"accountId": session.account, "type": "AWS::IAM::Role", "ARN": role}],
            shared_event_id=world.uuid(),
        )
    )


def _session_response(session: Session) -> dict[str, Any]:
    return {
        "credentials": {
            "accessKeyId": session.access_key_id,
            "sessionToken": session.token,
            "expiration": java_time(session.expires_at),
        },
        "assumedRoleUser": {
            "assumedRoleId": f"{session.role_id}:{session.name}",
            "arn": f"arn:aws:sts::{session.account}:assumed-role/{session.role_name}/{session.name}",
        },
    }
