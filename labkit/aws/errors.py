"""Turn AWS's errors into labkit's errors, each with a next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidRegionError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

from labkit.error_causes import NEXT_STEPS, Cause, cause_of
from labkit.errors import CloudError, LabkitError, UsageError


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


def cause(error: ClientError) -> Cause:
    """Why AWS refused or failed."""
    return cause_of(error_code(error), error_message(error))


def is_denied(error: ClientError) -> bool:
    """Whether a permission is lacking, or a policy of the organization denies the call."""
    return cause(error) in {Cause.DENIED, Cause.ORGANIZATION}


def is_missing(error: ClientError) -> bool:
    """Whether an error says that the requested resource doesn't exist."""
    return cause(error) is Cause.MISSING


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
    except (SSOError, TokenRetrievalError, NoAuthTokenError, CredentialRetrievalError) as error:
        raise UsageError(
            f"Your AWS sign-in has expired or is missing: {error}.", NEXT_STEPS[Cause.EXPIRED]
        ) from error
    except InvalidRegionError as error:
        raise UsageError(
            f"That isn't a Region: {error}.", "Correct region in workshop.toml."
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
    code, text, why = error_code(error), error_message(error), cause(error)
    kind, message = {
        Cause.EXPIRED: (UsageError, f"Your AWS credentials have expired ({code})."),
        Cause.CLOCK: (
            UsageError,
            f"AWS doesn't accept the time of this machine's clock ({code}). The signature says when a call was made.",
        ),
        Cause.CREDENTIALS: (UsageError, f"AWS doesn't accept your credentials ({code})."),
        Cause.REGION: (UsageError, f"The Region isn't enabled in this account ({code})."),
        Cause.DENIED: (DeniedError, f"AWS refused this while {what}: {text}"),
        Cause.ORGANIZATION: (
            DeniedError,
            f"A policy of the organization denies this while {what}: {text}",
        ),
        Cause.QUOTA: (CloudError, f"A quota is used up while {what}: {text}"),
        Cause.MISSING: (MissingError, f"A resource was missing while {what}: {text}"),
        Cause.THROTTLED: (CloudError, f"AWS throttled labkit while {what} ({code})."),
    }.get(why, (CloudError, f"{_capitalized(what)} failed: {code}: {text}"))
    return kind(message, NEXT_STEPS[why])


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
