"""Convert errors to ``errorCode`` and ``errorMessage``.

Sources: the real samples (``Client.UnauthorizedOperation``; ``AccessDenied`` where Organizations
returns ``AccessDeniedException``; ``EntityTemporarilyUnmodifiableException`` where IAM drops the
suffix); CloudTrail user guide, "CloudTrail record contents" (at most 1 KB).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from moto.core.utils import get_service_model

if TYPE_CHECKING:
    from ...errors import AwsError

_LIMIT = 1024
_DENIALS = ("User: ", "You are not authorized to perform")
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)


def is_denial(error: AwsError) -> bool:
    """Check whether policies caused the error."""
    return error.code in _DENIED and error.message.startswith(_DENIALS)


def error_code(service: str, operation: str, error: AwsError) -> str:
    if service == "ec2":
        side = "Server" if error.status >= 500 else "Client"
        return f"{side}.{error.code}"
    if is_denial(error):
        return "AccessDenied"
    return _exception_names(service, operation).get(error.code, error.code)


def error_message(error: AwsError) -> str:
    if len(error.message) <= _LIMIT:
        return error.message
    return f"{error.message[: _LIMIT - 3]}..."


@functools.cache
def _exception_names(service: str, operation: str) -> dict[str, str]:
    """Map a query service's error codes to exception names, which CloudTrail records."""
    model = get_service_model(service)
    if service == "s3" or not str(model.protocol).startswith("query"):
        return {}
    return {
        str(shape.error_code): str(shape.name)
        for shape in model.operation_model(operation).error_shapes
    }
