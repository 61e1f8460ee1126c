"""Whose credentials were used from outside."""

from __future__ import annotations

from labkit import Evidence, Hint, InstanceId, Source, Wrong, task

from .incident import outside

SAMPLE = "i-99999999"
"""The server in all of GuardDuty's sample findings."""


@task(
    points=1,
    # Not the finding: GuardDuty stops telling of a place that it has got used to (its user guide, finding type
    # InstanceCredentialExfiltration), such as that of the last workshop.
    needs=(Source.TRAIL,),
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
    """Whose credentials were used from outside, as the alert says? Give the server's instance id (i-…)."""
    if answer in {call.event.user for call in outside(evidence)}:
        return
    if answer == SAMPLE:
        raise Wrong("That server is in one of GuardDuty's sample findings: it does not exist.")
    if answer in {finding.instance_id for finding in evidence.findings}:
        raise Wrong(
            "GuardDuty has a finding about that server, but of another type than the alert's."
        )
    if answer in {server.instance_id for server in evidence.instances}:
        raise Wrong("That is a server of your lab, but nobody used its credentials from outside.")
    raise Wrong("That is no server of your lab. Look at whom the alert names as the caller.")
