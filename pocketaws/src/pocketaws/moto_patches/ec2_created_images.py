"""The class of images that an account made. moto's own makes a volume of 15 GiB in us-east-1 for each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.utils import random_ami_id


class CreatedImage(Ami):
    """An image of the account's own. ``mappings`` has the form that responses have."""

    def __init__(
        self,
        backend: Any,
        name: str,
        description: str,
        mappings: list[dict[str, Any]],
        root_device_name: str,
        created: datetime,
        **facts: Any,
    ) -> None:
        self.ec2_backend = backend
        self.region_name = backend.region_name
        self.id = random_ami_id()
        self.name, self.description = name, description
        self.mappings = mappings
        self.root_device_name = root_device_name
        self.root_device_type = "ebs"
        self.creation_date = created.replace(tzinfo=None)  # naive UTC, as everywhere in moto
        self.owner_id = backend.account_id
        self.owner_alias = self.platform = self.kernel_id = None
        self.image_location = f"{backend.account_id}/{name}"
        self.image_type, self.hypervisor = "machine", "xen"
        self.virtualization_type, self.sriov = "hvm", "simple"
        self.state = "pending"
        self.architecture = facts.get("architecture", "i386")
        self.boot_mode = facts.get("boot_mode")
        self.instance_id = facts.get("instance_id")
        self.product_codes: set[str] = set()
        self.launch_permissions: list[dict[str, str]] = []

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        return self.mappings
