"""What EC2 says about an account: its limits, the credits of its servers, and whether the internet is blocked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory, Ssh
from .servers import Site, make_site, push


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def ec2(member: ClientFactory) -> Any:
    return member("ec2")


def test_account_attributes(ec2: Any) -> None:
    found = {
        each["AttributeName"]: [v["AttributeValue"] for v in each["AttributeValues"]]
        for each in ec2.describe_account_attributes()["AccountAttributes"]
    }
    default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert found["default-vpc"] == [default[0]["VpcId"]]
    assert found["vpc-max-elastic-ips"] == ["5"]
    (one,) = ec2.describe_account_attributes(AttributeNames=["max-elastic-ips"])[
        "AccountAttributes"
    ]
    assert one["AttributeName"] == "max-elastic-ips"


def test_servers_of_the_third_generation_are_unlimited_unless_they_are_told_otherwise(
    site: Site, ec2: Any
) -> None:
    free = site.run()
    bounded = site.run(CreditSpecification={"CpuCredits": "standard"})
    old = site.run(InstanceType="t2.micro")
    fixed = site.run(InstanceType="m5.large")

    def credits_of(**options: Any) -> dict[str, str]:
        found = ec2.describe_instance_credit_specifications(**options)[
            "InstanceCreditSpecifications"
        ]
        return {each["InstanceId"]: each["CpuCredits"] for each in found}

    assert credits_of() == {free: "unlimited"}
    wanted = {free: "unlimited", bounded: "standard", old: "standard", fixed: "standard"}
    assert credits_of(InstanceIds=list(wanted)) == wanted
    with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
        credits_of(InstanceIds=["i-0123456789abcdef0"])


def test_blocked_public_access_lets_nobody_in_or_out(site: Site, ec2: Any, ssh: Ssh, key: Path) -> None:  # fmt: skip
    def mode() -> str:
        options = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
        return f"{options['InternetGatewayBlockMode']} {options['State']}"

    def fetch(server: str) -> int:
        ssm = site.client("ssm")
        site.describe(server)
        command = ssm.send_command(
            InstanceIds=[server], DocumentName="AWS-RunShellScript",
            Parameters={"commands": ["curl -s -m 5 -o /dev/null http://209.85.202.94/"]},
        )["Command"]["CommandId"]  # fmt: skip
        found = ssm.get_command_invocation(CommandId=command, InstanceId=server)
        return int(found["ResponseCode"])

    def login(server: str) -> int:
        push(site, server, key)
        return ssh("true").returncode

    assert mode() == "off default-state"
    site.open_port(22, "0.0.0.0/0")
    server = site.run()
    outside = fetch(server)
    assert login(server) == 0
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert mode() == "block-ingress update-complete"
    assert login(server) == 255
    assert fetch(server) == outside
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")
    assert login(server) == 255
    assert fetch(server) == 28, "curl's time-out"
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")
    assert login(server) == 0
