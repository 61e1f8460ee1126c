"""Creates findings from traffic.

Source: GuardDuty user guide, "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom", "GuardDuty finding
aggregation", and real findings of this type for the wording.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..network.traffic import Traffic, listener
from . import instances
from .list_formats import is_routable
from .publishing import publish, publish_update_later
from .store import Detector, Finding, GuardDutyStore, detector_arn, stamp

if TYPE_CHECKING:
    from ..world import World

CALLER_TYPE = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"
CALLER_SEVERITY = 5
THREAT_NAME = "Customer Threat Intel"
# AWS doesn't document how long it takes; alerts of this kind take from minutes to half an hour.
SOONEST_SECONDS, LATEST_SECONDS = 300.0, 1800.0
_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP"}
_PORT_NAMES = {
    21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 53: "DNS", 80: "HTTP", 123: "NTP", 443: "HTTPS",
    3389: "RDP", 8080: "HTTP",
}  # fmt: skip


@listener
def inspect_traffic(world: World, traffic: Traffic) -> None:
    """Check accepted traffic against the threat lists; the finding follows later."""
    detector = world.store(GuardDutyStore, traffic.account, traffic.region).detector
    if detector is None or not detector.enabled or traffic.action != "ACCEPT":
        return
    names = _threat_lists(detector, traffic.remote_address)
    if not names:
        return
    details = instances.describe(world, traffic.account, traffic.region, traffic.instance_id)
    wait = world.random.uniform(SOONEST_SECONDS, LATEST_SECONDS)
    for name in names:
        world.later(
            "guardduty.detect", wait,
            account=traffic.account, region=traffic.region, detector_id=detector.detector_id,
            list_name=name, instance=details, action=_action(traffic),
            first_seen=stamp(traffic.started_at.replace(microsecond=0)),
            last_seen=stamp(traffic.ended_at.replace(microsecond=0)),
        )  # fmt: skip


def _threat_lists(detector: Detector, address: str) -> list[str]:
    """Return the names of the active threat lists that contain an address."""
    if not is_routable(address):
        return []
    lists = detector.lists.values()
    return [known.name for known in lists if known.status == "ACTIVE" and address in known.ranges]


def _action(traffic: Traffic) -> dict[str, Any]:
    """Build ``service.action``."""
    return {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": {
            "connectionDirection": traffic.direction,
            "localIpDetails": {"ipAddressV4": traffic.private_address},
            "remoteIpDetails": unknown_location(traffic.remote_address),
            "remotePortDetails": _port(traffic.remote_port),
            "localPortDetails": _port(traffic.local_port),
            "protocol": _PROTOCOLS.get(traffic.protocol, str(traffic.protocol)),
            "blocked": False,
            "localNetworkInterface": traffic.interface_id,
        },
    }


def unknown_location(address: str) -> dict[str, Any]:
    """Build ``remoteIpDetails`` with placeholders for the unknown owner and location."""
    return {
        "ipAddressV4": address,
        "organization": {"asn": "-1", "asnOrg": "", "isp": "", "org": ""},
        "country": {"countryName": ""},
        "city": {"cityName": ""},
        "geoLocation": {"lat": 0.0, "lon": 0.0},
    }


def _port(number: int) -> dict[str, Any]:
    return {"port": number, "portName": _PORT_NAMES.get(number, "Unknown")}


@effect("guardduty.detect")
def detect(  # noqa: PLR0913 - an effect takes plain values, and a finding needs this many
    world: World,
    *,
    account: str,
    region: str,
    detector_id: str,
    list_name: str,
    instance: dict[str, Any],
    action: dict[str, Any],
    first_seen: str,
    last_seen: str,
) -> None:
    """Create the finding, or update the existing one for the same instance, list, and address."""
    detector = world.store(GuardDutyStore, account, region).detector
    if detector is None or detector.detector_id != detector_id or not detector.enabled:
        return
    address = action["networkConnectionAction"]["remoteIpDetails"]["ipAddressV4"]
    instance_id = instance["instanceId"]
    threat = {
        "threatListName": list_name,
        "threatNames": [THREAT_NAME],
    }
    additional = {"threatName": THREAT_NAME, "threatListName": list_name}
    record(
        world, account, region, detector,
        key=(CALLER_TYPE, instance_id, list_name, address),
        finding={
            "type": CALLER_TYPE,
            "resource": {"resourceType": "Instance", "instanceDetails": instance},
            "severity": CALLER_SEVERITY,
            "title": f"EC2 instance {instance_id} communicating with disallowed IP address.",
            "description": (
                f"EC2 instance {instance_id} is communicating with a disallowed IP address "
                f"{address} on the list {list_name}."
            ),
        },
        service={
            "action": action,
            "resourceRole": "TARGET",
            "additionalInfo": additional,
            "evidence": {"threatIntelligenceDetails": [threat]},
            "eventFirstSeen": first_seen,
            "eventLastSeen": last_seen,
        },
    )  # fmt: skip


def find_by_key(detector: Detector, key: tuple[str, ...]) -> Finding | None:
    """Return the existing finding with this key, or ``None``."""
    return next((known for known in detector.findings.values() if known.key == key), None)


def record(
    world: World,
    account: str,
    region: str,
    detector: Detector,
    *,
    key: tuple[str, ...],
    finding: dict[str, Any],
    service: dict[str, Any],
) -> None:
    """Store a finding: publish a new one at once, and an update at the detector's frequency.

    A late report of earlier activity only increases the count.
    """
    now = stamp(world.now)
    same = find_by_key(detector, key)
    finding_id = same.finding_id if same else world.hex(32)
    before = same.body["service"] if same else None
    told = finding
    latest = service
    if (
        same is not None
        and before is not None
        and service["eventLastSeen"] < before["eventLastSeen"]
    ):
        told, latest = same.body, {name: before[name] for name in service}
    seen = [each["eventFirstSeen"] for each in (service, before) if each is not None]
    body = {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": finding_id,
        "arn": f"{detector_arn(account, region, detector.detector_id)}/finding/{finding_id}",
        "type": finding["type"],
        "resource": told["resource"],
        "service": {
            "serviceName": "guardduty",
            "detectorId": detector.detector_id,
            **latest,
            "eventFirstSeen": min(seen),
            "archived": before["archived"] if before else False,
            "count": before["count"] + 1 if before else 1,
        },
        "severity": finding["severity"],
        "createdAt": same.body["createdAt"] if same else now,
        "updatedAt": now,
        "title": told["title"],
        "description": told["description"],
    }
    body["service"]["additionalInfo"] = _with_value(service["additionalInfo"])
    if same is None:
        same = detector.findings[finding_id] = Finding(key, body, world.now)
        publish(world, account, region, same)
    else:
        same.body = body
        publish_update_later(world, account, region, detector, same)


def _with_value(additional: dict[str, Any]) -> dict[str, Any]:
    """Add a copy as JSON text, because events carry the additional information in both forms."""
    value = json.dumps(additional, separators=(",", ":"))
    return {**additional, "value": value, "type": "default"}
