"""AWS's wire protocols in both directions, using moto's parsers and serializers and botocore's models."""

from __future__ import annotations

import functools
import json
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import botocore.parsers
import botocore.serialize
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from ..errors import AwsError
from .http import Headers, HttpAnswer, HttpRequest
from .moto_request import moto_request

# moto warns if an error's code isn't in the service's model, and AWS's common errors never are.
warnings.filterwarnings("ignore", message=r"Exception\(AwsError\)", category=UserWarning)

# Signing names that differ from botocore's service names (``signingName`` in botocore's models).
_SERVICE_OF_SIGNING_NAME = {
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
}

_REQUEST_ID_IN_BODY = re.compile(rb"(?<=<(RequestId|requestId|RequestID)>)[^<]*(?=</\1>)")
_HOST_ID_IN_ERROR = re.compile(rb"(?<=<HostId>)[^<]*(?=</HostId></Error>\s*\Z)")


class PlainJson(dict[str, Any]):
    """A result that's already plain JSON: it contains no times or bytes, and its members have their wire names.

    Handlers of JSON services use it for large results. Walking through such a result by its model would take several
    times as long as the rest of the call.
    """


def service_of(signing_name: str) -> str:
    """botocore's name of the service whose requests are signed for ``signing_name``.

    Raises ``AwsError`` if there's no such service.
    """
    name = _SERVICE_OF_SIGNING_NAME.get(signing_name, signing_name)
    try:
        get_service_model(name)
    except Exception as error:  # botocore has several exceptions for this
        raise AwsError("UnknownService", f"There is no service {signing_name}.", 404) from error
    return name


@functools.cache
def protocol_of(service: str) -> str:
    """The first protocol in a service's model (``ec2``, ``query``, ``json`` …)."""
    return str(get_service_model(service).protocol)


def operation_model(service: str, operation: str) -> OperationModel:
    """botocore's model of an operation, as an object of moto's classes."""
    return get_service_model(service).operation_model(operation)


def parse(service: str, http: HttpRequest) -> tuple[str, dict[str, Any]]:
    """Parse a request into its operation and parameters.

    Raises ``AwsError`` if the service has no such operation or the request is malformed.
    """
    request = _moto_request(http)
    try:
        model, uri_params = get_service_router(service).match(request)
    except (NotFound, NotImplementedError) as error:
        raise AwsError("UnknownOperationException", "The operation is not known.", 404) from error
    protocol = determine_request_protocol(model.service_model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](model)
    try:
        parsed = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": uri_params,
            }
        )
    except Exception as error:  # moto's parsers don't catch errors that malformed input causes
        raise AwsError(_malformed_code(protocol), "The request could not be parsed.") from error
    return str(model.name), _plain(parsed)


def result_to_http(
    service: str, operation: str, request: HttpRequest | None, result: object, request_id: str
) -> HttpAnswer:
    """The response for a result (a dict with botocore's output shape) or an ``AwsError``."""
    service_model = get_service_model(service)
    model = _operation_or_none(service_model, operation)
    content_type = request.headers.get("Content-Type") if request else None
    protocol = _protocol(service_model, content_type)
    if protocol == "json" and isinstance(result, PlainJson):
        content_type = f"application/x-amz-json-{service_model.metadata['jsonVersion']}"
        body = json.dumps(result).encode()
        return stamp(HttpAnswer(200, {"Content-Type": content_type}, body), request_id, service)
    serializer = get_serializer_class(service, protocol)(
        operation_model=model, context=SerializationContext(request_id=request_id)
    )
    serialized = serializer.serialize(result if isinstance(result, Exception) else result or {})
    body = serialized["body"]
    answer = HttpAnswer(
        int(serialized["status_code"]),
        {str(name): str(value) for name, value in serialized["headers"].items()},
        body.encode() if isinstance(body, str) else bytes(body),
    )
    if isinstance(result, AwsError):
        if result.status != 400:
            answer.status = result.status
        if protocol == "rest-json":
            answer.set("x-amzn-errortype", result.code)
    if answer.status == 204:
        answer.body = b""  # HTTP allows no body here; a client would take it for the next response
    return stamp(answer, request_id, service)


