"""Renew a session's credentials when AWS says that they have expired, and repeat the call.

botocore renews by this machine's clock, which says nothing about sessions that were revoked or a clock that's slow.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.credentials import RefreshableCredentials

from labkit.error_causes import Cause, cause_of

_RENEWALS = 2
"""How many times to renew for one call."""


def renew_expired(client: Any, session: boto3.Session) -> None:
    """Let a client of a session that can renew itself repeat calls that failed because of expired credentials."""
    credentials = session.get_credentials()
    if not isinstance(credentials, RefreshableCredentials):
        return

    def repeat(response: Any, attempts: int, **_: Any) -> float | None:
        """Return the pause before another attempt, or None to leave the decision to botocore (event ``needs-retry``)."""
        if response is None or attempts > _RENEWALS:
            return None
        error = response[1].get("Error", {})
        if cause_of(str(error.get("Code", "")), str(error.get("Message", ""))) is not Cause.EXPIRED:
            return None
        # The next attempt signs with renewed credentials, because these no longer count as valid.
        credentials._expiry_time = datetime.now(UTC)  # noqa: SLF001 - botocore has no public way to force it
        return 0.0

    # Before botocore's own handler, which doesn't retry these errors: the first answer counts.
    client.meta.events.register_first("needs-retry", repeat)
