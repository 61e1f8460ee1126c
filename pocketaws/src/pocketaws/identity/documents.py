"""Policy documents are validated before a service stores them, so that every stored policy can be evaluated.

Source: IAM user guide, "Troubleshoot IAM policies", "Grammar of the IAM JSON policy language"; S3 user guide, "Bucket
policies"; SNS API reference, "SetTopicAttributes".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from .. import moto_state
from ..errors import AwsError
from ..registry import before
from .policy import Policy, PolicyError, Statement, compile_policy

if TYPE_CHECKING:
    from ..gateway.call import Call

Kind = Literal["identity", "trust", "resource"]

_TRUST_ACTIONS = {
    "*", "sts:*", "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
    "sts:tagsession", "sts:setsourceidentity", "sts:setcontext",
}  # fmt: skip


def check_document(text: str, kind: Kind) -> Policy:
    """Compile a document and check that it is a policy of its kind; raises ``PolicyError``."""
    policy = compile_policy(text)
    for statement in policy.statements:
        if (wrong := _wrong(statement, kind)) is not None:
            raise PolicyError(wrong)
    if kind != "identity":
        _principals_exist(policy)
    return policy


def _wrong(statement: Statement, kind: Kind) -> str | None:
    named, resources = statement.principals is not None, bool(statement.resources)
    only_trust = statement.actions.names <= _TRUST_ACTIONS
    faults = {
        "identity": {
            "Policy document should not specify a principal.": named,
            "Policy statement must contain resources.": not resources,
        },
        "trust": {
            "Missing required field Principal": not named,
            "Has prohibited field Resource": resources,
            "AssumeRole policy may only specify STS AssumeRole actions.": not only_trust,
        },
        "resource": {
            "Missing required field Principal": not named,
            "Missing required field Resource": not resources,
        },
    }[kind]
    return next((message for message, found in faults.items() if found), None)


def _principals_exist(policy: Policy) -> None:
    """A user or role that a policy names must exist if its account is one of the emulator's."""
    for arn in _named(policy):
        fields = arn.split(":")
        if len(fields) != 6 or fields[2] != "iam" or not moto_state.has_account(fields[4]):
            continue
        iam = moto_state.backend("iam", fields[4], "aws")
        holders = iam.users if fields[5].startswith("user/") else iam.roles
        if fields[5].startswith(("user/", "role/")) and all(h.arn != arn for h in holders.values()):
            raise PolicyError(f'Invalid principal in policy: "AWS":"{arn}"')


def _named(policy: Policy) -> Iterable[str]:
    return (
        arn
        for statement in policy.statements
        if statement.principals is not None
        for arn in sorted(statement.principals.arns)
    )


def _refuse_malformed(text: Any, kind: Kind) -> None:
    try:
        check_document(str(text), kind)
    except PolicyError as error:
        raise AwsError("MalformedPolicyDocument", str(error)) from error


@before(
    "iam", "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion"
)
def identity_documents(call: Call) -> None:
    """Refuse a document that isn't a valid identity policy."""
    _refuse_malformed(call.params.get("PolicyDocument", ""), "identity")


@before("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust_documents(call: Call) -> None:
    """Refuse a document that isn't a valid trust policy."""
    document = call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument", "")
    _refuse_malformed(document, "trust")


@before("sns", "CreateTopic", "SetTopicAttributes")
def topic_documents(call: Call) -> None:
    """Refuse a document that isn't a valid topic policy."""
    document = call.params.get("Attributes", {}).get("Policy")
    if call.params.get("AttributeName") == "Policy":
        document = call.params.get("AttributeValue")
    if document:
        try:
            check_document(document, "resource")
        except PolicyError as error:
            message = "Invalid parameter: Policy Error: null"
            raise AwsError("InvalidParameter", message) from error
