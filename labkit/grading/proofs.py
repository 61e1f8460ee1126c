"""What a scenario says about its incident after the exercise: ``debrief.py`` beside its checks.

It holds ``timeline(evidence)``, which gives what happened in order of time as ``labkit.model.Proof``, with the
lines of the seat's own logs that prove each answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from labkit.errors import GraderError
from labkit.grading import checks
from labkit.grading.outcomes import Pending
from labkit.model import ApiEvent, Evidence, Proof, Source

MODULE = "debrief"
Part = tuple[Source, str, Callable[[Evidence], Iterable[Proof]]]
"""A part of the story: where it is told, the task whose answer it proves, and what tells it."""


def timeline(folder: Path, evidence: Evidence) -> tuple[Proof, ...]:
    """The incident of a seat; raises ``GraderError`` where the scenario does not tell it."""
    if not (folder / f"{MODULE}.py").exists():
        raise GraderError(
            f"The scenario has no {MODULE}.py beside its checks, so its incident cannot be told.",
            "docs/writing-a-check.md says what it holds.",
        )
    if not evidence.runs:
        return ()
    found: tuple[Proof, ...] = tuple(checks.load_module(folder, MODULE).timeline(evidence))
    return found


def tell(evidence: Evidence, parts: Sequence[Part]) -> tuple[Proof, ...]:
    """The parts of a story in order of time; what the logs do not tell is said without a line."""
    found = [proof for part in parts for proof in _told(evidence, *part)]
    return tuple(sorted(found, key=lambda proof: proof.at))


def _told(
    evidence: Evidence, source: Source, task: str, part: Callable[[Evidence], Iterable[Proof]]
) -> Iterator[Proof]:
    try:
        yield from tuple(part(evidence))
    except (GraderError, Pending) as missing:
        yield Proof(evidence.collected_at, source, missing.message, "", task)


def record_line(event: ApiEvent, parameters: Collection[str], **more: object) -> str:
    """What of a CloudTrail record one looks at, as one line of JSON.

    Of the request's parameters these, since some calls have many; ``more`` are further parts of the record.
    """
    asked = event.record.get("requestParameters")
    if isinstance(asked, dict):
        asked = {key: asked[key] for key in parameters if key in asked}
    shown = {
        "eventTime": f"{event.time:%Y-%m-%dT%H:%M:%SZ}",
        "eventName": event.name,
        "userIdentity": (event.record.get("userIdentity") or {}).get("arn") or event.user,
        "sourceIPAddress": event.address,
        "requestParameters": asked,
        **more,
        "eventID": event.event_id,
    }
    return json.dumps(shown, ensure_ascii=False)
