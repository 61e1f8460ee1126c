"""Solves the exercise with nothing but the attendee role's credentials; not part of what is installed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

from labkit.aws import Account, explain_errors
from labkit.model import Lab

Answers = dict[str, list[str]]
Found = TypeVar("Found")

_TRIES = 40
_PAUSE_SECONDS = 0.25


def solve(attendee: Account, lab: Lab) -> Answers:
    """The right answers, by task."""
    path = _patiently(lambda: _file(attendee, lab))
    sent = _patiently(lambda: _key_sent(attendee, lab))
    return {
        "left_file": [path],
        "visitor": [sent["userIdentity"]["arn"].rpartition("/")[2]],
    }


def miss(_attendee: Account, _lab: Lab) -> Answers:
    """Answers that look right to somebody who stopped looking too early, by task."""
    return {
        "left_file": ["/tmp"],  # noqa: S108 - an answer
        "visitor": ["incident-response"],
    }


def _file(attendee: Account, lab: Lab) -> str | None:
    """The path in a line of a server's command log."""
    for server in lab.instances:
        with explain_errors("searching the command log"):
            events = attendee.client("logs").filter_log_events(
                logGroupName=f"{server.instance_id}-commands-log", filterPattern="touch"
            )["events"]
        for event in events:
            if match := re.search(r"touch (/tmp/\S+) \[0\]$", event["message"]):
                return match[1]
    return None


def _key_sent(attendee: Account, lab: Lab) -> dict[str, Any] | None:
    """The record in event history of a key that was sent to one of the servers."""
    attribute = {"AttributeKey": "EventName", "AttributeValue": "SendSSHPublicKey"}
    with explain_errors("looking up events"):
        events = attendee.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    for event in events:
        if any(server.instance_id in event["CloudTrailEvent"] for server in lab.instances):
            record: dict[str, Any] = json.loads(event["CloudTrailEvent"])
            return record
    return None


def _patiently(look: Callable[[], Found | None]) -> Found:
    for _ in range(_TRIES):
        if (found := look()) is not None:
            return found
        time.sleep(_PAUSE_SECONDS)
    raise TimeoutError("the logs do not show it: has the incident been made to happen?")
