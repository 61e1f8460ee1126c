"""The endpoints that GuardDuty's Runtime Monitoring puts into networks, which then can't be deleted."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory
from .servers import make_site

FEATURE = "RUNTIME_MONITORING"


def features(status: str) -> list[dict[str, Any]]:
    agent = {"Name": "EC2_AGENT_MANAGEMENT", "Status": status}
    return [{"Name": FEATURE, "Status": status, "AdditionalConfiguration": [agent]}]


def test_an_endpoint_for_agents_outlives_the_servers_until_monitoring_is_off(
    member: ClientFactory,
) -> None:
    ec2, guardduty = member("ec2"), member("guardduty")
    detector = guardduty.create_detector(Enable=True, Features=features("ENABLED"))["DetectorId"]
    site = make_site(member)
    servers = [site.run(), site.run()]
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["ServiceName"].endswith(".guardduty-data")
    assert endpoint["Tags"] == [{"Key": "GuardDutyManaged", "Value": "true"}]
    assert endpoint["VpcId"] == site.vpc
    (group,) = endpoint["Groups"]
    assert group["GroupName"] == f"GuardDutyManagedSecurityGroup-{site.vpc}"
    ec2.terminate_instances(InstanceIds=servers)
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=site.subnet)
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_vpc(VpcId=site.vpc)
    guardduty.update_detector(DetectorId=detector, Features=features("DISABLED"))
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    tagged = [{"Name": "tag:GuardDutyManaged", "Values": ["true"]}]
    assert ec2.describe_security_groups(Filters=tagged)["SecurityGroups"] == []
    ec2.delete_subnet(SubnetId=site.subnet)


def test_people_can_delete_the_endpoint_and_its_group_themselves(administrator: ClientFactory) -> None:  # fmt: skip
    ec2 = administrator("ec2")
    administrator("guardduty").create_detector(Enable=True, Features=features("ENABLED"))
    site = make_site(administrator)
    server = site.run()
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    ec2.terminate_instances(InstanceIds=[server])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    ec2.delete_security_group(GroupId=endpoint["Groups"][0]["GroupId"])
    ec2.delete_subnet(SubnetId=site.subnet)


def test_without_the_automated_agent_there_is_no_endpoint(member: ClientFactory) -> None:
    site = make_site(member, "quiet")
    site.run()
    assert member("ec2").describe_vpc_endpoints()["VpcEndpoints"] == []
