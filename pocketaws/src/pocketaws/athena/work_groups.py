"""Work groups and their tags.

Source: Athena API reference, "CreateWorkGroup", "UpdateWorkGroup", "DeleteWorkGroup"; user guide,
"Managed query results".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from ..tag_operations import register_tag_operations
from .store import (
    ENGINE,
    PRIMARY,
    WorkGroup,
    find_work_group,
    invalid,
    page,
    store_of,
    work_group_arn,
)

if TYPE_CHECKING:
    from ..gateway.call import Call

_NAME = re.compile(r"[a-zA-Z0-9._-]{1,128}")
_LOCATION = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")
_MOST = 50
_SMALLEST_CUTOFF = 10_000_000


@operation("athena", "CreateWorkGroup")
def create_work_group(call: Call) -> None:
    params = call.params
    name = params["Name"]
    if _NAME.fullmatch(name) is None:
        raise invalid(f"Work group name {name} is not valid.")
    groups = store_of(call).work_groups
    if name in groups:
        raise invalid("WorkGroup is already created")
    configuration = {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": True,
        "RequesterPaysEnabled": False,
        **params.get("Configuration", {}),
    }
    configuration["EngineVersion"] = {**ENGINE, **configuration.get("EngineVersion", {})}
    _check(configuration)
    groups[name] = WorkGroup(
        name, call.now, configuration, params.get("Description"),
        tags={tag["Key"]: tag["Value"] for tag in params.get("Tags", [])},
    )  # fmt: skip


def _check(configuration: dict[str, Any]) -> None:
    location = configuration["ResultConfiguration"].get("OutputLocation")
    if location and _LOCATION.fullmatch(location) is None:
        raise invalid("outputLocation is not a valid S3 path.")
    if configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled") and location:
        message = "ManagedQueryResultsConfiguration and an output location cannot be set together."
        raise invalid(message)
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and cutoff < _SMALLEST_CUTOFF:
        raise invalid(f"BytesScannedCutoffPerQuery must be at least {_SMALLEST_CUTOFF}.")


@operation("athena", "GetWorkGroup")
def get_work_group(call: Call) -> dict[str, Any]:
    group = find_work_group(call, call.params["WorkGroup"])
    return {"WorkGroup": {**_summary(group), "Configuration": group.configuration}}


def _summary(group: WorkGroup) -> dict[str, Any]:
    return {
        "Name": group.name,
        "State": group.state,
        "Description": group.description or "",
        "CreationTime": group.created_at,
    }


@operation("athena", "ListWorkGroups")
def list_work_groups(call: Call) -> dict[str, Any]:
    groups = store_of(call).work_groups
    found = [
        {**_summary(groups[name]), "EngineVersion": groups[name].configuration["EngineVersion"]}
        for name in sorted(groups)
    ]
    return page("WorkGroups", found, call.params, _MOST)


@operation("athena", "UpdateWorkGroup")
def update_work_group(call: Call) -> None:
    """Change the given settings and leave the others alone."""
    params = call.params
    group = find_work_group(call, params["WorkGroup"])
    configuration = _updated(group.configuration, params.get("ConfigurationUpdates", {}))
    _check(configuration)
    group.configuration = configuration
    group.description = params.get("Description", group.description)
    group.state = params.get("State", group.state)


def _updated(configuration: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    changed = {
        key: value
        for key, value in updates.items()
        if not key.startswith("Remove") and not key.endswith("Updates")
    }
    result = {**configuration, **changed}
    if updates.get("RemoveBytesScannedCutoffPerQuery"):
        result.pop("BytesScannedCutoffPerQuery", None)
    if "ResultConfigurationUpdates" in updates:
        result["ResultConfiguration"] = _merged(
            configuration["ResultConfiguration"], updates["ResultConfigurationUpdates"]
        )
    if "ManagedQueryResultsConfigurationUpdates" in updates:
        result["ManagedQueryResultsConfiguration"] = _merged(
            configuration.get("ManagedQueryResultsConfiguration", {}),
            updates["ManagedQueryResultsConfigurationUpdates"],
        )
    result["EngineVersion"] = {**ENGINE, **result.get("EngineVersion", {})}
    return result


def _merged(before: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    removed = {
        key.removeprefix("Remove") for key, on in updates.items() if key.startswith("Remove") and on
    }
    given = {key: value for key, value in updates.items() if not key.startswith("Remove")}
    kept = {key: value for key, value in before.items() if key not in removed}
    return kept | given


@operation("athena", "DeleteWorkGroup")
def delete_work_group(call: Call) -> None:
    """Delete a work group; one that isn't empty needs ``RecursiveDeleteOption``."""
    group = find_work_group(call, call.params["WorkGroup"])
    if group.name == PRIMARY:
        raise invalid("Deletion of primary WorkGroup is not allowed.")
    if (group.named_queries or group.executions) and not call.params.get("RecursiveDeleteOption"):
        raise invalid(f"WorkGroup {group.name} is not empty.")
    del store_of(call).work_groups[group.name]


def _tags_of(call: Call) -> dict[str, str]:
    arn = call.params["ResourceARN"]
    for group in store_of(call).work_groups.values():
        if work_group_arn(call.account, call.region, group.name) == arn:
            return group.tags
    raise AwsError("ResourceNotFoundException", f"Resource {arn} is not found.", ResourceName=arn)


register_tag_operations("athena", _tags_of)
