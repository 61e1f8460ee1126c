"""Results of commands.

Source: Systems Manager API reference, "GetCommandInvocation", "ListCommandInvocations"; user guide,
"Understanding command statuses".
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .sending import overall
from .store import Command, Invocation, SsmStore, page

if TYPE_CHECKING:
    from ..gateway.call import Call

_PLUGIN = "aws:runShellScript"
_MAX_OUTPUT, _MAX_ERRORS, _MAX_LISTED = 24000, 8000, 2500


@operation("ssm", "GetCommandInvocation")
def get_command_invocation(call: Call) -> dict[str, Any]:
    """Return one command's result on one instance, with its output."""
    command = call.store(SsmStore).commands.get(call.params["CommandId"])
    invocation = command.invocations.get(call.params["InstanceId"]) if command is not None else None
    if command is None or invocation is None or not invocation.visible:
        raise AwsError("InvocationDoesNotExist", "")
    plugin = call.params.get("PluginName", _PLUGIN)
    if plugin != _PLUGIN:
        raise AwsError("InvalidPluginName", "")
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation.instance_id,
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "PluginName": _PLUGIN,
        "ResponseCode": invocation.exit_status,
        "ExecutionStartDateTime": _iso(invocation.started_at),
        "ExecutionElapsedTime": _elapsed(invocation),
        "ExecutionEndDateTime": _iso(invocation.ended_at),
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputContent": invocation.output[:_MAX_OUTPUT],
        "StandardOutputUrl": "",
        "StandardErrorContent": invocation.errors[:_MAX_ERRORS],
        "StandardErrorUrl": "",
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    }


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _elapsed(invocation: Invocation) -> str:
    if invocation.started_at is None or invocation.ended_at is None:
        return ""
    return f"PT{(invocation.ended_at - invocation.started_at).total_seconds():g}S"


@operation("ssm", "ListCommandInvocations")
def list_command_invocations(call: Call) -> dict[str, Any]:
    """List command invocations, newest first."""
    params = call.params
    found = [
        _listed(command, invocation, with_output=bool(params.get("Details")))
        for command in _chosen(call)
        for invocation in command.invocations.values()
        if invocation.visible and params.get("InstanceId") in {None, invocation.instance_id}
    ]
    return page("CommandInvocations", found, params)


def _listed(command: Command, invocation: Invocation, *, with_output: bool) -> dict[str, Any]:
    item = {
        "CommandId": command.command_id,
        "InstanceId": invocation.instance_id,
        "InstanceName": "",
        "Comment": command.comment,
        "DocumentName": command.document,
        "DocumentVersion": "$DEFAULT",
        "RequestedDateTime": command.requested_at,
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "ServiceRole": "",
        "CommandPlugins": [],
    }
    if with_output and invocation.started_at is not None:
        output = invocation.output
        if invocation.errors:
            output += f"\n----------ERROR-------\n{invocation.errors}"
        item["CommandPlugins"] = [
            {
                "Name": _PLUGIN,
                "Status": invocation.status,
                "StatusDetails": invocation.details,
                "ResponseCode": invocation.exit_status,
                "ResponseStartDateTime": invocation.started_at,
                "ResponseFinishDateTime": invocation.ended_at,
                "Output": output[:_MAX_LISTED],
                "StandardOutputUrl": "",
                "StandardErrorUrl": "",
                "OutputS3Region": "",
                "OutputS3BucketName": "",
                "OutputS3KeyPrefix": "",
            }
        ]
    return item


def _chosen(call: Call) -> list[Command]:
    commands = sorted(
        call.store(SsmStore).commands.values(),
        key=lambda command: command.requested_at,
        reverse=True,
    )
    command_id = call.params.get("CommandId")
    if command_id is not None:
        commands = [command for command in commands if command.command_id == command_id]
        if not commands:
            raise AwsError("InvalidCommandId", "")
    for item in call.params.get("Filters", []):
        commands = [command for command in commands if _passes(command, item["key"], item["value"])]
    return commands


def _passes(command: Command, key: str, value: str) -> bool:
    if key == "Status":
        return overall(command) == value
    if key == "DocumentName":
        return command.document == value
    if key in {"InvokedAfter", "InvokedBefore"}:
        moment = datetime.fromisoformat(value)
        after = command.requested_at >= moment
        return after if key == "InvokedAfter" else not after
    raise AwsError("InvalidFilterKey", "")
