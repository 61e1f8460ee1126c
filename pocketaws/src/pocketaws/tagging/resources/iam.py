"""IAM policies and instance profiles; this API doesn't return users and roles.

Source: Resource Groups Tagging API reference, "Services that support the Resource Groups Tagging
API".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ... import moto_state
from ..tagged import GLOBAL_REGION, Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def policies_and_profiles(world: World, account: str, region: str) -> Iterator[Tagged]:
    del world  # moto stores them
    backend = moto_state.existing_backend("iam", account, "aws")
    if backend is None or region != GLOBAL_REGION:
        return
    for policy in backend.managed_policies.values():
        yield Tagged("iam:policy", policy.arn, _plain(policy.tags))
    for profile in backend.instance_profiles.values():
        yield Tagged("iam:instance-profile", profile.arn, _plain(profile.tags))


def _plain(kept: object) -> dict[str, str]:
    """Flatten moto's tags, which are ``{key: {"Key", "Value"}}`` or a list of its values."""
    listed = kept.values() if isinstance(kept, dict) else kept or ()
    return {tag["Key"]: tag["Value"] for tag in listed}  # type: ignore[attr-defined]
