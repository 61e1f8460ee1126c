"""Who got in."""

from __future__ import annotations

from labkit import Evidence, Hint, Source, Text, Wrong, task

from .incident import KEY_SENT, let_in


@task(
    points=2,
    needs=(Source.TRAIL,),
    unique=True,
    order=20,
    hints=(Hint("To log in with EC2 Instance Connect, you send a key first.", 0.5),),
)
def visitor(answer: Text, evidence: Evidence) -> None:
    """Which session sent the key to the server? Give its name."""
    if any(answer.same_as(event.user or "") for event in let_in(evidence)):
        return
    seen = [event for event in evidence.trail if answer.same_as(event.user or "")]
    if any(event.name == KEY_SENT and event.error_code for event in seen):
        raise Wrong("That session tried, but AWS refused the call.")
    if seen:
        raise Wrong("That session is in the trail, but it didn't let anybody in.")
    raise Wrong("That session isn't in the trail at the time of the incident.")
