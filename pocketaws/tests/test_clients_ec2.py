"""EC2's answers from moto, by a plain boto3 client: what is asked comes back changed as it was changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .conftest import REGION, ClientFactory
from .servers import Site, make_site


@pytest.fixture(scope="module")
def ec2(member: ClientFactory) -> Any:
    return member("ec2")


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def server(site: Site, ec2: Any) -> Iterator[str]:
    instance_id = site.run()
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance_id])
    yield instance_id
    ec2.terminate_instances(InstanceIds=[instance_id])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance_id])


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_rules_out_of_a_group_and_each_as_a_thing_of_its_own(ec2: Any, site: Site) -> None:
    group = ec2.create_security_group(GroupName="out", Description="d", VpcId=site.vpc)["GroupId"]
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": [{"CidrIp": "198.51.100.0/24", "Description": "mirror"}],
    }
    made = ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    (new,) = made["SecurityGroupRules"]
    assert (new["IsEgress"], new["CidrIpv4"]) == (True, "198.51.100.0/24")

    pages = ec2.get_paginator("describe_security_group_rules").paginate(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )
    rules = [known for page in pages for known in page["SecurityGroupRules"]]
    assert {known["CidrIpv4"] for known in rules} == {"0.0.0.0/0", "198.51.100.0/24"}
    assert new["SecurityGroupRuleId"] in {known["SecurityGroupRuleId"] for known in rules}

    ec2.revoke_security_group_egress(
        GroupId=group, SecurityGroupRuleIds=[new["SecurityGroupRuleId"]]
    )
    left = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert [r["IpProtocol"] for r in left["IpPermissionsEgress"]] == ["-1"]


def test_routes_and_tables_go_in_the_order_they_must(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc])
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]

    with pytest.raises(ClientError) as refused:
        ec2.delete_route_table(RouteTableId=table)
    assert code_of(refused) == "DependencyViolation"
    with pytest.raises(ClientError) as refused:
        ec2.delete_internet_gateway(InternetGatewayId=gateway)
    assert code_of(refused) == "DependencyViolation"

    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert [route["GatewayId"] for route in routes] == ["local"]
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    with pytest.raises(ClientError) as refused:
        ec2.describe_internet_gateways(InternetGatewayIds=[gateway])
    assert code_of(refused) == "InvalidInternetGatewayID.NotFound"


def test_a_vpc_is_told_to_name_its_hosts(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]

    def names() -> bool:
        found = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
        return bool(found["EnableDnsHostnames"]["Value"])

    assert names() is False
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    assert names() is True


def test_tags_are_taken_off_by_key_or_by_key_and_value(ec2: Any, site: Site) -> None:
    ec2.create_tags(
        Resources=[site.vpc], Tags=[{"Key": key, "Value": key.upper()} for key in ("a", "b", "c")]
    )
    ec2.delete_tags(
        Resources=[site.vpc], Tags=[{"Key": "a"}, {"Key": "b", "Value": "other"}, {"Key": "c", "Value": "C"}]
    )  # fmt: skip
    pages = ec2.get_paginator("describe_tags").paginate(
        Filters=[{"Name": "resource-id", "Values": [site.vpc]}]
    )
    tags = [tag for page in pages for tag in page["Tags"]]
    assert [(tag["Key"], tag["ResourceType"]) for tag in tags] == [("b", "vpc")]


def test_tags_are_told_by_filter_and_page_and_go_with_what_has_them(ec2: Any, site: Site) -> None:
    group = ec2.create_security_group(GroupName="tagged", Description="d", VpcId=site.vpc)[
        "GroupId"
    ]
    ec2.create_tags(
        Resources=[group], Tags=[{"Key": f"page-{at}", "Value": f"v{at % 2}*"} for at in range(12)]
    )

    def told(name: str, *values: str) -> list[str]:
        pages = ec2.get_paginator("describe_tags").paginate(
            Filters=[
                {"Name": "resource-id", "Values": [group]},
                {"Name": name, "Values": list(values)},
            ],
            PaginationConfig={"PageSize": 5},
        )
        return [tag["Key"] for page in pages for tag in page["Tags"]]

    assert len(told("key", "page-*")) == len(set(told("key", "page-*"))) == 12
    assert told("key", "page-1?") == ["page-10", "page-11"]
    assert told("tag:page-3", "v1\\*") == ["page-3"]
    assert told("value", "v1") == told("tag:page-3", "v0*") == []
    ec2.delete_security_group(GroupId=group)
    assert told("key", "*") == []


def test_a_flow_log_is_of_the_type_that_aws_names(ec2: Any, site: Site, member: Any) -> None:
    from .servers import ALL, make_flow_log, make_role  # noqa: PLC0415 - of this test only

    member("logs").create_log_group(logGroupName="typed")
    role = make_role(member, "typed", "vpc-flow-logs.amazonaws.com", ALL)
    flow_log = make_flow_log(site, "typed", role)
    ec2.create_tags(Resources=[flow_log], Tags=[{"Key": "k", "Value": "v"}])
    wanted = [{"Name": "resource-type", "Values": ["vpc-flow-log"]}]
    found = ec2.describe_tags(Filters=wanted)["Tags"]
    assert [(t["ResourceId"], t["ResourceType"]) for t in found] == [(flow_log, "vpc-flow-log")]
    assert (
        ec2.describe_tags(Filters=[{"Name": "resource-type", "Values": ["flow-logs"]}])["Tags"]
        == []
    )


def test_places_and_sizes_of_servers_are_listed(ec2: Any) -> None:
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert {zone["RegionName"] for zone in zones} == {REGION}
    pages = ec2.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": ["t3.micro"]}],
    )
    offers = [offer for page in pages for offer in page["InstanceTypeOfferings"]]
    assert {offer["InstanceType"] for offer in offers} == {"t3.micro"}
    assert {offer["Location"] for offer in offers} <= {zone["ZoneName"] for zone in zones}
    (kind,) = ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"]
    assert kind["VCpuInfo"]["DefaultVCpus"] == 2
    assert kind["MemoryInfo"]["SizeInMiB"] == 1024
    assert kind["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]


def test_a_server_tells_its_state_and_its_attributes(ec2: Any, server: str) -> None:
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=[server])
    (status,) = ec2.describe_instance_status(InstanceIds=[server])["InstanceStatuses"]
    assert status["InstanceState"] == {"Code": 16, "Name": "running"}
    assert status["SystemStatus"]["Status"] == "ok"
    kind = ec2.describe_instance_attribute(InstanceId=server, Attribute="instanceType")
    assert kind["InstanceType"] == {"Value": "t3.micro"}
    guard = ec2.describe_instance_attribute(InstanceId=server, Attribute="disableApiTermination")
    assert guard["DisableApiTermination"] == {"Value": False}


def test_keys_are_made_brought_along_and_thrown_away(ec2: Any) -> None:
    made = ec2.create_key_pair(KeyName="made", KeyType="ed25519")
    assert "PRIVATE KEY" in made["KeyMaterial"]
    public = Ed25519PrivateKey.generate().public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )  # fmt: skip
    brought = ec2.import_key_pair(KeyName="brought", PublicKeyMaterial=public)
    assert brought["KeyPairId"].startswith("key-")
    pairs = ec2.describe_key_pairs(KeyNames=["made", "brought"])["KeyPairs"]
    assert {pair["KeyName"]: pair["KeyType"] for pair in pairs} == {
        "made": "ed25519", "brought": "ed25519",
    }  # fmt: skip
    ec2.delete_key_pair(KeyName="made")
    with pytest.raises(ClientError) as refused:
        ec2.describe_key_pairs(KeyNames=["made"])
    assert code_of(refused) == "InvalidKeyPair.NotFound"


def test_a_root_device_without_a_size_has_that_of_the_image(ec2: Any, site: Site) -> None:
    image = ec2.describe_images(ImageIds=[site.image])["Images"][0]
    of_image = image["BlockDeviceMappings"][0]
    mapping = {
        "DeviceName": image["RootDeviceName"],
        "Ebs": {"VolumeType": "gp3", "Encrypted": True},
    }
    made = site.run(BlockDeviceMappings=[mapping])
    (volume,) = ec2.describe_volumes(
        Filters=[{"Name": "attachment.instance-id", "Values": [made]}]
    )["Volumes"]
    assert volume["Size"] == of_image["Ebs"]["VolumeSize"]
    assert (volume["VolumeType"], volume["Encrypted"]) == ("gp3", True)
    ec2.terminate_instances(InstanceIds=[made])
