"""Answers held strictly against botocore's output shapes.

botocore itself passes over what it does not know and over what is missing. Here an answer may have no member that
its shape has not, must have those that the shape requires, and each must be written in the form of its type.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_QUERY = ("query", "ec2")
# What AWS answers although its own shape has no such value.
_ANSWERED_ALL_THE_SAME = {
    # A stack's own events tell its status, which has more values than a resource's (user guide, "Stack events").
    "ResourceStatus": re.compile(r"(UPDATE|ROLLBACK|REVIEW)_[A-Z_]+"),
    # API reference, "InternetGatewayAttachment": "available" is what is returned.
    "AttachmentStatus": re.compile("available"),
    # API reference, "DescribeVpcEndpoints": the filter and the sample answer write an endpoint's state in lower case.
    "State": re.compile("pending|available|deleting"),
    # API reference, "SendCommand": the empty configuration of its sample answer.
    "NotificationType": re.compile(""),
}
# What AWS leaves out although its own shape requires it.
_LEFT_OUT_ALL_THE_SAME = {
    # An account that nobody administers has an empty answer.
    "GetAdministratorAccountResponse.Administrator",
}


def watch(client: Any) -> Any:
    """Have a client's successful answers checked as they come; returns the client."""
    client.meta.events.register("after-call.*.*", _check)
    return client


def _check(http_response: Any, model: Any, **_: Any) -> None:
    if http_response.status_code < 300:
        body = http_response.content if not model.has_streaming_output else b""
        found = list(faults(model, http_response.headers, body))
        assert not found, f"{model.service_model.service_name}:{model.name}: {found}"


def faults(model: Any, headers: Any, body: bytes) -> Iterator[str]:
    """What is wrong with a successful answer of an operation."""
    shape, protocol = model.output_shape, model.service_model.protocol
    if shape is None:
        return
    if body[:1] == b"<":
        root = ET.fromstring(body)  # noqa: S314 - our own answer
        yield from _xml_root(model, root)
    elif protocol not in {"rest-xml", *_QUERY}:
        payload = shape.serialization.get("payload")
        inside = shape.members[payload] if payload else shape
        if inside.type_name == "structure":
            value = json.loads(body) if body else {}
            yield from _json(inside, value, inside.name, frozenset(_in_header(shape)))
    for name, member in shape.members.items():
        in_header = member.serialization.get("location") == "header"
        if (
            in_header
            and name in shape.required_members
            and member.serialization["name"] not in headers
        ):
            yield f"{name} is missing among the headers"


def _in_header(shape: Any) -> Iterator[str]:
    for name, member in shape.members.items():
        if member.serialization.get("location") in {"header", "headers", "statusCode"}:
            yield name


def _json(
    shape: Any, value: Any, path: str, elsewhere: frozenset[str] = frozenset()
) -> Iterator[str]:
    match shape.type_name, value:
        case "structure", dict():
            yield from _json_structure(shape, value, path, elsewhere)
        case "list", list():
            for at, item in enumerate(value):
                yield from _json(shape.member, item, f"{path}[{at}]")
        case "map", dict():
            for key, item in value.items():
                yield from _json(shape.value, item, f"{path}[{key!r}]")
        case ("structure" | "list" | "map") as kind, _:
            yield f"{path} is {value!r}, no {kind}"
        case kind, _ if not _is_json_scalar(shape, value):
            yield f"{path} is {value!r}, no {kind}"
        case "string", _:
            yield from _enumerated(shape, value, path)


def _json_structure(
    shape: Any, value: dict[str, Any], path: str, elsewhere: frozenset[str]
) -> Iterator[str]:
    members = {m.serialization.get("name", n): (n, m) for n, m in shape.members.items()}
    for key, inner in value.items():
        if key not in members:
            yield f"{path}.{key} is unknown"
        elif inner is not None:
            yield from _json(members[key][1], inner, f"{path}.{key}")
    there = {members[key][0] for key in value if key in members} | elsewhere
    yield from _missing(shape, there, path)


