"""The access key that was used from outside."""

from __future__ import annotations

from labkit import Evidence, Hint, Source, Wrong, task

from .incident import by_run, key_of, outside
from .values import AccessKeyId


@task(
    points=2,
    needs=(Source.TRAIL,),
    unique=True,
    order=30,
    hints=(
        Hint(
            "Credentials have a name, so to say: the id of their access key is in every record.",
            0.5,
        ),
        Hint(
            "In event history, look up the server's id as the user name, and compare where the calls came from.",
            0.5,
        ),
    ),
)
def access_key(answer: AccessKeyId, evidence: Evidence) -> None:
    """Which access key was used from outside? Give its id (it is no secret)."""
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
        raise Wrong("That key belongs to a server, but to none of your lab.")
    if users:
        raise Wrong(
            "That key is in the trail, but it belongs to a person or a process. The one that a server's role "
            "was given is asked for."
        )
    raise Wrong("Nobody used that key at the time of the incident, as far as the trail says.")
