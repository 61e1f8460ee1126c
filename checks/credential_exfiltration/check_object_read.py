"""Which object was read with the server's credentials."""

from __future__ import annotations

from labkit import Evidence, Hint, Source, Wrong, task
from labkit.model import ApiEvent

from .incident import READS, denied, missing, object_of, outside
from .values import ObjectKey

POINTS = 3


@task(
    points=POINTS,
    needs=(Source.TRAIL,),
    unique=True,
    order=60,
    hints=(
        Hint(
            "Several objects were written, and some were read by the server itself. Filter by GetObject first.",
            0.75,
        ),
        Hint(
            "Of the reads, only one was made with the key that was used from outside. The object's key is in requestparameters.",
            0.75,
        ),
    ),
)
def object_read(answer: ObjectKey, evidence: Evidence) -> None:
    """Which object was read from outside with the server's credentials?

    Query the trail with Athena. Give the object's key, with or without its bucket.
    """
    calls = [call.event for call in outside(evidence) if call.event.name in READS]
    read = [event for event in calls if event.error_code is None]
    if not read:
        raise missing(evidence, "read of an object from outside")
    if any(means(answer, event) for event in read):
        return
    if any(answer.is_text(named[0]) for event in evidence.trail if (named := object_of(event))):
        raise Wrong("That's a bucket. We need the object that was read.")
    if any(answer.ends(named[1]) for event in read if (named := object_of(event))):
        raise Wrong(
            "That's only the end of the key. Give the whole key, including what's before the slash.",
            points=POINTS / 2,
        )
    if any(means(answer, event) for event in calls if denied(event)):
        raise Wrong("Someone outside tried to read that, but AWS refused. Look at errorcode.")
    others = [event for event in evidence.trail if means(answer, event, end=True)]
    if any(event.name in READS for event in others):
        raise Wrong(
            "That object was read, but by someone else or by the server itself. Compare the source addresses."
        )
    if others:
        raise Wrong("There's a call about that object, but it didn't read it. Look at eventname.")
    raise Wrong("Nobody read an object with that key at the time of the incident.")


def means(answer: ObjectKey, event: ApiEvent, *, end: bool = False) -> bool:
    """Whether an answer names the object of a call, or with ``end`` only the end of its key."""
    named = object_of(event)
    if named is None:
        return False
    bucket, key = named
    return answer.is_key(key, bucket) or (end and answer.ends(key))
