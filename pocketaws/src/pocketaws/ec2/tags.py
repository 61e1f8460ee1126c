"""``DescribeTags``: the tags of existing resources.

moto keeps the tags of deleted resources, and has its own name for flow logs.

Source: EC2 API reference, "DescribeTags"; EC2 user guide, "Tag your Amazon EC2 resources" (a resource's tags go with
it); service authorization reference, "Amazon EC2" (the types' names).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import operation

if TYPE_CHECKING:
    from ..gateway.call import Call

_LEAST, _MOST = 5, 1000


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of one resource; ``type`` is as in ARNs."""

    resource: str
    type: str
    key: str
    value: str


@operation("ec2", "DescribeTags")
def describe_tags(call: Call) -> dict[str, Any]:
    """The tags that match all filters, in pages."""
    found = [tag for tag in _all(call) if _is_wanted(tag, call.params.get("Filters", []))]
    start, end = _page(call)
    answer: dict[str, Any] = {
        "Tags": [
            {
                "ResourceId": tag.resource,
                "ResourceType": tag.type,
                "Key": tag.key,
                "Value": tag.value,
            }
            for tag in found[start:end]
        ]
    }
    if end < len(found):
        answer["NextToken"] = str(end)
    return answer


def _all(call: Call) -> list[Tag]:
    backend = moto_state.existing_backend("ec2", call.account, call.region)
    if backend is None:
        return []
    found = [
        Tag(resource, kind, key, value)
        for kind, resource in taggable(backend)
        for key, value in backend.tags.get(resource, {}).items()
    ]
    return sorted(found, key=lambda tag: (tag.key, tag.type, tag.resource))


def taggable(backend: Any) -> Iterator[tuple[str, str]]:
    """``(type as in ARNs, ID)`` of every resource in moto's EC2 of an account and Region."""
    groups = [group for of_vpc in backend.groups.values() for group in of_vpc.values()]
    of_types = {
        "elastic-ip": (eip.allocation_id for eip in backend.addresses),
        "image": backend.amis,
        "instance": (i.id for r in backend.reservations.values() for i in r.instances),
        "internet-gateway": backend.internet_gateways,
        "key-pair": (pair.id for pair in backend.key_pairs.values()),
        "network-interface": backend.enis,
        "route-table": backend.route_tables,
        "security-group": (group.id for group in groups),
        "security-group-rule": (
            rule.id for group in groups for rule in (*group.ingress_rules, *group.egress_rules)
        ),
        "snapshot": backend.snapshots,
        "subnet": (subnet for of_zone in backend.subnets.values() for subnet in of_zone),
        "volume": backend.volumes,
        "vpc": backend.vpcs,
        "vpc-endpoint": backend.vpc_end_points,
        "vpc-flow-log": backend.flow_logs,
    }
    for kind, ids in of_types.items():
        for resource_id in ids:
            yield kind, resource_id


def _is_wanted(tag: Tag, filters: list[dict[str, Any]]) -> bool:
    facts = {
        "key": tag.key,
        "value": tag.value,
        "resource-id": tag.resource,
        "resource-type": tag.type,
        f"tag:{tag.key}": tag.value,
    }
    return all(
        given["Name"] in facts
        and any(_pattern(value).fullmatch(facts[given["Name"]]) for value in given["Values"])
        for given in filters
    )


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a filter's value: ``*`` matches any characters, ``?`` one, and a backslash escapes either."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(p) or re.escape(p.removeprefix("\\") or p) for p in parts), re.DOTALL)  # fmt: skip


def _page(call: Call) -> tuple[int, int]:
    token, size = call.params.get("NextToken") or "0", call.params.get("MaxResults", _MOST)
    if not (token.isascii() and token.isdigit()):
        raise AwsError("InvalidParameterValue", f"Invalid value '{token}' for nextToken.")
    if not _LEAST <= size <= _MOST:
        message = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value between {_LEAST} and {_MOST}."
        raise AwsError("InvalidParameterValue", message)
    return int(token), int(token) + size
