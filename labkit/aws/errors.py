"""Turn AWS's errors into labkit's errors, each with a next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)

from labkit.errors import CloudError, LabkitError, UsageError

DENIED_CODES = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "UnauthorizedAccess",
    "AuthorizationError",
}
_BAD_CREDENTIALS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "ExpiredToken",
    "ExpiredTokenException",
    "SignatureDoesNotMatch",
    "AuthFailure",
    "InvalidAccessKeyId",
}


class DeniedError(CloudError):
    """The caller lacks a permission."""


class MissingError(CloudError):
    """The requested resource doesn't exist."""


def error_code(error: ClientError) -> str:
    """The error's code, such as ``ResourceNotFoundException``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """The error's text."""
    return str(error.response.get("Error", {}).get("Message", ""))


def is_missing(error: ClientError) -> bool:
    """Whether an error says that the requested resource doesn't exist.

    Athena and GuardDuty say so only in the message (API references, "GetWorkGroup" and "GetDetector").
    """
    code, text = error_code(error), error_message(error)
    if code == "InvalidRequestException":
        return "WorkGroup" in text and "not found" in text
    if code == "BadRequestException":
        return "is not owned by the current account" in text
    return "NotFound" in code or code.startswith("NoSuch")


@contextmanager
def explain_errors(what: str) -> Iterator[None]:
    """Turn boto3's errors into labkit's. ``what`` says what labkit was doing: "creating the stack x"."""
    try:
        yield
    except LabkitError:
        raise
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise UsageError(
            f"You have no AWS credentials: {error}.",
            'Sign in to AWS. For the emulator, run: eval "$(labkit local env)"',
        ) from error
    except (EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError) as error:
        raise CloudError(
            f"AWS doesn't answer while {what}: {error}",
            "Check AWS_ENDPOINT_URL and your network. To start the emulator, run 'labkit local start'.",
        ) from error
    except ClientError as error:
        raise _explain(error, what) from error
    except BotoCoreError as error:
        raise CloudError(
            f"{_capitalized(what)} failed: {error}",
            "Try again. To see the traceback, add --debug.",
        ) from error


def _explain(error: ClientError, what: str) -> LabkitError:
    code, text = error_code(error), error_message(error)
    if code in _BAD_CREDENTIALS:
        return UsageError(f"AWS doesn't accept your credentials ({code}).", "Sign in again.")
    if code in DENIED_CODES:
        return DeniedError(
            f"AWS refused this while {what}: {text}", "Use credentials that are allowed to do this."
        )
    if is_missing(error):
        return MissingError(
            f"A resource was missing while {what}: {text}",
            "Run 'labkit status' to see what exists.",
        )
    return CloudError(
        f"{_capitalized(what)} failed: {code}: {text}",
        "Try again. To see the traceback, add --debug.",
    )


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
