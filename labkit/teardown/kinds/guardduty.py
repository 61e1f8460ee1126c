"""GuardDuty: labkit's own detector, and the threat list."""

from __future__ import annotations

from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """The detector and lists with the scope's tags."""
    guardduty = scope.account.client("guardduty")
    found: list[Resource] = []
    for detector_id in guardduty.list_detectors()["DetectorIds"]:
        detector = guardduty.get_detector(DetectorId=detector_id)
        found += scope.match_tags("detector", detector_id, detector.get("Tags", {}))
        for list_id in guardduty.list_threat_intel_sets(DetectorId=detector_id)[
            "ThreatIntelSetIds"
        ]:
            listed = guardduty.get_threat_intel_set(
                DetectorId=detector_id, ThreatIntelSetId=list_id
            )
            if listed["Status"] not in {"DELETED", "DELETE_PENDING"}:
                found += scope.match_tags("threat list", list_id, listed.get("Tags", {}))
    return found
