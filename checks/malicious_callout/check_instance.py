"""Which server the alert names."""

from __future__ import annotations

from labkit import Evidence, Hint, InstanceId, Pending, Source, task
from labkit.evidence.window import run_windows
from labkit.grading.feedback import reject_instance

ALERT = "MaliciousIPCaller.Custom"


@task(
    points=0.5,  # of two servers, a guess is right half of the time
    needs=(Source.FINDINGS,),
    unique=True,
    order=10,
    hints=(
        Hint(
            "The finding has two sides: the resource affected is your server, and the actor is the machine that it called.",
            0.1,
        ),
        Hint(
            "You have several servers, but only one of them has a finding since the workshop began.",
            0.1,
        ),
    ),
)
def instance(answer: InstanceId, evidence: Evidence) -> None:
    """Which server does the alert name? Give its instance ID (i-…)."""
    named = alerted(evidence)
    if not named:
        raise Pending("GuardDuty hasn't raised the alert yet. Check again later.")
    if answer in named:
        return
    reject_instance(
        answer,
        evidence,
        of_lab="That's a server in your lab, but not the one the alert names.",
        otherwise="That isn't a server in your lab. Look for the instance ID in the alert.",
    )


def alerted(evidence: Evidence) -> set[str]:
    """The servers of the lab that the alert names in any of the runs."""
    own = {server.instance_id for server in evidence.instances}
    windows = run_windows(evidence.runs)
    return {
        finding.instance_id
        for finding in evidence.findings
        if finding.instance_id in own and finding.type.endswith(ALERT) and not finding.sample
        if any(window.overlaps(finding.first_seen, finding.last_seen) for window in windows)
    }
