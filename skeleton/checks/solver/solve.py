"""Solves the exercise with nothing but the attendee role's credentials."""

from __future__ import annotations

from labkit.aws import Account
from labkit.model import Lab
from labkit.workflow.investigation import Answers, Investigation


def solve(attendee: Account, lab: Lab) -> Answers:
    """The right answers, by task."""
    search = Investigation(attendee, lab)
    command = search.commands("touch /tmp/")[0]
    servers = [server.instance_id for server in lab.instances]
    sent = next(
        event
        for event in search.events("EventName", "SendSSHPublicKey")
        if event["requestParameters"]["instanceId"] in servers
    )
    return {
        "left_file": [command.removeprefix("touch ")],
        "visitor": [sent["userIdentity"]["arn"].rpartition("/")[2]],
    }


def guess(_attendee: Account, _lab: Lab) -> Answers:
    """Answers that look right to someone who stopped looking too early, by task."""
    return {
        "left_file": ["/tmp"],  # noqa: S108 - an answer
        "visitor": ["incident-response"],
    }
