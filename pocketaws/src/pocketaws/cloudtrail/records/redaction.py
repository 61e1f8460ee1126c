"""Redact what AWS leaves out of records, or replace it as AWS does.

Sources: the real samples; CloudFormation user guide, "Logging CloudFormation API calls" (records
show only the keys of parameters); IAM user guide, "Logging IAM and AWS STS API calls" (records
show everything except ``secretAccessKey``); Organizations user guide, "Logging API calls".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

_EC2_REMOVED = "<sensitiveDataRemoved>"
_SSM_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_SSM_TOKEN = "Value hidden due to security reasons."  # noqa: S105 - what AWS writes in place of one
_ORGANIZATIONS_HIDDEN = "****"

Edit = Callable[[dict[str, Any]], None]


def _replace(path: str, text: str) -> Edit:
    *way, last = path.split(".")

    def edit(fields: dict[str, Any]) -> None:
        for step in way:
            fields = fields.get(step) or {}
        if last in fields:
            fields[last] = text

    return edit


def _remove(path: str) -> Edit:
    *way, last = path.split(".")

    def edit(fields: dict[str, Any]) -> None:
        for step in way:
            fields = fields.get(step) or {}
        fields.pop(last, None)

    return edit


def _parameter_keys_only(fields: dict[str, Any]) -> None:
    for parameter in fields.get("parameters", []):
        parameter.pop("parameterValue", None)


def _encoded(path: str) -> Edit:
    """IAM returns percent-encoded policy documents, and CloudTrail records them that way."""
    *way, last = path.split(".")

    def edit(fields: dict[str, Any]) -> None:
        for step in way:
            fields = fields.get(step) or {}
        document = fields.get(last)
        if isinstance(document, str) and not document.startswith("%7B"):
            fields[last] = quote(document, safe="")

    return edit


_REQUESTS: dict[tuple[str, str], tuple[Edit, ...]] = {
    ("ec2", "RunInstances"): (_replace("userData", _EC2_REMOVED),),
    ("ec2", "ModifyInstanceAttribute"): (_replace("userData", _EC2_REMOVED),),
    ("ec2", "ImportKeyPair"): (_remove("publicKeyMaterial"),),
    ("ssm", "SendCommand"): (_replace("parameters", _SSM_HIDDEN),),
    ("ssm", "PutParameter"): (_replace("value", _SSM_HIDDEN),),
    ("iam", "CreateLoginProfile"): (_remove("password"),),
    ("iam", "UpdateLoginProfile"): (_remove("password"),),
    ("iam", "ChangePassword"): (_remove("oldPassword"), _remove("newPassword")),
    ("cloudformation", "CreateStack"): (_parameter_keys_only, _remove("templateBody")),
    ("cloudformation", "UpdateStack"): (_parameter_keys_only, _remove("templateBody")),
    ("cloudformation", "CreateChangeSet"): (_parameter_keys_only, _remove("templateBody")),
    ("cloudformation", "ValidateTemplate"): (_remove("templateBody"),),
    ("cloudformation", "GetTemplateSummary"): (_remove("templateBody"),),
    ("sns", "Publish"): (_replace("message", _SSM_HIDDEN), _replace("subject", _SSM_HIDDEN)),
    ("sns", "ConfirmSubscription"): (_replace("token", _SSM_HIDDEN),),
    ("organizations", "CreateAccount"): (
        _replace("email", _ORGANIZATIONS_HIDDEN),
        _replace("accountName", _ORGANIZATIONS_HIDDEN),
    ),
    ("secretsmanager", "CreateSecret"): (_remove("secretString"), _remove("secretBinary")),
    ("secretsmanager", "PutSecretValue"): (_remove("secretString"), _remove("secretBinary")),
}
_RESPONSES: dict[tuple[str, str], tuple[Edit, ...]] = {
    ("ec2", "CreateKeyPair"): (_replace("keyMaterial", _EC2_REMOVED),),
    ("ssm", "SendCommand"): (_replace("command.parameters", _SSM_HIDDEN),),
    ("ssm", "StartSession"): (_replace("tokenValue", _SSM_TOKEN),),
    ("iam", "CreateAccessKey"): (_remove("accessKey.secretAccessKey"),),
    ("iam", "CreateRole"): (_encoded("role.assumeRolePolicyDocument"),),
    ("organizations", "CreateAccount"): (
        _replace("createAccountStatus.accountName", _ORGANIZATIONS_HIDDEN),
    ),
}
_STS_CREDENTIALS = (_remove("credentials.secretAccessKey"),)


def redact_request(service: str, operation: str, fields: dict[str, Any]) -> None:
    """Redact the converted parameters of an operation."""
    for edit in _REQUESTS.get((service, operation), ()):
        edit(fields)


def redact_response(service: str, operation: str, fields: dict[str, Any]) -> None:
    """Redact the converted result of an operation."""
    edits = _STS_CREDENTIALS if service == "sts" else _RESPONSES.get((service, operation), ())
    for edit in edits:
        edit(fields)
