"""The address that the server called."""

from __future__ import annotations

from labkit import Address, Evidence, Hint, Source, task

from .incident import NOT_LOGGED, TIME_SERVER, AddressRole, called, reject_address

FEEDBACK = {
    AddressRole.OWN_SERVER: "That is your own server. The other end of the conversation is asked for.",
    AddressRole.LOGGED_IN: "Wrong direction: from that address somebody came in on the port for logging in. Whom "
    "the server called is asked for.",
    AddressRole.TIME_SERVER: TIME_SERVER,
    AddressRole.CALLED: "Your server did talk to that address, but it is not on the threat list.",
    AddressRole.CONNECTED: "Wrong direction: that address called your server, not the other way round.",
    AddressRole.REJECTED: "Wrong direction: that address knocked at your server and was turned away (REJECT).",
}
"""What to say about a wrong address, by its role; the first one that fits counts."""
LISTED_BUT_NOT_CALLED = "That address is on the threat list, but your server did not call it."


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
    on_list = answer in evidence.threat_addresses
    reject_address(answer, evidence, FEEDBACK, LISTED_BUT_NOT_CALLED if on_list else NOT_LOGGED)
