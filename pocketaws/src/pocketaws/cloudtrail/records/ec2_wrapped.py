"""Convert EC2's newer operations, whose XML documents CloudTrail records as JSON.

The request is inside ``…Request``. List items carry their number as ``tag``, and plain values are
in ``content``. The response is inside ``…Response``, with its namespace. Source: the real samples
(DeleteFlowLogs, EnableSerialConsoleAccess), and published records of the other operations.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .identity import iso
from .shapes import lower_first, words

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_WRAPPED = words(
    """
    CreateFlowLogs DeleteFlowLogs DescribeFlowLogs
    DescribeInstanceTypes DescribeInstanceTypeOfferings DescribeInstanceCreditSpecifications
    DescribeSecurityGroupRules ModifySecurityGroupRules
    ModifyInstanceMetadataOptions ModifyInstanceCreditSpecification
    AssociateIamInstanceProfile DisassociateIamInstanceProfile ReplaceIamInstanceProfileAssociation
    DescribeIamInstanceProfileAssociations
    EnableSerialConsoleAccess DisableSerialConsoleAccess GetSerialConsoleAccessStatus
    GetEbsEncryptionByDefault EnableEbsEncryptionByDefault DisableEbsEncryptionByDefault
    CreateVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints ModifyVpcEndpoint
    CreateNatGateway DeleteNatGateway DescribeNatGateways
    CreateLaunchTemplate DeleteLaunchTemplate DescribeLaunchTemplates DescribeLaunchTemplateVersions
    DescribeVpcBlockPublicAccessOptions ModifyVpcBlockPublicAccessOptions
    DescribeManagedPrefixLists GetManagedPrefixListEntries GetLaunchTemplateData
    """
)


def is_wrapped(operation: str) -> bool:
    return operation in _WRAPPED


def request_converter(operation: str, shape: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    name = f"{operation}Request"

    def convert(params: dict[str, Any]) -> dict[str, Any]:
        return {name: _request(shape, params) if shape is not None and params else ""}

    return convert


def _request(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        fields = {}
        for name, item in value.items():
            member = shape.members.get(name)
            if member is not None:
                fields[_query_name(name, member)] = _request(member, item)
        return fields or ""
    if shape.type_name == "list":
        return _one_or_many([_numbered(shape.member, item, n) for n, item in enumerate(value, 1)])
    return _plain(value)


def _query_name(name: str, shape: Any) -> str:
    serialization = shape.serialization
    spelling = str(serialization.get("queryName") or serialization.get("name") or name)
    return spelling[:1].upper() + spelling[1:]


def _numbered(shape: Any, value: Any, number: int) -> dict[str, Any]:
    if shape.type_name == "structure":
        fields = _request(shape, value)
        return {**(fields or {}), "tag": number}
    return {"content": _plain(value), "tag": number}


def response_converter(
    operation: str, shape: Any
) -> Callable[[dict[str, Any], str], dict[str, Any]]:
    name = f"{operation}Response"

    def convert(result: dict[str, Any], request_id: str) -> dict[str, Any]:
        fields = _response(shape, result) if shape is not None else {"return": True}
        return {name: {"requestId": request_id, **(fields or {}), "xmlns": _NAMESPACE}}

    return convert


def _response(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        fields = {}
        for name, item in value.items():
            member = shape.members.get(name)
            if member is not None and item is not None:
                fields[lower_first(str(member.serialization.get("name", name)))] = _response(
                    member, item
                )
        return fields or ""
    if shape.type_name == "list":
        if not value:
            return ""
        return {"item": _one_or_many([_response(shape.member, item) for item in value])}
    return _plain(value)


def _one_or_many(values: list[Any]) -> Any:
    if not values:
        return ""
    return values[0] if len(values) == 1 else values


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.decode("latin-1") if isinstance(value, bytes) else value
