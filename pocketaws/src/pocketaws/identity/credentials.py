"""Access keys and their owners."""

from __future__ import annotations

import base64
import functools
import ipaddress
import string
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..registry import after
from .caller import Caller, Session

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

# Addresses that records show for calls from loopback (RFC 2544's range, which looks public but isn't).
_SHOWN = ipaddress.ip_network("198.18.0.0/15")
_KEY_ALPHABET = string.ascii_uppercase + "234567"


class Sessions:
    """Every temporary credential (one store for the whole world)."""

    def __init__(self) -> None:
        self.by_key: dict[str, Session] = {}
        self.taken_to: dict[str, str] = {}
        """Access keys of servers' sessions that were read in a login from loopback -> the login's address."""
        self.look_again_at = 1000
        """The number of sessions that triggers the next removal of expired ones."""


class AccessKeys:
    """The owner of each long-term key: ``(account, user name)`` (one store for the whole world)."""

    def __init__(self) -> None:
        self.owners: dict[str, tuple[str, str]] = {}


def sessions(world: World) -> Sessions:
    """The world's temporary credentials."""
    return world.store(Sessions, "", "")


@functools.lru_cache(maxsize=4096)
def shown_address(remote: str, principal: str) -> str:
    """The address that records show for a client: its own or, on loopback, one derived from the principal."""
    if not ipaddress.ip_address(remote).is_loopback:
        return remote
    host = zlib.crc32(principal.encode()) % (_SHOWN.num_addresses - 2) + 1
    return str(_SHOWN[host])


def take_out(world: World, access_key_id: str, address: str) -> None:
    """Record that someone read a server's credentials in a login from ``address``. Only the first login counts.

    On loopback nothing shows who uses the credentials later, so their use gets that login's address.
    """
    if ipaddress.ip_address(address) in _SHOWN:
        sessions(world).taken_to.setdefault(access_key_id, address)


def _address_of_use(known: Sessions, session: Session, remote: str) -> str:
    """The address that records show for an outside call with a session's key.

    A session that a caller assumed keeps the caller's address. A server's credentials come from outside only if
    someone took them out of the server, so they never get the server's own address.
    """
    if session.delivery is None:
        return session.source_address
    taken_to = known.taken_to.get(session.access_key_id)
    if taken_to is not None and ipaddress.ip_address(remote).is_loopback:
        return taken_to
    return shown_address(remote, session_arn(session))


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A valid access key: its secret, its caller, and its token and expiry if it's temporary."""

    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    caller: Caller
    expires_at: datetime | None = None


def find_key(world: World, access_key_id: str, remote: str, user_agent: str) -> KnownKey | None:
    """The key with an access key ID; ``None`` if it's unknown, inactive, or deleted."""
    known = sessions(world)
    session = known.by_key.get(access_key_id)
    if session is not None:
        address = _address_of_use(known, session, remote)
        caller = session_caller(session, user_agent, address)
        lasts = (session.expires_at - session.issued_at) * world.clock.speed
        return KnownKey(session.secret_access_key, session.token, caller, session.issued_at + lasts)
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


def rename_user(world: World, account: str, old: str, new: str) -> None:
    """Assign the access keys of a renamed user to the new name."""
    owners = world.store(AccessKeys, "", "").owners
    for key in [key for key, owner in owners.items() if owner == (account, old)]:
        owners[key] = (account, new)


# A key ID holds half of the account's number, shifted so that its base 32 form begins after "QAAAAAAA"; the next
# letter shows whether the number is odd. (AWS documents only that GetAccessKeyInfo can tell; moto does the same.)
_OFFSET = 1 << 39


def make_key_id(world: World, prefix: str, account: str) -> str:
    """A new key ID of 20 characters that contains its account, as AWS's do."""
    number = int(account)
    half = base64.b32encode((number // 2 + _OFFSET).to_bytes(5, "big")).decode()
    odd = _KEY_ALPHABET[16:] if number % 2 else _KEY_ALPHABET[:16]
    rest = "".join(world.random.choice(_KEY_ALPHABET) for _ in range(20 - len(prefix) - 9))
    return prefix + half + world.random.choice(odd) + rest


def session_arn(session: Session) -> str:
    """The ARN of a session as a principal."""
    return f"arn:aws:sts::{session.account}:assumed-role/{session.role_name}/{session.name}"


def session_caller(session: Session, user_agent: str, address: str | None = None) -> Caller:
    """The assumed-role principal of a session, at ``address`` or else where the session started."""
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
    """Record the owner of a new key."""
    key = result["AccessKey"]
    owners = call.world.store(AccessKeys, "", "").owners
    owners[key["AccessKeyId"]] = (call.account, key["UserName"])


@after("iam", "DeleteAccessKey")
def forget_key(call: Call, _result: dict[str, Any]) -> None:
    """Forget a deleted key."""
    call.world.store(AccessKeys, "", "").owners.pop(call.params["AccessKeyId"], None)
