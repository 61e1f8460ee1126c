"""The address that the server called."""

from __future__ import annotations

from labkit import Address, Evidence, Hint, Source, Wrong, task

from .incident import Seen, called, seen


@task(
    points=2,
    needs=(Source.FLOWS,),
    order=30,
    hints=(
        Hint("The VPC flow logs show every conversation of the server's network interface.", 0.5),
        Hint(
            "In a line of the log the source comes first, then the destination. Port 80 is the web.",
            0.5,
        ),
    ),
)
def callout_address(answer: Address, evidence: Evidence) -> None:
    """Which address on the threat list did the server call?"""
    if answer in {traffic.record.destination for traffic in called(evidence)}:
        return
    kinds = seen(evidence, answer)
    if Seen.OWN_SERVER in kinds:
        raise Wrong("That is your own server. The other end of the conversation is asked for.")
    if Seen.LOGGED_IN in kinds:
        raise Wrong(
            "Wrong direction: from that address somebody came in on the port for logging in. Whom the "
            "server called is asked for."
        )
    if Seen.TIME_SERVER in kinds:
        raise Wrong("That address is in your flow logs, but it is a time server (port 123).")
    if Seen.CALLED in kinds:
        raise Wrong("Your server did talk to that address, but it is not on the threat list.")
    if Seen.CAME_IN in kinds:
        raise Wrong("Wrong direction: that address called your server, not the other way round.")
    if Seen.TURNED_AWAY in kinds:
        raise Wrong(
            "Wrong direction: that address knocked at your server and was turned away (REJECT)."
        )
    if answer in evidence.threat_addresses:
        raise Wrong("That address is on the threat list, but your server did not call it.")
    raise Wrong("That address is not in your flow logs at the time of the incident.")
