"""RSA from two primes. It's a separate module because the library is slow to load."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def public_key(p: int, q: int, e: int) -> bytes:
    """The public key as PKCS #1, DER."""
    return _private(p, q, e).public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def sign(p: int, q: int, e: int, data: bytes) -> bytes:
    """The signature of SHA-256 with PKCS #1 1.5."""
    return _private(p, q, e).sign(data, padding.PKCS1v15(), SHA256())


def _private(p: int, q: int, e: int) -> rsa.RSAPrivateKey:
    p, q = max(p, q), min(p, q)
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q)
    )
    return numbers.private_key()
