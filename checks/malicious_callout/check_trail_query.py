"""Who sent the key or the command to the server, according to the trail."""

from __future__ import annotations

from labkit import Address, Evidence, GraderError, Hint, Session, Source, Wrong, task
from labkit.model import ApiEvent

from .incident import WAY_IN, ways_in

POINTS = 4


@task(
    points=POINTS,
    needs=(Source.TRAIL,),
    unique=True,
    order=60,
    hints=(
        Hint(
            "Before anyone logs in to a server, a key is sent to it, or a command. Look for an event with a name like that.",
            1.0,
        ),
        Hint(
            "It's SendSSHPublicKey or SendCommand, without an errorcode, and with your server in requestparameters.",
            1.0,
        ),
    ),
)
def trail_query(answer: tuple[Session, Address], evidence: Evidence) -> None:
    """Which session sent the key (or the command) to the server, and from which address?

    Query the trail with Athena. Give the session name and the address.
    """
    session, address = answer
    sent = senders(evidence)
    if any(session.made(event) and address == event.address for event in sent):
        return
    by_session = any(session.made(event) for event in sent)
    if by_session and any(address == event.address for event in sent):
        raise Wrong(
            "The session is right, and so is the address, but they belong to two different incidents.",
            points=POINTS / 2,
        )
    if by_session:
        raise Wrong("The session is right, but the address isn't.", points=POINTS / 2)
    if any(address == event.address for event in sent):
        # Worth nothing: it's the answer to another task, and often an address that the whole room shares.
        raise Wrong("The address is right, but the session isn't.")
    tried = [event for event in evidence.trail if event.name in WAY_IN.values()]
    if any(session.made(event) and event.error_code for event in tried):
        raise Wrong("That session tried, but AWS refused the call. Look at errorcode.")
    if any(session.made(event) for event in evidence.trail):
        raise Wrong("That session is in the trail, but it sent neither a key nor a command.")
    raise Wrong("That session isn't in the trail at the time of the incident.")


def senders(evidence: Evidence) -> tuple[ApiEvent, ...]:
    """The calls that let someone into a server that called out; raises ``GraderError`` if there are none."""
    found = ways_in(evidence)
    if not found:
        raise GraderError(
            "The trail doesn't show who got into a server",
            "check whether this lab's trail delivers",
        )
    return found
