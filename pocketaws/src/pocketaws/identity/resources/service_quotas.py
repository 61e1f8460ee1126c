"""Service Quotas: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS Service Quotas".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("service-quotas", "GetServiceQuota")
def quota(call: Call) -> Iterator[Check]:
    """The quota."""
    name = f"{call.params.get('ServiceCode', '')}/{call.params.get('QuotaCode', '')}"
    yield Check(action_of(call), f"arn:aws:servicequotas:{call.region}:{call.account}:{name}")
