"""The timeline of an incident, for the debrief, from ``debrief.py`` next to a scenario's checks.

That module has a function ``timeline(evidence)``, which returns what happened as ``labkit.model.Proof``, in order of
time, with the lines of the seat's own logs that prove each answer.
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
TimelinePart = tuple[Source, str, Callable[[Evidence], Iterable[Proof]]]
"""A part of a timeline: its source, the task whose answer it proves, and the function that finds it."""


def timeline(folder: Path, evidence: Evidence) -> tuple[Proof, ...]:
    """The timeline of a seat's incident; raises ``GraderError`` if the scenario has none."""
    if not (folder / f"{MODULE}.py").exists():
        raise GraderError(
            f"The scenario has no {MODULE}.py beside its checks, so there's no timeline.",
            "Add one, as docs/writing-a-check.md describes.",
        )
    if not evidence.runs:
        return ()
    found: tuple[Proof, ...] = tuple(checks.load_module(folder, MODULE).timeline(evidence))
    return found


def build_timeline(evidence: Evidence, parts: Sequence[TimelinePart]) -> tuple[Proof, ...]:
    """Combine the parts in order of time. If the logs don't show a part, it becomes a proof without a line."""
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
    """Return the important fields of a CloudTrail record, as one line of JSON.

    ``parameters`` selects request parameters, because some calls have many; ``more`` adds fields.
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
