"""Which access key was used from outside."""

from __future__ import annotations

from labkit import Evidence, Hint, Source, Wrong, task

from .incident import by_run, key_of, outside
from .values import AccessKeyId


@task(
    points=2.5,
    needs=(Source.TRAIL,),
    unique=True,
    order=30,
    hints=(
        Hint("Someone who doesn't know whose key they have calls GetCallerIdentity first.", 0.5),
        Hint(
            "The agent of the server always calls from one address. Find a call from another address, and take its key.",
            0.5,
        ),
    ),
)
def access_key(answer: AccessKeyId, evidence: Evidence) -> None:
    """Which access key was used from outside? Give its ID (it isn't a secret)."""
    if answer in {call.key for call in outside(evidence)}:
        return
    if answer in {call.key for _, calls in by_run(evidence) for call in calls}:
        raise Wrong(
            "That key belongs to one of your servers, but only the server itself used it at that time."
        )
    users = [event.user for event in evidence.trail if key_of(event) == answer]
    if any(user in {server.instance_id for server in evidence.instances} for user in users):
        raise Wrong("That key belongs to one of your servers, but it was used at another time.")
    if any((user or "").startswith("i-") for user in users):
        raise Wrong("That key belongs to a server, but not to one in your lab.")
    if users:
        raise Wrong(
            "That key is in the trail, but it belongs to a person or a process. We need the key of a server's "
            "role."
        )
    raise Wrong("According to the trail, nobody used that key at the time of the incident.")
