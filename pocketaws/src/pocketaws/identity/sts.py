"""STS: sessions of roles, and the caller's identity.

Source: STS API reference, "AssumeRole", "GetCallerIdentity"; IAM user guide, "Passing session tags in AWS STS",
"IAM and AWS STS quotas".
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import operation
from .attached import policy_text
from .caller import Session
from .documents import check_document
from .policy import PolicyError
from .role_sessions import find_role, make_session, role_session_caller

if TYPE_CHECKING:
    from ..gateway.call import Call

__all__ = ["find_role", "make_session", "role_session_caller"]

_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_DEFAULT_SECONDS = 3600
_CHAINED_LIMIT_SECONDS = 3600
_MOST_POLICIES = 10
_MOST_TAGS = 50
_MOST_PACKED_BYTES = 2048


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Return the caller's identity."""
    caller = call.caller
    return {"UserId": caller.principal_id, "Account": caller.account, "Arn": caller.arn}


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Start a session of a role. ``authorize`` has already checked the role's trust policy."""
    params = call.params
    name = params["RoleSessionName"]
    if _SESSION_NAME.fullmatch(name) is None:
        pattern = "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        raise _invalid("roleSessionName", name, pattern)
    role = find_role(params["RoleArn"])
    seconds = _role_seconds(call, role)
    policies = _session_policies(call, role.account_id)
    tags, transitive = _session_tags(call)
    packed = _packed_percent(params, tags)
    session = make_session(
        call.world,
        params["RoleArn"],
        name,
        seconds,
        call.caller.source_address,
        policies=policies,
        tags=tags,
        transitive=transitive,
        source_identity=_source_identity(call),
    )
    result: dict[str, Any] = {
        "Credentials": _credentials(session),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{session.role_id}:{name}",
            "Arn": f"arn:aws:sts::{session.account}:assumed-role/{session.role_name}/{name}",
        },
    }
    if packed:
        result["PackedPolicySize"] = packed
    if session.source_identity is not None:
        result["SourceIdentity"] = session.source_identity
    return result


def _role_seconds(call: Call, role: Any) -> int:
    seconds = _duration(call.params, _DEFAULT_SECONDS, 43_200)
    if seconds > int(role.max_session_duration or _DEFAULT_SECONDS):
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", message)
    if call.caller.kind == "AssumedRole" and seconds > _CHAINED_LIMIT_SECONDS:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    return seconds


def _duration(params: dict[str, Any], otherwise: int, most: int) -> int:
    seconds = int(params.get("DurationSeconds", otherwise))
    if seconds < 900:
        limit = "Member must have value greater than or equal to 900"
        raise _invalid("durationSeconds", str(seconds), limit)
    if seconds > most:
        limit = f"Member must have value less than or equal to {most}"
        raise _invalid("durationSeconds", str(seconds), limit)
    return seconds


def _session_policies(call: Call, account: str) -> tuple[str, ...]:
    """The documents that limit the session: the inline one and managed ones by ARN."""
    texts = []
    inline = call.params.get("Policy")
    if inline:
        if len(inline) > 2048:
            limit = "Member must have length less than or equal to 2048"
            raise _invalid("policy", inline, limit)
        try:
            check_document(inline, "identity")
        except PolicyError as error:
            raise AwsError("MalformedPolicyDocument", str(error)) from error
        texts.append(str(inline))
    arns = [str(given.get("arn")) for given in call.params.get("PolicyArns", [])]
    if len(arns) > _MOST_POLICIES:
        limit = f"Member must have length less than or equal to {_MOST_POLICIES}"
        raise _invalid("policyArns", str(len(arns)), limit)
    iam = moto_state.backend("iam", account, "aws")
    for arn in arns:
        managed = iam.managed_policies.get(arn) or moto_state.aws_managed_policy(arn, account)
        if managed is None:
            raise AwsError("ValidationError", f"The specified policy {arn} does not exist.")
        texts.append(policy_text(managed))
    return tuple(texts)


def _session_tags(call: Call) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The session's tags and the transitive keys. Tags inherited from a role chain can't be changed."""
    before = call.caller.session
    inherited = {k: v for k, v in (before.tags if before else ()) if k in before.transitive}  # type: ignore[union-attr]
    given = {str(tag["Key"]): str(tag.get("Value", "")) for tag in call.params.get("Tags", [])}
    folded = [key.lower() for key in [*inherited, *given]]
    if len(set(folded)) != len(folded) or len(given) != len(call.params.get("Tags", [])):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise AwsError("InvalidParameterValue", message)
    if len(given) > _MOST_TAGS:
        limit = f"Member must have length less than or equal to {_MOST_TAGS}"
        raise _invalid("tags", str(len(given)), limit)
    wanted = tuple(call.params.get("TransitiveTagKeys", []))
    if any(key not in given for key in wanted):
        message = "One or more of the specified transitive tag keys are not among the session tags."
        raise AwsError("InvalidParameterValue", message)
    return tuple((inherited | given).items()), (*inherited, *wanted)


def _source_identity(call: Call) -> str | None:
    before = call.caller.session.source_identity if call.caller.session else None
    wanted = call.params.get("SourceIdentity")
    if before is not None and wanted not in {None, before}:
        message = "The source identity of a role session cannot be changed."
        raise AwsError("AccessDenied", message, 403)
    return before or (str(wanted) if wanted is not None else None)


def _packed_percent(params: dict[str, Any], tags: tuple[tuple[str, str], ...]) -> int:
    """The used percentage of the space for policies and tags. AWS doesn't publish its packing."""
    arns = [str(given.get("arn")) for given in params.get("PolicyArns", [])]
    inline = [params["Policy"]] if params.get("Policy") else []
    texts = [*inline, *arns, *(f"{key}={value}" for key, value in tags)]
    if not texts:
        return 0
    size = len(zlib.compress("".join(texts).encode()))
    percent = -(-100 * size // _MOST_PACKED_BYTES)
    if percent > 100:
        message = f"Packed size of session policies and tags consumes {percent}% of allotted space."
        raise AwsError("PackedPolicyTooLarge", message)
    return percent


def _invalid(member: str, value: str, constraint: str) -> AwsError:
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}",
    )


def _credentials(made: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.token,
        "Expiration": made.expires_at,
    }
