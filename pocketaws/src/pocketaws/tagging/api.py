"""GetResources: lists the tagged resources of an account in a Region.

Source: Resource Groups Tagging API reference, "GetResources" (it doesn't return untagged
resources), "Services that support the Resource Groups Tagging API" (it supports all resource types
except IAM users and roles).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .tagged import Tagged, find

if TYPE_CHECKING:
    from ..gateway.call import Call

_SERVICE = "resourcegroupstaggingapi"
_MOST_RESOURCES = 100
_MOST_FILTERS, _MOST_VALUES, _MOST_ARNS = 50, 20, 100


@operation(_SERVICE, "GetResources")
def get_resources(call: Call) -> dict[str, Any]:
    """Return pages of the tagged resources that match all filters."""
    _check(call.params)
    found = [item for item in _all(call) if _is_wanted(item, call.params)]
    start = _start(call)
    page = _page(found[start:], call.params)
    end = start + len(page)
    return {
        "PaginationToken": str(end) if end < len(found) else "",
        "ResourceTagMappingList": [
            {
                "ResourceARN": item.arn,
                "Tags": [{"Key": key, "Value": value} for key, value in item.tags.items()],
            }
            for item in page
        ],
    }


def _all(call: Call) -> list[Tagged]:
    return list(find(call.world, call.account, call.region))


def _check(params: Mapping[str, Any]) -> None:
    filters, arns = params.get("TagFilters", []), params.get("ResourceARNList")
    if arns and (filters or params.get("ResourceTypeFilters")):
        raise _invalid("ResourceARNList cannot be used together with a filter.")
    if len(arns or ()) > _MOST_ARNS or len(filters) > _MOST_FILTERS:
        raise _invalid("There are too many ARNs or filters.")
    for wanted in filters:
        if not wanted.get("Key"):
            raise _invalid("A tag filter needs a key.")
        if len(wanted.get("Values", ())) > _MOST_VALUES:
            raise _invalid(f"A tag filter has at most {_MOST_VALUES} values.")
    for name, least, most in (
        ("ResourcesPerPage", 1, _MOST_RESOURCES),
        ("TagsPerPage", 100, 500),
    ):
        if not least <= params.get(name, least) <= most:
            raise _invalid(f"{name} must be between {least} and {most}.")
    if params.get("ExcludeCompliantResources") and not params.get("IncludeComplianceDetails"):
        raise _invalid("ExcludeCompliantResources needs IncludeComplianceDetails.")


def _is_wanted(item: Tagged, params: Mapping[str, Any]) -> bool:
    if params.get("ResourceARNList"):
        return item.arn in params["ResourceARNList"]
    types = params.get("ResourceTypeFilters")
    if types and item.type not in types and item.type.partition(":")[0] not in types:
        return False
    return all(
        wanted["Key"] in item.tags
        and (not wanted.get("Values") or item.tags[wanted["Key"]] in wanted["Values"])
        for wanted in params.get("TagFilters", [])
    )


def _page(items: list[Tagged], params: Mapping[str, Any]) -> list[Tagged]:
    page = items[: params.get("ResourcesPerPage", _MOST_RESOURCES)]
    if "TagsPerPage" not in params:
        return page
    taken = 0
    for at, item in enumerate(page):
        taken += len(item.tags)
        if taken > params["TagsPerPage"] and at:
            return page[:at]
    return page


def _start(call: Call) -> int:
    token = call.params.get("PaginationToken") or "0"
    if not (token.isascii() and token.isdigit()):
        raise AwsError("PaginationTokenExpiredException", "The pagination token is not valid.")
    return int(token)


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
