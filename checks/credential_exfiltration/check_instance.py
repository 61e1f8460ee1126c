"""Whose credentials were used from outside."""

from __future__ import annotations

from labkit import Evidence, Hint, InstanceId, Pending, Source, Wrong, task
from labkit.evidence.window import spans
from labkit.model import Finding

from .incident import is_alert

SAMPLE = "i-99999999"
"""The server in all of GuardDuty's sample findings."""


@task(
    points=1,
    needs=(Source.FINDINGS,),
    unique=True,
    order=10,
    hints=(
        Hint(
            "An e-mail was sent when the alert was raised. GuardDuty's console shows it, too.", 0.25
        ),
        Hint(
            "The session of a server's role bears the server's id: the finding has it at the end of the "
            "principal's id.",
            0.25,
        ),
    ),
)
def instance(answer: InstanceId, evidence: Evidence) -> None:
    """Whose credentials does the alert say were used from outside? Give the server's instance id (i-…)."""
    named = {finding.instance_id for finding in alerts(evidence)}
    if answer in named:
        return
    if answer == SAMPLE:
        raise Wrong("That server is in one of GuardDuty's sample findings: it does not exist.")
    if answer in {finding.instance_id for finding in evidence.findings}:
        raise Wrong(
            "GuardDuty has a finding about that server, but of another type than the alert's."
        )
    if answer in {server.instance_id for server in evidence.instances}:
        raise Wrong("That is a server of your lab, but the alert is not about its credentials.")
    raise Wrong("That is no server of your lab. Look at whom the alert names as the caller.")


def alerts(evidence: Evidence) -> list[Finding]:
    """The findings about credentials of the lab's servers in any of the runs; raises ``Pending``."""
    own = {server.instance_id for server in evidence.instances}
    windows = spans(evidence.runs)
    found = [
        finding
        for finding in evidence.findings
        if finding.instance_id in own and is_alert(finding.type) and not finding.sample
        if any(window.touches(finding.first_seen, finding.last_seen) for window in windows)
    ]
    if not found:
        raise Pending("The alert has not been raised yet. Check again later.")
    return found
