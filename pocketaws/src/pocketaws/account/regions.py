"""Which Regions an account has enabled. Where a Region isn't enabled, the account's credentials aren't known.

Source: Account Management API reference, "ListRegions", "GetRegionOptStatus", "EnableRegion", "DisableRegion";
Account Management reference guide, "Enable or disable AWS Regions in your account" (which ones are on by default, and
that a change takes minutes); EC2 API reference, "DescribeRegions" (``AllRegions``, ``OptInStatus``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..gateway.regions import every_region
from ..registry import operation

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

CHANGE_SECONDS = 300
_BY_DEFAULT = frozenset(
    {
        "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
        "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
        "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    }
)  # fmt: skip
_ON = {"ENABLED", "ENABLED_BY_DEFAULT", "DISABLING"}
_PAGE = 50


@dataclass
class RegionStore:
    """The Regions of an account that it has enabled or disabled."""

    statuses: dict[str, str] = field(default_factory=dict)


def status_of(world: World, account: str, region: str) -> str:
    """``ENABLED``, ``ENABLING``, ``DISABLING``, ``DISABLED``, or ``ENABLED_BY_DEFAULT``."""
    if region in _BY_DEFAULT:
        return "ENABLED_BY_DEFAULT"
    return world.store(RegionStore, account, "").statuses.get(region, "DISABLED")


def is_enabled(world: World, account: str, region: str) -> bool:
    """Whether an account can use a Region."""
    return region in _BY_DEFAULT or status_of(world, account, region) in _ON


@operation("account", "GetRegionOptStatus")
def get_region_opt_status(call: Call) -> dict[str, Any]:
    """Return one Region's status."""
    region = _region(call)
    return {
        "RegionName": region,
        "RegionOptStatus": status_of(call.world, _account(call), region),
    }


@operation("account", "ListRegions")
def list_regions(call: Call) -> dict[str, Any]:
    """List the Regions with their statuses, in pages."""
    account = _account(call)
    wanted = call.params.get("RegionOptStatusContains") or ()
    found = [
        {"RegionName": region, "RegionOptStatus": status_of(call.world, account, region)}
        for region in every_region()
    ]
    found = [each for each in found if not wanted or each["RegionOptStatus"] in wanted]
    token = call.params.get("NextToken", "0")
    if not token.isdigit():
        raise AwsError("ValidationException", "The token is not valid.")
    start, end = int(token), int(token) + int(call.params.get("MaxResults", _PAGE))
    answer: dict[str, Any] = {"Regions": found[start:end]}
    return {**answer, "NextToken": str(end)} if end < len(found) else answer


@operation("account", "EnableRegion")
def enable_region(call: Call) -> None:
    """Start enabling a Region."""
    _change(call, "DISABLED", "ENABLING", "ENABLED")


@operation("account", "DisableRegion")
def disable_region(call: Call) -> None:
    """Start disabling a Region."""
    _change(call, "ENABLED", "DISABLING", "DISABLED")


def _change(call: Call, before: str, meanwhile: str, after: str) -> None:
    account, region = _account(call), _region(call)
    status = status_of(call.world, account, region)
    if status == "ENABLED_BY_DEFAULT":
        raise AwsError("ValidationException", f"Region {region} cannot be changed.")
    if status == after:
        return
    if status != before:
        raise AwsError("ConflictException", f"Region {region} is {status}.", 409)
    call.world.store(RegionStore, account, "").statuses[region] = meanwhile
    call.world.later("account.region_changed", CHANGE_SECONDS, account=account, region=region, status=after)  # fmt: skip


@effect("account.region_changed")
def region_changed(world: World, account: str, region: str, status: str) -> None:
    """Complete a Region's change of status."""
    world.store(RegionStore, account, "").statuses[region] = status


def _region(call: Call) -> str:
    region: str = call.params["RegionName"]
    if region not in every_region():
        raise AwsError("ValidationException", f"Region {region} does not exist.")
    return region


def _account(call: Call) -> str:
    """The account that the call is about: only the management account may name another one."""
    named: str = call.params.get("AccountId", call.account)
    if call.account not in {named, call.world.management_account}:
        raise AwsError("AccessDeniedException", "The account cannot be managed from here.", 403)
    return named


@operation("ec2", "DescribeRegions")
def describe_regions(call: Call) -> dict[str, Any]:
    """The Regions that the account has enabled, or all of them."""
    named = call.params.get("RegionNames", [])
    unknown = [name for name in named if name not in every_region()]
    if unknown:
        raise AwsError("InvalidParameterValue", f"Invalid region names: [{', '.join(unknown)}]")
    found = [
        {
            "RegionName": region,
            "Endpoint": f"ec2.{region}.amazonaws.com",
            "OptInStatus": _opt_in_status(call, region),
        }
        for region in every_region()
        if not named or region in named
    ]
    for given in call.params.get("Filters", []):
        member = _FILTERS[given["Name"]]
        found = [each for each in found if each[member] in given["Values"]]
    if not call.params.get("AllRegions") and not named:
        found = [each for each in found if each["OptInStatus"] != "not-opted-in"]
    return {"Regions": found}


_FILTERS = {"region-name": "RegionName", "endpoint": "Endpoint", "opt-in-status": "OptInStatus"}


def _opt_in_status(call: Call, region: str) -> str:
    if region in _BY_DEFAULT:
        return "opt-in-not-required"
    return "opted-in" if is_enabled(call.world, call.account, region) else "not-opted-in"
