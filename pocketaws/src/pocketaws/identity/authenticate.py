"""Authentication: find the principal behind a signed request."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ..account.regions import is_enabled
from ..gateway import signature
from ..gateway.refusals import refusal
from .credentials import find_key

if TYPE_CHECKING:
    from ..gateway.claim import Claim
    from ..gateway.http import HttpRequest
    from ..world import World
    from .caller import Caller


def authenticate(world: World, request: HttpRequest, claim: Claim) -> Caller:
    """Check the key, token, and signature; raises ``AwsError`` in the service's own words.

    A signature's time comes from the client. Most clients use real time, but some follow the ``Date`` of earlier
    responses, which is emulated time, so the signature is compared with the nearer of the two clocks. A session lasts
    as long in real time as its holder was told, because clients renew it by real time.
    """
    user_agent = request.headers.get("User-Agent", "")
    key = find_key(world, claim.access_key_id, request.remote_address, user_agent)
    if key is None:
        raise refusal(claim.service, "unknown key")
    if (key.token or None) != (claim.token or None):
        raise refusal(claim.service, "bad token")
    if not is_enabled(world, key.caller.account, claim.region):
        raise refusal(claim.service, "bad token")  # nobody there knows the account's credentials
    signature.verify(request, claim, key.secret, _clock_signed_by(world, request, claim))
    if key.expires_at is not None and key.expires_at <= world.now:
        raise refusal(claim.service, "expired token")
    return key.caller


def _clock_signed_by(world: World, request: HttpRequest, claim: Claim) -> datetime:
    """The time on the clock that the client seems to sign with."""
    received = request.received_at
    if received is None or claim.place == "query2":
        return received or world.now
    try:
        signed_at = datetime.fromisoformat(claim.timestamp)
    except ValueError:
        return received
    return min(received, world.now, key=lambda now: abs(now - signed_at))
