"""Quotas: what Service Quotas says, and that EC2 holds to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws
from pocketaws.testing import set_faults

from .conftest import ClientFactory
from .servers import make_site

VCPUS, ADDRESSES, VPCS, GATEWAYS = "L-1216C47A", "L-0263D0A3", "L-F678F1CE", "L-A4707A72"


@pytest.fixture(autouse=True)
def own_quotas(local_aws: LocalAws) -> Iterator[None]:
    yield
    set_faults(local_aws, quotas={})


def refusal(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def test_service_quotas_says_what_applies_and_what_aws_gives(
    local_aws: LocalAws, member: ClientFactory
) -> None:
    client = member("service-quotas")
    named = {"ServiceCode": "vpc", "QuotaCode": VPCS}
    quota = client.get_service_quota(**named)["Quota"]
    assert (quota["QuotaName"], quota["Adjustable"]) == ("VPCs per Region", True)
    assert quota["Value"] > 100
    assert client.get_aws_default_service_quota(**named)["Quota"]["Value"] == 5
    set_faults(local_aws, quotas={VPCS: 7})
    assert client.get_service_quota(**named)["Quota"]["Value"] == 7
    pages = client.get_paginator("list_service_quotas").paginate(
        ServiceCode="ec2", PaginationConfig={"PageSize": 1}
    )
    assert {q["QuotaCode"] for page in pages for q in page["Quotas"]} == {VCPUS, ADDRESSES}
    assert refusal(client.get_service_quota, ServiceCode="ec2", QuotaCode=VPCS) == "NoSuchResourceException"  # fmt: skip
    assert refusal(client.list_service_quotas, ServiceCode="nothing") == "NoSuchResourceException"


def test_networks_and_addresses_stop_at_their_quotas(
    local_aws: LocalAws, member: ClientFactory
) -> None:
    ec2 = member("ec2")
    vpcs = len(ec2.describe_vpcs()["Vpcs"])
    gateways = len(ec2.describe_internet_gateways()["InternetGateways"])
    set_faults(local_aws, quotas={VPCS: vpcs + 1, GATEWAYS: gateways, ADDRESSES: 1})
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/16") == "VpcLimitExceeded"
    assert refusal(ec2.create_internet_gateway) == "InternetGatewayLimitExceeded"
    ec2.allocate_address()
    assert refusal(ec2.allocate_address) == "AddressLimitExceeded"


def test_servers_stop_at_the_quota_of_running_vcpus(
    local_aws: LocalAws, member: ClientFactory
) -> None:
    site = make_site(member)
    ec2 = member("ec2")
    set_faults(local_aws, quotas={VCPUS: 4})
    first = site.run()
    site.run(InstanceType="t3.small")
    with pytest.raises(ClientError, match=r"VcpuLimitExceeded.*current vCPU limit of 4 allows"):
        site.run()
    ec2.stop_instances(InstanceIds=[first])
    site.describe(first)
    site.run()
    assert refusal(ec2.start_instances, InstanceIds=[first]) == "VcpuLimitExceeded"
