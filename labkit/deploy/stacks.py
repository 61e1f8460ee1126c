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
from labkit.errors import CloudError, UsageError
from labkit.names import TAG_EXPIRES, TAG_SEAT, TAG_WORKSHOP
from labkit.planning.executor import Pending

# From this many stacks on, waiting lists them all instead of looking each one up.
_LIST_FROM = 2


class AlreadyThereError(CloudError):
    """A stack with this name exists already: someone else was faster."""


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


def every(account: Account) -> tuple[Stack, ...]:
    """Return every existing stack of the account, in any state."""
    pages = account.client("cloudformation").get_paginator("describe_stacks").paginate()
    with explain_errors("looking for stacks"):
        found = [_stack(entry) for page in pages for entry in page["Stacks"]]
    return tuple(stack for stack in found if stack.status != "DELETE_COMPLETE")


def of_workshops(account: Account) -> tuple[Stack, ...]:
    """Return every existing stack of any workshop, in any state."""
    return tuple(stack for stack in every(account) if TAG_WORKSHOP in stack.tags)


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


def start_create(
    account: Account,
    name: str,
    template: str,
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
) -> str:
    """Start creating a stack and return its ID. Raises ``AlreadyThereError`` if someone else was faster."""
    with explain_errors(f"creating the stack {name}"):
        try:
            answer = account.client("cloudformation").create_stack(
                StackName=name,
                TemplateBody=template,
                Parameters=_entries(parameters),
                Tags=[{"Key": k, "Value": v} for k, v in tags.items()],
                Capabilities=["CAPABILITY_NAMED_IAM"],
                OnFailure="ROLLBACK",
                ClientRequestToken=str(uuid.uuid4()),
            )
        except ClientError as error:
            if error_code(error) == "AlreadyExistsException":
                raise AlreadyThereError(
                    f"Someone else creates the stack {name} at the same time.", "Rerun the command."
                ) from error
            raise
    return str(answer["StackId"])


def _entries(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]


def template(account: Account, stack_id: str) -> str:
    """Return the template that a stack was created or last updated with."""
    with explain_errors(f"reading the template of {stack_id}"):
        answer = account.client("cloudformation").get_template(
            StackName=stack_id, TemplateStage="Original"
        )
    return str(answer["TemplateBody"])


def delete(account: Account, stack_id: str) -> None:
    """Start deleting a stack."""
    with explain_errors(f"deleting the stack {stack_id}"):
        account.client("cloudformation").delete_stack(StackName=stack_id)


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
