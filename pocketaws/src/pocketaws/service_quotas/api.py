"""The quotas of an account.

Source: Service Quotas API reference, "GetServiceQuota", "ListServiceQuotas", "GetAWSDefaultServiceQuota".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..quotas import ALL, Quota, applied
from ..registry import operation

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST = 100


@operation("service-quotas", "GetServiceQuota")
def get_service_quota(call: Call) -> dict[str, Any]:
    """Return the value that applies to the account."""
    quota = _find(call)
    return {"Quota": _shown(call, quota, applied(call.world, quota))}


@operation("service-quotas", "GetAWSDefaultServiceQuota")
def get_aws_default_service_quota(call: Call) -> dict[str, Any]:
    """Return AWS's own value."""
    quota = _find(call)
    return {"Quota": _shown(call, quota, quota.default)}


@operation("service-quotas", "ListServiceQuotas")
def list_service_quotas(call: Call) -> dict[str, Any]:
    """List a service's quotas in pages."""
    code = call.params.get("QuotaCode")
    found = [q for q in _of_service(call) if code in {None, q.code}]
    token = call.params.get("NextToken", "0")
    if not token.isdigit():
        raise AwsError("InvalidPaginationTokenException", "Invalid token.")
    start, end = int(token), int(token) + int(call.params.get("MaxResults", _MOST))
    quotas = [_shown(call, quota, applied(call.world, quota)) for quota in found[start:end]]
    answer: dict[str, Any] = {"Quotas": quotas}
    return {**answer, "NextToken": str(end)} if end < len(found) else answer


def _of_service(call: Call) -> list[Quota]:
    service = call.params["ServiceCode"]
    found = [quota for quota in ALL if quota.service == service]
    if not found:
        raise AwsError(
            "NoSuchResourceException", f"The request failed because the specified service {service} does not exist."
        )  # fmt: skip
    return found


def _find(call: Call) -> Quota:
    code = call.params["QuotaCode"]
    for quota in _of_service(call):
        if quota.code == code:
            return quota
    raise AwsError(
        "NoSuchResourceException", f"The request failed because the specified service quota {code} does not exist."
    )  # fmt: skip


def _shown(call: Call, quota: Quota, value: float) -> dict[str, Any]:
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service_name,
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.account}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }
