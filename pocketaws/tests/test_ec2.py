"""EC2 where moto says yes and AWS says no, and the states of instances."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.ec2 import instances
from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, client_factory
from .servers import Site, make_role, make_site


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def ec2(member: ClientFactory) -> Any:
    return member("ec2")


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "ubuntu"}, "InvalidAMIID.Malformed"),
        ({"InstanceType": "t3.gigantic"}, "InvalidParameterValue"),
        ({"InstanceType": "t4g.micro"}, "Unsupported"),
        ({"KeyName": "nobodys"}, "InvalidKeyPair.NotFound"),
        ({"UserData": "x" * 16385}, "InvalidParameterValue"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"IamInstanceProfile": {"Name": "nobodys"}}, "InvalidParameterValue"),
        ({"MinCount": 3}, "InvalidParameterValue"),
        ({"DryRun": True}, "DryRunOperation"),
    ],
)
def test_a_launch_that_makes_no_sense_is_refused(
    site: Site, ec2: Any, options: dict[str, Any], wanted: str
) -> None:
    before = ec2.describe_instances()["Reservations"]
    with pytest.raises(ClientError) as caught:
        site.run(**options)
    assert code(caught) == wanted
    assert len(ec2.describe_instances()["Reservations"]) == len(before)


def test_a_launch_is_made_once_for_a_token(site: Site) -> None:
    first = site.run(ClientToken="once")
    assert site.run(ClientToken="once") == first
    with pytest.raises(ClientError) as caught:
        site.run(ClientToken="once", InstanceType="t3.small")
    assert code(caught) == "IdempotentParameterMismatch"


def test_as_many_instances_as_wished_have_root_device_and_profile(site: Site, ec2: Any) -> None:
    made = ec2.run_instances(
        ImageId=site.image, InstanceType="t3.micro", MinCount=1, MaxCount=2, SubnetId=site.subnet,
        IamInstanceProfile={"Name": site.profile},
    )["Instances"]  # fmt: skip
    assert [i["State"]["Name"] for i in made] == ["pending", "pending"]
    assert "PublicIpAddress" not in made[0]
    for instance in (site.describe(i["InstanceId"]) for i in made):
        assert instance["IamInstanceProfile"]["Arn"].endswith(f"/{site.profile}")
        assert [d["DeviceName"] for d in instance["BlockDeviceMappings"]] == ["/dev/xvda"]
        assert ipaddress.ip_address(instance["PublicIpAddress"]).is_global


def test_an_instance_goes_through_its_states(site: Site, ec2: Any) -> None:
    server = site.run()
    first = site.describe(server)
    assert first["State"]["Name"] == "running"
    stopped = ec2.stop_instances(InstanceIds=[server])["StoppingInstances"][0]
    assert (stopped["PreviousState"]["Name"], stopped["CurrentState"]["Name"]) == (
        "running",
        "stopping",
    )
    assert site.describe(server)["State"]["Name"] == "stopped"
    assert "PublicIpAddress" not in site.describe(server)
    again = ec2.stop_instances(InstanceIds=[server])["StoppingInstances"][0]
    assert again["CurrentState"]["Name"] == "stopped"
    ec2.start_instances(InstanceIds=[server])
    second = site.describe(server)
    assert second["State"]["Name"] == "running"
    assert second["PublicIpAddress"] != first["PublicIpAddress"]
    assert second["PrivateIpAddress"] == first["PrivateIpAddress"]
    interface = second["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.terminate_instances(InstanceIds=[server])
    gone = site.describe(server)
    assert gone["State"]["Name"] == "terminated"
    assert not gone["NetworkInterfaces"]
    assert "PrivateIpAddress" not in gone
    with pytest.raises(ClientError) as caught:
        ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])
    assert code(caught) == "InvalidNetworkInterfaceID.NotFound"
    for change in (ec2.start_instances, ec2.stop_instances):
        with pytest.raises(ClientError) as caught:
            change(InstanceIds=[server])
        assert code(caught) == "IncorrectInstanceState"


def test_a_network_in_use_stays(member: ClientFactory, ec2: Any) -> None:
    site = make_site(member, "busy")
    server = site.run()
    site.describe(server)
    gateway = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [site.vpc]}]
    )["InternetGateways"][0]["InternetGatewayId"]
    attempts = [
        lambda: ec2.delete_subnet(SubnetId=site.subnet),
        lambda: ec2.delete_security_group(GroupId=site.group),
        lambda: ec2.delete_vpc(VpcId=site.vpc),
        lambda: ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=site.vpc),
    ]
    for attempt in attempts:
        with pytest.raises(ClientError) as caught:
            attempt()
        assert code(caught) == "DependencyViolation"
    ec2.terminate_instances(InstanceIds=[server])
    ec2.delete_subnet(SubnetId=site.subnet)
    ec2.delete_security_group(GroupId=site.group)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=site.vpc)
    with pytest.raises(ClientError) as caught:
        ec2.delete_security_group(GroupId=_default_group(ec2, site.vpc))
    assert code(caught) == "CannotDelete"


def _default_group(ec2: Any, vpc: str) -> str:
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return str(ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"])


def test_a_group_that_another_one_names_stays(site: Site, ec2: Any) -> None:
    named, naming = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=site.vpc)["GroupId"]
        for name in ("named", "naming")
    )
    ec2.authorize_security_group_ingress(
        GroupId=naming,
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": named}]}],
    )
    with pytest.raises(ClientError) as caught:
        ec2.delete_security_group(GroupId=named)
    assert code(caught) == "DependencyViolation"


def test_ports_go_upwards(site: Site, ec2: Any) -> None:
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 90,
        "ToPort": 80,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
    }
    with pytest.raises(ClientError) as caught:
        ec2.authorize_security_group_ingress(GroupId=site.group, IpPermissions=[rule])
    assert code(caught) == "InvalidParameterValue"


def test_an_unknown_filter_is_refused(ec2: Any) -> None:
    with pytest.raises(ClientError, match="The filter 'colour' is invalid") as caught:
        ec2.describe_instances(Filters=[{"Name": "colour", "Values": ["red"]}])
    assert code(caught) == "InvalidParameterValue"


def test_a_flow_log_needs_a_role_that_is_there(site: Site, ec2: Any, member: ClientFactory) -> None:
    wanted = {
        "ResourceIds": [site.vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "f",
    }  # fmt: skip
    role = make_role(member, "flow-role", "vpc-flow-logs.amazonaws.com")
    for wrong in (
        {"DeliverLogsPermissionArn": role.replace("flow-role", "nobodys")},
        {"DeliverLogsPermissionArn": role, "LogFormat": "${version} ${colour}"},
    ):
        with pytest.raises(ClientError) as caught:
            ec2.create_flow_logs(**wanted, **wrong)
        assert code(caught) == "InvalidParameter"
    assert ec2.describe_flow_logs()["FlowLogs"] == []


def test_with_delays_each_state_takes_its_time() -> None:
    clock = ManualClock(datetime.now(UTC))
    with LocalAws(region=REGION, delays="aws", clock=clock) as aws:
        key = aws.administrator
        site = make_site(client_factory(aws, key.access_key_id, key.secret_access_key))
        ec2 = site.client("ec2")

        def state_after(server: str, seconds: float) -> str:
            clock.advance(seconds)
            return str(site.describe(server)["State"]["Name"])

        server = site.run("#!/bin/bash\necho booted\n")
        assert state_after(server, 1) == "pending"
        assert state_after(server, 30) == "running"
        assert "booted" not in site.console(server)
        clock.advance(60)
        assert "booted" in site.console(server)
        ec2.terminate_instances(InstanceIds=[server])
        assert state_after(server, 1) == "shutting-down"
        with pytest.raises(ClientError, match="DependencyViolation"):
            ec2.delete_subnet(SubnetId=site.subnet)
        assert state_after(server, 60) == "terminated"
        clock.advance(3700)
        aws.world.flush()  # a client's signature would be too old for this clock
        assert instances.find_or_none(key.account, REGION, server) is None
