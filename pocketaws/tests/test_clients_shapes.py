"""That answers are held against botocore's shapes finds what botocore passes over."""

from __future__ import annotations

import json

import pytest
from botocore.session import Session

from .conftest import ClientFactory
from .shapes import faults

GROUP = {"logGroupName": "g", "creationTime": 1, "storedBytes": 0}


def found(service: str, operation: str, body: str) -> list[str]:
    model = Session().get_service_model(service).operation_model(operation)
    return list(faults(model, {}, body.encode()))


@pytest.mark.parametrize(
    ("group", "fault"),
    [
        ({**GROUP, "creationTime": "1"}, "creationTime is '1', no long"),
        ({**GROUP, "creationtime": 1}, "creationtime is unknown"),
        ({**GROUP, "logGroupClass": "GOLD"}, "logGroupClass is 'GOLD', none of"),
        ({**GROUP, "deletionProtectionEnabled": "yes"}, "no boolean"),
        ("g", "no structure"),
    ],
)
def test_faults_in_json_are_found(group: object, fault: str) -> None:
    assert found("logs", "DescribeLogGroups", json.dumps({"logGroups": [GROUP]})) == []
    (only,) = found("logs", "DescribeLogGroups", json.dumps({"logGroups": [GROUP, group]}))
    assert only.startswith("DescribeLogGroupsResponse.logGroups[1]")
    assert fault in only


def test_what_must_be_there_is_missed() -> None:
    (only,) = found("guardduty", "GetDetector", json.dumps({"serviceRole": "r"}))
    assert only == "GetDetectorResponse.Status is missing"


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<item><vpcId>v</vpcId><isdefault>true</isdefault></item>", "isdefault is unknown"),
        ("<item><isDefault>True</isDefault></item>", "isDefault is 'True', no boolean"),
        ("<member><vpcId>v</vpcId></member>", "member instead of item"),
        ("<item><state>ready</state></item>", "state is 'ready', none of"),
    ],
)
def test_faults_in_xml_are_found(inside: str, fault: str) -> None:
    def answer(items: str) -> str:
        return f"<R><requestId>1</requestId><vpcSet>{items}</vpcSet></R>"

    right = "<item><vpcId>v</vpcId><isDefault>true</isDefault><state>available</state></item>"
    assert found("ec2", "DescribeVpcs", answer(right)) == []
    (only,) = found("ec2", "DescribeVpcs", answer(inside))
    assert fault in only


def test_a_clients_answers_are_looked_at_as_they_come(administrator: ClientFactory) -> None:
    ec2 = administrator("ec2")
    assert ec2.describe_vpcs()["Vpcs"]
    shape = ec2.meta.service_model.operation_model("DescribeVpcs").output_shape
    shape.members["Vpcs"].member.members.pop("VpcId")
    with pytest.raises(AssertionError, match="vpcId is unknown"):
        ec2.describe_vpcs()
