"""What the instance metadata service says of the instance's role, its credentials above all.

Source: EC2 user guide, "Retrieve security credentials from instance metadata"; IAM user guide, "Troubleshoot IAM
and Amazon EC2" (the errors); EC2 API reference, "ModifyInstanceMetadataOptions" (each version of the service has
credentials of its own).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..ec2 import instances
from ..errors import AwsError
from ..identity.credentials import take_out

if TYPE_CHECKING:
    from datetime import datetime

    from .machine import Machine

_HELP = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html"
    "#troubleshoot_iam-ec2_errors-info-doc"
)


def tree_of_role(
    machine: Machine, version: str
) -> dict[str, str | Callable[[], str | None] | None]:
    """The entries below ``meta-data/iam``; none where the instance has no profile."""
    association = instances.profile_association(machine.instance)
    if association is None:
        return {}
    found: dict[str, str | Callable[[], str | None] | None] = {
        "iam/info": lambda: _info(machine, association.iam_instance_profile)
    }
    role = instances.role_arn(machine.guest.account, machine.instance)
    if role is not None:
        kept = machine.guest.sessions.get(version)
        name = role.rpartition("/")[2] if kept is None else kept.role_name
        found[f"iam/security-credentials/{name}"] = lambda: _credentials(machine, version, name)
    return found


def _info(machine: Machine, profile: Any) -> str:
    known = moto_state.backend("iam", machine.guest.account, "aws").instance_profiles
    now = known.get(profile.name)
    if now is None or now.id != profile.id:
        return as_text(
            {
                "Code": "InstanceProfileNotFound",
                "Message": f"Instance Profile {profile.arn} cannot be found. See {_HELP}.",
                "LastUpdated": _time(machine.now),
            }
        )
    said = {"Code": "Success"}
    if not now.roles:
        said["Message"] = f"Instance Profile does not contain a role. See {_HELP}."
    said |= {
        "LastUpdated": _time(machine.now),
        "InstanceProfileArn": str(now.arn),
        "InstanceProfileId": str(now.id),
    }
    return as_text(said)


def _credentials(machine: Machine, version: str, role: str) -> str | None:
    try:
        caller = machine.role_caller("", version)
    except AwsError:  # its trust policy does not let EC2 assume it, or it is gone
        return as_text(
            {
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": f"EC2 cannot assume the role {role}. Please see documentation at {_HELP}.",
                "LastUpdated": _time(machine.now),
            }
        )
    session = caller.session if caller is not None else None
    if session is None:
        return None
    if machine.visitor is not None:
        take_out(machine.world, session.access_key_id, machine.visitor)
    return as_text(
        {
            "Code": "Success",
            "LastUpdated": _time(session.issued_at),
            "Type": "AWS-HMAC",
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.token,
            "Expiration": _time(session.expires_at),
        }
    )


def as_text(document: dict[str, Any]) -> str:
    """A JSON document as the service writes it."""
    return json.dumps(document, indent=2, separators=(",", " : "))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
