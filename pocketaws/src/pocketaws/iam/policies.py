"""``ListPolicies``: the account's own policies, and all of AWS's.

Source: IAM API reference, "ListPolicies".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import operation
from .aws_managed import policy_id

if TYPE_CHECKING:
    from ..gateway.call import Call

_AWS, _LOCAL = "AWS", "Local"
_MOST, _USUAL = 1000, 100


@operation("iam", "ListPolicies")
def list_policies(call: Call) -> dict[str, Any]:
    """The policies of a scope, sorted by name, in pages."""
    params = call.params
    if params.get("PolicyUsageFilter"):
        raise AwsError("NotImplemented", "pocketaws doesn't emulate filters by usage.", 501)
    prefix = params.get("PathPrefix", "/")
    found = [
        policy
        for scope, policy in _all(call)
        if params.get("Scope", "All") in {"All", scope}
        and policy["Path"].startswith(prefix)
        and (policy["AttachmentCount"] or not params.get("OnlyAttached"))
    ]
    found.sort(key=lambda policy: (policy["PolicyName"], policy["Arn"]))
    start, size = _place(params)
    page = found[start : start + size]
    if start + size >= len(found):
        return {"Policies": page, "IsTruncated": False}
    return {"Policies": page, "IsTruncated": True, "Marker": str(start + size)}


def _place(params: dict[str, Any]) -> tuple[int, int]:
    marker, size = params.get("Marker", "0"), params.get("MaxItems", _USUAL)
    if not (marker.isascii() and marker.isdigit()):
        raise AwsError("ValidationError", "Invalid Marker.")
    if not 1 <= size <= _MOST:
        raise AwsError("ValidationError", f"MaxItems must be between 1 and {_MOST}.")
    return int(marker), size


def _all(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """``(scope, policy)`` for each of the account's own and of AWS's policies."""
    backend = moto_state.existing_backend("iam", call.account, "aws")
    known = dict(backend.managed_policies) if backend is not None else {}
    bounds = _boundaries(backend)
    for facts in moto_state.aws_managed_policies():
        arn = f"arn:aws:iam::aws:policy{facts['Path']}{facts['Name']}"
        used = known.pop(arn, None)
        policy = {
            "PolicyName": facts["Name"],
            "PolicyId": policy_id(arn),
            "Path": facts["Path"],
            "DefaultVersionId": facts["DefaultVersionId"],
            "CreateDate": datetime.fromisoformat(facts["CreateDate"]),
            "UpdateDate": datetime.fromisoformat(facts["UpdateDate"]),
        }
        yield _AWS, _shown(arn, policy, used.attachment_count if used else 0, bounds)
    for arn, own in known.items():
        policy = {
            "PolicyName": own.name,
            "PolicyId": own.id,
            "Path": own.path,
            "DefaultVersionId": own.default_version_id,
            "CreateDate": own.create_date.replace(tzinfo=UTC),
            "UpdateDate": own.update_date.replace(tzinfo=UTC),
        }
        yield _LOCAL, _shown(arn, policy, own.attachment_count, bounds)


def _shown(arn: str, policy: dict[str, Any], attachments: int, bounds: list[str]) -> dict[str, Any]:
    return {
        **policy,
        "Arn": arn,
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": bounds.count(arn),
        "IsAttachable": True,
    }


def _boundaries(backend: Any | None) -> list[str]:
    """The boundary of every user and role that has one."""
    if backend is None:
        return []
    holders = (*backend.users.values(), *backend.roles.values())
    return [
        holder.permissions_boundary_arn for holder in holders if holder.permissions_boundary_arn
    ]
