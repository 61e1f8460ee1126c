"""What people make beside a stack: volumes, snapshots, images, addresses, interfaces, endpoints, and groups."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.ec2 import endpoints, images, snapshots
from pocketaws.server import LocalAws
from pocketaws.testing import administrator as administrator_of

from .conftest import REGION, ClientFactory
from .servers import Site, make_site

TAGS = [{"Key": "owner", "Value": "ada"}]


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def ec2(member: ClientFactory) -> Any:
    return member("ec2")


@pytest.fixture
def server(site: Site, ec2: Any) -> Iterator[str]:
    server = site.run()
    yield server
    ec2.terminate_instances(InstanceIds=[server])


def refusal(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def tagged(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": TAGS}]


def volume_of(ec2: Any, server: str) -> dict[str, Any]:
    found = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [server]}])
    volume: dict[str, Any] = found["Volumes"][0]
    return volume


def make_volume(ec2: Any, zone: str, **options: Any) -> str:
    volume: str = ec2.create_volume(AvailabilityZone=zone, Size=1, **options)["VolumeId"]
    return volume


def test_a_volume_in_use_is_not_deleted_and_a_root_volume_not_detached(
    ec2: Any, server: str
) -> None:
    root = volume_of(ec2, server)
    assert refusal(ec2.delete_volume, VolumeId=root["VolumeId"]) == "VolumeInUse"
    assert refusal(ec2.detach_volume, VolumeId=root["VolumeId"]) == "OperationNotPermitted"
    extra = make_volume(ec2, root["AvailabilityZone"], TagSpecifications=tagged("volume"))
    ec2.attach_volume(VolumeId=extra, InstanceId=server, Device="/dev/sdf")
    again = {"VolumeId": extra, "InstanceId": server, "Device": "/dev/sdg"}
    assert refusal(ec2.attach_volume, **again) == "VolumeInUse"
    ec2.terminate_instances(InstanceIds=[server])
    (left,) = ec2.describe_volumes(VolumeIds=[extra])["Volumes"]
    assert (left["State"], left["Tags"]) == ("available", TAGS), (
        "the extra volume outlives the server"
    )
    assert refusal(ec2.detach_volume, VolumeId=extra) == "IncorrectState"
    ec2.delete_volume(VolumeId=extra)
    assert refusal(ec2.describe_volumes, VolumeIds=[extra]) == "InvalidVolume.NotFound"
    assert refusal(ec2.describe_volumes, VolumeIds=[root["VolumeId"]]) == "InvalidVolume.NotFound"


def test_a_volume_is_attached_in_its_zone_only(ec2: Any, server: str) -> None:
    zone = volume_of(ec2, server)["AvailabilityZone"]
    zones = [z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]]
    elsewhere = make_volume(ec2, next(z for z in zones if z != zone))
    attach = {"VolumeId": elsewhere, "InstanceId": server, "Device": "/dev/sdf"}
    assert refusal(ec2.attach_volume, **attach) == "InvalidVolume.ZoneMismatch"
    ec2.delete_volume(VolumeId=elsewhere)


def test_snapshots_are_found_by_owner_and_tag_and_deleted(ec2: Any, server: str) -> None:
    volume = volume_of(ec2, server)["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume, TagSpecifications=tagged("snapshot"))
    assert made["State"] == "pending"
    (found,) = ec2.describe_snapshots(
        OwnerIds=["self"], Filters=[{"Name": "tag:owner", "Values": ["ada"]}]
    )["Snapshots"]
    assert found["SnapshotId"] == made["SnapshotId"]
    assert (found["State"], found["Progress"], found["VolumeId"]) == ("completed", "100%", volume)
    assert ec2.describe_snapshots(OwnerIds=["amazon"])["Snapshots"] == []
    copy = ec2.copy_snapshot(SourceRegion=REGION, SourceSnapshotId=made["SnapshotId"])["SnapshotId"]
    ec2.delete_snapshot(SnapshotId=copy)
    ec2.delete_snapshot(SnapshotId=made["SnapshotId"])
    assert refusal(ec2.delete_snapshot, SnapshotId=made["SnapshotId"]) == "InvalidSnapshot.NotFound"
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def test_an_image_keeps_its_snapshots_until_it_is_deregistered(ec2: Any, server: str) -> None:
    image = ec2.create_image(
        InstanceId=server, Name="ada's image", NoReboot=True,
        TagSpecifications=[*tagged("image"), *tagged("snapshot")],
    )["ImageId"]  # fmt: skip
    assert refusal(ec2.create_image, InstanceId=server, Name="ada's image") == "InvalidAMIName.Duplicate"  # fmt: skip
    (shown,) = ec2.describe_images(Owners=["self"])["Images"]
    assert (shown["ImageId"], shown["State"], shown["Tags"]) == (image, "available", TAGS)
    assert shown["RootDeviceName"] == "/dev/xvda"
    assert shown["SourceInstanceId"] == server
    (mapping,) = shown["BlockDeviceMappings"]
    assert mapping["DeviceName"] == "/dev/xvda"
    snapshot = mapping["Ebs"]["SnapshotId"]
    (kept,) = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
    assert kept["VolumeId"] == volume_of(ec2, server)["VolumeId"]
    assert f"CreateImage({server})" in kept["Description"]
    assert refusal(ec2.delete_snapshot, SnapshotId=snapshot) == "InvalidSnapshot.InUse"
    ec2.deregister_image(ImageId=image)
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert refusal(ec2.deregister_image, ImageId=image) == "InvalidAMIID.Unavailable"
    ec2.delete_snapshot(SnapshotId=snapshot)
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def test_deregistering_deletes_the_snapshots_if_told_to(ec2: Any, server: str) -> None:
    image = ec2.create_image(InstanceId=server, Name="with snapshots")["ImageId"]
    answer = ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)
    assert [one["ReturnCode"] for one in answer["DeleteSnapshotResults"]] == ["success"]
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def test_an_image_is_registered_copied_launched_and_not_taken_from_amazon(
    site: Site, ec2: Any, server: str
) -> None:
    snapshot = ec2.create_snapshot(VolumeId=volume_of(ec2, server)["VolumeId"])["SnapshotId"]
    device = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}
    image = ec2.register_image(
        Name="registered", Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=[device]
    )["ImageId"]  # fmt: skip
    copy = ec2.copy_image(Name="copied", SourceImageId=image, SourceRegion=REGION)["ImageId"]
    (shown,) = ec2.describe_images(ImageIds=[copy])["Images"]
    assert shown["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] != snapshot
    launched = site.run(ImageId=copy)
    assert site.describe(launched)["ImageId"] == copy
    for own in (image, copy):
        ec2.deregister_image(ImageId=own, DeleteAssociatedSnapshots=True)
    assert refusal(site.run, ImageId=copy) == "InvalidAMIID.Unavailable"
    assert refusal(ec2.deregister_image, ImageId=site.image) == "AuthFailure"
    ec2.terminate_instances(InstanceIds=[launched])


def test_an_elastic_address_stays_through_stop_and_start_and_outlives_its_server(
    site: Site, ec2: Any, server: str
) -> None:
    automatic = site.describe(server)["PublicIpAddress"]
    made = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))
    assert ipaddress.ip_address(made["PublicIp"]).is_global
    allocation = made["AllocationId"]
    ec2.associate_address(AllocationId=allocation, InstanceId=server)
    assert site.describe(server)["PublicIpAddress"] == made["PublicIp"] != automatic
    (nic,) = site.describe(server)["NetworkInterfaces"]
    assert nic["Association"]["PublicIp"] == made["PublicIp"]
    ec2.stop_instances(InstanceIds=[server])
    assert site.describe(server)["PublicIpAddress"] == made["PublicIp"]
    ec2.start_instances(InstanceIds=[server])
    assert site.describe(server)["PublicIpAddress"] == made["PublicIp"]
    assert refusal(ec2.release_address, AllocationId=allocation) == "InvalidIPAddress.InUse"
    ec2.terminate_instances(InstanceIds=[server])
    (left,) = ec2.describe_addresses(Filters=[{"Name": "tag:owner", "Values": ["ada"]}])[
        "Addresses"
    ]
    assert "AssociationId" not in left
    assert not left.get("InstanceId")
    ec2.release_address(AllocationId=allocation)
    assert ec2.describe_addresses()["Addresses"] == []
    assert refusal(ec2.release_address, AllocationId=allocation) == "InvalidAllocationID.NotFound"


def test_a_server_without_its_elastic_address_gets_another(site: Site, ec2: Any, server: str) -> None:  # fmt: skip
    made = ec2.allocate_address()
    association = ec2.associate_address(AllocationId=made["AllocationId"], InstanceId=server)
    ec2.disassociate_address(AssociationId=association["AssociationId"])
    assert site.describe(server)["PublicIpAddress"] != made["PublicIp"]
    gone = {"AssociationId": association["AssociationId"]}
    assert refusal(ec2.disassociate_address, **gone) == "InvalidAssociationID.NotFound"
    ec2.release_address(AllocationId=made["AllocationId"])


def test_five_addresses_are_the_most(ec2: Any) -> None:
    made = [ec2.allocate_address()["AllocationId"] for _ in range(5)]
    assert refusal(ec2.allocate_address) == "AddressLimitExceeded"
    for allocation in made:
        ec2.release_address(AllocationId=allocation)


def test_an_interface_in_use_blocks_itself_its_group_and_its_subnet(
    site: Site, ec2: Any, server: str
) -> None:
    group = ec2.create_security_group(GroupName="extra", Description="d", VpcId=site.vpc)["GroupId"]
    nic = ec2.create_network_interface(
        SubnetId=site.subnet, Groups=[group], TagSpecifications=tagged("network-interface")
    )["NetworkInterface"]["NetworkInterfaceId"]
    attached = ec2.attach_network_interface(
        NetworkInterfaceId=nic, InstanceId=server, DeviceIndex=1
    )["AttachmentId"]
    assert refusal(ec2.delete_network_interface, NetworkInterfaceId=nic) == "InvalidParameterValue"
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    assert refusal(ec2.delete_subnet, SubnetId=site.subnet) == "DependencyViolation"
    primary = site.describe(server)["NetworkInterfaces"]
    first = next(n for n in primary if n["Attachment"]["DeviceIndex"] == 0)["Attachment"]
    detach = ec2.detach_network_interface
    assert refusal(detach, AttachmentId=first["AttachmentId"]) == "OperationNotPermitted"
    detach(AttachmentId=attached)
    ec2.delete_network_interface(NetworkInterfaceId=nic)
    ec2.delete_security_group(GroupId=group)


def test_an_endpoint_blocks_its_network_until_it_is_gone(site: Site, ec2: Any) -> None:
    endpoint = ec2.create_vpc_endpoint(
        VpcId=site.vpc, ServiceName=f"com.amazonaws.{REGION}.ssm", VpcEndpointType="Interface",
        SubnetIds=[site.subnet], SecurityGroupIds=[site.group], TagSpecifications=tagged("vpc-endpoint"),
    )["VpcEndpoint"]  # fmt: skip
    assert endpoint["State"] == "pending"
    of_vpc = [{"Name": "vpc-id", "Values": [site.vpc]}]
    (shown,) = ec2.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"]
    assert (shown["State"], shown["Tags"]) == ("available", TAGS)
    (nic_id,) = shown["NetworkInterfaceIds"]
    (nic,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[nic_id])["NetworkInterfaces"]
    assert nic["RequesterManaged"] is True
    assert nic["InterfaceType"] == "vpc_endpoint"
    assert [group["GroupId"] for group in nic["Groups"]] == [site.group]
    assert refusal(ec2.delete_network_interface, NetworkInterfaceId=nic_id) == "InvalidParameterValue"  # fmt: skip
    assert refusal(ec2.delete_security_group, GroupId=site.group) == "DependencyViolation"
    assert refusal(ec2.delete_vpc, VpcId=site.vpc) == "DependencyViolation"
    unknown = "vpce-0123456789abcdef0"
    answer = ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"], unknown])
    (failed,) = answer["Unsuccessful"]
    assert failed["ResourceId"] == unknown
    assert failed["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
    assert ec2.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"] == []
    assert refusal(ec2.describe_network_interfaces, NetworkInterfaceIds=[nic_id]) == "InvalidNetworkInterfaceID.NotFound"  # fmt: skip


def test_what_an_account_made_survives_a_restart(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path, region=REGION) as aws:
        site = make_site(administrator_of(aws))
        server = site.run()
        image = site.client("ec2").create_image(InstanceId=server, Name="kept")["ImageId"]
        address = site.client("ec2").allocate_address()["AllocationId"]
        site.client("ec2").associate_address(AllocationId=address, InstanceId=server)
    with LocalAws(data=tmp_path, region=REGION) as aws:
        ec2 = administrator_of(aws)("ec2")
        (shown,) = ec2.describe_images(Owners=["self"])["Images"]
        assert (shown["ImageId"], shown["State"]) == (image, "available")
        (kept,) = ec2.describe_addresses()["Addresses"]
        assert (kept["AllocationId"], kept["InstanceId"]) == (address, server)


def test_on_aws_snapshots_images_and_endpoints_take_their_time() -> None:
    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    with LocalAws(region=REGION, delays="aws", clock=clock) as aws:
        site = make_site(administrator_of(aws))
        ec2 = site.client("ec2")
        server = site.run()
        clock.advance(60)
        image = ec2.create_image(InstanceId=server, Name="slow", NoReboot=True)["ImageId"]
        assert refusal(site.run, ImageId=image) == "InvalidAMIID.Unavailable"
        (snapshot,) = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        assert snapshot["State"] == "pending"
        clock.advance(snapshots.COMPLETE_SECONDS)
        (snapshot,) = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        assert snapshot["State"] == "completed"
        clock.advance(images.AVAILABLE_SECONDS)
        assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"
        endpoint = ec2.create_vpc_endpoint(
            VpcId=site.vpc, ServiceName=f"com.amazonaws.{REGION}.ssm", VpcEndpointType="Interface",
            SubnetIds=[site.subnet],
        )["VpcEndpoint"]["VpcEndpointId"]  # fmt: skip
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        (shown,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
        assert shown["State"] == "deleting"
        clock.advance(endpoints.DELETING_SECONDS)
        assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
