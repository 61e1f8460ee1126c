"""What was read with the server's credentials."""

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
            "Reading an object is a data event: event history has none, the files of the trail do. Athena "
            "queries them.",
            0.75,
        ),
        Hint(
            "Look for GetObject with the access key that was used from outside; the key of the object is in "
            "requestparameters.",
            0.75,
        ),
    ),
)
def object_read(answer: ObjectKey, evidence: Evidence) -> None:
    """Which object was read from outside, with the server's credentials?

    Query the trail with Athena. Give the object's key, with or without its bucket.
    """
    calls = [call.event for call in outside(evidence) if call.event.name in READS]
    read = [event for event in calls if event.error_code is None]
    if not read:
        raise missing(evidence, "object that was read from outside")
    if any(means(answer, event) for event in read):
        return
    if any(answer.is_text(named[0]) for event in evidence.trail if (named := object_of(event))):
        raise Wrong("That is a bucket. Which of its objects was read is asked for.")
    if any(answer.ends(named[1]) for event in read if (named := object_of(event))):
        raise Wrong(
            "That is only the end of the key. Give all of it, with what stands before the slash.",
            points=POINTS / 2,
        )
    if any(means(answer, event) for event in calls if denied(event)):
        raise Wrong("Somebody outside tried to read that, but was refused: look at errorcode.")
    others = [event for event in evidence.trail if means(answer, event, end=True)]
    if any(event.name in READS for event in others):
        raise Wrong(
            "That object was read, but by somebody else, or by the server itself: compare where the call came "
            "from."
        )
    if others:
        raise Wrong("There is a call about that object, but it did not read it: look at eventname.")
    raise Wrong("Nobody read an object of that key at the time of the incident.")


def means(answer: ObjectKey, event: ApiEvent, *, end: bool = False) -> bool:
    """Whether an answer names the object of a call, perhaps by the end of its key only."""
    named = object_of(event)
    if named is None:
        return False
    bucket, key = named
    return answer.is_key(key, bucket) or (end and answer.ends(key))
