"""Sample findings: marked as such, with made-up details.

Source: GuardDuty user guide, "Sample findings"; published sample findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .detection import CALLER_SEVERITY, CALLER_TYPE, THREAT_NAME, record
from .store import find_detector, stamp

if TYPE_CHECKING:
    from ..gateway.call import Call

_INSTANCE = "i-99999999"
_LIST = "GeneratedFindingCustomerListName"


@operation("guardduty", "CreateSampleFindings")
def create_sample_findings(call: Call) -> None:
    """Make a sample of each type that is asked for; only one type is emulated."""
    detector = find_detector(call)
    types = call.params.get("FindingTypes")
    if not types or any(each != CALLER_TYPE for each in types):
        message = f"Only sample findings of {CALLER_TYPE} are emulated here: ask for them by type."
        raise AwsError("NotImplemented", message, 501)
    seen = stamp(call.now.replace(microsecond=0))
    record(
        call.world, call.account, call.region, detector,
        key=("sample", CALLER_TYPE),
        finding={
            "type": CALLER_TYPE,
            "resource": {"resourceType": "Instance", "instanceDetails": _instance(call.region)},
            "severity": CALLER_SEVERITY,
            "title": f"[SAMPLE] EC2 instance {_INSTANCE} communicating with disallowed IP address.",
            "description": (
                f"[SAMPLE] EC2 instance {_INSTANCE} is communicating with a disallowed IP address "
                f"198.51.100.0 on the list {_LIST}."
            ),
        },
        service={
            "action": _action(),
            "resourceRole": "TARGET",
            "additionalInfo": {
                "threatName": THREAT_NAME, "threatListName": _LIST, "sample": True,
            },
            "evidence": {
                "threatIntelligenceDetails": [
                    {"threatListName": _LIST, "threatNames": [THREAT_NAME]}
                ]
            },
            "eventFirstSeen": seen,
            "eventLastSeen": seen,
        },
    )  # fmt: skip


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
                "publicIp": "198.51.100.0",
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
            "remoteIpDetails": {
                "ipAddressV4": "198.51.100.0",
                "organization": {
                    "asn": "-1",
                    "asnOrg": "GeneratedFindingASNOrg",
                    "isp": "GeneratedFindingISP",
                    "org": "GeneratedFindingORG",
                },
                "country": {"countryName": "GeneratedFindingCountryName"},
                "city": {"cityName": "GeneratedFindingCityName"},
                "geoLocation": {"lat": 0.0, "lon": 0.0},
            },
            "remotePortDetails": {"port": 22, "portName": "SSH"},
            "localPortDetails": {"port": 2000, "portName": "Unknown"},
            "protocol": "TCP",
            "blocked": False,
        },
    }
