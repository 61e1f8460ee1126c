"""Targets of rules.

Source: EventBridge API reference, "PutTargets", "RemoveTargets", "ListTargetsByRule".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .store import check_bus, find_rule, page, validation
from .transform import at_path

if TYPE_CHECKING:
    from ..gateway.call import Call

MAX_TARGETS = 5
_ARN = re.compile(r"arn:aws[\w-]*:(?P<service>[\w-]+):[\w-]*:(\d{12})?:.+")
_ID = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
_EMULATED = {"sns"}


@operation("events", "PutTargets")
def put_targets(call: Call) -> dict[str, Any]:
    """Add or replace a rule's targets; target types that aren't emulated are rejected by name."""
    check_bus(call, call.params.get("EventBusName"))
    rule = find_rule(call, call.params["Rule"])
    targets = call.params["Targets"]
    for target in targets:
        _check(target)
    after = rule.targets | {target["Id"]: target for target in targets}
    if len(after) > MAX_TARGETS:
        message = "The requested resource exceeds the maximum number allowed."
        raise AwsError("LimitExceededException", message)
    rule.targets = after
    return {"FailedEntryCount": 0, "FailedEntries": []}


def _check(target: dict[str, Any]) -> None:
    if _ID.fullmatch(target["Id"]) is None:
        raise validation(f"Parameter {target['Id']} is not valid. Reason: Invalid target id.")
    arn = _ARN.fullmatch(target["Arn"])
    if arn is None:
        message = f"Parameter {target['Arn']} is not valid. Reason: Provided Arn is not in correct format."  # fmt: skip
        raise validation(message)
    if arn["service"] not in _EMULATED:
        message = f"pocketaws emulates SNS topics as targets, but not {arn['service']}."
        raise AwsError("NotImplemented", message, 501)
    if len({"Input", "InputPath", "InputTransformer"} & set(target)) > 1:
        message = "Only one of Input, InputPath, or InputTransformer must be provided for target"
        raise validation(f"{message} {target['Id']}.")
    paths = dict(target.get("InputTransformer", {}).get("InputPathsMap", {}))
    if "InputPath" in target:
        paths["InputPath"] = target["InputPath"]
    try:
        if "Input" in target:
            json.loads(target["Input"])
        for path in paths.values():
            at_path({}, path)
    except ValueError as error:
        message = f"Invalid JSON or JSON path for target {target['Id']}: {error}."
        raise validation(message) from error
    if any(name.startswith(("AWS", "aws.")) for name in paths):
        raise validation(f"Invalid InputTransformer for target {target['Id']}: reserved name.")


@operation("events", "RemoveTargets")
def remove_targets(call: Call) -> dict[str, Any]:
    """Remove targets from a rule; unknown IDs are reported as failed."""
    check_bus(call, call.params.get("EventBusName"))
    rule = find_rule(call, call.params["Rule"])
    failed = [
        {
            "TargetId": target_id,
            "ErrorCode": "ResourceNotFoundException",
            "ErrorMessage": f"Rule {rule.name} does not have a target with the Id {target_id}.",
        }
        for target_id in call.params["Ids"]
        if rule.targets.pop(target_id, None) is None
    ]
    return {"FailedEntryCount": len(failed), "FailedEntries": failed}


@operation("events", "ListTargetsByRule")
def list_targets_by_rule(call: Call) -> dict[str, Any]:
    check_bus(call, call.params.get("EventBusName"))
    rule = find_rule(call, call.params["Rule"])
    return page("Targets", list(rule.targets.values()), call.params)
