"""``DryRun``: all checks run, but nothing changes.

Source: EC2 API reference, "Common parameters" of each action (``DryRunOperation``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AwsError

if TYPE_CHECKING:
    from ..gateway.call import Call


def refuse_dry_run(call: Call) -> None:
    """Raise ``AwsError`` ``DryRunOperation`` if the call is a dry run."""
    if call.params.get("DryRun"):
        raise AwsError(
            "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412
        )
