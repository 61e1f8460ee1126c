"""What change sets say about replacement: what an update would replace, and what would follow from that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws
from pocketaws.testing import administrator as administrator_of

from .conftest import REGION, ClientFactory

AMI = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
OTHER = AMI.replace("default", "6.1")
TEMPLATE = """
Parameters:
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}
  Size: {Type: String, Default: t3.micro}
  Owner: {Type: String, Default: ada}
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
      InstanceType: !Ref Size
      SubnetId: !Ref Subnet
      UserData: {"Fn::Base64": "#!/bin/sh"}
      Tags: [{Key: owner, Value: !Ref Owner}]
  Note: {Type: "AWS::SSM::Parameter", Properties: {Name: /server, Type: String, Value: !Ref Server}}
"""


@pytest.fixture(scope="module")
def cloudformation(member: ClientFactory) -> Any:
    client = member("cloudformation")
    client.create_stack(StackName="lab", TemplateBody=TEMPLATE, Parameters=given(Image=AMI))
    client.get_waiter("stack_create_complete").wait(StackName="lab")
    return client


def given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def changes(cloudformation: Any, template: str = TEMPLATE, **values: str) -> dict[str, Any]:
    named = {"StackName": "lab", "ChangeSetName": "preview"}
    parameters = given(**{"Image": AMI, **values})
    cloudformation.create_change_set(**named, TemplateBody=template, Parameters=parameters)
    found = cloudformation.describe_change_set(**named)["Changes"]
    cloudformation.delete_change_set(**named)
    return {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in found}


def targets(change: dict[str, Any]) -> list[tuple[str, str, str, str | None]]:
    return [
        (d["Target"]["Name"], d["Target"]["RequiresRecreation"], d["Evaluation"], d.get("CausingEntity"))
        for d in change["Details"]
    ]  # fmt: skip


def test_another_image_replaces_the_server_and_changes_what_refers_to_it(
    cloudformation: Any,
) -> None:
    found = changes(cloudformation, Image=OTHER)
    assert set(found) == {"Server", "Note"}
    assert found["Server"]["Replacement"] == "True"
    assert targets(found["Server"]) == [("ImageId", "Always", "Static", "Image")]
    assert found["Server"]["Details"][0]["ChangeSource"] == "ParameterReference"
    assert found["Note"]["Replacement"] == "False"
    assert targets(found["Note"]) == [("Value", "Never", "Dynamic", "Server")]
    assert found["Note"]["Details"][0]["ChangeSource"] == "ResourceReference"


def test_another_size_or_boot_script_replaces_the_server_conditionally(cloudformation: Any) -> None:
    found = changes(cloudformation, Size="t3.small")
    assert found["Server"]["Replacement"] == "Conditional"
    assert targets(found["Server"]) == [("InstanceType", "Conditionally", "Static", "Size")]
    found = changes(cloudformation, TEMPLATE.replace("#!/bin/sh", "#!/bin/bash"))
    assert found["Server"]["Replacement"] == "Conditional"
    assert targets(found["Server"]) == [("UserData", "Conditionally", "Static", None)]


def test_another_tag_replaces_nothing(cloudformation: Any) -> None:
    found = changes(cloudformation, Owner="bob")
    assert set(found) == {"Server"}
    assert (found["Server"]["Replacement"], found["Server"]["Scope"]) == ("False", ["Tags"])
    assert targets(found["Server"]) == [("Tags", "Never", "Static", "Owner")]


def test_a_replaced_network_could_replace_all_that_is_in_it(cloudformation: Any) -> None:
    found = changes(cloudformation, TEMPLATE.replace("10.0.0.0/16", "10.0.0.0/20"))
    assert found["Vpc"]["Replacement"] == "True"
    assert targets(found["Subnet"]) == [("VpcId", "Always", "Dynamic", "Vpc")]
    assert found["Subnet"]["Replacement"] == "Conditional"
    assert found["Server"]["Replacement"] == "Conditional"


def test_a_deleted_stack_can_be_described_by_its_id_for_90_days() -> None:
    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        client = administrator_of(aws)("cloudformation")
        template = 'Resources: {Logs: {Type: "AWS::Logs::LogGroup"}}'
        stack = client.create_stack(StackName="gone", TemplateBody=template)["StackId"]
        client.delete_stack(StackName="gone")
        client.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
        clock.advance(89 * 86400)
        assert (
            client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
        )
        (kept,) = client.describe_stack_resources(StackName=stack)["StackResources"]
        assert kept["ResourceStatus"] == "DELETE_COMPLETE"
        (listed,) = client.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
        assert listed["StackId"] == stack
        clock.advance(2 * 86400)
        assert client.list_stacks()["StackSummaries"] == []
        with pytest.raises(ClientError, match="does not exist"):
            client.describe_stacks(StackName=stack)
