"""The public images: those that the public parameters name, the same for everybody, and nobody's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, client_factory

PARAMETERS = "/aws/service/ami-amazon-linux-latest/"
DEFAULT = f"{PARAMETERS}al2023-ami-kernel-default-"


def image_of(client: ClientFactory, parameter: str) -> dict[str, Any]:
    image_id = client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    (image,) = client("ec2").describe_images(ImageIds=[image_id])["Images"]
    found: dict[str, Any] = image
    return found


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_the_public_parameters_name_images_of_amazon(
    administrator: ClientFactory, architecture: str
) -> None:
    image = image_of(administrator, DEFAULT + architecture)
    assert image["Architecture"] == architecture
    assert image["Name"].startswith("al2023-ami-2023.")
    assert image["OwnerId"] == "137112412989"
    assert image["ImageOwnerAlias"] == "amazon"
    assert image["Public"] is True
    assert image["State"] == "available"
    assert image["RootDeviceName"] == "/dev/xvda"
    (root,) = image["BlockDeviceMappings"]
    assert root["DeviceName"] == "/dev/xvda"
    assert root["Ebs"]["DeleteOnTermination"] is True
    assert root["Ebs"]["VolumeType"] == "gp3"


def test_every_public_parameter_of_images_names_one_that_can_be_launched(
    administrator: ClientFactory,
) -> None:
    pages = administrator("ssm").get_paginator("get_parameters_by_path").paginate(Path=PARAMETERS)
    named = {one["Value"] for page in pages for one in page["Parameters"]}
    images = administrator("ec2").describe_images()["Images"]
    assert named == {image["ImageId"] for image in images}
    assert len(named) > 2


def test_accounts_see_the_same_images_and_own_none(
    administrator: ClientFactory, member: ClientFactory
) -> None:
    own, other = (client("ec2").describe_images()["Images"] for client in (administrator, member))
    assert own == other
    assert member("ec2").describe_images(Owners=["self"])["Images"] == []
    assert len(member("ec2").describe_images(Owners=["amazon"])["Images"]) == len(own)


def test_images_of_other_systems_are_not_there(administrator: ClientFactory) -> None:
    names = {image["Name"] for image in administrator("ec2").describe_images()["Images"]}
    assert {name.split("-")[0] for name in names} == {"al2023"}
    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        administrator("ec2").describe_images(ImageIds=["ami-12345678"])


def test_regions_have_images_of_their_own(administrator: ClientFactory) -> None:
    ids = [
        {i["ImageId"] for i in administrator("ec2", region_name=region).describe_images()["Images"]}
        for region in (REGION, "us-east-1")
    ]
    assert ids[0].isdisjoint(ids[1])


def test_images_are_no_part_of_the_state_that_is_kept(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path, region=REGION) as aws:
        image = image_of(_administrator(aws), f"{DEFAULT}x86_64")
    assert image["Name"].encode() not in (tmp_path / "snapshot").read_bytes()
    with LocalAws(data=tmp_path, region=REGION) as aws:
        assert image_of(_administrator(aws), f"{DEFAULT}x86_64") == image


def _administrator(aws: LocalAws) -> ClientFactory:
    key = aws.administrator
    return client_factory(aws, key.access_key_id, key.secret_access_key)
