"""Event selectors: which events a trail selects.

Sources: CloudTrail API reference, "EventSelector", "DataResource", "AdvancedEventSelector",
"AdvancedFieldSelector".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import AwsError

if TYPE_CHECKING:
    from ..records.event import Event
    from .store import Trail

DEFAULT_SELECTORS: list[dict[str, Any]] = [
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
]
_MOST_SELECTORS, _MOST_DATA_RESOURCES = 5, 250
_READ_WRITE_TYPES = {"All": (True, False), "ReadOnly": (True,), "WriteOnly": (False,)}
_DATA_TYPES = frozenset({"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"})
_EXCLUDABLE = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})
_FIELDS = frozenset(
    {
        "readOnly", "eventSource", "eventName", "eventCategory", "eventType", "resources.type",
        "resources.ARN", "userIdentity.arn", "sessionCredentialFromConsole", "vpcEndpointId",
        "errorCode",
    }
)  # fmt: skip
_ONLY_EQUALS = frozenset({"readOnly", "eventCategory", "resources.type"})


def selects(trail: Trail, event: Event) -> bool:
    """Check whether a trail delivers an event."""
    if trail.advanced_selectors:
        return any(_advanced(selector, event) for selector in trail.advanced_selectors)
    return any(_basic(selector, event) for selector in trail.event_selectors or DEFAULT_SELECTORS)


def selects_data(trail: Trail) -> bool:
    """Check whether a trail selects any data events."""
    if trail.advanced_selectors:
        return any(
            field["Field"] == "eventCategory" and "Data" in field.get("Equals", [])
            for selector in trail.advanced_selectors
            for field in selector["FieldSelectors"]
        )
    return any(selector.get("DataResources") for selector in trail.event_selectors)


def _basic(selector: dict[str, Any], event: Event) -> bool:
    operation = event.operation
    if operation.read_only not in _READ_WRITE_TYPES[selector.get("ReadWriteType", "All")]:
        return False
    if operation.category == "Management":
        excluded = selector.get("ExcludeManagementEventSources", [])
        return (
            selector.get("IncludeManagementEvents", True) and operation.event_source not in excluded
        )
    return any(
        _is_under(resource, value)
        for data in selector.get("DataResources", [])
        for value in data.get("Values", [])
        for resource in event.resources or []
        if resource.get("type") == data["Type"]
    )


def _is_under(resource: dict[str, Any], value: str) -> bool:
    """Match values as ARN prefixes; ``arn:aws:s3`` matches all buckets."""
    return str(_arn(resource)).startswith(value)


def _arn(resource: dict[str, Any]) -> str | None:
    """Return an object's ARN, or the common prefix of many objects' ARNs."""
    return resource.get("ARN", resource.get("ARNPrefix"))


def _advanced(selector: dict[str, Any], event: Event) -> bool:
    return all(
        _field(field, _values(field["Field"], event)) for field in selector["FieldSelectors"]
    )


def _values(name: str, event: Event) -> list[str]:
    operation = event.operation
    first = (event.resources or [{}])[0]
    value = {
        "readOnly": "true" if operation.read_only else "false",
        "eventSource": operation.event_source,
        "eventName": operation.event_name,
        "eventCategory": operation.category,
        "eventType": "AwsApiCall",
        "errorCode": event.error_code,
        "userIdentity.arn": event.identity.user_identity.get("arn"),
        "resources.type": first.get("type"),
        "resources.ARN": _arn(first),
    }.get(name)
    return [value] if value is not None else []


def _equals(value: str, wanted: str) -> bool:
    return value == wanted


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "Equals": _equals,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


def _field(field: dict[str, Any], values: list[str]) -> bool:
    for name, test in _TESTS.items():
        if field.get(name) and not any(test(v, w) for v in values for w in field[name]):
            return False
        if field.get(f"Not{name}") and any(test(v, w) for v in values for w in field[f"Not{name}"]):
            return False
    return True


def check_selectors(params: dict[str, Any]) -> None:
    """Validate selectors as ``PutEventSelectors`` does (``InvalidEventSelectorsException``)."""
    basic, advanced = params.get("EventSelectors"), params.get("AdvancedEventSelectors")
    if (basic is None) == (advanced is None):
        raise _invalid("Specify either EventSelectors or AdvancedEventSelectors, and not both.")
    if basic is not None:
        _check_basic(basic)
    else:
        for selector in advanced or []:
            _check_advanced(selector)


def _check_basic(selectors: list[dict[str, Any]]) -> None:
    if not 1 <= len(selectors) <= _MOST_SELECTORS:
        raise _invalid(f"A trail has 1 to {_MOST_SELECTORS} event selectors.")
    values = 0
    for selector in selectors:
        if selector.get("ReadWriteType", "All") not in _READ_WRITE_TYPES:
            raise _invalid(f"Invalid value for ReadWriteType: {selector['ReadWriteType']}.")
        if unknown := set(selector.get("ExcludeManagementEventSources", [])) - _EXCLUDABLE:
            raise _invalid(f"Invalid value for ExcludeManagementEventSources: {min(unknown)}.")
        for data in selector.get("DataResources", []):
            if data.get("Type") not in _DATA_TYPES:
                raise _invalid(f"Invalid value for DataResources Type: {data.get('Type')}.")
            for value in data.get("Values", []):
                values += 1
                if not value.startswith("arn:"):
                    raise _invalid(f"Value {value} for DataResources.Values is invalid.")
    if values > _MOST_DATA_RESOURCES:
        raise _invalid(f"A trail has at most {_MOST_DATA_RESOURCES} data resources.")


def _check_advanced(selector: dict[str, Any]) -> None:
    fields = {field.get("Field"): field for field in selector.get("FieldSelectors", [])}
    if unknown := set(fields) - _FIELDS:
        raise _invalid(f"Invalid field in advanced event selector: {unknown.pop()}.")
    category = fields.get("eventCategory", {}).get("Equals")
    if not category or category[0] not in {"Management", "Data", "NetworkActivity"}:
        raise _invalid("An advanced event selector must have eventCategory Equals a category.")
    for name in _ONLY_EQUALS & set(fields):
        if set(fields[name]) - {"Field", "Equals"}:
            raise _invalid(f"Only Equals can be used with {name} in an advanced event selector.")
    if category[0] == "Data" and "resources.type" not in fields:
        raise _invalid("An advanced event selector for data events must have resources.type.")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidEventSelectorsException", message)
