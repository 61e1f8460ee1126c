"""``SendCommand`` and ``CancelCommand``: send a script to selected instances.

Source: Systems Manager API reference, "SendCommand"; user guide, "Understanding command statuses".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..errors import AwsError
from ..registry import operation
from . import agents, delivery
from .store import Command, Invocation, SsmStore

if TYPE_CHECKING:
    from ..gateway.call import Call

DOCUMENT = "AWS-RunShellScript"
MAX_INSTANCES = 50
_PARAMETERS = {"commands", "workingDirectory", "executionTimeout"}


@operation("ssm", "SendCommand")
def send_command(call: Call) -> dict[str, Any]:
    """Send a script to instances."""
    params = call.params
    name = params["DocumentName"].rpartition("/")[2]
    if name != DOCUMENT:
        raise AwsError("InvalidDocument", f"Document with name {name} does not exist.")
    given: dict[str, list[str]] = params.get("Parameters", {})
    _check_parameters(given)
    ids = _targets(call)
    seconds = int(params.get("TimeoutSeconds", 3600))
    timeout = float(given.get("executionTimeout", ["3600"])[0])
    command = Command(
        call.world.uuid(), DOCUMENT, given["commands"], (given.get("workingDirectory") or [""])[0], timeout,
        list(params.get("InstanceIds", [])), list(params.get("Targets", [])), params.get("Comment", ""), given,
        call.now, call.now + timedelta(seconds=seconds + timeout), {i: Invocation(i) for i in ids}, seconds,
        params.get("MaxConcurrency", "50"), params.get("MaxErrors", "0"),
    )  # fmt: skip
    call.store(SsmStore).commands[command.command_id] = command
    for instance_id in ids:
        delivery.begin(call.world, call.account, call.region, command, instance_id)
    return {"Command": shown(command, call.region)}


def _check_parameters(given: dict[str, list[str]]) -> None:
    unknown = sorted(set(given) - _PARAMETERS)
    if unknown or not given.get("commands"):
        raise AwsError("InvalidParameters", "")
    timeout = given.get("executionTimeout", ["3600"])[0]
    if not timeout.isdigit() or not 1 <= int(timeout) <= 172800:
        raise AwsError("InvalidParameters", "")


def _targets(call: Call) -> list[str]:
    ids: list[str] = call.params.get("InstanceIds", [])
    targets: list[dict[str, Any]] = call.params.get("Targets", [])
    if bool(ids) == bool(targets):
        raise AwsError("ValidationException", "Specify either instance IDs or targets.")
    if len(ids) > MAX_INSTANCES:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to {MAX_INSTANCES}",
        )
    known = call.store(SsmStore).instances
    online = {
        i
        for i, item in known.items()
        if agents.is_online(call.world, item, call.account, call.region)
    }
    wrong = [i for i in ids if i not in online]
    if wrong:
        raise AwsError(
            "InvalidInstanceId",
            f"Instances not in a valid state for account {call.account}: [{', '.join(wrong)}]",
        )
    if ids:
        return list(dict.fromkeys(ids))
    return [i for i in sorted(online) if all(_is_target(call, i, target) for target in targets)]


def _is_target(call: Call, instance_id: str, target: dict[str, Any]) -> bool:
    key, values = target["Key"], target.get("Values", [])
    if key == "InstanceIds":
        return instance_id in values
    tags = instances.backend(call.account, call.region).tags.get(instance_id, {})
    if key.startswith("tag:"):
        return key[4:] in tags and str(tags[key[4:]]) in values
    if key == "tag-key":
        return any(value in tags for value in values)
    raise AwsError("InvalidTarget", f"The target key {key} is not valid.")


@operation("ssm", "CancelCommand")
def cancel_command(call: Call) -> dict[str, Any]:
    """Cancel the invocations that haven't started yet."""
    command = call.store(SsmStore).commands.get(call.params["CommandId"])
    if command is None:
        raise AwsError("InvalidCommandId", "")
    ids = call.params.get("InstanceIds") or list(command.invocations)
    for instance_id in ids:
        if instance_id not in command.invocations:
            raise AwsError("InvalidInstanceId", "")
        if command.invocations[instance_id].status == "Pending":
            command.invocations[instance_id].set_status("Cancelled")
    return {}


def overall(command: Command) -> str:
    """Return a command's status over all its instances."""
    found = {invocation.status for invocation in command.invocations.values()}
    if not found:
        return "Success"
    if found & {"Pending", "InProgress"}:
        return "Pending" if found == {"Pending"} else "InProgress"
    for status in ("Failed", "TimedOut", "Cancelled"):
        if status in found:
            return status
    return "Success"


def details(command: Command) -> str:
    """Return a command's detailed status over all its instances."""
    status = overall(command)
    found = {i.details for i in command.invocations.values() if i.status == status}
    return found.pop() if len(found) == 1 and status == "TimedOut" else status


def shown(command: Command, region: str) -> dict[str, Any]:
    """Return a command in the shape of API responses."""
    found = [invocation.status for invocation in command.invocations.values()]
    done = sum(status not in {"Pending", "InProgress"} for status in found)
    status = overall(command)
    return {
        "CommandId": command.command_id,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "Comment": command.comment,
        "ExpiresAfter": command.expires_after,
        "Parameters": command.parameters,
        "InstanceIds": command.instance_ids,
        "Targets": command.targets,
        "RequestedDateTime": command.requested_at,
        "Status": status,
        "StatusDetails": details(command),
        "OutputS3Region": region,
        "OutputS3BucketName": "",
        "OutputS3KeyPrefix": "",
        "MaxConcurrency": command.max_concurrency,
        "MaxErrors": command.max_errors,
        "TargetCount": len(found),
        "CompletedCount": done,
        "ErrorCount": sum(s in {"Failed", "TimedOut"} for s in found),
        "DeliveryTimedOutCount": sum(
            i.details == "Delivery Timed Out" for i in command.invocations.values()
        ),
        "ServiceRole": "",
        "NotificationConfig": {
            "NotificationArn": "",
            "NotificationEvents": [],
            "NotificationType": "",
        },
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
        "TimeoutSeconds": command.delivery_seconds,
    }
