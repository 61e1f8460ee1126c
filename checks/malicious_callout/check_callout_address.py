"""The address that the server called."""

from __future__ import annotations

from labkit import Address, Evidence, Hint, Source, task

from .incident import NOT_LOGGED, TIME_SERVER, AddressRole, called, reject_address

FEEDBACK = {
    AddressRole.OWN_SERVER: "That's your own server. We need the address at the other end.",
    AddressRole.LOGGED_IN: "Wrong direction: someone at that address logged in to your server. We need the "
    "address that the server called.",
    AddressRole.TIME_SERVER: TIME_SERVER,
    AddressRole.CALLED: "Your server did talk to that address, but it isn't on the threat list.",
    AddressRole.CONNECTED: "Wrong direction: that address called your server, not the other way around.",
    AddressRole.REJECTED: "Wrong direction: that address tried to connect to your server and was rejected (REJECT).",
}
"""The feedback on a wrong address, by its role. The first role that fits counts."""
LISTED_BUT_NOT_CALLED = "That address is on the threat list, but your server didn't call it."


@task(
    points=1.5,
    needs=(Source.FLOWS,),
    order=30,
    hints=(
        Hint(
            "Find a line that has the server's private address as its source and a port above 32767 next to it: there, the server opened the connection.",
            0.5,
        ),
        Hint(
            "The call went to port 80 and took only a few packets. Time servers use port 123.", 0.5
        ),
    ),
)
def callout_address(answer: Address, evidence: Evidence) -> None:
    """Which address on the threat list did the server call?"""
    if answer in {traffic.record.destination for traffic in called(evidence)}:
        return
    on_list = answer in evidence.threat_addresses
    reject_address(answer, evidence, FEEDBACK, LISTED_BUT_NOT_CALLED if on_list else NOT_LOGGED)
