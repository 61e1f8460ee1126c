"""Credentials for the person who runs the emulator: the administrator's or a session of any role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import moto_state
from ..errors import AwsError
from .credentials import shown_address
from .sts import make_session

if TYPE_CHECKING:
    from ..world import World

_SESSION_SECONDS = 12 * 3600
_MEMBER_ROLE = "OrganizationAccountAccessRole"
_SESSION_NAME = "administrator"


@dataclass(frozen=True)
class AdministratorKey:
    """The access key of the management account's administrator."""

    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


class Setup:
    """The result of the first setup (one for the whole world)."""

    def __init__(self) -> None:
        self.administrator: AdministratorKey | None = None


def administrator_of(world: World) -> AdministratorKey:
    """The administrator's key. The first caller creates the organization."""
    setup = world.store(Setup, "", "")
    if setup.administrator is None:
        world.apply("setup.create_organization")
    if setup.administrator is None:
        raise AssertionError("setup creates an administrator")
    return setup.administrator


def credentials_for(
    world: World, account: str | None = None, role: str | None = None
) -> dict[str, str]:
    """Return credentials: ``access_key_id``, ``secret_access_key``, and ``session_token`` for a session.

    Without ``account`` and ``role``: the administrator's in the management account (no token). With ``account``: an
    administrator's in that member account. With ``role`` (a name, in ``account`` or else in the only account that has
    such a role): a session of that role, with an address of its own. Raises ``AwsError``.
    """
    if account is None and role is None:
        key = administrator_of(world)
        return {"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key}
    arn = _role_arn(account, role)
    address = shown_address("127.0.0.1", arn)
    session = make_session(world, arn, _SESSION_NAME, _SESSION_SECONDS, address)
    return {
        "access_key_id": session.access_key_id,
        "secret_access_key": session.secret_access_key,
        "session_token": session.token,
    }


def _role_arn(account: str | None, role: str | None) -> str:
    name = role or _MEMBER_ROLE
    found = [
        str(candidate.arn)
        for owner, backend in moto_state.iam_backends()
        if account in {None, owner}
        for candidate in backend.roles.values()
        if candidate.name == name
    ]
    if not found:
        raise AwsError("NotFound", f"There is no role {name} in {account or 'any account'}.", 404)
    if len(found) > 1:
        raise AwsError(
            "Ambiguous", f"Several accounts have a role {name}. Name one of the accounts.", 400
        )
    return found[0]
