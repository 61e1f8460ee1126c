"""STS: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS Security Token Service"; IAM user guide, "Methods to
assume a role", "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ... import moto_state
from ..checks import Check, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("sts", "GetCallerIdentity", "GetSessionToken")
def always_allowed(_call: Call) -> Iterator[Check]:
    """Anybody with credentials may call this, even if a policy denies it (STS API reference)."""
    return iter(())


@checks("sts", "AssumeRole")
def assume_role(call: Call) -> Iterator[Check]:
    """The role with its trust policy; tags and the source identity have their own actions."""
    params = call.params
    arn = str(params.get("RoleArn", ""))
    fields = arn.split(":")
    account = fields[4] if len(fields) == 6 else call.account
    role = moto_state.role_by_arn(arn)
    trust = role.assume_role_policy_document if role is not None else None
    keys = _keys(params)

    def tags() -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in role.tags} if role is not None else {}

    actions = ["sts:AssumeRole"]
    if params.get("Tags"):
        actions.append("sts:TagSession")
    if params.get("SourceIdentity"):
        actions.append("sts:SetSourceIdentity")
    for action in actions:
        yield Check(action, arn, account, keys, tags, trust, has_policy=True, needs_grant=True)


@checks("sts", "GetFederationToken")
def federation_token(call: Call) -> Iterator[Check]:
    """The federated user."""
    arn = f"arn:aws:sts::{call.account}:federated-user/{call.params.get('Name', '')}"
    yield Check("sts:GetFederationToken", arn)


def _keys(params: dict[str, Any]) -> dict[str, Any]:
    keys: dict[str, Any] = {"sts:rolesessionname": (str(params.get("RoleSessionName", "")),)}
    for name in ("ExternalId", "SourceIdentity"):
        if params.get(name) is not None:
            keys[f"sts:{name.lower()}"] = (str(params[name]),)
    if params.get("TransitiveTagKeys"):
        keys["sts:transitivetagkeys"] = tuple(params["TransitiveTagKeys"])
    return keys
