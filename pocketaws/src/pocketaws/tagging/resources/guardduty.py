"""GuardDuty detectors and their lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...guardduty.store import GuardDutyStore, detector_arn
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def detector_and_parts(world: World, account: str, region: str) -> Iterator[Tagged]:
    detector = world.store(GuardDutyStore, account, region).detector
    if detector is None:
        return
    arn = detector_arn(account, region, detector.detector_id)
    yield Tagged("guardduty:detector", arn, detector.tags)
    for listed in detector.lists.values():
        list_arn = f"{arn}/threatintelset/{listed.list_id}"
        yield Tagged("guardduty:detector/threatintelset", list_arn, listed.tags)
