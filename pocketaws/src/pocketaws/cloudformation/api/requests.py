"""Reads what several operations' requests have in common."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ...identity.sts import find_role, role_session_caller
from .. import parameters, validation
from .. import template as templates
from ..scope import StackScope, evaluate_conditions
from ..store import CloudFormationStore, Definition, Stack, does_not_exist
from ..template import Template, invalid

if TYPE_CHECKING:
    from ...gateway.call import Call
    from ...identity.caller import Caller

PAGE_SIZE = 100
_SERVICE = "cloudformation.amazonaws.com"
_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*")
_REFERENCE = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*")
_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.s3[.-].*amazonaws\.com")
_PATH_HOST = re.compile(r"s3[.-].*amazonaws\.com|127\.0\.0\.1|localhost|\[::1\]")
_MAX_TAGS = 50
_MAX_NAME = 128


def check_new_name(name: str) -> None:
    """Raise ``AwsError`` ``ValidationError`` for an invalid stack name."""
    if _NAME.fullmatch(name) is None:
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    if len(name) > _MAX_NAME:
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MAX_NAME}"
        )


def find_stack(call: Call, message: str | None = None) -> Stack:
    """Return the stack that ``StackName`` (a name or an ID) refers to.

    Raises ``AwsError`` ``ValidationError``; ``message`` is the operation's own wording, with ``{}``
    in place of the name.
    """
    name = call.params.get("StackName", "")
    if _REFERENCE.fullmatch(name) is None:
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: "
            "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
        )
    stack = call.store(CloudFormationStore).find(name)
    if stack is None:
        raise invalid(message.format(name)) if message else does_not_exist(name)
    return stack


# Parameters that the emulator would otherwise ignore.
_NOT_EMULATED = (
    "DeploymentConfig", "ImportExistingResources", "IncludeNestedStacks", "NotificationARNs",
    "ResourceTypes", "ResourcesToImport", "StackPolicyBody", "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL", "StackPolicyURL",
)  # fmt: skip


def reject_unsupported(call: Call) -> None:
    """Reject parameters, by name, that have an effect on AWS but not here."""
    given = [name for name in _NOT_EMULATED if call.params.get(name)]
    if call.params.get("RollbackConfiguration", {}).get("RollbackTriggers"):
        given.append("RollbackConfiguration")
    if given:
        raise AwsError(
            "NotImplemented",
            f"pocketaws doesn't emulate {call.service}:{call.operation} with {', '.join(given)}.",
            501,
        )


def template_of(call: Call, previous: str | None = None) -> Template:
    """Parse and validate a request's template: inline, from S3, or the stack's previous one."""
    reject_unsupported(call)
    template = templates.parse(_text_of(call, previous))
    validation.check(template, call.region)
    return template


def _text_of(call: Call, previous: str | None) -> str:
    params = call.params
    body, url = params.get("TemplateBody"), params.get("TemplateURL")
    if previous is not None and params.get("UsePreviousTemplate"):
        if body or url:
            raise invalid("Template URL or Template Body can't be set with UsePreviousTemplate")
        return previous
    if bool(body) == bool(url):
        raise invalid("Either Template URL or Template Body must be specified.")
    if url:
        return _fetch(call, url)
    text = str(body)
    if len(text.encode()) > templates.MAX_INLINE_BYTES:
        raise invalid(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member "
            f"must have length less than or equal to {templates.MAX_INLINE_BYTES}"
        )
    return text


def _fetch(call: Call, url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    host, path = parts.hostname or "", urllib.parse.unquote(parts.path).lstrip("/")
    virtual = _VIRTUAL_HOST.fullmatch(host)
    if virtual:
        bucket, key = virtual["bucket"], path
    elif _PATH_HOST.fullmatch(host):
        bucket, _, key = path.partition("/")
    else:
        raise invalid("TemplateURL must be a supported URL.")
    if not bucket or not key:
        raise invalid("TemplateURL must reference a valid S3 object to which you have access.")
    try:
        answer = call.world.call(
            deployer(call), "s3", "GetObject", call.region, Bucket=bucket, Key=key
        )
    except AwsError as error:
        raise invalid(
            f"S3 error: {error.message}\nFor more information check "
            "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        ) from error
    body = answer["Body"]
    data: bytes = body if isinstance(body, bytes) else body.read()
    if len(data) > templates.MAX_BYTES:
        raise invalid(f"Template may not exceed {templates.MAX_BYTES} bytes in size.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise invalid("Template format error: unsupported structure.") from error


def deployer(call: Call) -> Caller:
    """Return the caller, as CloudFormation calls on its behalf."""
    return call.caller.through(_SERVICE)


def operating_caller(call: Call, role_arn: str | None) -> Caller:
    """Return the principal for the stack's calls: its service role, or else the caller."""
    if role_arn is None:
        return deployer(call)
    try:
        role = find_role(role_arn)
    except AwsError as error:
        raise invalid(f"Role {role_arn} is invalid or cannot be assumed") from error
    if role_arn.split(":")[4] != call.account:
        raise AwsError("AccessDenied", "Cross-account pass role is not allowed.", 403)
    if _SERVICE not in str(role.assume_role_policy_document):
        raise invalid(f"Role {role_arn} is invalid or cannot be assumed")
    session = role_session_caller(
        call.world, role_arn, "AWSCloudFormation", _SERVICE, _SERVICE, _SERVICE
    )
    return session.through(_SERVICE)


