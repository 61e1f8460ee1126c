"""The role's part of the instance metadata service: its name and credentials.

Source: EC2 user guide, "Retrieve security credentials from instance metadata"; IAM user guide, "Troubleshoot IAM
and Amazon EC2" (the errors); EC2 API reference, "ModifyInstanceMetadataOptions" (each version of the service returns
its own credentials).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..ec2 import instances
from ..errors import AwsError
from ..identity.credentials import take_out
from .machine import Machine


def tree_of_role(
    machine: Machine, version: str
) -> dict[str, str | Callable[[], str | None] | None]:
    """The entries under ``meta-data/iam``; empty if the instance has no role."""
    role = instances.role_arn(machine.guest.account, machine.instance)
    if role is None:
        return {}
    kept = machine.guest.sessions.get(version)
    name = role.rpartition("/")[2] if kept is None else kept.role_name
    return {f"iam/security-credentials/{name}": lambda: _credentials(machine, version, name)}


def _credentials(machine: Machine, version: str, role: str) -> str | None:
    try:
        caller = machine.role_caller("", version)
    except AwsError:  # the trust policy doesn't let EC2 assume the role, or the role is gone
        return as_text(
            {
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": f"EC2 cannot assume the role {role}. Please see documentation at "
                "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.",
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
