"""Which server's credentials were used from outside."""

from __future__ import annotations

from labkit import Evidence, Hint, InstanceId, Source, Wrong, task

from .incident import outside

SAMPLE = "i-99999999"
"""The server in all of GuardDuty's sample findings."""


@task(
    points=1,
    # Not the finding: GuardDuty stops reporting a location it has got used to, such as that of the last workshop
    # (its user guide, finding type InstanceCredentialExfiltration).
    needs=(Source.TRAIL,),
    unique=True,
    order=10,
    hints=(
        Hint("The alert was also sent as an email, and the GuardDuty console shows it.", 0.25),
        Hint(
            "The session of a server's role is named after the server. The finding shows it at the end of the "
            "principal ID.",
            0.25,
        ),
    ),
)
def instance(answer: InstanceId, evidence: Evidence) -> None:
    """According to the alert, which server's credentials were used from outside? Give its instance ID (i-…)."""
    if answer in {call.event.user for call in outside(evidence)}:
        return
    if answer == SAMPLE:
        raise Wrong("That server is from a GuardDuty sample finding. It doesn't exist.")
    if answer in {finding.instance_id for finding in evidence.findings}:
        raise Wrong(
            "GuardDuty has a finding about that server, but it's a different type than the alert."
        )
    if answer in {server.instance_id for server in evidence.instances}:
        raise Wrong("That's a server in your lab, but nobody used its credentials from outside.")
    raise Wrong("That isn't a server in your lab. Look at the caller that the alert names.")
