"""Sample findings: marked as such, with made-up details.

Source: GuardDuty user guide, "Sample findings"; published sample findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .credentials import OUTSIDE_SEVERITY, OUTSIDE_TYPE, description, title
from .detection import CALLER_SEVERITY, CALLER_TYPE, THREAT_NAME, record
from .store import find_detector, stamp

if TYPE_CHECKING:
    from ..gateway.call import Call

_INSTANCE = "i-99999999"
_LIST = "GeneratedFindingCustomerListName"
_ADDRESS = "198.51.100.0"


@operation("guardduty", "CreateSampleFindings")
def create_sample_findings(call: Call) -> None:
    """Make a sample of each type that is asked for, of those that are emulated."""
    find_detector(call)
    types = call.params.get("FindingTypes")
    if not types or any(each not in _MAKERS for each in types):
        message = (
            f"Only sample findings of {', '.join(_MAKERS)} are emulated here: ask for them by type."
        )
        raise AwsError("NotImplemented", message, 501)
    for each in types:
        _MAKERS[each](call)


def _record(call: Call, kind: str, finding: dict[str, Any], service: dict[str, Any]) -> None:
    seen = stamp(call.now.replace(microsecond=0))
    record(
        call.world, call.account, call.region, find_detector(call),
        key=("sample", kind),
        finding={"type": kind, **finding},
        service={
            "resourceRole": "TARGET", **service, "eventFirstSeen": seen, "eventLastSeen": seen,
        },
    )  # fmt: skip


def _caller(call: Call) -> None:
    _record(
        call, CALLER_TYPE,
        {
            "resource": {"resourceType": "Instance", "instanceDetails": _instance(call.region)},
            "severity": CALLER_SEVERITY,
            "title": f"[SAMPLE] EC2 instance {_INSTANCE} communicating with disallowed IP address.",
            "description": (
                f"[SAMPLE] EC2 instance {_INSTANCE} is communicating with a disallowed IP address "
                f"{_ADDRESS} on the list {_LIST}."
            ),
        },
        {
            "action": _action(),
            "additionalInfo": {
                "threatName": THREAT_NAME, "threatListName": _LIST, "sample": True,
            },
            "evidence": {
                "threatIntelligenceDetails": [
                    {"threatListName": _LIST, "threatNames": [THREAT_NAME]}
                ]
            },
        },
    )  # fmt: skip


def _outside(call: Call) -> None:
    key = {
        "accessKeyId": "GeneratedFindingAccessKeyId",
        "principalId": "GeneratedFindingPrincipalId",
        "userType": "AssumedRole",
        "userName": "GeneratedFindingUserName",
    }
    calls = [{"api": f"GeneratedFindingAPIName{number}", "count": 2} for number in (1, 2)]
    _record(
        call, OUTSIDE_TYPE,
        {
            "resource": {
                "resourceType": "AccessKey",
                "accessKeyDetails": key,
                "instanceDetails": _instance(call.region),
            },
            "severity": OUTSIDE_SEVERITY,
            "title": f"[SAMPLE] {title(key['userName'])}",
            "description": f"[SAMPLE] {description(key['userName'], _ADDRESS)}",
        },
        {
            "action": {
                "actionType": "AWS_API_CALL",
                "awsApiCallAction": {
                    "api": "GeneratedFindingAPIName",
                    "serviceName": "GeneratedFindingAPIServiceName",
                    "callerType": "Remote IP",
                    "remoteIpDetails": _remote(),
                    "affectedResources": {},
                },
            },
            "additionalInfo": {"recentApiCalls": calls, "sample": True},
        },
    )  # fmt: skip


_MAKERS = {CALLER_TYPE: _caller, OUTSIDE_TYPE: _outside}


def _instance(region: str) -> dict[str, Any]:
    return {
        "instanceId": _INSTANCE,
        "instanceType": "m3.xlarge",
        "outpostArn": None,
        "launchTime": "2016-08-02T02:05:06.000Z",
        "platform": None,
        "productCodes": [
            {
                "productCodeId": "GeneratedFindingProductCodeId",
                "productCodeType": "GeneratedFindingProductCodeType",
            }
        ],
        "iamInstanceProfile": {
            "arn": "arn:aws:iam::111122223333:example/instance/profile",
            "id": "GeneratedFindingInstanceProfileId",
        },
        "networkInterfaces": [
            {
                "ipv6Addresses": [],
                "networkInterfaceId": "eni-bfcffe88",
                "privateDnsName": "GeneratedFindingPrivateDnsName",
                "privateIpAddress": "10.0.0.1",
                "privateIpAddresses": [
                    {
                        "privateDnsName": "GeneratedFindingPrivateName",
                        "privateIpAddress": "10.0.0.1",
                    }
                ],
                "subnetId": "GeneratedFindingSubnetId",
                "vpcId": "GeneratedFindingVPCId",
                "securityGroups": [
                    {
                        "groupName": "GeneratedFindingSecurityGroupName",
                        "groupId": "GeneratedFindingSecurityId",
                    }
                ],
                "publicDnsName": "GeneratedFindingPublicDNSName",
                "publicIp": _ADDRESS,
            }
        ],
        "tags": [
            {"key": f"GeneratedFindingInstanceTag{n}", "value": f"GeneratedFindingInstanceValue{n}"}
            for n in range(1, 4)
        ],
        "instanceState": "running",
        "availabilityZone": f"{region}a",
        "imageId": "ami-99999999",
        "imageDescription": "GeneratedFindingInstanceImageDescription",
    }


def _action() -> dict[str, Any]:
    return {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": {
            "connectionDirection": "OUTBOUND",
            "localIpDetails": {"ipAddressV4": "10.0.0.23"},
            "remoteIpDetails": _remote(),
            "remotePortDetails": {"port": 22, "portName": "SSH"},
            "localPortDetails": {"port": 2000, "portName": "Unknown"},
            "protocol": "TCP",
            "blocked": False,
        },
    }


def _remote() -> dict[str, Any]:
    return {
        "ipAddressV4": _ADDRESS,
        "organization": {
            "asn": "-1",
            "asnOrg": "GeneratedFindingASNOrg",
            "isp": "GeneratedFindingISP",
            "org": "GeneratedFindingORG",
        },
        "country": {"countryName": "GeneratedFindingCountryName"},
        "city": {"cityName": "GeneratedFindingCityName"},
        "geoLocation": {"lat": 0.0, "lon": 0.0},
    }
