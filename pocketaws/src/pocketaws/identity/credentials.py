"""Access keys, and who is behind them."""

from __future__ import annotations

import base64
import functools
import ipaddress
import string
import zlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..registry import after
from .caller import Caller, Session

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

# Addresses that calls from loopback are shown under (RFC 2544's range, which looks public and is not).
_SHOWN = ipaddress.ip_network("198.18.0.0/15")
_KEY_ALPHABET = string.ascii_uppercase + "234567"


@dataclass(frozen=True, slots=True)
class UserSession:
    """Temporary credentials of a user (``sts:GetSessionToken``)."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str = field(repr=False)
    account: str
    user_name: str
    user_id: str
    expires_at: datetime


class Sessions:
    """Every temporary credential that is out (one for the whole world)."""

    def __init__(self) -> None:
        self.by_key: dict[str, Session] = {}
        self.of_users: dict[str, UserSession] = {}
        self.taken_to: dict[str, str] = {}
        """Keys of servers' sessions that somebody read in a login from loopback -> the address of that login."""
        self.look_again_at = 1000
        """How many sessions it takes before those that ended are looked for."""


class AccessKeys:
    """Whose each long-term key is: ``(account, user name)`` (one for the whole world)."""

    def __init__(self) -> None:
        self.owners: dict[str, tuple[str, str]] = {}


def sessions(world: World) -> Sessions:
    """The world's temporary credentials."""
    return world.store(Sessions, "", "")


@functools.lru_cache(maxsize=4096)
def shown_address(remote: str, principal: str) -> str:
    """The address that records show for a client: its own, or for loopback one of the principal's."""
    if not ipaddress.ip_address(remote).is_loopback:
        return remote
    host = zlib.crc32(principal.encode()) % (_SHOWN.num_addresses - 2) + 1
    return str(_SHOWN[host])


def take_out(world: World, access_key_id: str, address: str) -> None:
    """Note that a server's credentials were read in a login from ``address``; the first who did is kept.

    On loopback nothing tells who uses them later; whoever took them out does so from where he logged in.
    """
    if ipaddress.ip_address(address) in _SHOWN:
        sessions(world).taken_to.setdefault(access_key_id, address)


def _address_of_use(known: Sessions, session: Session, remote: str) -> str:
    """The address that a call from outside with a session's key is shown under.

    A session that a caller asked for keeps that caller's. A server's credentials are only used out here by somebody
    who took them out: never from the server's own address.
    """
    if session.delivery is None:
        return session.source_address
    taken_to = known.taken_to.get(session.access_key_id)
    if taken_to is not None and ipaddress.ip_address(remote).is_loopback:
        return taken_to
    return shown_address(remote, session_arn(session))


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A valid access key: its secret, its token and end if it has them, and its caller."""

    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    caller: Caller
    expires_at: datetime | None = None


def find_key(world: World, access_key_id: str, remote: str, user_agent: str) -> KnownKey | None:
    """The key behind an access key id; ``None`` for one that is unknown, inactive or deleted."""
    known = sessions(world)
    session = known.by_key.get(access_key_id)
    if session is not None:
        address = _address_of_use(known, session, remote)
        caller = session_caller(session, user_agent, address)
        lasts = (session.expires_at - session.issued_at) * world.clock.speed
        return KnownKey(session.secret_access_key, session.token, caller, session.issued_at + lasts)
    of_user = known.of_users.get(access_key_id)
    if of_user is not None:
        user = _user(of_user.account, of_user.user_name)
        if user is None or user.id != of_user.user_id:
            return None
        caller = _user_caller(of_user.account, user, access_key_id, remote, user_agent)
        return KnownKey(of_user.secret_access_key, of_user.token, caller, of_user.expires_at)
    owner = world.store(AccessKeys, "", "").owners.get(access_key_id)
    if owner is None:
        return None
    account, name = owner
    user = _user(account, name)
    for key in user.access_keys if user is not None else []:
        if key.access_key_id == access_key_id and key.status == "Active":
            caller = _user_caller(account, user, access_key_id, remote, user_agent)
            return KnownKey(key.secret_access_key, None, caller)
    return None


def rename_user(world: World, account: str, user_id: str, old: str, new: str) -> None:
    """Let the keys and sessions of a user belong to its new name."""
    owners = world.store(AccessKeys, "", "").owners
    for key in [key for key, owner in owners.items() if owner == (account, old)]:
        owners[key] = (account, new)
    of_users = sessions(world).of_users
    for key, session in list(of_users.items()):
        if session.user_id == user_id:
            of_users[key] = replace(session, user_name=new)


def account_of_key(world: World, access_key_id: str) -> str | None:
    """The account that a key belongs to, whether or not it is still good.

    A key id carries its account; for an id that was never made here, what it carries is answered.
    """
    known = sessions(world)
    for session in (known.by_key.get(access_key_id), known.of_users.get(access_key_id)):
        if session is not None:
            return session.account
    owner = world.store(AccessKeys, "", "").owners.get(access_key_id)
    return owner[0] if owner is not None else _account_in(access_key_id)


# Half of the account's number, moved so that its base 32 form begins beyond "QAAAAAAA"; the next letter
# says whether it was odd. (AWS documents only that GetAccessKeyInfo can tell; moto makes ids this way.)
_OFFSET = 1 << 39


def make_key_id(world: World, prefix: str, account: str) -> str:
    """A fresh key id of 20 characters that carries its account as AWS's do."""
    number = int(account)
    half = base64.b32encode((number // 2 + _OFFSET).to_bytes(5, "big")).decode()
    odd = _KEY_ALPHABET[16:] if number % 2 else _KEY_ALPHABET[:16]
    rest = "".join(world.random.choice(_KEY_ALPHABET) for _ in range(20 - len(prefix) - 9))
    return prefix + half + world.random.choice(odd) + rest


def _account_in(key_id: str) -> str | None:
    try:
        half = int.from_bytes(base64.b32decode(key_id[4:12]), "big") - _OFFSET
    except ValueError:
        return None
    number = half * 2 + (_KEY_ALPHABET.find(key_id[12:13]) >= 16)
    return f"{number:012}" if 0 <= number < 10**12 else None


def session_arn(session: Session) -> str:
    """The ARN of a session as a principal."""
    return f"arn:aws:sts::{session.account}:assumed-role/{session.role_name}/{session.name}"


def session_caller(session: Session, user_agent: str, address: str | None = None) -> Caller:
    """The assumed-role principal of a session, seen from ``address`` (or else from where it was made)."""
    return Caller(
        "AssumedRole",
        session.account,
        session_arn(session),
        f"{session.role_id}:{session.name}",
        address or session.source_address,
        user_agent,
        session.access_key_id,
        session,
    )


def _user(account: str, name: str) -> Any:
    return moto_state.backend("iam", account, "aws").users.get(name)


def _user_caller(account: str, user: Any, key_id: str, remote: str, user_agent: str) -> Caller:
    address = shown_address(remote, user.arn)
    return Caller("IAMUser", account, user.arn, user.id, address, user_agent, key_id)


@after("iam", "CreateAccessKey")
def remember_key(call: Call, result: dict[str, Any]) -> None:
    """Note whose a new key is."""
    key = result["AccessKey"]
    owners = call.world.store(AccessKeys, "", "").owners
    owners[key["AccessKeyId"]] = (call.account, key["UserName"])


@after("iam", "DeleteAccessKey")
def forget_key(call: Call, _result: dict[str, Any]) -> None:
    """A deleted key is nobody's."""
    call.world.store(AccessKeys, "", "").owners.pop(call.params["AccessKeyId"], None)
