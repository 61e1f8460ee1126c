"""Which server the alert names."""

from __future__ import annotations

from labkit import Evidence, Hint, InstanceId, Pending, Source, Wrong, task
from labkit.evidence.window import spans

ALERT = "MaliciousIPCaller.Custom"
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
        Hint("The finding's title begins with the id of the server it is about.", 0.25),
    ),
)
def instance(answer: InstanceId, evidence: Evidence) -> None:
    """Which server does the alert name? Give its instance id (i-…)."""
    named = alerted(evidence)
    if not named:
        raise Pending("The alert has not been raised yet. Check again later.")
    if answer in named:
        return
    if answer == SAMPLE:
        raise Wrong("That server is in one of GuardDuty's sample findings: it does not exist.")
    if answer in {finding.instance_id for finding in evidence.findings}:
        raise Wrong(
            "GuardDuty has a finding about that server, but of another type than the alert's."
        )
    if answer in {server.instance_id for server in evidence.instances}:
        raise Wrong("That is a server of your lab, but not the one that the alert names.")
    raise Wrong("That is no server of your lab. The alert names its instance id.")


def alerted(evidence: Evidence) -> set[str]:
    """The servers of the lab that the alert names in any of the runs."""
    own = {server.instance_id for server in evidence.instances}
    windows = spans(evidence.runs)
    return {
        finding.instance_id
        for finding in evidence.findings
        if finding.instance_id in own and finding.type.endswith(ALERT) and not finding.sample
        if any(window.touches(finding.first_seen, finding.last_seen) for window in windows)
    }
