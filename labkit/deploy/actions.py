"""Carry out the actions of ``up`` in one account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from labkit.aws import Account, explain_errors
from labkit.clock import Clock
from labkit.deploy import changes, stacks, updates
from labkit.deploy.detector import detector_id
from labkit.deploy.expiry import (
    DETECTOR_GRACE,
    EXPIRES_PARAMETER,
    expiry_parameters,
    format_time,
)
from labkit.deploy.observation import Observation, Templates
from labkit.deploy.placement import Placement, latest_image
from labkit.deploy.planner import Deployment
from labkit.deploy.stacks import Stack
from labkit.error_causes import NEXT_STEPS, Cause, cause_of_reason
from labkit.errors import CloudError
from labkit.model import Action, Seat, Workshop
from labkit.names import (
    TAG_EXPIRES,
    TAG_SEAT,
    TAG_WORKSHOP,
    detector_stack_name,
    evidence_stack,
    expiry_stack,
    threat_list_stack,
)
from labkit.planning.executor import Pending, Starter

# CloudFormation's reasons contain these if a zone can't take a server (EC2 API reference, "Error codes").
_NO_ROOM = (
    "InsufficientInstanceCapacity",
    "do not have sufficient",
    "is not supported in your requested",
)


class NoCapacityError(CloudError):
    """A zone has no room for a server. Another zone might."""


class DeployActions:
    """How to carry out one deployment. Values that only exist once an earlier action is done are looked up then."""

    def __init__(
        self,
        account: Account,
        workshop: Workshop,
        templates: Templates,
        seats: Sequence[Seat],
        deployment: Deployment,
        seen: Observation,
        placements: Mapping[str, Placement],
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._account = account
        self._workshop = workshop
        self._templates = templates
        self._seats = {seat.id: seat for seat in seats}
        self._deployment = deployment
        self._seen = seen
        self._placements = placements
        self._lock = threading.Lock()
        self._evidence: Stack | None = None
        self._image: str | None = None

    def starters(self) -> dict[tuple[str, str], Starter]:
        """Return how to start each action of ``up``, by verb and kind."""
        verbs: dict[tuple[str, str], Callable[[Action], Pending | None]] = {
            ("create", "stack"): self._create,
            ("update", "stack"): self._update,
            ("extend", "stack"): self._extend,
            ("wait", "stack"): self._wait,
            ("upload", "object"): self._upload,
        }
        return {key: Starter(partial(_first, start)) for key, start in verbs.items()}

    def _create(self, action: Action) -> Pending:
        role, parameters = self._role_and_parameters(action)
        tags = {TAG_WORKSHOP: self._workshop.name, TAG_EXPIRES: parameters[EXPIRES_PARAMETER]}
        if action.seat is not None:
            tags[TAG_SEAT] = action.seat
        template = self._templates[role]
        stack_id = stacks.start_create(self._account, action.id, template, parameters, tags)
        return Pending(action, stack_id, self._check_complete)

    def _role_and_parameters(self, action: Action) -> tuple[str, dict[str, str]]:
        """Return the role of a new stack's template, and the stack's parameters."""
        expires, now = self._deployment.expires, self._seen.now
        workshop = self._workshop
        if action.seat is not None:
            return "lab", self._lab_parameters(self._seats[action.seat])
        if action.id == expiry_stack(workshop):
            return "expiry", {EXPIRES_PARAMETER: format_time(expires)}
        if action.id == detector_stack_name(workshop.name):
            return "detector", {EXPIRES_PARAMETER: format_time(expires + DETECTOR_GRACE)}
        if action.id == evidence_stack(workshop):
            found = {"DetectorId": detector_id(self._account)}
            return "evidence", {**expiry_parameters(expires, now), **found}
        if action.id == threat_list_stack(workshop):
            evidence = self._complete_evidence()
            return "threat_list", {
                EXPIRES_PARAMETER: format_time(expires),
                "DetectorId": evidence.outputs["DetectorId"],
                changes.LIST_PARAMETER: changes.list_location(workshop, evidence),
            }
        raise AssertionError(f"no template for {action.id}")

    def _lab_parameters(self, seat: Seat) -> dict[str, str]:
        evidence = self._complete_evidence()
        return {
            "Seat": seat.id,
            **expiry_parameters(self._deployment.expires, self._seen.now),
            "TrustedPrincipals": self._account.principal_arn(),
            **changes.lab_parameters(self._workshop, seat),
            "TrailBucket": evidence.outputs["TrailBucket"],
            "DetectorId": evidence.outputs["DetectorId"],
            changes.IMAGE_PARAMETER: self._newest_image(),
            **self._placements[seat.id].parameters,
        }

    def _update(self, action: Action) -> Pending | None:
        stack = self._seen.stacks[action.id]
        if action.seat is None:
            location = changes.list_location(self._workshop, self._complete_evidence())
            role, changed = "threat_list", {changes.LIST_PARAMETER: location}
        else:
            seat = self._seats[action.seat]
            role, changed = "lab", changes.lab_updates(stack, self._workshop, seat)[0]
        update = updates.Update(changed, template=self._templates[role])
        return self._start_update(action, stack, update)

    def _extend(self, action: Action) -> Pending | None:
        stack = self._seen.stacks[action.id]
        expires = self._deployment.extensions[action.id]
        parameters = expiry_parameters(expires, self._seen.now)
        return self._start_update(action, stack, updates.renewal(stack, parameters))

    def _start_update(self, action: Action, stack: Stack, update: updates.Update) -> Pending | None:
        started = updates.start(self._account, stack, update, self._clock)
        check = partial(updates.check_updated, self._account)
        return Pending(action, stack.id, check) if started else None

    def _wait(self, action: Action) -> Pending:
        return Pending(action, action.target or action.id, self._check_complete)

    def _upload(self, action: Action) -> None:
        bucket = self._complete_evidence().outputs["TrailBucket"]
        with explain_errors("uploading the threat list"):
            self._account.client("s3").put_object(
                Bucket=bucket,
                Key=action.id,
                Body=changes.list_text(self._workshop).encode(),
                ContentType="text/plain",
            )

    def _complete_evidence(self) -> Stack:
        with self._lock:
            if self._evidence is None:
                name = evidence_stack(self._workshop)
                self._evidence = stacks.find(self._account, name, self._workshop.name)
            if self._evidence is None or not self._evidence.complete:
                raise CloudError("The evidence stack isn't complete.", "Rerun 'labkit up'.")
            return self._evidence

    def _newest_image(self) -> str:
        with self._lock:
            if self._image is None:
                self._image = latest_image(self._account)
            return self._image

    def _check_complete(self, stack: Any) -> None:
        """Raise ``CloudError`` with the first cause if a stack isn't complete."""
        if stack is None:
            raise CloudError("Someone deleted the stack meanwhile.", "Rerun 'labkit up'.")
        if stack.complete:
            return
        cause = stacks.first_cause(self._account, stack.id)
        message = f"The stack {stack.name} is {stack.status}: {cause}"
        if any(phrase in cause for phrase in _NO_ROOM):
            raise NoCapacityError(
                message, "Rerun 'labkit up' later, or choose another Region in workshop.toml."
            )
        why = cause_of_reason(cause)
        hint = (
            "Fix the cause, then rerun 'labkit up'. To remove what's there, run 'labkit down'."
            if why is Cause.OTHER
            else NEXT_STEPS[why]
        )
        raise CloudError(message, hint)


def _first(start: Callable[[Action], Pending | None], actions: Sequence[Action]) -> Pending | None:
    return start(actions[0])
