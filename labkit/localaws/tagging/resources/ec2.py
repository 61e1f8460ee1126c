"""What EC2 has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ... import moto_state
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def ec2(world: World, account: str, region: str) -> Iterator[Tagged]:
    del world  # moto has them
    backend = moto_state.existing_backend("ec2", account, region)
    if backend is None:
        return
    for kind, ids in _ids(backend).items():
        for resource_id in ids:
            arn = f"arn:aws:ec2:{region}:{account}:{kind}/{resource_id}"
            yield Tagged(f"ec2:{kind}", arn, dict(backend.tags.get(resource_id, {})))


def _ids(backend: Any) -> dict[str, list[str]]:
    """Resource type as in ARNs -> ids."""
    groups = [group for of_vpc in backend.groups.values() for group in of_vpc.values()]
    rules = [r for group in groups for r in (*group.ingress_rules, *group.egress_rules)]
    return {
        "instance": [i.id for r in backend.reservations.values() for i in r.instances],
        "internet-gateway": list(backend.internet_gateways),
        "key-pair": [pair.id for pair in backend.key_pairs.values()],
        "network-interface": list(backend.enis),
        "route-table": list(backend.route_tables),
        "security-group": [group.id for group in groups],
        "security-group-rule": [rule.id for rule in rules],
        "subnet": [s for of_zone in backend.subnets.values() for s in of_zone],
        "volume": list(backend.volumes),
        "vpc": list(backend.vpcs),
        "vpc-flow-log": list(backend.flow_logs),
    }
