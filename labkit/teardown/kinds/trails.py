"""Trails."""

from __future__ import annotations

from labkit.aws import Account, ClientError, error_code, explain_errors
from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Every trail of this Region with the scope's tags."""
    cloudtrail = scope.account.client("cloudtrail")
    trails = cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]
    arns = {trail["TrailARN"]: trail["Name"] for trail in trails}
    if not arns:
        return []
    listed = cloudtrail.list_tags(ResourceIdList=list(arns))["ResourceTagList"]
    return [
        found
        for entry in listed
        for found in scope.match_tags("trail", arns[entry["ResourceId"]], entry.get("TagsList", []))
    ]


def stop(account: Account, trail: str) -> None:
    """Stop a trail's delivery; it's fine if the trail is gone."""
    with explain_errors(f"stopping the trail {trail}"):
        try:
            account.client("cloudtrail").stop_logging(Name=trail)
        except ClientError as error:
            if error_code(error) != "TrailNotFoundException":
                raise
