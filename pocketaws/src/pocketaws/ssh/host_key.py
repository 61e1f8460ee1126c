"""A host key made from random bytes. It's in its own module so that a start doesn't wait for the library."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def host_key(seed: bytes) -> bytes:
    """An ed25519 key made from 32 random bytes, in OpenSSH's format."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
