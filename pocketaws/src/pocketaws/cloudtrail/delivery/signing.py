"""The keys that sign digests (one pair per Region, valid for 30 days) and ``ListPublicKeys``.

The primes come from the world's random numbers, so a restored world has the same keys.
Sources: CloudTrail API reference, "ListPublicKeys"; user guide, "CloudTrail digest file structure".
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...registry import operation

if TYPE_CHECKING:
    from ...gateway.call import Call
    from ...world import World

ALGORITHM = "SHA256withRSA"
_VALID = timedelta(days=30)
_PRIME_BITS, _EXPONENT = 1024, 65537
_SMALL_PRIMES = [p for p in range(3, 2000, 2) if all(p % d for d in range(3, int(p**0.5) + 1, 2))]


@dataclass(frozen=True)
class SigningKey:
    """A private key as two primes, and the start of its validity."""

    p: int
    q: int
    since: datetime

    @property
    def until(self) -> datetime:
        return self.since + _VALID

    def public(self) -> bytes:
        """The public key as PKCS #1, DER."""
        from .rsa import public_key  # noqa: PLC0415 - loads cryptography

        return public_key(self.p, self.q, _EXPONENT)

    def fingerprint(self) -> str:
        return hashlib.md5(self.public(), usedforsecurity=False).hexdigest()

    def sign(self, text: str) -> str:
        """The signature of a text, in hexadecimal digits."""
        from .rsa import sign  # noqa: PLC0415 - loads cryptography

        return sign(self.p, self.q, _EXPONENT, text.encode()).hex()


@dataclass
class SigningKeys:
    """The keys of a Region, oldest first. They're AWS's own and belong to no account."""

    keys: list[SigningKey] = field(default_factory=list)


def signing_key(world: World, region: str) -> SigningKey:
    """The current signing key; generates one if none is valid anymore."""
    known = world.store(SigningKeys, "", region).keys
    if not known or known[-1].until <= world.now:
        p = _prime(world.random)
        q = _prime(world.random)
        known.append(SigningKey(p, q, world.now.replace(microsecond=0)))
    return known[-1]


@operation("cloudtrail", "ListPublicKeys")
def list_public_keys(call: Call) -> dict[str, Any]:
    """Return the public keys that were valid at any time in the range (by default, the last day)."""
    end = call.params.get("EndTime", call.now)
    start = call.params.get("StartTime", call.now - timedelta(days=1))
    return {
        "PublicKeyList": [
            {
                "Value": key.public(),
                "ValidityStartTime": key.since,
                "ValidityEndTime": key.until,
                "Fingerprint": key.fingerprint(),
            }
            for key in call.world.store(SigningKeys, "", call.region).keys
            if key.since <= end and key.until >= start
        ]
    }


def _prime(source: random.Random) -> int:
    """A (probable) prime with its two highest bits set, fit for the exponent."""
    while True:
        number = source.getrandbits(_PRIME_BITS) | (3 << (_PRIME_BITS - 2)) | 1
        if any(number % small == 0 for small in _SMALL_PRIMES) or number % _EXPONENT == 1:
            continue
        if all(pow(base, number - 1, number) == 1 for base in (2, 3, 5)):
            return number
