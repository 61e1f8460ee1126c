"""The few addresses that are not AWS's: is it up, which mails were sent, under which address is a caller seen.

Only a client on this machine is answered.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING

from ..errors import AwsError
from ..identity.credentials import find_key
from ..sns.inbox import as_json
from .http import HttpAnswer, HttpRequest, plain_error

if TYPE_CHECKING:
    from ..world import World

ADMIN_PATH = "/_labkit/"


def administer(world: World, request: HttpRequest) -> HttpAnswer:
    """Answer a request below ``ADMIN_PATH``."""
    if not ipaddress.ip_address(request.remote_address).is_loopback:
        return plain_error(AwsError("AccessDenied", "This is read on the machine itself.", 403))
    if request.method != "GET":
        return plain_error(AwsError("MethodNotAllowed", "There is only GET here.", 405))
    what, _, rest = request.path.removeprefix(ADMIN_PATH).partition("/")
    match what:
        case "health":
            return _json({"status": "ok"})
        case "inbox":
            with world.turn():
                return _json(as_json(world))
        case "checkip":
            return _checkip(world, request, rest)
        case _:
            return plain_error(AwsError("NotFound", f"There is no {request.path}.", 404))


def _checkip(world: World, request: HttpRequest, access_key_id: str) -> HttpAnswer:
    """The address that records show for whoever works with an access key, as plain text."""
    try:
        with world.turn():
            key = find_key(world, access_key_id, request.remote_address, "")
    except AwsError as error:
        return plain_error(error)
    address = f"{key.caller.source_address}\n"
    return HttpAnswer(200, {"Content-Type": "text/plain"}, address.encode())


def _json(value: object) -> HttpAnswer:
    return HttpAnswer(200, {"Content-Type": "application/json"}, json.dumps(value).encode())
