"""GuardDuty: the detector that was made, and the threat list."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """The detector and lists tagged as the scope's."""
    guardduty = scope.account.client("guardduty")
    found = []
    for detector_id in guardduty.list_detectors()["DetectorIds"]:
        if scope.owns(guardduty.get_detector(DetectorId=detector_id).get("Tags", {})):
            found.append(Found("detector", detector_id))
        for list_id in guardduty.list_threat_intel_sets(DetectorId=detector_id)[
            "ThreatIntelSetIds"
        ]:
            listed = guardduty.get_threat_intel_set(
                DetectorId=detector_id, ThreatIntelSetId=list_id
            )
            if listed["Status"] not in {"DELETED", "DELETE_PENDING"} and scope.owns(
                listed.get("Tags", {})
            ):
                found.append(Found("threat list", list_id))
    return found
