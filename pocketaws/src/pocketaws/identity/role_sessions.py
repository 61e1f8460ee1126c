"""Role sessions, made by STS for a caller or by a service for itself.

Source: IAM user guide, "Temporary security credentials in IAM", "Create a role to delegate permissions to an AWS
service"; STS API reference, "AssumeRole".
"""

from __future__ import annotations

import re
import string
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..cloudtrail.synthetic_events import record_role_session
from ..errors import AwsError
from ..gateway import protocol
from ..gateway.call import Call
from .authorize import authorize
from .caller import Caller, Delivery, Session, service_caller
from .credentials import make_key_id, session_caller, sessions

if TYPE_CHECKING:
    from ..world import World

_ROLE_ARN = re.compile(r"arn:aws:iam::\d{12}:role/(?:.*/)?[\w+=,.@-]+", re.ASCII)
_DEFAULT_SECONDS = 3600
_KEPT_AFTER_END = timedelta(days=1)


def find_role(arn: str) -> Any:
    """moto's role with an ARN. If it doesn't exist, raises the ``AwsError`` that STS returns."""
    if _ROLE_ARN.fullmatch(arn) is None:
        raise AwsError("ValidationError", f"{arn} is invalid")
    role = moto_state.role_by_arn(arn)
    if role is None:
        message = f"User is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise AwsError("AccessDenied", message, 403)
    return role


def make_session(  # noqa: PLR0913
    world: World,
    role_arn: str,
    name: str,
    seconds: int,
    source_address: str,
    *,
    policies: tuple[str, ...] = (),
    tags: tuple[tuple[str, str], ...] = (),
    transitive: tuple[str, ...] = (),
    source_identity: str | None = None,
    delivery: Delivery | None = None,
) -> Session:
    """Make and keep a session of a role that lasts ``seconds``."""
    role = find_role(role_arn)
    account = role_arn.split(":")[4]
    _forget_ended(world)
    key, secret, token = new_credentials(world, account)
    made = Session(
        access_key_id=key,
        secret_access_key=secret,
        token=token,
        account=account,
        role_name=role.name,
        role_path=role.path,
        role_id=role.id,
        name=name,
        issued_at=whole_second(world.now),
        expires_at=whole_second(world.now) + timedelta(seconds=seconds),
        source_address=source_address,
        policies=policies,
        tags=tags,
        transitive=transitive,
        source_identity=source_identity,
        delivery=delivery,
    )
    sessions(world).by_key[made.access_key_id] = made
    return made


def role_session_caller(  # noqa: PLR0913
    world: World,
    role_arn: str,
    name: str,
    source_address: str,
    user_agent: str,
    service: str,
    *,
    source_arn: str | None = None,
    region: str | None = None,
    seconds: int = _DEFAULT_SECONDS,
    delivery: Delivery | None = None,
) -> Caller:
    """A caller with a role session that a service starts for itself (an instance's agent, for example).

    ``service`` is the service's principal and ``source_arn`` the resource it acts for. With ``region``, the role's
    account sees the session's start in its event history there. Raises ``AwsError`` (``AccessDenied``) if the role's
    trust policy doesn't allow the service.
    """
    account = role_arn.split(":")[4] if role_arn.count(":") > 4 else ""
    params = {"RoleArn": role_arn, "RoleSessionName": name}
    asked = Call(
        world, service_caller(service, account, source_arn), "sts", "AssumeRole", "us-east-1", params,
        "", world.now, protocol.build_request("sts", "AssumeRole", params),
    )  # fmt: skip
    find_role(role_arn)
    authorize(asked)
    session = make_session(world, role_arn, name, seconds, source_address, delivery=delivery)
    if region is not None:
        record_role_session(world, session, region, service)
    return session_caller(session, user_agent)


def _forget_ended(world: World) -> None:
    """Drop sessions that ended a day ago; until then, calls with them fail because they have expired."""
    known = sessions(world)
    if len(known.by_key) < known.look_again_at:
        return
    limit = world.now - _KEPT_AFTER_END * world.clock.speed
    known.by_key = {key: s for key, s in known.by_key.items() if s.expires_at > limit}
    known.taken_to = {key: to for key, to in known.taken_to.items() if key in known.by_key}
    known.look_again_at = 2 * len(known.by_key) + 1000


def new_credentials(world: World, account: str) -> tuple[str, str, str]:
    """A new temporary access key ID, secret, and session token."""
    return (
        make_key_id(world, "ASIA", account),
        _random(world, string.ascii_letters + string.digits + "+/", 40),
        _random(world, string.ascii_letters + string.digits, 356),
    )


def _random(world: World, alphabet: str, length: int) -> str:
    return "".join(world.random.choices(alphabet, k=length))


def whole_second(moment: datetime) -> datetime:
    """The time without its fraction, as in credentials."""
    return moment.replace(microsecond=0)
