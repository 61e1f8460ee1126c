"""Solves the exercise with nothing but the attendee role's credentials, as the handout teaches it."""

from __future__ import annotations

import json
from typing import Any

from labkit.aws import Account
from labkit.model import Lab
from labkit.workflow.investigation import Answers, Investigation

Record = dict[str, Any]

_FINDING = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def solve(attendee: Account, lab: Lab) -> Answers:
    """The right answers, by task."""
    search = Investigation(attendee, lab)
    server = _alerted_server(search)
    _, outside = _calls(search, server)
    return {
        "instance": [server],
        "command": [search.commands("/security-credentials/labkit-", server)[0]],
        "access_key": [outside[0]["userIdentity"]["accessKeyId"]],
        "outside_address": [outside[0]["sourceIPAddress"]],
        "denied_calls": [record["eventName"] for record in outside if "errorCode" in record],
        "object_read": [_objects(search, "GetObject")[0]],
    }


def guess(attendee: Account, lab: Lab) -> Answers:
    """Answers that look right to someone who stopped looking too early, by task."""
    search = Investigation(attendee, lab)
    server = _alerted_server(search)
    own_address, outside = _calls(search, server)
    other = next(s.instance_id for s in lab.instances if s.instance_id != server)
    by_agent = search.events("Username", other)[0]
    read = set(_objects(search, "GetObject"))
    return {
        "instance": [other],
        "command": [search.commands("/api/token", server)[0]],
        "access_key": [by_agent["userIdentity"]["accessKeyId"]],
        "outside_address": [own_address],
        "denied_calls": [record["eventName"] for record in outside],  # whether refused or not
        "object_read": [next(key for key in _objects(search, "PutObject") if key not in read)],
    }


def _alerted_server(search: Investigation) -> str:
    """The lab's server in a finding's session name; the account may also have findings of other labs."""

    def look() -> str | None:
        for finding in search.findings(_FINDING):
            principal = finding["Resource"].get("AccessKeyDetails", {}).get("PrincipalId", "")
            for server in search.lab.instances:
                if principal.endswith(f":{server.instance_id}"):
                    return server.instance_id
        return None

    return search.retry("finding for a server of this lab", look)


def _calls(search: Investigation, server: str) -> tuple[str, list[Record]]:
    """The server's own address, and the calls of its session from other addresses."""
    calls = search.events("Username", server)
    own_address = next(
        c["sourceIPAddress"] for c in calls if c["eventName"] == "UpdateInstanceInformation"
    )
    return own_address, [c for c in calls if c["sourceIPAddress"] != own_address]


def _objects(search: Investigation, call: str) -> list[str]:
    """The keys of the objects that the saved query finds for this call."""
    question = search.saved_query("objects in the bucket")
    rows = search.query(question, lambda row: row["eventname"] == call)
    return [json.loads(row["requestparameters"])["key"] for row in rows]
