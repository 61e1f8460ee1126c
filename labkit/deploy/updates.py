"""Update a stack in place, through a change set that mustn't touch what runs and what holds evidence.

CloudFormation replaces or restarts a server for some changes, such as another image or boot script. A replaced server
has lost its disk, and a replaced log group its events, so labkit reads what an update would do before it does it
(CloudFormation user guide, "Update CloudFormation stacks using change sets").
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from labkit.aws import Account, explain_errors
from labkit.clock import Clock, backoff
from labkit.deploy.expiry import EXPIRES_PARAMETER, format_time, parse_time
from labkit.deploy.stacks import Stack, first_cause
from labkit.errors import CloudError, UsageError
from labkit.names import TAG_EXPIRES, TAG_SEAT

_SERVER = "AWS::EC2::Instance"
_HOLDS_EVIDENCE = {"AWS::EC2::FlowLog", "AWS::Logs::LogGroup", "AWS::S3::Bucket"}
# What CloudFormation says if an update would change nothing ("aws cloudformation deploy" looks for the same words).
_NOTHING = ("didn't contain changes", "No updates are to be performed")
# Labs of earlier versions stopped trying to delete themselves a day after the expiry.
_ENDS_PARAMETER, _ENDS_AFTER = "ExpiryEnds", timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Update:
    """What to change in a stack. Parameters and tags that aren't named here stay as they are."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None
    """None to keep the stack's template."""


def renewal(stack: Stack, parameters: Mapping[str, str]) -> Update:
    """Return the update that changes a stack's time to live.

    ``parameters`` come from ``labkit.deploy.expiry``; those that the stack's template lacks are left out.
    """
    text = parameters[EXPIRES_PARAMETER]
    changed = dict(parameters)
    if expires := parse_time(text):
        changed[_ENDS_PARAMETER] = format_time(expires + _ENDS_AFTER)
    known = {key: value for key, value in changed.items() if key in stack.parameters}
    return Update(known, {TAG_EXPIRES: text})


def start(account: Account, stack: Stack, update: Update, clock: Clock) -> bool:
    """Start updating a complete stack; returns False if there is nothing to change.

    Raises ``UsageError`` for an update that would replace or restart a server, before anything has changed.
    """
    cloudformation = account.client("cloudformation")
    with explain_errors(f"planning the update of the stack {stack.name}"):
        change_set = cloudformation.create_change_set(
            StackName=stack.id,
            ChangeSetName=f"labkit-{uuid.uuid4()}",
            ChangeSetType="UPDATE",
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **_request(stack, update),
        )["Id"]
        planned = _planned(cloudformation, change_set, clock)
    if planned is None:
        return False
    lost = tuple(losses(planned))
    with explain_errors(f"updating the stack {stack.name}"):
        if lost:
            cloudformation.delete_change_set(ChangeSetName=change_set)
            raise _refusal(stack, lost)
        cloudformation.execute_change_set(ChangeSetName=change_set)
    return True


def check_updated(account: Account, stack: Stack | None) -> None:
    """Raise ``CloudError`` with the cause if CloudFormation rolled an update back."""
    if stack is None:
        raise CloudError("Someone deleted the stack meanwhile.", "Rerun the command.")
    if stack.status != "UPDATE_COMPLETE":
        raise CloudError(
            f"The stack {stack.name} wasn't updated: {first_cause(account, stack.id).rstrip('.')}.",
            "To recreate it, run 'labkit down', then 'labkit up'.",
        )


def losses(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what a change set would do to servers and evidence, in short phrases.

    Changed tags do no harm. Neither does removing a server, which happens only if ``workshop.toml`` asks for fewer.
    """
    for entry in changes:
        change = entry["ResourceChange"]
        kind, name = change["ResourceType"], change["LogicalResourceId"]
        if change["Action"] != "Modify":
            continue
        replaced = change.get("Replacement") in {"True", "Conditional"}
        if kind == _SERVER and (replaced or set(change.get("Scope", ())) - {"Tags"}):
            verb = "replace" if replaced else "restart"
            yield f"{verb} {name} (changed: {_changed(change)})"
        elif kind in _HOLDS_EVIDENCE and replaced:
            yield f"replace {name} (changed: {_changed(change)})"


def _changed(change: Mapping[str, Any]) -> str:
    names = {
        detail["Target"].get("Name") or detail["Target"]["Attribute"]
        for detail in change.get("Details", ())
    }
    return ", ".join(sorted(names)) or "unknown"


def _refusal(stack: Stack, lost: tuple[str, ...]) -> UsageError:
    seat = stack.tags.get(TAG_SEAT)
    return UsageError(
        f"Updating the stack {stack.name} would {'; '.join(lost)}. labkit leaves it as it is.",
        f"To recreate the lab, run 'labkit redo --seat {seat}'."
        if seat
        else "To recreate it, run 'labkit down', then 'labkit up'.",
    )


def _request(stack: Stack, update: Update) -> dict[str, Any]:
    unchanged = [
        {"ParameterKey": key, "UsePreviousValue": True}
        for key in stack.parameters
        if key not in update.parameters
    ]
    new = [{"ParameterKey": k, "ParameterValue": v} for k, v in update.parameters.items()]
    return {
        "Parameters": [*new, *unchanged],
        "Tags": [{"Key": k, "Value": v} for k, v in (stack.tags | dict(update.tags)).items()],
        **(
            {"UsePreviousTemplate": True}
            if update.template is None
            else {"TemplateBody": update.template}
        ),
    }


def _planned(cloudformation: Any, change_set: str, clock: Clock) -> list[dict[str, Any]] | None:
    """Wait until a change set is ready and return its changes; None if it has none."""
    pauses = backoff(first=0.1, longest=5.0, growth=1.4)
    while True:
        found = cloudformation.describe_change_set(ChangeSetName=change_set)
        if found["Status"] not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            break
        clock.sleep(next(pauses))
    if found["Status"] == "FAILED":
        reason = found.get("StatusReason", "")
        cloudformation.delete_change_set(ChangeSetName=change_set)
        if any(words in reason for words in _NOTHING):
            return None
        raise CloudError(
            f"CloudFormation can't update the stack {found['StackName']}: {reason}",
            "Fix the cause, then retry.",
        )
    changes: list[dict[str, Any]] = list(found["Changes"])
    while token := found.get("NextToken"):
        found = cloudformation.describe_change_set(ChangeSetName=change_set, NextToken=token)
        changes += found["Changes"]
    return changes
