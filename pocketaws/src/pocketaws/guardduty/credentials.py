"""Finds, in recorded calls, servers' credentials that are used outside of AWS.

A call counts that anybody makes with the session of a server's role from an address that is not AWS's, answered or
refused: management events, and data events of S3 where S3 protection is on. Calls to global services
are looked at by the detector of every Region. What is the same issue (the server's session name with its role)
stays one finding, with the latest call in it. GuardDuty gets used to addresses after a while; that is not emulated,
nor is the use from inside AWS (``InstanceCredentialExfiltration.InsideAWS``): that needs to know which account an
address of AWS's belongs to at the time of a call.

Source: GuardDuty user guide, "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", "GuardDuty
finding aggregation", "GuardDuty foundational data sources", "Severity levels of GuardDuty findings"; GuardDuty API
reference, "AccessKeyDetails", "AwsApiCallAction"; published findings about access keys. The description is a
published one's; the title, and 8 as the number in the range of high severity, are inferred from published ones of the
use from inside AWS, and the recent calls under ``additionalInfo`` from those of other types about access keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..cloudtrail.observers import observer
from ..cloudtrail.records.errors import error_code
from ..effects import effect
from ..errors import AwsError
from ..network.aws_ranges import service_at
from . import instances
from .detection import LATEST_SECONDS, SOONEST_SECONDS, find_same, nowhere, record
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
def hear(call: Call, event: Event, error: AwsError | None) -> None:
    """Look whether a server's credentials are used outside of AWS; the finding comes later."""
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
    """Whether an address is neither AWS's nor the server's (clients in a private network stand for anybody's)."""
    return address != session.source_address and service_at(address) is None


def _watches(detector: Detector | None, event: Event) -> bool:
    if detector is None or not detector.enabled:
        return False
    if event.operation.category == "Management":
        return True
    protection = detector.features.get("S3_DATA_EVENTS", {})
    return event.operation.service == "s3" and protection.get("Status") == "ENABLED"


def _action(call: Call, event: Event, error: AwsError | None) -> dict[str, Any]:
    """``service.action``."""
    said: dict[str, Any] = {
        "api": event.operation.event_name,
        "serviceName": event.operation.event_source,
        "callerType": "Remote IP",
    }
    if error is not None:
        said["errorCode"] = error_code(call.service, call.operation, error)
    bucket = call.params.get("Bucket") if call.service == "s3" else None
    said |= {
        "userAgent": call.caller.user_agent,
        "remoteIpDetails": nowhere(call.caller.source_address),
        "affectedResources": {"AWS::S3::Bucket": bucket} if bucket is not None else {},
    }
    return {"actionType": "AWS_API_CALL", "awsApiCallAction": said}


@effect("guardduty.detect_credentials")
def detect(  # noqa: PLR0913 - an effect's values are plain, and these are what a finding is made of
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
    """Make the finding, or update the one that there is of the same server's credentials."""
    detector = world.store(GuardDutyStore, account, region).detector
    if detector is None or detector.detector_id != detector_id or not detector.enabled:
        return
    call = action["awsApiCallAction"]
    same = find_same(detector, (OUTSIDE_TYPE, key["principalId"]))
    before = same.body["service"]["additionalInfo"]["recentApiCalls"] if same else []
    resource: dict[str, Any] = {"resourceType": "AccessKey", "accessKeyDetails": key}
    try:
        resource["instanceDetails"] = instances.describe(
            world, account, instance_region, instance_id
        )
    except AwsError:  # the server is gone by now; its credentials are not
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
    """The calls with how often they were seen, the latest first."""
    count = next((each["count"] for each in before if each["api"] == api), 0) + 1
    others = [each for each in before if each["api"] != api]
    return [{"api": api, "count": count}, *others][:_MOST_RECENT_CALLS]
