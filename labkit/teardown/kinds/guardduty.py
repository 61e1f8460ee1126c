"""GuardDuty: the detector that was made, and the threat list."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """The detector and lists tagged as the scope's."""
    guardduty = scope.account.client("guardduty")
    found: list[Found] = []
    for detector_id in guardduty.list_detectors()["DetectorIds"]:
        detector = guardduty.get_detector(DetectorId=detector_id)
        found += scope.tagged("detector", detector_id, detector.get("Tags", {}))
        for list_id in guardduty.list_threat_intel_sets(DetectorId=detector_id)[
            "ThreatIntelSetIds"
        ]:
            listed = guardduty.get_threat_intel_set(
                DetectorId=detector_id, ThreatIntelSetId=list_id
            )
            if listed["Status"] not in {"DELETED", "DELETE_PENDING"}:
                found += scope.tagged("threat list", list_id, listed.get("Tags", {}))
    return found
