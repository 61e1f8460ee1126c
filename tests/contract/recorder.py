"""Records the calls that change something, as boto3 sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labkit.aws import Account
from labkit.model import Action, Plan

READING = ("Describe", "List", "Get", "BatchGet", "Lookup", "Filter", "Head", "Validate")
SERVICES = (
    "athena", "cloudformation", "cloudtrail", "ec2", "events", "glue", "guardduty", "iam", "logs", "s3", "scheduler",
    "sns", "ssm",
)  # fmt: skip
# What carries out each action, by verb and kind.
OPERATIONS = {
    ("block", "bucket"): {"PutBucketPolicy"},
    ("create", "stack"): {"CreateStack"},
    ("delete", "log group"): {"DeleteLogGroup"},
    ("delete", "parameter"): {"DeleteParameters"},
    ("delete", "security group"): {"DeleteSecurityGroup"},
    ("delete", "stack"): {"DeleteStack"},
    # A bucket that's empty already takes only a look.
    ("empty", "bucket"): {"ListObjectVersions", "DeleteObjects", "AbortMultipartUpload"},
    ("stop", "trail"): {"StopLogging"},
    ("extend", "stack"): {"CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet"},
    ("update", "stack"): {"CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet"},
    ("upload", "object"): {"PutObject"},
}


@dataclass
class Recorder:
    """The calls in one account, by round. A round begins when its plan is shown."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    """Operation and parameters of each call since the last round began."""
    rounds: list[tuple[Plan, list[tuple[str, str]]]] = field(default_factory=list)

    def watch(self, account: Account) -> Recorder:
        for service in SERVICES:
            account.client(service).meta.events.register("before-parameter-build", self._note)
        return self

    def show(self, _number: int, plan: Plan) -> None:
        self.calls = []
        self.rounds.append((plan, self.calls))

    def _note(self, params: Any, model: Any, **_: Any) -> None:
        if not model.name.startswith(READING) or model.name == "ListObjectVersions":
            self.calls.append((model.name, str(params)))


def unplanned(plan: Plan, calls: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The calls that no action of a plan explains."""
    return [call for call in calls if not any(explains(action, call) for action in plan.actions)]


def undone(plan: Plan, calls: list[tuple[str, str]]) -> list[Action]:
    """The actions of a plan that no call carried out; waiting takes none."""
    return [
        action
        for action in plan.actions
        if action.verb != "wait" and not any(explains(action, call) for call in calls)
    ]


def explains(action: Action, call: tuple[str, str]) -> bool:
    operation, parameters = call
    if operation not in OPERATIONS[action.verb, action.kind]:
        return False
    if operation in {"ExecuteChangeSet", "DeleteChangeSet"}:
        return True  # a change set's ARN doesn't name its stack
    return (action.target or action.id) in parameters
