"""Accounts as S3 names them.

Source: AWS account management reference guide, "View AWS account identifiers" (canonical user id).
"""

from __future__ import annotations

import hashlib


def canonical_id(account: str) -> str:
    """The canonical user id of an account: 64 digits that follow from its number here."""
    return hashlib.sha256(f"canonical:{account}".encode()).hexdigest()
