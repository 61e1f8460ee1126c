"""Detectors: one per account and Region.

Source: GuardDuty API reference, "CreateDetector", "GetDetector", "UpdateDetector"; user guide,
"GuardDuty API changes in March 2023" (features and data sources).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..registry import operation
from . import service_role
from .publishing import publish_updates_sooner
from .store import Detector, GuardDutyStore, bad_request, find_detector, stamp

if TYPE_CHECKING:
    from ..gateway.call import Call

_ALWAYS = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
_ON_BY_DEFAULT = (
    "S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
)  # fmt: skip
_OFF_BY_DEFAULT = {
    "EKS_RUNTIME_MONITORING": ("EKS_ADDON_MANAGEMENT",),
    "RUNTIME_MONITORING": (
        "EKS_ADDON_MANAGEMENT",
        "ECS_FARGATE_AGENT_MANAGEMENT",
        "EC2_AGENT_MANAGEMENT",
    ),
}
_SIX_HOURS = "SIX_HOURS"


@operation("guardduty", "CreateDetector")
def create_detector(call: Call) -> dict[str, Any]:
    """Create the account's detector in this Region, and GuardDuty's service-linked role."""
    store = call.store(GuardDutyStore)
    params = call.params
    if store.detector is not None:
        if params.get("ClientToken") and params["ClientToken"] in store.detector.tokens:
            return {"DetectorId": store.detector.detector_id}
        raise bad_request("a detector already exists for the current account.")
    features = _default_features(call.now)
    _merge(features, _requested_features(params), call.now)
    service_role.ensure(call)
    detector_id = call.world.hex(32)
    store.detector = Detector(
        detector_id, call.now, call.now, bool(params["Enable"]),
        params.get("FindingPublishingFrequency", _SIX_HOURS), features, dict(params.get("Tags", {})),
    )  # fmt: skip
    if params.get("ClientToken"):
        store.detector.tokens[params["ClientToken"]] = detector_id
    return {"DetectorId": detector_id}


@operation("guardduty", "ListDetectors")
def list_detectors(call: Call) -> dict[str, Any]:
    detector = call.store(GuardDutyStore).detector
    return {"DetectorIds": [detector.detector_id] if detector else []}


@operation("guardduty", "GetDetector")
def get_detector(call: Call) -> dict[str, Any]:
    detector = find_detector(call)
    return {
        "CreatedAt": stamp(detector.created_at),
        "UpdatedAt": stamp(detector.updated_at),
        "FindingPublishingFrequency": detector.frequency,
        "ServiceRole": service_role.role_arn(call.account),
        "Status": "ENABLED" if detector.enabled else "DISABLED",
        "DataSources": _data_sources(detector),
        "Features": [_shown(name, feature) for name, feature in detector.features.items()],
        "Tags": detector.tags,
    }


@operation("guardduty", "UpdateDetector")
def update_detector(call: Call) -> None:
    """Change the given settings; each feature merges separately."""
    detector = find_detector(call)
    params = call.params
    _merge(detector.features, _requested_features(params), call.now)
    if "Enable" in params:
        detector.enabled = bool(params["Enable"])
    detector.updated_at = call.now
    if "FindingPublishingFrequency" in params:
        detector.frequency = params["FindingPublishingFrequency"]
        publish_updates_sooner(call.world, call.account, call.region, detector)


@operation("guardduty", "DeleteDetector")
def delete_detector(call: Call) -> None:
    """Delete the detector with its lists and findings."""
    detector = find_detector(call)
    for address_list in detector.lists.values():
        service_role.revoke_read(call, address_list)
    call.store(GuardDutyStore).detector = None


def _default_features(now: datetime) -> dict[str, dict[str, Any]]:
    on = {name: _feature("ENABLED", now) for name in (*_ALWAYS, *_ON_BY_DEFAULT)}
    off = {name: _feature("DISABLED", now, more) for name, more in _OFF_BY_DEFAULT.items()}
    return on | off


def _feature(status: str, now: datetime, more: tuple[str, ...] = ()) -> dict[str, Any]:
    additional = {name: {"Status": "DISABLED", "UpdatedAt": now} for name in more}
    return {"Status": status, "UpdatedAt": now, "Additional": additional}


def _requested_features(params: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the requested features, including those from the older data sources."""
    sources = params.get("DataSources")
    if sources is None:
        return list(params.get("Features", []))
    if "Features" in params:
        raise bad_request("both dataSources and features are specified.")
    malware = sources.get("MalwareProtection", {}).get("ScanEc2InstanceWithFindings", {})
    wanted = {
        "S3_DATA_EVENTS": sources.get("S3Logs", {}).get("Enable"),
        "EKS_AUDIT_LOGS": sources.get("Kubernetes", {}).get("AuditLogs", {}).get("Enable"),
        "EBS_MALWARE_PROTECTION": malware.get("EbsVolumes"),
    }
    return [
        {"Name": name, "Status": "ENABLED" if on else "DISABLED"}
        for name, on in wanted.items()
        if on is not None
    ]


def _merge(
    features: dict[str, dict[str, Any]], requested: list[dict[str, Any]], now: datetime
) -> None:
    names = {feature["Name"] for feature in requested if feature.get("Status") == "ENABLED"}
    if {"EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"} <= names:
        message = "EKS_RUNTIME_MONITORING and RUNTIME_MONITORING must not be enabled together."
        raise bad_request(message)
    for feature in requested:
        known = features.setdefault(feature["Name"], _feature("DISABLED", now))
        known.update(Status=feature.get("Status", known["Status"]), UpdatedAt=now)
        for more in feature.get("AdditionalConfiguration", []):
            known["Additional"][more["Name"]] = {"Status": more["Status"], "UpdatedAt": now}


def _shown(name: str, feature: dict[str, Any]) -> dict[str, Any]:
    shown = {"Name": name, "Status": feature["Status"], "UpdatedAt": feature["UpdatedAt"]}
    if feature["Additional"]:
        shown["AdditionalConfiguration"] = [
            {"Name": more, **state} for more, state in feature["Additional"].items()
        ]
    return shown


def _data_sources(detector: Detector) -> dict[str, Any]:
    def status(name: str) -> dict[str, Any]:
        return {"Status": detector.features[name]["Status"]}

    return {
        "CloudTrail": status("CLOUD_TRAIL"),
        "DNSLogs": status("DNS_LOGS"),
        "FlowLogs": status("FLOW_LOGS"),
        "S3Logs": status("S3_DATA_EVENTS"),
        "Kubernetes": {"AuditLogs": status("EKS_AUDIT_LOGS")},
        "MalwareProtection": {
            "ScanEc2InstanceWithFindings": {"EbsVolumes": status("EBS_MALWARE_PROTECTION")}
        },
    }
