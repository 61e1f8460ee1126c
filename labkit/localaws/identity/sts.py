"""STS: sessions of roles, and who one is.

Source: STS API reference, "AssumeRole", "GetCallerIdentity".
"""

from __future__ import annotations

import re
import string
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import operation
from .caller import Caller, Session
from .credentials import sessions

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

_ROLE_ARN = re.compile(
    r"arn:aws:iam::(?P<account>\d{12}):role(?P<path>/(?:.*/)?)(?P<name>[\w+=,.@-]+)"
)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
_DEFAULT_SECONDS = 3600
_CHAINED_LIMIT_SECONDS = 3600


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Answer who calls."""
    caller = call.caller
    return {"UserId": caller.principal_id, "Account": caller.account, "Arn": caller.arn}


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Answer with a session of a role; its trust policy has been looked at by ``authorize``."""
    params = call.params
    role = find_role(params["RoleArn"])
    name = params["RoleSessionName"]
    if _SESSION_NAME.fullmatch(name) is None:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        )
    seconds = int(params.get("DurationSeconds", _DEFAULT_SECONDS))
    limit = int(role.max_session_duration or _DEFAULT_SECONDS)
    if seconds > limit:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    if call.caller.kind == "AssumedRole" and seconds > _CHAINED_LIMIT_SECONDS:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    session = make_session(
        call.world,
        params["RoleArn"],
        name,
        seconds,
        call.caller.source_address,
        policies=tuple(p for p in (params.get("Policy"),) if p),
        tags=tuple((t["Key"], t.get("Value", "")) for t in params.get("Tags", [])),
        source_identity=params.get("SourceIdentity"),
    )
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.token,
            "Expiration": session.expires_at,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"{session.role_id}:{name}",
            "Arn": f"arn:aws:sts::{session.account}:assumed-role/{session.role_name}/{name}",
        },
    }


def find_role(arn: str) -> Any:
    """moto's role object behind an ARN; raises ``AwsError`` as STS does for one that is not there."""
    match = _ROLE_ARN.fullmatch(arn)
    if match is None:
        raise AwsError("ValidationError", f"{arn} is invalid")
    for account, backend in moto_state.iam_backends():
        if account == match["account"]:
            for role in backend.roles.values():
                if role.arn == arn:
                    return role
    raise AwsError(
        "AccessDenied", f"User is not authorized to perform: sts:AssumeRole on resource: {arn}", 403
    )


def make_session(  # noqa: PLR0913
    world: World,
    role_arn: str,
    name: str,
    seconds: int,
    source_address: str,
    *,
    policies: tuple[str, ...] = (),
    tags: tuple[tuple[str, str], ...] = (),
    source_identity: str | None = None,
    service: str | None = None,
) -> Session:
    """Make and keep a session of a role (``seconds`` long), whoever asked for it."""
    role = find_role(role_arn)
    made = Session(
        access_key_id="ASIA" + _random(world, string.ascii_uppercase + "234567", 16),
        secret_access_key=_random(world, string.ascii_letters + string.digits + "+/", 40),
        token=_random(world, string.ascii_letters + string.digits, 356),
        account=role_arn.split(":")[4],
        role_name=role.name,
        role_path=role.path,
        role_id=role.id,
        name=name,
        issued_at=_whole_second(world.now),
        expires_at=_whole_second(world.now) + timedelta(seconds=seconds),
        source_address=source_address,
        policies=policies,
        tags=tags,
        source_identity=source_identity,
        service=service,
    )
    sessions(world).by_key[made.access_key_id] = made
    return made


def role_session_caller(
    world: World, role_arn: str, name: str, source_address: str, user_agent: str, service: str
) -> Caller:
    """A caller with a role's session that a service made for itself (an instance's agent, say)."""
    from .credentials import session_caller  # noqa: PLC0415

    session = make_session(world, role_arn, name, _DEFAULT_SECONDS, source_address, service=service)
    return session_caller(session, user_agent)


def _random(world: World, alphabet: str, length: int) -> str:
    return "".join(world.random.choice(alphabet) for _ in range(length))


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
