"""A server signals for its own stack without any permission, and for no other."""

from __future__ import annotations

import json

import pytest

from pocketaws.server import LocalAws

from .conftest import ClientFactory
from .servers import AMI_PARAMETER, Shell, make_site

STACK = "waiting"


@pytest.fixture
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


def test_a_server_signals_for_its_own_stack_only(
    local_aws: LocalAws, member: ClientFactory, account: str
) -> None:
    site = make_site(member, "signals")
    cloudformation = member("cloudformation")
    server = {
        "Type": "AWS::EC2::Instance",
        "CreationPolicy": {"ResourceSignal": {"Timeout": "PT5M"}},
        "Properties": {
            "ImageId": f"{{{{resolve:ssm:{AMI_PARAMETER}}}}}",
            "InstanceType": "t3.micro",
            "SubnetId": site.subnet,
            "SecurityGroupIds": [site.group],
        },
    }
    body = json.dumps({"Resources": {"Server": server}})
    cloudformation.create_stack(StackName=STACK, TemplateBody=body)

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])

    assert status() == "CREATE_IN_PROGRESS"
    own = cloudformation.describe_stack_resource(StackName=STACK, LogicalResourceId="Server")
    others, members = site.run(), own["StackResourceDetail"]["PhysicalResourceId"]
    assert "IamInstanceProfile" not in site.describe(members)
    signal = f"/opt/aws/bin/cfn-signal -e 0 --stack {STACK} --resource Server"
    install = "sudo dnf -y -q install aws-cfn-bootstrap"
    said = Shell(local_aws, account, others).type(install, f"{signal}; echo status $?")
    assert "AccessDenied" in said
    assert "status 1" in said
    assert status() == "CREATE_IN_PROGRESS"

    assert "status 0" in Shell(local_aws, account, members).type(
        install, f"{signal}; echo status $?"
    )
    assert status() == "CREATE_COMPLETE"
    found = member("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "SignalResource"}]
    )["Events"]
    records = [json.loads(event["CloudTrailEvent"]) for event in found]
    assert [record.get("errorCode") for record in records] == [None, "AccessDenied"]
    assert {record["userIdentity"]["type"] for record in records} == {"Unknown"}
    assert records[0]["sourceIPAddress"] == site.describe(members)["PublicIpAddress"]