def define(
    call: Call, stack: Stack, template: Template, caller: Caller, previous: Definition | None
) -> Definition:  # fmt: skip
    """Build a stack definition from a request: resolve parameters and evaluate conditions."""
    params = call.params
    capabilities = tuple(params.get("Capabilities") or ())
    validation.check_capabilities(template, capabilities)

    def ssm_value(name: str) -> str:
        found = call.world.call(caller, "ssm", "GetParameters", call.region, Names=[name])
        if not found.get("Parameters"):
            raise invalid(
                f"Unable to fetch parameters [{name}] from parameter store for this account."
            )
        return str(found["Parameters"][0]["Value"])

    resolved = parameters.resolve(
        template, params.get("Parameters") or [], previous.parameters if previous else {}, ssm_value
    )
    scope = StackScope(call.world, stack, caller, template, resolved, {})
    conditions = evaluate_conditions(scope, template)
    given = params.get("Tags")
    tags = dict(previous.tags) if given is None and previous is not None else _tags(given or [])
    return Definition(template.text, resolved, conditions, tags, capabilities)


def _tags(given: list[dict[str, str]]) -> dict[str, str]:
    if len(given) > _MAX_TAGS:
        raise invalid(
            f"1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must "
            f"have length less than or equal to {_MAX_TAGS}"
        )
    tags: dict[str, str] = {}
    for tag in given:
        key = tag["Key"]
        if key.startswith("aws:"):
            raise invalid(f"Tag keys starting with 'aws:' are reserved: {key}")
        if key in tags:
            raise invalid(f"Duplicate tag key: {key}")
        tags[key] = tag.get("Value", "")
    return tags


def remember_token(stack: Stack, token: str | None, action: str) -> bool:
    """Record a client request token, and return whether this action already used it.

    Raises ``AwsError`` ``TokenAlreadyExistsException`` if another action used it.
    """
    if token is None:
        return False
    used_for = stack.tokens.get(token)
    if used_for is not None and used_for != action:
        raise AwsError(
            "TokenAlreadyExistsException",
            f"Token {token} has been used for another action on stack {stack.name}",
        )
    stack.tokens[token] = action
    return used_for is not None


def page(
    items: list[Any], token: str | None, size: int = PAGE_SIZE
) -> tuple[list[Any], str | None]:
    """Return one page of a list, and the token for the next page."""
    start = _offset(token)
    following = start + size
    return items[start:following], encode(following) if following < len(items) else None


def encode(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode()


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    return decode(token)


def decode(token: str) -> int:
    """Decode a token's number; raises ``AwsError`` if the emulator didn't issue the token."""
    try:
        kind, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise invalid("Invalid NextToken") from error
    if kind != "offset" or not number.isdecimal():
        raise invalid("Invalid NextToken")
    return int(number)
