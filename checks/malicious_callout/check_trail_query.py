"""Who opened the way into the server, out of the trail's files."""

from __future__ import annotations

from labkit import Address, Evidence, GraderError, Hint, Session, Source, Wrong, task
from labkit.evidence.window import span
from labkit.model import ApiEvent

POINTS = 3
# How somebody gets to a prompt: a key for SSH, or a command by Systems Manager.
WAY_IN = {"ssh": "SendSSHPublicKey", "ssm": "SendCommand"}


@task(
    points=POINTS,
    needs=(Source.TRAIL,),
    unique=True,
    order=60,
    hints=(
        Hint(
            "Calls to EC2 Instance Connect and to Systems Manager are in the trail as well.", 0.75
        ),
        Hint(
            "Look for the instance's id in requestparameters; the session is in useridentity.", 0.75
        ),
    ),
)
def trail_query(answer: tuple[Session, Address], evidence: Evidence) -> None:
    """Which session sent the key (or the command) to the server, and from which address?

    Query the trail with Athena. Give the session's name and the address.
    """
    session, address = answer
    sent = ways_in(evidence)
    if any(session.same_as(event.user or "") and address == event.address for event in sent):
        return
    if any(session.same_as(event.user or "") for event in sent):
        raise Wrong("The session is right, the address is not.", points=POINTS / 2)
    if any(address == event.address for event in sent):
        raise Wrong("The address is right, the session is not.", points=POINTS / 2)
    tried = [event for event in evidence.trail if event.name in WAY_IN.values()]
    if any(session.same_as(event.user or "") and event.error_code for event in tried):
        raise Wrong("That session tried, but was refused: look at errorcode.")
    if any(session.same_as(event.user or "") for event in evidence.trail):
        raise Wrong("That session is in the trail, but it sent neither key nor command.")
    raise Wrong("That session is not in the trail at the time of the incident.")


def ways_in(evidence: Evidence) -> list[ApiEvent]:
    """The calls that opened a way into a server of the lab, in any run."""
    own = {server.instance_id for server in evidence.instances}
    found = [
        event
        for run in evidence.runs
        for event in evidence.trail
        if event.name == WAY_IN[run.via] and event.error_code is None
        if span(run, evidence.runs).holds(event.time) and own & targets(event)
    ]
    if not found:
        raise GraderError(
            "The trail shows nobody who opened a way into a server",
            "look at whether the trail delivers in this lab",
        )
    return found


def targets(event: ApiEvent) -> set[str]:
    """The servers that a call names."""
    asked = event.record.get("requestParameters") or {}
    return {asked.get("instanceId"), *(asked.get("instanceIds") or ())} - {None}
