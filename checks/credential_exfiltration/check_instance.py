"""Which server's credentials were used from outside."""

from __future__ import annotations

from labkit import Evidence, Hint, InstanceId, Source, task
from labkit.grading.feedback import reject_instance

from .incident import outside


@task(
    points=0.5,  # of two servers, a guess is right half of the time
    # Not the finding: GuardDuty stops reporting a location that it has become used to, such as that of the last workshop
    # (its user guide, finding type InstanceCredentialExfiltration).
    needs=(Source.TRAIL,),
    unique=True,
    order=10,
    hints=(
        Hint(
            "The finding's principal ID has two parts. The one after the colon is the session.", 0.1
        ),
        Hint(
            "You have several servers. The calls of the others all came from one address each.", 0.1
        ),
    ),
)
def instance(answer: InstanceId, evidence: Evidence) -> None:
    """According to the alert, which server's credentials were used from outside? Give its instance ID (i-…)."""
    if answer in {call.event.user for call in outside(evidence)}:
        return
    reject_instance(
        answer,
        evidence,
        of_lab="That's a server in your lab, but nobody used its credentials from outside.",
        otherwise="That isn't a server in your lab. Look at the caller that the alert names.",
    )
