"""Digest files: the log files of an hour with their hashes, signed. Each names the previous digest.

For trails with log file validation. Source: CloudTrail user guide, "CloudTrail digest file structure"
and "Validating CloudTrail log file integrity" (the text that is signed).
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...effects import effect
from ...errors import AwsError
from ..records.identity import iso
from ..trails.store import Digest, DigestChain, LogFile, Trail, trails_of
from .object_keys import digest_key
from .objects import write_object
from .signing import ALGORITHM, SigningKey, signing_key

if TYPE_CHECKING:
    from ...world import World

_EVERY = timedelta(hours=1)


def begin(world: World, trail: Trail) -> None:
    """Start new digest chains for a trail whose validation was just turned on."""
    trail.chains = {region: DigestChain(world.now) for region in trail.positions}
    trail.validated_since = world.now
    _schedule(world, trail)


def note_file(world: World, trail: Trail, region: str, file: LogFile) -> None:
    """Add a delivered file to the Region's next digest."""
    if trail.validation and trail.validated_since is not None:
        trail.chains.setdefault(region, DigestChain(world.now)).files.append(file)


def end(world: World, trail: Trail) -> None:
    """Write the last digests of a trail that was stopped or deleted, or whose validation was turned off."""
    if trail.validated_since is None:
        return
    for region, chain in trail.chains.items():
        _write(world, trail, region, chain)
    trail.chains, trail.validated_since = {}, None


def _schedule(world: World, trail: Trail) -> None:
    since = trail.validated_since.isoformat() if trail.validated_since is not None else ""
    world.at(
        world.now + _EVERY, "cloudtrail.digest",
        account=trail.account, arn=trail.arn, since=since,
    )  # fmt: skip


@effect("cloudtrail.digest")
def write_hourly(world: World, account: str, arn: str, since: str) -> None:
    """Write every Region's digest of the last hour, even empty ones, and again in an hour."""
    trail = trails_of(world, account).trails.get(arn)
    if trail is None or trail.validated_since is None:
        return
    if trail.validated_since.isoformat() != since:
        return
    for region, chain in trail.chains.items():
        _write(world, trail, region, chain)
    _schedule(world, trail)


def _write(world: World, trail: Trail, region: str, chain: DigestChain) -> None:
    """Deliver a digest. If that fails, its files stay for the next one."""
    key = digest_key(trail, region, world.now)
    signer = signing_key(world, region)
    content = _content(trail, chain, key, world.now, signer)
    body = json.dumps(content, separators=(",", ":")).encode()
    signature = signer.sign(text_to_sign(content, body))
    try:
        metadata = {"signature": signature, "signature-algorithm": ALGORITHM}
        write_object(world, trail, key, body, Metadata=metadata)
    except AwsError as error:
        trail.digest_error = error.code
        return
    trail.last_digest, trail.digest_error = world.now, None
    chain.started, chain.files = world.now, []
    chain.previous = Digest(trail.bucket, key, hashlib.sha256(body).hexdigest(), signature)


def text_to_sign(content: dict[str, Any], body: bytes) -> str:
    """What the signature of a digest signs (``body`` is not compressed)."""
    return "\n".join(
        (
            content["digestEndTime"],
            f"{content['digestS3Bucket']}/{content['digestS3Object']}",
            hashlib.sha256(body).hexdigest(),
            content["previousDigestSignature"] or "null",
        )
    )


def _content(
    trail: Trail, chain: DigestChain, key: str, now: datetime, signer: SigningKey
) -> dict[str, Any]:
    previous = chain.previous
    return {
        "awsAccountId": trail.account,
        "digestStartTime": iso(chain.started),
        "digestEndTime": iso(now),
        "digestS3Bucket": trail.bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": signer.fingerprint(),
        "digestSignatureAlgorithm": ALGORITHM,
        "newestEventTime": max((file.newest for file in chain.files), default=None),
        "oldestEventTime": min((file.oldest for file in chain.files), default=None),
        "previousDigestS3Bucket": previous.bucket if previous else None,
        "previousDigestS3Object": previous.key if previous else None,
        "previousDigestHashValue": previous.hash_value if previous else None,
        "previousDigestHashAlgorithm": "SHA-256" if previous else None,
        "previousDigestSignature": previous.signature if previous else None,
        "logFiles": [
            {
                "s3Bucket": file.bucket,
                "s3Object": file.key,
                "hashValue": file.hash_value,
                "hashAlgorithm": "SHA-256",
                "newestEventTime": file.newest,
                "oldestEventTime": file.oldest,
            }
            for file in chain.files
        ],
    }
