"""The paths that aren't AWS's, for the person who runs the emulator. They answer only on this machine.

``health`` and ``checkip`` are open. The others need the server's token, which only the operating-system user who
started the server can read.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .. import faults
from ..errors import AwsError
from ..identity.credentials import find_key
from ..identity.env import credentials_for
from ..inputs import world_input
from ..sns.inbox import as_json
from .http import HttpAnswer, HttpRequest, plain_error
from .paths import ADMIN_PATH, TOKEN_HEADER

if TYPE_CHECKING:
    from ..world import World


class Admin:
    """Answers requests below ``ADMIN_PATH``, and health checks at more paths."""

    def __init__(
        self,
        world: World,
        token: str,
        stop: Callable[[], None],
        health_aliases: tuple[str, ...] = (),
    ) -> None:
        self._world = world
        self._token = token
        self._stop = stop
        self._aliases = frozenset(health_aliases)

    def answers(self, path: str) -> bool:
        """Whether a path belongs to the emulator rather than to AWS."""
        return path.startswith(ADMIN_PATH) or path in self._aliases

    def answer(self, request: HttpRequest) -> HttpAnswer:
        if not ipaddress.ip_address(request.remote_address).is_loopback:
            return plain_error(
                AwsError("AccessDenied", "Only clients on the same machine may ask this.", 403)
            )
        method = request.method
        path = f"{ADMIN_PATH}health" if request.path in self._aliases else request.path
        what, _, rest = path.removeprefix(ADMIN_PATH).partition("/")
        try:
            match method, what:
                case "GET", "health":
                    return _json({"status": "ok"})
                case "GET", "checkip":
                    return self._checkip(request, rest)
                case _:
                    self._check_token(request)
                    return self._privileged(request, what)
        except AwsError as error:
            return plain_error(error)

    def _privileged(self, request: HttpRequest, what: str) -> HttpAnswer:
        match request.method, what:
            case "GET", "inbox":
                with self._world.transaction():
                    return _json(as_json(self._world))
            case "POST", "credentials":
                parameters = {key: values[0] for key, values in parse_qs(request.query).items()}
                return _json(
                    self._world.apply(
                        "admin.credentials",
                        account=parameters.get("account"),
                        role=parameters.get("role"),
                    )
                )
            case "GET", "faults":
                with self._world.transaction():
                    return _json(faults.as_json(self._world))
            case "PUT", "faults":
                self._world.apply("faults.set", **_object(request.body))
                return _json(faults.as_json(self._world))
            case "POST", "stop":
                self._stop()
                return _json({"status": "stopping"})
            case _:
                raise AwsError("NotFound", f"There is no {request.method} {request.path}.", 404)

    def _check_token(self, request: HttpRequest) -> None:
        if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, ""), self._token):
            raise AwsError(
                "AccessDenied", "Only the user who started the emulator may ask this.", 403
            )

    def _checkip(self, request: HttpRequest, access_key_id: str) -> HttpAnswer:
        """The address that records show for an access key's user, as plain text."""
        with self._world.transaction():
            key = find_key(self._world, access_key_id, request.remote_address, "")
        if key is None:
            raise AwsError("NotFound", "There is no such access key.", 404)
        address = f"{key.caller.source_address}\n"
        return HttpAnswer(200, {"Content-Type": "text/plain"}, address.encode())


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request; raises ``AwsError``."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise AwsError("BadRequest", "Send a JSON object.")
    return found


@world_input("admin.credentials")
def give_credentials(world: World, account: str | None, role: str | None) -> dict[str, Any]:
    """Credentials for the person who runs the emulator. It's a transaction because it starts a session."""
    return credentials_for(world, account=account, role=role)


def _json(value: object) -> HttpAnswer:
    return HttpAnswer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())
