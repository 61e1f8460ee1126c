"""Access keys, and who is behind them."""

from __future__ import annotations

import ipaddress
import zlib
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from .caller import Caller, Session

if TYPE_CHECKING:
    from ..world import World

# Addresses that calls from loopback are shown under (RFC 2544's range, which looks public and is not).
_SHOWN = ipaddress.ip_network("198.18.0.0/15")


class Sessions:
    """Every temporary credential that is out (one for the whole world)."""

    def __init__(self) -> None:
        self.by_key: dict[str, Session] = {}


def sessions(world: World) -> Sessions:
    """The world's temporary credentials."""
    return world.store(Sessions, "", "")


def shown_address(remote: str, principal: str) -> str:
    """The address that records show for a client: its own, or for loopback one of the principal's."""
    if not ipaddress.ip_address(remote).is_loopback:
        return remote
    host = zlib.crc32(principal.encode()) % (_SHOWN.num_addresses - 2) + 1
    return str(_SHOWN[host])


class KnownKey:
    """A valid access key: its secret, its token if it has one, and how to make its caller."""

    def __init__(self, secret: str, token: str | None, caller: Caller) -> None:
        self.secret = secret
        self.token = token
        self.caller = caller


def find_key(world: World, access_key_id: str, remote: str, user_agent: str) -> KnownKey:
    """The key behind an access key id; raises ``AwsError`` ``InvalidClientTokenId`` for an unknown one."""
    session = sessions(world).by_key.get(access_key_id)
    if session is not None:
        return KnownKey(
            session.secret_access_key, session.token, session_caller(session, user_agent)
        )
    for account, backend in moto_state.iam_backends():
        for user in backend.users.values():
            for key in user.access_keys:
                if key.access_key_id == access_key_id and key.status == "Active":
                    return KnownKey(
                        key.secret_access_key,
                        None,
                        _user_caller(account, user, access_key_id, remote, user_agent),
                    )
    raise AwsError(
        "InvalidClientTokenId", "The security token included in the request is invalid.", 403
    )


def session_caller(session: Session, user_agent: str) -> Caller:
    """The assumed-role principal of a session."""
    return Caller(
        "AssumedRole",
        session.account,
        f"arn:aws:sts::{session.account}:assumed-role/{session.role_name}/{session.name}",
        f"{session.role_id}:{session.name}",
        session.source_address,
        user_agent,
        session.access_key_id,
        session,
    )


def _user_caller(account: str, user: Any, key_id: str, remote: str, user_agent: str) -> Caller:
    address = shown_address(remote, user.arn)
    return Caller("IAMUser", account, user.arn, user.id, address, user_agent, key_id)
