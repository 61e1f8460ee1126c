"""CloudFormation stacks: find, create, wait, delete, explain failures.

A stack belongs to a workshop if it has the workshop's exact tags; a matching name isn't enough.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.aws import Account, ClientError, error_code, error_message, explain_errors
from labkit.clock import Clock, backoff
from labkit.deploy.expiry import EXPIRES_PARAMETER
from labkit.error_causes import NEXT_STEPS, Cause, cause_of_reason
from labkit.errors import CloudError, UsageError
from labkit.names import TAG_EXPIRES, TAG_SEAT, TAG_WORKSHOP
from labkit.planning.executor import Pending

# From this many stacks on, waiting lists them all instead of looking each one up.
_LIST_FROM = 2
# A stack in one of these states can only be deleted and created again.
_MUST_RECREATE = {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS", "DELETE_FAILED", "ROLLBACK_FAILED"}


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as CloudFormation describes it."""

    name: str
    id: str
    status: str
    reason: str
    outputs: dict[str, str]
    parameters: dict[str, str]
    tags: dict[str, str]

    @property
    def expires(self) -> str | None:
        """When the stack deletes itself, ISO 8601.

        The schedule follows the parameter. A tag might be older, so it counts only without a parameter.
        """
        return self.parameters.get(EXPIRES_PARAMETER) or self.tags.get(TAG_EXPIRES)

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on it; a stack in review waits for someone to execute a change set."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def complete(self) -> bool:
        return self.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


def of_workshops(account: Account) -> tuple[Stack, ...]:
    """Return every existing stack of any workshop, in any state."""
    pages = account.client("cloudformation").get_paginator("describe_stacks").paginate()
    with explain_errors("looking for stacks"):
        found = [_stack(entry) for page in pages for entry in page["Stacks"]]
    return tuple(
        stack for stack in found if TAG_WORKSHOP in stack.tags and stack.status != "DELETE_COMPLETE"
    )


def seat_of(stack: Stack, workshop: str) -> str | None:
    """Return the seat of a stack of this workshop; None for other stacks."""
    return stack.tags.get(TAG_SEAT) if stack.tags.get(TAG_WORKSHOP) == workshop else None


def deleted_of_workshops(account: Account) -> Iterator[Stack]:
    """Yield deleted stacks of any workshop, newest first; CloudFormation knows them for 90 days."""
    pages = account.client("cloudformation").get_paginator("list_stacks")
    for page in pages.paginate(StackStatusFilter=["DELETE_COMPLETE"]):
        for summary in page["StackSummaries"]:
            if summary["StackName"].startswith("labkit-"):
                stack = _describe(account, summary["StackId"])
                if stack is not None and TAG_WORKSHOP in stack.tags:
                    yield stack


def members(account: Account, stack_id: str) -> frozenset[str]:
    """Return the physical IDs of a stack's resources, or of those that it had when it was deleted."""
    pages = account.client("cloudformation").get_paginator("list_stack_resources")
    with explain_errors(f"listing the resources of the stack {stack_id}"):
        try:
            return frozenset(
                resource["PhysicalResourceId"]
                for page in pages.paginate(StackName=stack_id)
                for resource in page["StackResourceSummaries"]
                if resource.get("PhysicalResourceId")
            )
        except ClientError as error:
            if _no_such_stack(error):
                return frozenset()
            raise


def settle(
    account: Account, pending: Sequence[Pending], clock: Clock
) -> Iterator[tuple[Pending, Stack | None]]:
    """Wait until nothing is in progress in the stacks, and yield each as soon as that's so; None if it's gone.

    One list answers for all of an account's stacks. A list may be older than a stack, so a missing one is looked up.
    """
    waiting = {each.stack_id: each for each in pending}
    pauses = backoff(first=0.1, longest=5.0, growth=1.4)
    while waiting:
        listed = {s.id: s for s in of_workshops(account)} if len(waiting) > _LIST_FROM else {}
        for stack_id in tuple(waiting):
            stack = listed.get(stack_id)
            if stack is None:
                with explain_errors(f"waiting for the stack {stack_id}"):
                    stack = _describe(account, stack_id)
            if stack is None or not stack.in_progress:
                gone = stack is None or stack.status == "DELETE_COMPLETE"
                yield waiting.pop(stack_id), None if gone else stack
        if waiting:
            clock.sleep(next(pauses))


def find(account: Account, name: str, workshop: str, seat: str | None = None) -> Stack | None:
    """Find the workshop's stack with this name or ID; return None if there is none.

    Raises ``UsageError`` if a stack with this name belongs to something else.
    """
    with explain_errors(f"looking for the stack {name}"):
        stack = _describe(account, name)
    if stack is None or stack.status == "DELETE_COMPLETE":
        return None
    if (stack.tags.get(TAG_WORKSHOP), stack.tags.get(TAG_SEAT)) != (workshop, seat):
        raise UsageError(
            f"The stack {name} exists, but its tags say that it belongs to something else.",
            "Choose another name for the workshop, or remove that stack yourself.",
        )
    return stack


