"""Errors for requests with bad credentials or signatures, in each protocol family's words.

Source: IAM user guide, "Troubleshoot Signature Version 4 for API requests"; S3 API reference, "Error
responses"; EC2 API reference, "Error codes for the Amazon EC2 API"; the services' "Common errors".
"""

from __future__ import annotations

from typing import Literal

from ..errors import AwsError
from .protocol import protocol_of

Kind = Literal["incomplete", "unknown key", "bad token", "expired token", "mismatch", "skewed"]
_Answer = tuple[str, int, str]

_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and "
    "signing method."
)
_EC2_FAILURE = "AWS was not able to validate the provided access credentials"

_QUERY: dict[Kind, _Answer] = {
    "incomplete": ("IncompleteSignature", 400, "The request signature is incomplete."),
    "unknown key": ("InvalidClientTokenId", 403, _INVALID),
    "bad token": ("InvalidClientTokenId", 403, _INVALID),
    "expired token": ("ExpiredToken", 403, _EXPIRED),
    "mismatch": ("SignatureDoesNotMatch", 403, _MISMATCH),
    "skewed": ("SignatureDoesNotMatch", 403, "Signature expired."),
}
_JSON: dict[Kind, _Answer] = {
    "incomplete": ("IncompleteSignatureException", 400, _QUERY["incomplete"][2]),
    "unknown key": ("UnrecognizedClientException", 400, _INVALID),
    "bad token": ("UnrecognizedClientException", 400, _INVALID),
    "expired token": ("ExpiredTokenException", 400, _EXPIRED),
    "mismatch": ("InvalidSignatureException", 400, _MISMATCH),
    "skewed": ("InvalidSignatureException", 400, "Signature expired."),
}
_EC2: dict[Kind, _Answer] = {
    "incomplete": ("IncompleteSignature", 400, _QUERY["incomplete"][2]),
    "unknown key": ("AuthFailure", 401, _EC2_FAILURE),
    "bad token": ("AuthFailure", 401, _EC2_FAILURE),
    "expired token": ("RequestExpired", 400, "Request has expired."),
    "mismatch": ("AuthFailure", 401, _EC2_FAILURE),
    "skewed": ("RequestExpired", 400, "Request has expired."),
}
_S3: dict[Kind, _Answer] = {
    "incomplete": ("AuthorizationHeaderMalformed", 400, "The authorization header is malformed."),
    "unknown key": (
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "bad token": ("InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
    "expired token": ("ExpiredToken", 400, "The provided token has expired."),
    "mismatch": ("SignatureDoesNotMatch", 403, _S3_MISMATCH),
    "skewed": (
        "RequestTimeTooSkewed",
        403,
        "The difference between the request time and the current time is too large.",
    ),
}


def refusal(service: str, kind: Kind, message: str | None = None) -> AwsError:
    """The error that ``service`` (botocore's name) returns. EC2 and S3 have their own messages."""
    if service == "s3":
        code, status, text = _S3[kind]
        return AwsError(code, message if kind == "incomplete" and message else text, status)
    if service == "ec2":
        code, status, text = _EC2[kind]
        return AwsError(code, message if kind == "incomplete" and message else text, status)
    protocol = protocol_of(service)
    family = _JSON if "json" in protocol else _QUERY
    code, status, text = family[kind]
    return AwsError(code, message or text, 403 if protocol == "rest-json" else status)