def _missing(shape: Any, there: set[str] | frozenset[str], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in there and f"{path}.{name}" not in _LEFT_OUT_ALL_THE_SAME:
            yield f"{path}.{name} is missing"


def _is_json_scalar(shape: Any, value: Any) -> bool:
    match shape.type_name:
        case "string" | "character" | "blob":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "long":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float" | "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "timestamp":
            if shape.serialization.get("timestampFormat") == "iso8601":
                return isinstance(value, str) and _TIME.fullmatch(value) is not None
            return isinstance(value, int | float) and not isinstance(value, bool)
    raise AssertionError(shape.type_name)


def _xml_root(model: Any, root: ET.Element) -> Iterator[str]:
    shape, protocol = model.output_shape, model.service_model.protocol
    if protocol == "query":
        wrapper = shape.serialization.get("resultWrapper")
        tags = [_tag(child) for child in root]
        if tags != [wrapper, "ResponseMetadata"]:
            yield f"the answer's parts are {tags}"
        root = root[0]
    if protocol == "rest-xml":
        payload = shape.serialization.get("payload")
        if payload:
            shape = shape.members[payload]
        if shape.type_name != "structure" or model.name == "GetBucketLocation":
            return
    yield from _xml(shape, root, shape.name, {"requestId"} if protocol == "ec2" else set())


def _xml(shape: Any, node: ET.Element, path: str, extra: set[str]) -> Iterator[str]:
    kind = shape.type_name
    if kind == "structure":
        yield from _xml_structure(shape, node, path, extra)
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        for at, child in enumerate(node):
            if _tag(child) != item:
                yield f"{path}: {_tag(child)} instead of {item}"
            yield from _xml(shape.member, child, f"{path}[{at}]", set())
    elif kind == "map":
        for child in node:
            if _tag(child) != "entry" or sorted(map(_tag, child)) != ["key", "value"]:
                yield f"{path} has {_tag(child)}"
    else:
        yield from _xml_scalar(shape, node.text or "", path)


def _xml_structure(shape: Any, node: ET.Element, path: str, extra: set[str]) -> Iterator[str]:
    members: dict[str, tuple[str, Any]] = {}
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute"):
            continue
        key = member.serialization.get("name", name)
        if member.type_name == "list" and member.serialization.get("flattened"):
            key = member.member.serialization.get("name", key)
            member = member.member  # noqa: PLW2901 - it is the item that stands there
        members[key] = (name, member)
    for child in node:
        tag = _tag(child)
        if tag in members:
            yield from _xml(members[tag][1], child, f"{path}.{tag}", set())
        elif tag not in extra:
            yield f"{path}.{tag} is unknown"
    there = {members[_tag(child)][0] for child in node if _tag(child) in members}
    there |= {*_in_header(shape), *_attributes(shape, node)}
    yield from _missing(shape, there, path)


def _attributes(shape: Any, node: ET.Element) -> Iterator[str]:
    """Members that stand as attributes (``xsi:type`` of S3's grantees)."""
    names = {key.rpartition("}")[2] for key in node.attrib}
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        if member.serialization.get("xmlAttribute") and key.rpartition(":")[2] in names:
            yield name


def _xml_scalar(shape: Any, text: str, path: str) -> Iterator[str]:
    match shape.type_name:
        case "boolean":
            right = text in {"true", "false"}
        case "integer" | "long":
            right = re.fullmatch(r"-?\d+", text) is not None
        case "float" | "double":
            right = re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
        case "timestamp":
            right = _TIME.fullmatch(text) is not None
        case _:
            right = True
    if not right:
        yield f"{path} is {text!r}, no {shape.type_name}"
    elif shape.type_name == "string":
        yield from _enumerated(shape, text, path)


def _enumerated(shape: Any, text: str, path: str) -> Iterator[str]:
    known = _ANSWERED_ALL_THE_SAME.get(shape.name)
    if shape.enum and text not in shape.enum and not (known and known.fullmatch(text)):
        yield f"{path} is {text!r}, none of {shape.enum[:9]}"


def _tag(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]
