"""Access to moto's instances for the other parts of EC2 and for the guests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import moto_state
from ..errors import AwsError


def backend(account: str, region: str) -> Any:
    """moto's EC2 backend for an account and Region."""
    return moto_state.backend("ec2", account, region)


def every(account: str, region: str) -> Iterator[Any]:
    """All instances, including terminated ones."""
    for reservation in list(backend(account, region).reservations.values()):
        yield from list(reservation.instances)


def find_or_none(account: str, region: str, instance_id: str) -> Any | None:
    """The instance with an ID; ``None`` if it doesn't exist."""
    for instance in every(account, region):
        if instance.id == instance_id:
            return instance
    return None


def find(account: str, region: str, instance_id: str) -> Any:
    """The instance with an ID; raises ``AwsError`` ``InvalidInstanceID.NotFound``."""
    instance = find_or_none(account, region, instance_id)
    if instance is None:
        raise AwsError(
            "InvalidInstanceID.NotFound", f"The instance ID '{instance_id}' does not exist"
        )
    return instance


def role_arn(account: str, instance: Any) -> str | None:
    """The ARN of the role in an instance's profile, or ``None`` if it has no profile."""
    association = profile_association(instance)
    if association is None:
        return None
    iam = moto_state.backend("iam", account, "aws")
    profile = iam.instance_profiles.get(association.iam_instance_profile.name)
    roles = profile.roles if profile is not None else []
    return str(roles[0].arn) if roles else None


def profile_association(instance: Any) -> Any | None:
    """moto's association of an instance with a profile, or ``None``."""
    return instance.ec2_backend.iam_instance_profile_associations.get(instance.id)


def interface(instance: Any) -> Any:
    """The primary network interface."""
    return instance.nics[0]


def strip(instance: Any) -> None:
    """Remove the network details from a terminated instance, as DescribeInstances does on AWS."""
    from ..moto_patches.ec2_terminated import Terminated  # noqa: PLC0415 - loads moto's EC2

    backend_ = instance.ec2_backend
    for nic in list(instance.nics.values()):
        if nic.id not in backend_.enis:
            continue
        if nic.delete_on_termination:
            nic.instance = nic.attachment_id = None
            nic.status = "available"
            nic.delete()
        else:
            nic.instance = nic.attachment_id = None
            nic.status = "available"
    instance.__class__ = Terminated
