"""Build ``resources`` for the calls whose real records have it.

EC2's records don't. Sources: the real samples (sts:AssumeRole, ssm:GetParameters); for S3, see
``s3``.
"""

from __future__ import annotations

from typing import Any

_PARAMETER_NAMES = {
    "GetParameter": "name",
    "GetParameters": "names",
    "GetParameterHistory": "name",
    "GetParametersByPath": "path",
    "PutParameter": "name",
    "DeleteParameter": "name",
    "DeleteParameters": "names",
}


def resources_of(
    service: str, operation: str, fields: dict[str, Any] | None, region: str, account: str
) -> list[dict[str, Any]] | None:
    """Return a record's ``resources`` for its converted parameters; most records have none."""
    if not fields:
        return None
    if service == "sts":
        if operation != "AssumeRole":
            return None
        arn = str(fields.get("roleArn", ""))
        return [{"accountId": arn.split(":")[4], "type": "AWS::IAM::Role", "ARN": arn}]
    if service == "ssm" and operation in _PARAMETER_NAMES:
        named = fields.get(_PARAMETER_NAMES[operation])
        names = named if isinstance(named, list) else [named]
        return [
            {"accountId": account, "ARN": parameter_arn(name, region, account)}
            for name in names
            if name
        ]
    return None


def parameter_arn(name: str, region: str, account: str) -> str:
    if name.startswith("arn:"):
        return name
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