def stamp(answer: HttpAnswer, request_id: str, service: str = "") -> HttpAnswer:
    """Put the record's request ID into the response's headers and body."""
    if service == "s3":
        answer.set("x-amz-request-id", request_id)
        answer.set("x-amz-id-2", s3_host_id(request_id))
        if answer.status < 300:
            return answer  # the body may be an S3 object
        answer.body = _HOST_ID_IN_ERROR.sub(s3_host_id(request_id).encode(), answer.body)
    else:
        answer.set("x-amzn-RequestId", request_id)
    if answer.body[:1] == b"<":
        answer.body = _REQUEST_ID_IN_BODY.sub(request_id.encode(), answer.body, count=1)
    return answer


def s3_host_id(request_id: str) -> str:
    """S3's second request ID (``x-amz-id-2``, ``HostId``)."""
    return f"{request_id.replace('-', '')}="


def build_request(service: str, operation: str, params: Mapping[str, Any]) -> HttpRequest:
    """The HTTP request for a call that one service makes to another."""
    model = get_service_model(service).operation_model(operation)
    serializer = botocore.serialize.create_serializer(
        model.service_model.protocol, include_validation=False
    )
    built = serializer.serialize_to_request(dict(params), model)
    body = built["body"]
    if isinstance(body, dict):
        body = botocore.compat.urlencode(body).encode()
        built["headers"].setdefault(
            "Content-Type", "application/x-www-form-urlencoded; charset=utf-8"
        )
    elif isinstance(body, str):
        body = body.encode()
    path, _, own_query = built["url_path"].partition("?")
    query = botocore.compat.urlencode(built["query_string"], doseq=True)
    return HttpRequest(
        built["method"],
        path or "/",
        "&".join(part for part in (own_query, query) if part),
        Headers(built["headers"]),
        body or b"",
    )


def parse_answer(service: str, operation: str, answer: HttpAnswer) -> dict[str, Any]:
    """Parse a response as a client does: the result without its metadata.

    Raises ``AwsError`` for an error response.
    """
    model = get_service_model(service).operation_model(operation)
    parser = botocore.parsers.create_parser(model.service_model.protocol)
    raw = {
        "status_code": answer.status,
        "headers": Headers(answer.headers),
        "body": answer.body,
    }
    payload = _blob_payload(model.output_shape) if answer.status < 300 else None
    if payload is not None:
        raw["body"] = memoryview(answer.body)  # botocore would decode bytes as text
    parsed = parser.parse(raw, model.output_shape)
    if payload is not None:
        parsed[payload] = answer.body
    if answer.status >= 300:
        error = parsed.get("Error", {})
        raise AwsError(
            str(error.get("Code") or answer.status), str(error.get("Message", "")), answer.status
        )
    parsed.pop("ResponseMetadata", None)
    return dict(parsed)


def _blob_payload(shape: Any) -> str | None:
    """The member that is the unmodified body, such as an object's bytes."""
    name = shape.serialization.get("payload") if shape is not None else None
    return name if name is not None and shape.members[name].type_name == "blob" else None


def _operation_or_none(service_model: ServiceModel, operation: str) -> OperationModel:
    if operation in service_model.operation_names:
        return service_model.operation_model(operation)
    return OperationModel({}, service_model)  # an error for an unknown operation


def _protocol(service_model: ServiceModel, content_type: str | None) -> str:
    try:
        return determine_request_protocol(service_model, content_type)
    except NotImplementedError:
        return str(service_model.protocol)


def _malformed_code(protocol: str) -> str:
    return "SerializationException" if "json" in protocol else "MalformedInput"


@functools.singledispatch
def _plain(value: Any) -> Any:
    return value


@_plain.register
def _(value: dict) -> dict[str, Any]:  # type: ignore[type-arg]
    return {key: _plain(item) for key, item in value.items() if item is not None}


@_plain.register
def _(value: list) -> list[Any]:  # type: ignore[type-arg]
    return [_plain(item) for item in value]


@_plain.register
def _(value: datetime) -> datetime:
    # moto's times are naive UTC.
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _moto_request(http: HttpRequest) -> Request:
    host = http.headers.get("Host", "localhost")
    return moto_request(
        http.method, "http", host, http.path, http.query, http.headers.items(), http.body
    )
