"""GuardDuty with AWS's delays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION
from .guardduty_lab import Lab

BAD = "203.0.113.66"


@pytest.fixture
def lab() -> Iterator[Lab]:
    clock = ManualClock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    with LocalAws(region=REGION, clock=clock, delays="aws") as aws:
        made = Lab(aws, clock)
        made.start()
        yield made


def test_lists_and_findings_take_their_time(lab: Lab) -> None:
    list_id = lab.threat_list(lab.put_list(BAD))
    assert lab.status(list_id) == "ACTIVATING"
    lab.traffic(BAD)
    with pytest.raises(ClientError, match="ACTIVATING"):
        lab.guardduty.update_threat_intel_set(
            DetectorId=lab.detector, ThreatIntelSetId=list_id, Name="other"
        )
    lab.clock.advance(15 * 60)
    assert lab.status(list_id) == "ACTIVE"
    lab.traffic(BAD)
    lab.clock.advance(4 * 60)
    assert lab.findings() == []
    lab.clock.advance(26 * 60)
    assert [finding["Service"]["Count"] for finding in lab.findings()] == [1]
    lab.guardduty.delete_threat_intel_set(DetectorId=lab.detector, ThreatIntelSetId=list_id)
    assert lab.status(list_id) == "DELETE_PENDING"
