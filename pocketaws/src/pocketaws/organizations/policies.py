"""Service control policies: stored by moto, attached to accounts and units, and evaluated by the gateway.

This module refuses what Organizations refuses and moto allows.

Source: Organizations API reference, "CreatePolicy", "AttachPolicy", "DetachPolicy", "EnablePolicyType",
"DisablePolicyType"; user guide, "Service control policies (SCPs)", "SCP evaluation", "Quotas and service limits".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError, not_implemented
from ..identity.documents import check_document
from ..identity.policy import PolicyError
from ..identity.service_control import KIND, is_enabled
from ..registry import after, before, moto_operations

if TYPE_CHECKING:
    from ..gateway.call import Call

NAMES = """
    AttachPolicy CreatePolicy DeletePolicy DescribePolicy DetachPolicy DisablePolicyType EnablePolicyType ListPolicies
    ListPoliciesForTarget ListTargetsForPolicy UpdatePolicy
"""
_MOST_CHARACTERS = 5120
_MOST_ATTACHED = 5

moto_operations("organizations", NAMES)


def organization(call: Call) -> Any:
    """moto's organization of the management account."""
    return moto_state.backend("organizations", call.world.management_account, "aws")


@before(
    "organizations", "CreatePolicy", "EnablePolicyType", "DisablePolicyType", "ListPolicies",
    "ListPoliciesForTarget",
)  # fmt: skip
def one_kind_only(call: Call) -> None:
    """Refuse other types of policies by name."""
    params = call.params
    kind = params.get("Type") or params.get("PolicyType") or params.get("Filter")
    if kind != KIND:
        raise not_implemented("organizations", f"{call.operation} of {kind}")


@before("organizations", "CreatePolicy", "UpdatePolicy")
def look_at_document(call: Call) -> None:
    content = call.params.get("Content")
    if content is None:
        return
    if len(content) > _MOST_CHARACTERS:
        message = "You have exceeded the maximum policy size."
        raise AwsError("ConstraintViolationException", message, Reason="POLICY_CONTENT_LIMIT_EXCEEDED")  # fmt: skip
    try:
        check_document(content, "identity")
    except PolicyError as error:
        message = "The provided policy document does not meet the requirements of the specified policy type."  # fmt: skip
        raise AwsError("MalformedPolicyDocumentException", message) from error


@before("organizations", "UpdatePolicy", "DeletePolicy")
def leave_awss_own(call: Call) -> None:
    policy = _policy(call)
    if policy is not None and policy.aws_managed:
        message = "You can't change or delete a policy that is managed by AWS."
        raise AwsError("PolicyChangesNotAllowedException" if call.operation == "UpdatePolicy" else "AccessDeniedException", message)  # fmt: skip


@before("organizations", "AttachPolicy", "DetachPolicy")
def look_at_attachment(call: Call) -> None:
    """Refuse a call that changes nothing, or that would leave a target with no policies or too many."""
    backend, policy = organization(call), _policy(call)
    target = _target(backend, call.params["TargetId"])
    if policy is None:
        return  # moto raises the error
    if target is None:
        message = "We can't find a root, OU, account, or policy with the TargetId that you specified."  # fmt: skip
        raise AwsError("TargetNotFoundException", message)
    if not is_enabled(backend):
        message = "You can't perform the operation because the policy type is not enabled."
        raise AwsError("PolicyTypeNotEnabledException", message)
    attached = [each for each in target.attached_policies if each.type == KIND]
    if call.operation == "AttachPolicy":
        if policy in attached:
            message = "A policy with the specified name and type already exists."
            raise AwsError("DuplicatePolicyAttachmentException", message)
        if len(attached) == _MOST_ATTACHED:
            raise _violation("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
        return
    if policy not in attached:
        message = "The specified policy isn't attached to the specified target."
        raise AwsError("PolicyNotAttachedException", message)
    if len(attached) == 1:
        raise _violation("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")


def _violation(reason: str) -> AwsError:
    message = "You have exceeded the number of policies that can be attached."
    return AwsError("ConstraintViolationException", message, Reason=reason)


@after("organizations", "DisablePolicyType")
def detach_all(call: Call, _result: dict[str, Any]) -> None:
    """Replace all attachments of a disabled policy type with AWS's default policy, as after enabling it again."""
    backend = organization(call)
    default = next(policy for policy in backend.policies if policy.type == KIND and policy.aws_managed)  # fmt: skip
    for policy in backend.policies:
        if policy.type == KIND:
            policy.attachments.clear()
    for target in (*backend.ou, *backend.accounts):
        others = [policy for policy in target.attached_policies if policy.type != KIND]
        target.attached_policies[:] = [default, *others]
        default.attachments.append(target)


def _policy(call: Call) -> Any | None:
    wanted = call.params["PolicyId"]
    return next((each for each in organization(call).policies if each.id == wanted), None)


def _target(backend: Any, wanted: str) -> Any | None:
    return next((each for each in (*backend.ou, *backend.accounts) if each.id == wanted), None)
