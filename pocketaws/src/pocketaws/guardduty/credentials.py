"""Detects the use of EC2 role credentials outside AWS, based on recorded calls.

A call counts if it uses the session of an instance's role from an address outside AWS, whether the
call succeeds or not. This covers management events, and S3 data events if S3 protection is on. The
detectors of all Regions inspect calls to global services. Calls with the same issue (the instance's
session name and its role) update one finding, which shows the latest call. Two behaviors aren't
emulated: GuardDuty learns addresses after a while, and it detects use from inside AWS
(``InstanceCredentialExfiltration.InsideAWS``), which would require knowing which account an AWS
address belongs to at the time of a call.

Source: GuardDuty user guide,
"UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", "GuardDuty finding
aggregation", "GuardDuty foundational data sources", "Severity levels of GuardDuty findings";
GuardDuty API reference, "AccessKeyDetails", "AwsApiCallAction"; published findings about access
keys. The description is a published one's. The title, and 8 as the number in the range of high
severity, are inferred from published findings about use from inside AWS, and the recent calls under
``additionalInfo`` from those of other types about access keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..cloudtrail.observers import observer
from ..cloudtrail.records.errors import error_code
from ..effects import effect
from ..errors import AwsError
from ..network.aws_ranges import service_at
from . import instances
from .detection import LATEST_SECONDS, SOONEST_SECONDS, find_by_key, record, unknown_location
from .store import Detector, GuardDutyStore, stamp

if TYPE_CHECKING:
    from ..cloudtrail.records.event import Event
    from ..gateway.call import Call
    from ..identity.caller import Session
    from ..world import World

OUTSIDE_TYPE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
OUTSIDE_SEVERITY = 8
_MOST_RECENT_CALLS = 20


@observer
def inspect_call(call: Call, event: Event, error: AwsError | None) -> None:
    """Check a call for exfiltrated instance credentials; the finding follows later."""
    session = call.caller.session
    if session is None or session.delivery is None or call.caller.invoked_by is not None:
        return
    if not _is_outside(call.caller.source_address, session):
        return
    region_of_server = session.delivery.instance_arn.split(":")[3]
    for account, region, store in call.world.stores(GuardDutyStore):
        detector = store.detector
        looks = event.operation.is_global or region == event.region
        if account != call.account or not looks or not _watches(detector, event):
            continue
        call.world.later(
            "guardduty.detect_credentials",
            call.world.random.uniform(SOONEST_SECONDS, LATEST_SECONDS),
            account=account, region=region, detector_id=detector.detector_id if detector else "",
            key={
                "accessKeyId": session.access_key_id,
                "principalId": call.caller.principal_id,
                "userType": "AssumedRole",
                "userName": session.role_name,
            },
            instance_id=session.name, instance_region=region_of_server,
            action=_action(call, event, error), seen=stamp(event.time),
        )  # fmt: skip


def _is_outside(address: str, session: Session) -> bool:
    """Whether an address is neither AWS's nor the instance's; private clients count as outside."""
    return address != session.source_address and service_at(address) is None


def _watches(detector: Detector | None, event: Event) -> bool:
    if detector is None or not detector.enabled:
        return False
    if event.operation.category == "Management":
        return True
    protection = detector.features.get("S3_DATA_EVENTS", {})
    return event.operation.service == "s3" and protection.get("Status") == "ENABLED"


def _action(call: Call, event: Event, error: AwsError | None) -> dict[str, Any]:
    """Build ``service.action``."""
    found: dict[str, Any] = {
        "api": event.operation.event_name,
        "serviceName": event.operation.event_source,
        "callerType": "Remote IP",
    }
    if error is not None:
        found["errorCode"] = error_code(call.service, call.operation, error)
    bucket = call.params.get("Bucket") if call.service == "s3" else None
    found |= {
        "userAgent": call.caller.user_agent,
        "remoteIpDetails": unknown_location(call.caller.source_address),
        "affectedResources": {"AWS::S3::Bucket": bucket} if bucket is not None else {},
    }
    return {"actionType": "AWS_API_CALL", "awsApiCallAction": found}


@effect("guardduty.detect_credentials")
def detect(  # noqa: PLR0913 - an effect takes plain values, and a finding needs this many
    world: World,
    *,
    account: str,
    region: str,
    detector_id: str,
    key: dict[str, str],
    instance_id: str,
    instance_region: str,
    action: dict[str, Any],
    seen: str,
) -> None:
    """Create the finding, or update the existing one for the same instance's credentials."""
    detector = world.store(GuardDutyStore, account, region).detector
    if detector is None or detector.detector_id != detector_id or not detector.enabled:
        return
    call = action["awsApiCallAction"]
    same = find_by_key(detector, (OUTSIDE_TYPE, key["principalId"]))
    before = same.body["service"]["additionalInfo"]["recentApiCalls"] if same else []
    resource: dict[str, Any] = {"resourceType": "AccessKey", "accessKeyDetails": key}
    try:
        resource["instanceDetails"] = instances.describe(
            world, account, instance_region, instance_id
        )
    except AwsError:  # the instance is gone by now, but its credentials aren't
        if same is not None and "instanceDetails" in same.body["resource"]:
            resource["instanceDetails"] = same.body["resource"]["instanceDetails"]
    role, address = key["userName"], call["remoteIpDetails"]["ipAddressV4"]
    record(
        world, account, region, detector,
        key=(OUTSIDE_TYPE, key["principalId"]),
        finding={
            "type": OUTSIDE_TYPE,
            "resource": resource,
            "severity": OUTSIDE_SEVERITY,
            "title": title(role),
            "description": description(role, address),
        },
        service={
            "action": action,
            "resourceRole": "TARGET",
            "additionalInfo": {"recentApiCalls": _counted(before, call["api"])},
            "eventFirstSeen": seen,
            "eventLastSeen": seen,
        },
    )  # fmt: skip


def title(role: str) -> str:
    return f"Credentials for the EC2 instance role {role} were used from an external IP address."


def description(role: str, address: str) -> str:
    return (
        f"Credentials created exclusively for an EC2 instance using instance role {role} have been used from "
        f"external IP address {address}."
    )


def _counted(before: list[dict[str, Any]], api: str) -> list[dict[str, Any]]:
    """Update the call counts, most recent call first."""
    count = next((each["count"] for each in before if each["api"] == api), 0) + 1
    others = [each for each in before if each["api"] != api]
    return [{"api": api, "count": count}, *others][:_MOST_RECENT_CALLS]
