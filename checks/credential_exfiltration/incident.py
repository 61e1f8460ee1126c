"""What happened, read from the evidence: the calls made from outside with a server's credentials.

Nothing here knows an answer beforehand. All of it is bounded by the runs and the servers of the seat.

A server's own calls (its agents, its boot script) and those of a thief are made by the same session, often with
the same access key; only the address tells them apart. No log says which public address a server had. So an
address is the server's own if calls came from it that only an agent makes, or any call of its session before
somebody had been let in. What a finding names as remote is not, nor is the address of whoever was let in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from labkit import Evidence, GraderError, Pending, Source
from labkit.evidence.delivery import USUAL_DELAY
from labkit.evidence.trail import named_instances
from labkit.evidence.window import Window, run_window
from labkit.grading.command_log import NEVER_RAN, SILENT_PROGRAMS, commands_in, programs
from labkit.grading.types import read_address
from labkit.model import ApiEvent, CommandRecord, Finding, Instance, Run

ALERT = "/InstanceCredentialExfiltration."
"""Both kinds: an operator who works on a machine in AWS is found as InsideAWS, in another account."""
READS = ("GetObject", "SelectObjectContent")
_WAYS_IN = ("SendSSHPublicKey", "SendCommand", "StartSession", "ResumeSession")
# Systems Manager takes these from a registered server only; cfn-signal is for boot scripts (CloudFormation
# user guide, "CreationPolicy attribute").
_AGENTS_CALLS = {
    "ssm.amazonaws.com": {
        "ListInstanceAssociations", "PutComplianceItems", "PutInventory", "UpdateInstanceAssociationStatus",
        "UpdateInstanceInformation",
    },
    "cloudformation.amazonaws.com": {"SignalResource"},
}  # fmt: skip
# EC2 says Client.UnauthorizedOperation, SNS may say AuthorizationError, all others a kind of AccessDenied.
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
    """Each run with its stretch of time."""
    return [(run, run_window(run, evidence.runs)) for run in evidence.runs]


def outside(evidence: Evidence) -> tuple[Call, ...]:
    """The calls from outside with a server's credentials, in any run of the seat.

    Raises ``Pending`` while it is normal that the trail has none, else ``GraderError``.
    """
    found = tuple(call for _, calls in by_run(evidence) for call in calls if call.outside)
    if not found:
        raise missing(evidence, "call from outside with a server's credentials")
    return found


def missing(evidence: Evidence, what: str) -> Pending | GraderError:
    """What to raise where the trail lacks something."""
    last = max((run.finished_at for run in evidence.runs), default=evidence.collected_at)
    if evidence.collected_at < last + USUAL_DELAY[Source.TRAIL]:
        return Pending("The trail hasn't delivered everything yet. Check again later.")
    return GraderError(f"The trail has no {what}", "check whether this lab's trail delivers")


def by_run(evidence: Evidence) -> list[tuple[Run, tuple[Call, ...]]]:
    """The calls with the servers' credentials, for each run."""
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
    """The addresses from which anybody called with the servers' credentials, at whatever time, and the servers' own."""
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
    """Whether a finding is about a server's credentials used elsewhere."""
    return ALERT in finding_type


def ways_in(evidence: Evidence) -> Iterator[ApiEvent]:
    """The calls that let somebody into a server of the lab, as far as the trail has been collected."""
    own = {server.instance_id for server in evidence.instances}
    for event in evidence.trail:
        if event.name in _WAYS_IN and event.error_code is None and own & named_instances(event):
            yield event


def _of_session(evidence: Evidence, server: Instance) -> Iterator[ApiEvent]:
    """The calls of a server's role: the session is named after the server.

    Source: CloudTrail user guide, "CloudTrail userIdentity element"; records of role credentials of EC2.
    """
    for event in evidence.trail:
        identity = event.record.get("userIdentity") or {}
        if event.user == server.instance_id and identity.get("type") == "AssumedRole":
            yield event


def key_of(event: ApiEvent) -> str | None:
    """The access key that a call was signed with."""
    key = (event.record.get("userIdentity") or {}).get("accessKeyId")
    return str(key) if key else None


def object_of(event: ApiEvent) -> tuple[str, str] | None:
    """Bucket and key that a call to S3 names.

    Source: S3 user guide, "CloudTrail log file entries for Amazon S3": ``bucketName`` and ``key``.
    """
    asked = event.record.get("requestParameters") or {}
    if event.source != "s3.amazonaws.com" or not asked.get("key"):
        return None
    return str(asked.get("bucketName", "")), str(asked["key"])


def denied(event: ApiEvent) -> bool:
    """Whether a call was refused for want of a permission."""
    return event.error_code is not None and _DENIED.search(event.error_code) is not None


def is_data_event(event: ApiEvent) -> bool:
    """Whether a call is left out of event history (CloudTrail user guide, "Logging data events")."""
    return event.record.get("eventCategory") == "Data"


def fetches(evidence: Evidence) -> tuple[CommandRecord, ...]:
    """The lines that fetched a role's credentials, in any run; raises ``GraderError`` if there are none."""
    found = [r for _, window in runs(evidence) for r in commands_in(evidence, window) if fetched(r)]
    if not found:
        raise GraderError(
            "The command log has no line that fetches credentials",
            "check whether this lab records commands",
        )
    # One that failed was perhaps typed again.
    return tuple(r for r in found if r.exit_status == 0) or tuple(found)


def fetched(record: CommandRecord) -> bool:
    """Whether a line asked the metadata service, or the AWS CLI, for the credentials themselves."""
    return record.exit_status not in NEVER_RAN and any(
        _CREDENTIALS.search(argument) or (program == "aws" and argument == "export-credentials")
        for program, argument in _arguments(record.command)
    )


def asked_for_the_role(command: str) -> bool:
    """Whether a line only asked which role the server has."""
    return any(_ROLE_LIST.search(argument) for _, argument in _arguments(command))


def asked_for_a_token(command: str) -> bool:
    """Whether a line only asked the metadata service for a token."""
    return _TOKEN in command and not _CREDENTIALS.search(command)


def _arguments(command: str) -> Iterator[tuple[str, str]]:
    for program, arguments in programs(command):
        if program not in SILENT_PROGRAMS:
            yield from ((program, argument) for argument in arguments)
