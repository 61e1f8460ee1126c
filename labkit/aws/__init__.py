"""The only package that imports boto3: sessions for each account, errors with a next step, rate limits.

Nothing here knows whether it talks to AWS or to another server at ``AWS_ENDPOINT_URL``.
"""

from botocore.exceptions import ClientError

from labkit.aws.account import Account, Identity
from labkit.aws.cloud import Cloud
from labkit.aws.errors import (
    DeniedError,
    MissingError,
    error_code,
    error_message,
    explain_errors,
    is_missing,
)

__all__ = [
    "Account",
    "ClientError",
    "Cloud",
    "DeniedError",
    "Identity",
    "MissingError",
    "error_code",
    "error_message",
    "explain_errors",
    "is_missing",
]
