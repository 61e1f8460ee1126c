"""Trails."""

from __future__ import annotations

from labkit.aws import Account, ClientError, error_code, explain_errors
from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every trail of this Region tagged as the scope's."""
    cloudtrail = scope.account.client("cloudtrail")
    trails = cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]
    arns = {trail["TrailARN"]: trail["Name"] for trail in trails}
    if not arns:
        return []
    listed = cloudtrail.list_tags(ResourceIdList=list(arns))["ResourceTagList"]
    return [
        found
        for entry in listed
        for found in scope.tagged("trail", arns[entry["ResourceId"]], entry.get("TagsList", []))
    ]


def stop(account: Account, trail: str) -> None:
    """Have a trail deliver nothing more; one that is gone is fine."""
    with explain_errors(f"stopping the trail {trail}"):
        try:
            account.client("cloudtrail").stop_logging(Name=trail)
        except ClientError as error:
            if error_code(error) != "TrailNotFoundException":
                raise
