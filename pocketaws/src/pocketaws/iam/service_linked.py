"""Service-linked roles: their policies, and the rule that only their service may change them.

Source: IAM user guide, "AWS services that work with IAM", "Create a service-linked role"; the services' pages on
their service-linked roles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..moto_patches.service_roles import SERVICE_LINKED_ROLES
from ..registry import after, before

if TYPE_CHECKING:
    from ..gateway.call import Call


@before("iam", "CreateServiceLinkedRole")
def check_service(call: Call) -> None:
    """Refuse services that have no service-linked role, and a second role for the same service."""
    service = str(call.params.get("AWSServiceName", ""))
    if service not in SERVICE_LINKED_ROLES:
        raise AwsError("InvalidInput", f"Service {service} has no service-linked role here.")
    name = f"AWSServiceRoleFor{SERVICE_LINKED_ROLES[service][0]}"
    if _role(call, name) is not None:
        message = f"Service role name {name} has been taken in this account, please try a different suffix."
        raise AwsError("InvalidInput", message)


@after("iam", "CreateServiceLinkedRole")
def attach_policy(call: Call, result: dict[str, Any]) -> None:
    """Attach the policy that AWS provides for the service."""
    policy = SERVICE_LINKED_ROLES[str(call.params["AWSServiceName"])][1]
    role = _role(call, result["Role"]["RoleName"])
    made = moto_state.aws_managed_policy(
        f"arn:aws:iam::aws:policy/aws-service-role/{policy}", call.account
    )
    if made is not None:
        iam = moto_state.backend("iam", call.account, "aws")
        iam.managed_policies.setdefault(made.arn, made).attach_to(role)


@before(
    "iam", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "DeleteRole",
    "UpdateAssumeRolePolicy", "PutRolePermissionsBoundary",
)  # fmt: skip
def protect(call: Call) -> None:
    """Let only the service itself change its role, on behalf of the caller who asked for it."""
    role = _role(call, str(call.params.get("RoleName", "")))
    if role is None or not role.path.startswith("/aws-service-role/"):
        return
    if call.caller.invoked_by != role.path.split("/")[2]:
        message = (
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only "
            "modifiable by AWS"
        )
        raise AwsError("UnmodifiableEntity", message)


def _role(call: Call, name: str) -> Any:
    roles = moto_state.backend("iam", call.account, "aws").roles.values()
    return next((role for role in roles if role.name == name), None)
