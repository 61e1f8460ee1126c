"""Sends findings to EventBridge.

A new finding goes out at once. Updates to it are combined, and go out when the detector's frequency
has passed since the last time.

Source: GuardDuty user guide, "Processing GuardDuty findings with Amazon EventBridge".
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING

from ..effects import effect
from ..events import bus
from .store import GuardDutyStore

if TYPE_CHECKING:
    from ..world import World
    from .store import Detector, Finding

FREQUENCIES = {
    "FIFTEEN_MINUTES": timedelta(minutes=15),
    "ONE_HOUR": timedelta(hours=1),
    "SIX_HOURS": timedelta(hours=6),
}


def publish(world: World, account: str, region: str, finding: Finding) -> None:
    """Publish a finding now."""
    finding.published_at = world.now
    finding.unpublished = False
    body = copy.deepcopy(finding.body)
    bus.put(world, account, region, "aws.guardduty", "GuardDuty Finding", body)


def publish_update_later(
    world: World, account: str, region: str, detector: Detector, finding: Finding
) -> None:
    """Schedule one publication for all updates until then."""
    if not finding.unpublished:
        finding.unpublished = True
        _schedule(world, account, region, detector, finding)


def publish_updates_sooner(world: World, account: str, region: str, detector: Detector) -> None:
    """Reschedule pending updates after the detector's frequency changes."""
    for finding in detector.findings.values():
        if finding.unpublished:
            _schedule(world, account, region, detector, finding)


def _schedule(
    world: World, account: str, region: str, detector: Detector, finding: Finding
) -> None:
    due = finding.published_at + FREQUENCIES[detector.frequency]
    world.at(
        max(due, world.now), "guardduty.publish_update",
        account=account, region=region, finding_id=finding.finding_id,
    )  # fmt: skip


@effect("guardduty.publish_update")
def publish_update(world: World, account: str, region: str, finding_id: str) -> None:
    """Publish a pending update, or reschedule it if the frequency now says later."""
    detector = world.store(GuardDutyStore, account, region).detector
    finding = detector.findings.get(finding_id) if detector else None
    if detector is None or finding is None or not finding.unpublished:
        return
    if finding.published_at + FREQUENCIES[detector.frequency] > world.now:
        _schedule(world, account, region, detector, finding)
    else:
        publish(world, account, region, finding)
