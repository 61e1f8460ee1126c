"""``down`` removes what attendees add to a lab, and what a lab leaves that nobody remembers any longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from labkit.aws import Account
from labkit.embedded_aws import embedded_aws
from labkit.model import Lab
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations
from pocketaws.server import LocalAws


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with embedded_aws(demo_run.REGION) as running:
        yield running


def one_lab() -> tuple[Operations, Account, Lab]:
    work = demo_run.begin(1)
    demo_run.require_state(work.up(), "ready")
    (seat,) = work.seats
    return work, work.cloud.account(seat.account), work.deployed(seat).lab


def network_of(ec2: Any, lab: Lab) -> dict[str, Any]:
    (found,) = ec2.describe_instances(InstanceIds=[lab.instances[0].instance_id])["Reservations"]
    server: dict[str, Any] = found["Instances"][0]
    return server


def test_what_attendees_add_goes_with_the_lab_and_nothing_else_does(aws: LocalAws) -> None:
    assert aws
    work, account, lab = one_lab()
    ec2, glue = account.client("ec2"), account.client("glue")
    server = network_of(ec2, lab)
    vpc, subnet, server_id = server["VpcId"], server["SubnetId"], server["InstanceId"]
    volume = server["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    others = others_things(account)

    mine = ec2.create_security_group(GroupName="mine", Description="x", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=server["SecurityGroups"][0]["GroupId"],
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": mine}]}],
    )
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[mine])["NetworkInterface"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=server_id)
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    image = ec2.create_image(InstanceId=server_id, Name="copy", NoReboot=True)["ImageId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{account.region}.s3", VpcEndpointType="Gateway"
    )["VpcEndpoint"]["VpcEndpointId"]
    account.client("s3").put_object(Bucket=lab.trail_bucket, Key="mine.txt", Body=b"x")
    glue.create_database(DatabaseInput={"Name": "default"})
    storage = {"Location": f"s3://{lab.trail_bucket}/AWSLogs", "Columns": []}
    glue.create_table(
        DatabaseName="default", TableInput={"Name": "logs", "StorageDescriptor": storage}
    )

    planned = {action.id: action for action in work.plan_down().actions}
    made = {
        mine,
        interface["NetworkInterfaceId"],
        address,
        snapshot,
        image,
        endpoint,
        "default.logs",
    }
    assert made <= planned.keys()
    assert not set(others) & planned.keys()
    assert all("labkit-demo" in planned[key].reason for key in made), planned

    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row
    assert [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]] == [others[0]]
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert [a["AllocationId"] for a in ec2.describe_addresses()["Addresses"]] == [others[1]]
    assert glue.get_tables(DatabaseName="default")["TableList"] == []
    assert [b["Name"] for b in account.client("s3").list_buckets()["Buckets"]] == [others[2]]


def others_things(account: Account) -> tuple[str, ...]:
    """What's in the account for other reasons: a network, an address, a bucket, a log group, a role's name alike."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    bucket = f"labkit-demo-of-someone-else-{account.id}"
    account.client("s3").create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": account.region}
    )
    group = "i-0123456789abcdef0-commands-log"
    account.client("logs").create_log_group(logGroupName=group)
    return vpc, address, bucket, group


def test_command_logs_are_found_after_ec2_has_forgotten_the_servers(aws: LocalAws) -> None:
    work, account, lab = one_lab()
    (seat,) = work.seats
    cloudformation = account.client("cloudformation")
    name = f"labkit-demo-seat-{seat.id}"
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    groups = {f"{server.instance_id}-commands-log" for server in lab.instances}
    for group in groups - {g["logGroupName"] for g in log_groups(account)}:
        account.client("logs").create_log_group(logGroupName=group)  # as an agent of earlier labs
    aws.world.clock.not_before(aws.world.clock.now() + timedelta(hours=2))

    work = Operations.on(work.workshop)
    account = work.cloud.account(seat.account)
    assert account.client("ec2").describe_instances()["Reservations"] == []
    planned = {a.id: a.reason for a in work.plan_down().actions if a.kind == "log group"}
    assert planned.keys() == groups
    assert all(f"of the deleted stack {name}" in reason for reason in planned.values())
    (row,) = work.down()
    assert (row["state"], row["leftovers"]) == ("absent", []), row
    assert log_groups(account) == []


def log_groups(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.client("logs").describe_log_groups()["logGroups"]
    return found
