"""The canonical user IDs by which S3 names accounts.

Source: AWS account management reference guide, "View AWS account identifiers" (canonical user id).
"""

from __future__ import annotations

import hashlib


def canonical_id(account: str) -> str:
    """The canonical user ID of an account: 64 digits, derived here from the account's number."""
    return hashlib.sha256(f"canonical:{account}".encode()).hexdigest()
