"""The available public images: Amazon Linux 2023 for both architectures, which is what the servers run.

Every account in a Region sees the same images, so each is one object, and no account's state contains it. Names, IDs,
and owner are the real ones, which moto has from the public parameters below ``/aws/service/ami-amazon-linux-latest``.
The minimal images are left out: they lack the agents that the servers here have.

Source: Amazon Linux 2023 user guide, "Comparing AL2 and AL2023" (gp3 root volumes); EC2 user guide, "Determine the
boot mode parameter of an Amazon EC2 AMI".
"""

from __future__ import annotations

import functools
import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from moto.ec2.models.amis import Ami
from moto.utilities.utils import load_resource

_RELEASE = re.compile(r"al2023-ami-2023\.\d+\.(\d{8})\.")
_ROOT_GIB = 8


class PublicImage(Ami):
    """A public image from Amazon. moto's own constructor would create a volume and a snapshot in an account."""

    def __init__(self, region: str, declared: dict[str, Any], released: datetime) -> None:
        self.region_name = region
        self.id = declared["ami_id"]
        self.creation_date = released.replace(tzinfo=None)  # naive UTC, as everywhere in moto
        self.image_location = f"amazon/{declared['name']}"
        self.owner_alias = "amazon"
        self.boot_mode = "uefi-preferred" if declared["architecture"] == "x86_64" else "uefi"
        self.product_codes: set[str] = set()
        self.kernel_id = self.instance_id = None
        self.launch_permissions = [{"Group": "all"}]
        for name in (
            "architecture", "description", "hypervisor", "image_type", "name", "owner_id", "platform",
            "root_device_name", "root_device_type", "sriov", "state", "virtualization_type",
        ):  # fmt: skip
            setattr(self, name, declared[name])

    def __reduce__(self) -> tuple[Any, ...]:
        return _image, (self.region_name, self.id)

    def get_tags(self) -> list[dict[str, str]]:
        """Return no tags: only its owner sees an image's tags."""
        return []

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        digest = hashlib.sha256(self.id.encode()).hexdigest()
        ebs = {
            "SnapshotId": f"snap-0{digest[:16]}",
            "VolumeSize": _ROOT_GIB,
            "VolumeType": "gp3",
            "DeleteOnTermination": True,
            "Encrypted": False,
            "Iops": 3000,
            "Throughput": 125,
        }
        return [{"DeviceName": self.root_device_name, "Ebs": ebs}]


@functools.cache
def images(region: str) -> dict[str, PublicImage]:
    """The public images of a Region by ID; empty if moto doesn't know any there."""
    try:
        declared = load_resource(f"ec2/resources/latest_amis/{region}.json")
    except FileNotFoundError:
        return {}
    return {
        one["ami_id"]: PublicImage(
            region, one, datetime.strptime(release[1], "%Y%m%d").replace(tzinfo=UTC)
        )
        for one in declared
        if (release := _RELEASE.match(one["name"])) is not None
    }


def _image(region: str, image_id: str) -> PublicImage:
    return images(region)[image_id]
