"""What happened, according to the evidence: the calls made from outside with a server's credentials.

Nothing here knows an answer beforehand. Only the seat's own runs and servers count.

A server's own calls (by its agents and its boot script) and a thief's come from the same session, often with the
same access key. Only the address tells them apart, and no log says which public address a server had. So an
address is the server's own if it made calls that only an agent makes, or any call of the session before someone
got in. An address that a finding calls remote, or that let someone in, isn't the server's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from labkit import Evidence, GraderError, Pending, Source
from labkit.evidence.delivery import USUAL_DELAY
from labkit.evidence.trail import named_instances, role_of
from labkit.evidence.window import Window, run_window
from labkit.grading.command_log import NEVER_RAN, commands_in
from labkit.grading.programs import called_words, programs
from labkit.grading.types import read_address
from labkit.model import ApiEvent, CommandRecord, Finding, Instance, Run

ALERT = "/InstanceCredentialExfiltration."
"""Part of both finding types: if the operator's machine is in AWS, in another account, GuardDuty reports InsideAWS."""
READS = ("GetObject", "SelectObjectContent")
_WAYS_IN = ("SendSSHPublicKey", "SendCommand", "StartSession", "ResumeSession")
# Systems Manager accepts these only from a registered server; cfn-signal is for boot scripts (CloudFormation
# user guide, "CreationPolicy attribute").
_AGENTS_CALLS = {
    "ssm.amazonaws.com": {
        "ListInstanceAssociations", "PutComplianceItems", "PutInventory", "UpdateInstanceAssociationStatus",
        "UpdateInstanceInformation",
    },
    "cloudformation.amazonaws.com": {"SignalResource"},
}  # fmt: skip
# EC2 uses Client.UnauthorizedOperation, SNS can use AuthorizationError, and all others use a form of AccessDenied.
_DENIED = re.compile(r"AccessDenied|Unauthorized|AuthorizationError|NotAuthorized|Forbidden")
_CREDENTIALS = re.compile(r"/security-credentials/+[^\s/?#'\"]")
_ROLE_LIST = re.compile(r"/security-credentials/*$")
_TOKEN = "/api/token"  # noqa: S105 - a path of the metadata service
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """A call made with a server's credentials, by the server itself or from outside."""

    event: ApiEvent
    key: str | None
    address: str
    outside: bool


def runs(evidence: Evidence) -> list[tuple[Run, Window]]:
    """Each run with its time window."""
    return [(run, run_window(run, evidence.runs)) for run in evidence.runs]


def outside(evidence: Evidence) -> tuple[Call, ...]:
    """The calls from outside with a server's credentials, in any run of the seat.

    Raises ``Pending`` while it's normal that the trail has none yet, and ``GraderError`` later.
    """
    found = tuple(call for _, calls in by_run(evidence) for call in calls if call.outside)
    if not found:
        raise missing(evidence, "call from outside with a server's credentials")
    return found


def missing(evidence: Evidence, what: str) -> Pending | GraderError:
    """The exception to raise if the trail lacks something."""
    last = max((run.finished_at for run in evidence.runs), default=evidence.collected_at)
    if evidence.collected_at < last + USUAL_DELAY[Source.TRAIL]:
        return Pending("The trail hasn't delivered everything yet. Check again later.")
    return GraderError(f"The trail has no {what}", "check whether this lab's trail delivers")


def by_run(evidence: Evidence) -> list[tuple[Run, tuple[Call, ...]]]:
    """The calls with the servers' credentials in each run."""
    return [(run, tuple(_calls(evidence, run, window))) for run, window in runs(evidence)]


def _calls(evidence: Evidence, run: Run, window: Window) -> Iterator[Call]:
    for server in evidence.instances:
        own = _own_addresses(evidence, run, window, server)
        for event in _of_session(evidence, server):
            address = read_address(event.address or "")
            if address is not None and window.contains(event.time):
                inside = address in own or "vpcEndpointId" in event.record
                yield Call(event, key_of(event), address, not inside)


def _own_addresses(evidence: Evidence, run: Run, window: Window, server: Instance) -> set[str]:
    since = max((r.finished_at for r in evidence.runs if r.number < run.number), default=_EVER)
    ways = [event for event in ways_in(evidence) if server.instance_id in named_instances(event)]
    let_in = min((event.time for event in ways if event.time > since), default=run.started_at)
    made_from = {
        read_address(event.address or "")
        for event in _of_session(evidence, server)
        if since < event.time < let_in
        or (window.contains(event.time) and event.name in _AGENTS_CALLS.get(event.source, ()))
    }
    others = {finding.remote_address for finding in evidence.findings if is_alert(finding.type)}
    others |= {read_address(event.address or "") for event in ways}
    own = {server.private_address, server.public_address, *made_from} - others
    return {address for address in own if address}