def create(
    account: Account,
    name: str,
    template: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    existing: Stack | None,
    clock: Clock,
) -> str:
    """Start creating a stack and return its ID; keep an existing stack, complete or not.

    If an earlier failure left a stack that can't be completed, delete it first.
    """
    if existing is not None and existing.status in _MUST_RECREATE:
        delete(account, existing.id)
        wait_deleted(account, existing.id, clock)
    elif existing is not None:
        return existing.id
    with explain_errors(f"creating the stack {name}"):
        answer = account.client("cloudformation").create_stack(
            StackName=name,
            TemplateBody=template,
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Tags=[{"Key": k, "Value": v} for k, v in tags.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            OnFailure="ROLLBACK",
            ClientRequestToken=str(uuid.uuid4()),
        )
    return str(answer["StackId"])


def template(account: Account, stack_id: str) -> str:
    """Return the template that a stack was created or last updated with."""
    with explain_errors(f"reading the template of {stack_id}"):
        answer = account.client("cloudformation").get_template(
            StackName=stack_id, TemplateStage="Original"
        )
    return str(answer["TemplateBody"])


def wait_complete(account: Account, stack_id: str, clock: Clock) -> Stack:
    """Wait until a stack is complete; raises ``CloudError`` with the first cause if it fails."""
    stack = _wait_until_settled(account, stack_id, clock)
    if stack is None:
        raise CloudError(f"The stack {stack_id} is gone.", "Rerun 'labkit up'.")
    if not stack.complete:
        reason = first_cause(account, stack_id)
        cause = cause_of_reason(reason)
        hint = (
            "Fix the cause, then rerun 'labkit up'. To remove what's there, run 'labkit down'."
            if cause is Cause.OTHER
            else NEXT_STEPS[cause]
        )
        raise CloudError(f"The stack {stack.name} is {stack.status}: {reason}", hint)
    return stack


def delete(account: Account, stack_id: str) -> None:
    """Start deleting a stack."""
    with explain_errors(f"deleting the stack {stack_id}"):
        account.client("cloudformation").delete_stack(StackName=stack_id)


def wait_deleted(account: Account, stack_id: str, clock: Clock) -> None:
    """Wait until a stack is deleted; raises ``CloudError`` with the cause if that fails."""
    stack = _wait_until_settled(account, stack_id, clock)
    if stack is not None and stack.status != "DELETE_COMPLETE":
        raise CloudError(
            f"The stack {stack.name} is {stack.status}: {first_cause(account, stack_id)}",
            "Remove what the message names, then rerun 'labkit down'.",
        )


def _wait_until_settled(account: Account, stack_id: str, clock: Clock) -> Stack | None:
    """Wait until nothing is in progress in a stack; return None if it doesn't exist."""
    pauses = backoff(first=0.1, longest=5.0, growth=1.4)
    while True:
        with explain_errors(f"waiting for the stack {stack_id}"):
            stack = _describe(account, stack_id)
        if stack is None or not stack.in_progress:
            return stack
        clock.sleep(next(pauses))


def buckets(account: Account, stack_id: str) -> tuple[str, ...]:
    """Return the names of the buckets that a stack still has."""
    with explain_errors("looking for the stack's buckets"):
        found = account.client("cloudformation").describe_stack_resources(StackName=stack_id)
    return tuple(
        resource["PhysicalResourceId"]
        for resource in found["StackResources"]
        if resource["ResourceType"] == "AWS::S3::Bucket"
        and resource["ResourceStatus"] not in {"DELETE_COMPLETE", "CREATE_FAILED"}
    )


def first_cause(account: Account, stack_id: str) -> str:
    """Return the first failure of the latest attempt: ``Resource (type): reason``."""
    cause = "CloudFormation doesn't say why"
    pages = account.client("cloudformation").get_paginator("describe_stack_events")
    with explain_errors("reading the stack's events"):
        for page in pages.paginate(StackName=stack_id):
            for event in page["StackEvents"]:  # newest first
                if event["ResourceStatus"].endswith("_FAILED") and not _is_consequence(event):
                    kind, reason = event["ResourceType"], event.get("ResourceStatusReason", "")
                    cause = f"{event['LogicalResourceId']} ({kind}): {reason}"
                if event["PhysicalResourceId"] == stack_id and event["ResourceStatus"] in {
                    "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS",
                }:  # fmt: skip
                    return cause
    return cause


def _is_consequence(event: Mapping[str, Any]) -> bool:
    """Whether a failure is only the consequence of another one."""
    reason = event.get("ResourceStatusReason", "")
    return "cancelled" in reason or event["ResourceType"] == "AWS::CloudFormation::Stack"


def _describe(account: Account, name: str) -> Stack | None:
    try:
        answer = account.client("cloudformation").describe_stacks(StackName=name)
    except ClientError as error:
        if _no_such_stack(error):
            return None
        raise
    return _stack(answer["Stacks"][0])


def _no_such_stack(error: ClientError) -> bool:
    return error_code(error) == "ValidationError" and "does not exist" in error_message(error)


def _stack(found: Mapping[str, Any]) -> Stack:
    return Stack(
        name=found["StackName"],
        id=found["StackId"],
        status=found["StackStatus"],
        reason=found.get("StackStatusReason", ""),
        outputs={o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])},
        parameters={
            p["ParameterKey"]: p.get("ParameterValue", "") for p in found.get("Parameters", [])
        },
        tags={t["Key"]: t["Value"] for t in found.get("Tags", [])},
    )
