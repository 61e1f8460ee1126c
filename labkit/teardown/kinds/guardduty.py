"""GuardDuty: the detector that labkit created, and the threat list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Resource, Tags
from labkit.teardown.search import Search, unless_gone


class Detectors(Kind):
    """The account's detector, if labkit created it."""

    name = "detector"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        guardduty = search.account.client("guardduty")
        for detector_id in search.pages("guardduty", "list_detectors", "DetectorIds"):
            yield from search.named(
                "detector", detector_id,
                partial(_tags, guardduty, detector_id),
            )  # fmt: skip

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("guardduty").delete_detector(DetectorId=key)


class ThreatLists(Kind):
    """Threat lists of any detector."""

    name = "threat list"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        guardduty = search.account.client("guardduty")
        for detector_id in search.pages("guardduty", "list_detectors", "DetectorIds"):
            for list_id in search.pages(
                "guardduty", "list_threat_intel_sets", "ThreatIntelSetIds", DetectorId=detector_id
            ):
                gone: dict[str, Any] = {"Status": "DELETED"}
                entry = unless_gone(partial(_describe_list, guardduty, detector_id, list_id), gone)
                if entry["Status"] not in {"DELETED", "DELETE_PENDING"}:
                    target = f"{detector_id}/{list_id}"
                    yield from search.tagged(
                        "threat list", list_id, entry.get("Tags", {}), target=target
                    )

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        detector_id, _, list_id = key.partition("/")
        account.client("guardduty").delete_threat_intel_set(
            DetectorId=detector_id, ThreatIntelSetId=list_id
        )


KINDS = (Detectors(), ThreatLists())


def _tags(guardduty: Any, detector_id: str) -> Tags:
    tags: Tags = guardduty.get_detector(DetectorId=detector_id).get("Tags", {})
    return tags


def _describe_list(guardduty: Any, detector_id: str, list_id: str) -> dict[str, Any]:
    found: dict[str, Any] = guardduty.get_threat_intel_set(
        DetectorId=detector_id, ThreatIntelSetId=list_id
    )
    return found