def called_from(evidence: Evidence) -> set[str | None]:
    """The addresses of all calls with the servers' credentials at any time, and the servers' own."""
    known = {server.public_address for server in evidence.instances}
    for server in evidence.instances:
        known |= {read_address(event.address or "") for event in _of_session(evidence, server)}
    return known


def alerts(evidence: Evidence) -> list[Finding]:
    """The findings about credentials of the lab's servers in any of the runs."""
    own = {server.instance_id for server in evidence.instances}
    return [
        finding
        for finding in evidence.findings
        if finding.instance_id in own and is_alert(finding.type) and not finding.sample
        if any(
            window.overlaps(finding.first_seen, finding.last_seen) for _, window in runs(evidence)
        )
    ]


def is_alert(finding_type: str) -> bool:
    """Whether a finding reports that a server's credentials were used elsewhere."""
    return ALERT in finding_type


def ways_in(evidence: Evidence) -> Iterator[ApiEvent]:
    """The calls in the collected trail that let someone into a server of the lab."""
    own = {server.instance_id for server in evidence.instances}
    for event in evidence.trail:
        if event.name in _WAYS_IN and event.error_code is None and own & named_instances(event):
            yield event


def _of_session(evidence: Evidence, server: Instance) -> Iterator[ApiEvent]:
    """The calls by a server's own session: issued by the servers' role, and named after the server.

    People choose the names of their sessions, so the name alone proves nothing. Source: CloudTrail user guide,
    "CloudTrail userIdentity element"; records of role credentials of EC2.
    """
    for event in evidence.trail:
        if event.user == server.instance_id and _is_of_servers(event, evidence):
            yield event


def _is_of_servers(event: ApiEvent, evidence: Evidence) -> bool:
    """Whether the role of the lab's servers issued the caller's session."""
    issuer = role_of(event.record)
    if evidence.server_role:
        return issuer == evidence.server_role
    return issuer is not None and issuer.endswith(f"-{evidence.seat}-server")


def key_of(event: ApiEvent) -> str | None:
    """The access key that a call was signed with."""
    key = (event.record.get("userIdentity") or {}).get("accessKeyId")
    return str(key) if key else None


def object_of(event: ApiEvent) -> tuple[str, str] | None:
    """The bucket and key that an S3 call names.

    Source: S3 user guide, "CloudTrail log file entries for Amazon S3": ``bucketName`` and ``key``.
    """
    asked = event.record.get("requestParameters") or {}
    if event.source != "s3.amazonaws.com" or not asked.get("key"):
        return None
    return str(asked.get("bucketName", "")), str(asked["key"])


def denied(event: ApiEvent) -> bool:
    """Whether AWS refused a call because of a missing permission."""
    return event.error_code is not None and _DENIED.search(event.error_code) is not None


def is_data_event(event: ApiEvent) -> bool:
    """Whether the event history leaves out a call (CloudTrail user guide, "Logging data events")."""
    return event.record.get("eventCategory") == "Data"


def fetches(evidence: Evidence) -> tuple[CommandRecord, ...]:
    """The lines that fetched a role's credentials, in any run; raises ``GraderError`` if there are none."""
    found = [r for _, window in runs(evidence) for r in commands_in(evidence, window) if fetched(r)]
    if not found:
        raise GraderError(
            "The command log has no line that fetches credentials",
            "check whether this lab records commands",
        )
    # If one failed, someone may have typed it again.
    return tuple(r for r in found if r.exit_status == 0) or tuple(found)


def fetched(record: CommandRecord) -> bool:
    """Whether a line requested the credentials themselves from the metadata service or the AWS CLI."""
    return record.exit_status not in NEVER_RAN and any(
        any(map(_CREDENTIALS.search, called_words(program, part)))
        or (program == "aws" and "export-credentials" in part)
        for program, part in programs(record.command)
    )


def asked_for_the_role(command: str) -> bool:
    """Whether a line only asked which role the server has."""
    return any(
        any(map(_ROLE_LIST.search, called_words(program, part)))
        for program, part in programs(command)
    )


def asked_for_a_token(command: str) -> bool:
    """Whether a line only requested a token from the metadata service."""
    return _TOKEN in command and not _CREDENTIALS.search(command)
