"""From a signed request to the principal behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..gateway import signature
from ..gateway.refusals import refusal
from .credentials import find_key

if TYPE_CHECKING:
    from ..gateway.claim import Claim
    from ..gateway.http import HttpRequest
    from ..world import World
    from .caller import Caller


def authenticate(world: World, request: HttpRequest, claim: Claim) -> Caller:
    """Check key, token and signature; raises ``AwsError`` in the words of the service.

    A signature's time is the client's, so it is held against the time that the request came in by the
    clock on the wall; a session's end is the world's.
    """
    user_agent = request.headers.get("User-Agent", "")
    key = find_key(world, claim.access_key_id, request.remote_address, user_agent)
    if key is None:
        raise refusal(claim.service, "unknown key")
    if (key.token or None) != (claim.token or None):
        raise refusal(claim.service, "bad token")
    signature.verify(request, claim, key.secret, request.received_at or world.now)
    if key.expires_at is not None and key.expires_at <= world.now:
        raise refusal(claim.service, "expired token")
    return key.caller
