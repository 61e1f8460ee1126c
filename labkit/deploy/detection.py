"""Find out whether an incident in a lab would be detected and recorded: detector, list, trail, flow log, agents, emails.

A gap that closes by itself is worth waiting for. Any other gap needs someone to do something first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labkit.aws import Account, ClientError, MissingError, error_code, explain_errors
from labkit.deploy.lab import DeployedLab
from labkit.errors import CloudError

LIST_DIFFERS = "GuardDuty's threat list differs from workshop.toml; to update it, run 'labkit up'"
_PENDING_SUBSCRIPTION = "PendingConfirmation"


@dataclass(frozen=True, slots=True)
class Gap:
    """Why an incident wouldn't be detected, or wouldn't be in the logs."""

    what: str
    to_do: str = ""
    """What to do about it; empty if it closes by itself."""
    only_late: bool = False
    """Whether the logs only arrive late, so that there's no need to wait before an incident."""


def find_gaps(account: Account, deployed: DeployedLab) -> list[Gap]:
    """Return everything that isn't working, or not yet, in a complete lab."""
    return [
        *_detector_gaps(account, deployed),
        *_list_gaps(account, deployed),
        *_trail_gaps(account, deployed),
        *_flow_log_gaps(account, deployed),
        *_agent_gaps(account, deployed),
    ]


def require_detection(account: Account, deployed: DeployedLab) -> list[str]:
    """Return what to wait for before an incident; empty if it would be detected now.

    Raises ``CloudError`` if waiting won't help.
    """
    gaps = [gap for gap in find_gaps(account, deployed) if not gap.only_late]
    for gap in gaps:
        if gap.to_do:
            raise CloudError(
                f"An incident wouldn't be both detected and recorded: {gap.what}.", gap.to_do
            )
    return [gap.what for gap in gaps]


def email_warnings(account: Account, deployed: DeployedLab) -> list[str]:
    """Return why the alert wouldn't reach the seat's email address, if it has one.

    A request to confirm expires after two days (SNS developer guide, "Confirm an Amazon SNS subscription").
    """
    with explain_errors("reading the alert's subscriptions"):
        pages = account.client("sns").get_paginator("list_subscriptions_by_topic")
        found = [
            subscription
            for page in pages.paginate(TopicArn=deployed.lab.topic_arn)
            for subscription in page["Subscriptions"]
            if subscription["Protocol"] == "email"
        ]
    if not found:
        return ["the alert's email subscription has ended"] if deployed.alert_email else []
    if any(subscription["SubscriptionArn"] == _PENDING_SUBSCRIPTION for subscription in found):
        return ["the alert's email address isn't confirmed yet"]
    return []


def _detector_gaps(account: Account, deployed: DeployedLab) -> Iterator[Gap]:
    """Whether GuardDuty looks at all (GuardDuty API reference, "GetDetector": ``status`` is ENABLED or DISABLED)."""
    try:
        with explain_errors("reading the state of GuardDuty's detector"):
            found = account.client("guardduty").get_detector(DetectorId=deployed.lab.detector_id)
    except MissingError:
        yield Gap(
            "GuardDuty's detector no longer exists", "Run 'labkit down', then 'labkit up' again."
        )
        return
    if found["Status"] != "ENABLED":
        yield Gap(
            "GuardDuty is suspended",
            "Resume it in the GuardDuty console (Settings), or ask the account's owner to.",
        )


def _list_gaps(account: Account, deployed: DeployedLab) -> Iterator[Gap]:
    """Whether the threat list is in use (GuardDuty user guide, "Understanding list statuses")."""
    if deployed.lab.threat_list_id is None:
        return
    try:
        with explain_errors("reading the threat list's state"):
            found = account.client("guardduty").get_threat_intel_set(
                DetectorId=deployed.lab.detector_id, ThreatIntelSetId=deployed.lab.threat_list_id
            )
    except MissingError:
        yield Gap("the threat list no longer exists", "Run 'labkit down', then 'labkit up' again.")
        return
    status = str(found["Status"])
    if status == "ERROR":
        yield Gap(
            "GuardDuty can't read the threat list",
            "Look at the list in the GuardDuty console. To recreate it, run 'labkit down', then 'labkit up'.",
        )
    elif deployed.list_differs:
        yield Gap(LIST_DIFFERS, "Run 'labkit up' to update the list.")
    elif status == "ACTIVATING":
        yield Gap("the threat list is ACTIVATING")
    elif status != "ACTIVE":
        yield Gap(f"the threat list is {status}", "Activate the list in the GuardDuty console.")


def _trail_gaps(account: Account, deployed: DeployedLab) -> Iterator[Gap]:
    try:
        with explain_errors("reading the trail's state"):
            found = account.client("cloudtrail").get_trail_status(Name=deployed.lab.trail_name)
    except MissingError:
        yield Gap("the trail no longer exists", "Run 'labkit down', then 'labkit up' again.")
        return
    if not found.get("IsLogging"):
        yield Gap(
            "the trail isn't logging",
            f"Run: aws cloudtrail start-logging --name {deployed.lab.trail_name}",
        )
    if "LatestDeliveryTime" not in found:
        yield Gap("the trail hasn't delivered anything yet", only_late=True)
    for key, where in (
        ("LatestDeliveryError", "to its bucket"), ("LatestCloudWatchLogsDeliveryError", "to its log group"),
    ):  # fmt: skip
        if found.get(key):
            yield Gap(
                f"the trail can't deliver {where}: {found[key]}",
                "Look at the trail and its bucket in the CloudTrail console.",
            )


def _flow_log_gaps(account: Account, deployed: DeployedLab) -> Iterator[Gap]:
    with explain_errors("reading the flow log's state"):
        found = account.client("ec2").describe_flow_logs(
            Filters=[{"Name": "log-group-name", "Values": [deployed.lab.flow_log_group]}]
        )["FlowLogs"]
    if not found:
        yield Gap("the flow log doesn't exist", "Run 'labkit down', then 'labkit up' again.")
    for log in found:
        if log.get("DeliverLogsStatus") == "FAILED":
            reason = log.get("DeliverLogsErrorMessage", "no reason given")
            yield Gap(
                f"the flow log can't deliver: {reason}", "Look at the flow log in the VPC console."
            )


def _agent_gaps(account: Account, deployed: DeployedLab) -> Iterator[Gap]:
    silent = [
        server.instance_id
        for server in deployed.lab.instances
        if not _has_events(account, f"{server.instance_id}-commands-log")
    ]
    if silent:
        yield Gap(f"no log lines yet from {', '.join(silent)}")


def _has_events(account: Account, group: str) -> bool:
    """Whether a log group has events. A page can be empty although a later one isn't (CloudWatch Logs API reference)."""
    pages = account.client("logs").get_paginator("filter_log_events")
    with explain_errors("looking for the servers' first log lines"):
        try:
            return any(page["events"] for page in pages.paginate(logGroupName=group))
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise
