"""``SendSSHPublicKey``, and which keys are valid right now.

Source: EC2 Instance Connect API reference, "SendSSHPublicKey"; its user guide: a key is available for 60 seconds.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..errors import AwsError
from ..registry import operation

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

VALID_FOR = timedelta(seconds=60)
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]{0,30}[A-Za-z0-9_$-]?")
_TYPES = {"ssh-rsa", "ssh-ed25519"}
_MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class PushedKey:
    """A key that was pushed to an instance for one of its users."""

    instance_id: str
    user: str
    blob: bytes
    """The key in SSH's own encoding (RFC 4253)."""
    source_address: str
    """The address that logs show for the principal that pushed it."""
    pushed_at: datetime


@dataclass
class KeyStore:
    """The keys pushed in an account and Region."""

    keys: list[PushedKey] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KeyMatch:
    """The instance that a key opens."""

    account: str
    region: str
    key: PushedKey


@operation("ec2-instance-connect", "SendSSHPublicKey")
def send_ssh_public_key(call: Call) -> dict[str, Any]:
    """Store a public key for a minute."""
    params = call.params
    user = params["InstanceOSUser"]
    if not 1 <= len(user) <= 32 or _USER.fullmatch(user) is None:
        raise AwsError("InvalidArgsException", "The instance OS user is not valid.")
    blob = parse_public_key(params["SSHPublicKey"])
    instance = _instance(call, params["InstanceId"])
    zone = params.get("AvailabilityZone")
    if zone is not None and zone != instance.availability_zone:
        raise AwsError(
            "EC2InstanceNotFoundException", f"Instance {instance.id} is not in {zone}.", 404
        )
    store = call.store(KeyStore)
    store.keys = [key for key in store.keys if call.now - key.pushed_at < VALID_FOR]
    store.keys.append(PushedKey(instance.id, user, blob, call.caller.source_address, call.now))
    return {"RequestId": call.request_id, "Success": True}


def _instance(call: Call, instance_id: str) -> Any:
    if re.fullmatch(r"i-[0-9a-f]{8}([0-9a-f]{9})?", instance_id) is None:
        raise AwsError("InvalidArgsException", f"The instance ID '{instance_id}' is malformed.")
    instance = instances.find_or_none(call.account, call.region, instance_id)
    if instance is None or instance.state == "terminated":
        raise AwsError("EC2InstanceNotFoundException", "The specified instance was not found.", 404)
    if instance.state != "running":
        raise AwsError(
            "EC2InstanceStateInvalidException",
            f"The instance is in the state {instance.state}; only a running instance can take a key.",
        )
    return instance


def parse_public_key(text: str) -> bytes:
    """A public key of ``authorized_keys`` as SSH encodes it; raises ``AwsError`` ``InvalidArgsException``."""
    if not 80 <= len(text) <= 4096:
        raise AwsError(
            "InvalidArgsException", "The SSH public key must have 80 to 4096 characters."
        )
    fields = text.split()
    invalid = AwsError("InvalidArgsException", "The SSH public key is not valid.")
    if len(fields) < 2 or fields[0] not in _TYPES:
        raise invalid
    try:
        blob = base64.b64decode(fields[1], validate=True)
    except (binascii.Error, ValueError):
        raise invalid from None
    parts = _parts(blob)
    if not parts or parts[0] != fields[0].encode():
        raise invalid
    if fields[0] == "ssh-ed25519" and (len(parts) != 2 or len(parts[1]) != 32):
        raise invalid
    if fields[0] == "ssh-rsa" and (
        len(parts) != 3 or int.from_bytes(parts[2], "big").bit_length() < _MIN_RSA_BITS
    ):
        raise invalid
    return blob


def _parts(blob: bytes) -> list[bytes]:
    parts: list[bytes] = []
    at = 0
    while at < len(blob):
        length = int.from_bytes(blob[at : at + 4], "big")
        if at + 4 + length > len(blob):
            return []
        parts.append(blob[at + 4 : at + 4 + length])
        at += 4 + length
    return parts


def find_key(world: World, user: str, blob: bytes) -> KeyMatch | None:
    """The instance that a key opens for a user right now: the one that got it last."""
    matches = [
        KeyMatch(account, region, key)
        for account, region, store in world.stores(KeyStore)
        for key in store.keys
        if key.user == user and key.blob == blob and world.now - key.pushed_at < VALID_FOR
    ]
    return max(matches, key=lambda match: match.key.pushed_at, default=None)
