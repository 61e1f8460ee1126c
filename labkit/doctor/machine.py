"""What's right or wrong with this machine."""

from __future__ import annotations

from datetime import datetime, timedelta

from labkit.doctor.finding import Finding, Level

_TOLERANCE = timedelta(seconds=30)


def check_clock(cloud: datetime, local: datetime) -> Finding:
    """Compare this machine's clock with AWS's. AWS refuses calls if the difference is more than some minutes.

    Source: IAM user guide, "Troubleshooting Signature Version 4 signing" (signatures expire after five minutes).
    """
    offset = local - cloud
    if abs(offset) <= _TOLERANCE:
        return Finding("", "", "clock", Level.OK, "this machine's clock is right")
    seconds = abs(offset).total_seconds()
    which = "ahead of" if offset > timedelta() else "behind"
    return Finding(
        "", "", "clock", Level.WARNING,
        f"This machine's clock is {seconds:.0f} seconds {which} AWS's. From five minutes on, AWS refuses calls.",
        "Turn on network time.",
    )  # fmt: skip
