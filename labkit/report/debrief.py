"""The debrief of a seat: the incident by its own logs, and what the attendee did, side by side.

For the instructor, after the exercise: it tells the truth that everything else keeps back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from labkit.evidence.activity import spoken
from labkit.model import EvidenceBundle, Proof, Question, SeatGrade, Source, Verdict
from labkit.report.as_html import SIGN, environment, when
from labkit.report.as_markdown import escaped
from labkit.report.figures import plain
from labkit.report.sums import max_score, points, score, stamp

SPOKEN = {
    Source.COMMANDS: "command log",
    Source.FLOWS: "VPC flow log",
    Source.FINDINGS: "GuardDuty",
    Source.HISTORY: "event history",
    Source.TRAIL: "trail",
}


@dataclass(frozen=True, slots=True)
class Debrief:
    """All that is told of one seat."""

    workshop: str
    title: str
    seat: SeatGrade
    bundle: EvidenceBundle
    questions: tuple[Question, ...]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A row of the time line: something of the incident, or something that the attendee did."""

    at: datetime
    proof: Proof | None = None
    act: tuple[str, str] | None = None


def moments(told: Debrief) -> list[Moment]:
    """The incident and the attendee's acts in one order of time."""
    acts = told.bundle.activity or ()
    found = [Moment(proof.at, proof=proof) for proof in told.proofs if proof.line]
    found += [
        Moment(act.at, act=(kind, detail))
        for act, (_, kind, detail) in zip(acts, spoken(acts), strict=True)
    ]
    return sorted(found, key=lambda moment: moment.at)


def proofs_of(told: Debrief, task: str) -> list[Proof]:
    return [proof for proof in told.proofs if proof.task == task]


def given(told: Debrief, task: str) -> str:
    """What the attendee answered last, as typed."""
    typed = next((a.values for a in told.bundle.answers if a.task == task), ())
    return ", ".join("".join(c if c.isprintable() else "\ufffd" for c in v) for v in typed)


def verdict_of(told: Debrief, task: str) -> Verdict | None:
    return next((v for v in told.seat.verdicts if v.task == task), None)


def as_html(told: Debrief) -> str:
    """The debrief as a page that needs nothing from elsewhere."""
    return (
        environment()
        .get_template("debrief.html.j2")
        .render(
            head=_head(told),
            seat=told.seat.seat,
            tasks=list(_tasks(told)),
            days=[
                (day, [_row(moment) for moment in of_day])
                for day, of_day in groupby(
                    moments(told), key=lambda moment: f"{moment.at:%d %B %Y}"
                )
            ],
            asked=told.bundle.activity is not None,
        )
    )


def _head(told: Debrief) -> dict[str, str]:
    return {
        "workshop": told.workshop,
        "title": told.title,
        "account": told.seat.account,
        "score": f"{points(score(told.seat))} of {points(max_score(told.seat))} points",
        "collected": stamp(told.bundle.evidence.collected_at),
    }


def _tasks(told: Debrief) -> Iterator[dict[str, Any]]:
    for question in told.questions:
        verdict = verdict_of(told, question.task)
        if verdict is None:
            continue
        yield {
            "name": plain(question.task),
            "question": question.text,
            "answer": given(told, question.task),
            "outcome": verdict.outcome.value,
            "sign": SIGN[verdict.outcome],
            "message": verdict.message,
            "points": f"{points(verdict.points)} of {points(verdict.max_points)} points",
            "attempts": verdict.attempts,
            "hints_used": verdict.hints_used,
            "when": when(verdict),
            "proofs": [_proof(proof) for proof in proofs_of(told, question.task)],
        }


def _proof(proof: Proof) -> dict[str, str]:
    return {
        "at": f"{proof.at:%H:%M:%S}",
        "source": SPOKEN[proof.source],
        "what": proof.what,
        "line": proof.line,
    }


def _row(moment: Moment) -> dict[str, Any]:
    proof = None if moment.proof is None else _proof(moment.proof)
    return {"at": f"{moment.at:%H:%M:%S}", "proof": proof, "act": moment.act}


def as_markdown(told: Debrief) -> str:
    """The debrief as Markdown; log lines stand in blocks of code."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Debrief) -> Iterator[str]:
    head = _head(told)
    yield f"# {escaped(told.title)}: {escaped(told.seat.seat)}\n"
    yield (
        f"Workshop {escaped(told.workshop)}, account {told.seat.account}, {head['score']}, "
        f"evidence of {head['collected']}. All times are UTC."
    )
    for task in _tasks(told):
        yield f"\n## {escaped(task['name'])}\n"
        yield f"{escaped(task['question'])}\n"
        said = f"{task['sign']} {task['outcome']}, {task['points']}"
        yield f"- Answer: {escaped(task['answer']) or 'none'}"
        yield f"- {escaped(said)}: {escaped(task['message'])}"
        yield from _proof_lines(task["proofs"])
    yield "\n## What happened when"
    for moment in moments(told):
        row = _row(moment)
        if row["proof"] is not None:
            yield f"\n{row['at']} **{escaped(row['proof']['what'])}** ({row['proof']['source']})\n"
            yield from _code(row["proof"]["line"])
        else:
            kind, detail = row["act"]
            yield f"\n{row['at']} *{escaped(told.seat.seat)}*: {kind}, {escaped(detail)}"
    if told.bundle.activity is None:
        yield "\nWhat the attendee did was not collected."


def _proof_lines(proofs: Sequence[dict[str, str]]) -> Iterator[str]:
    for proof in proofs:
        if not proof["line"]:
            yield f"\n{escaped(proof['what'])}"
            continue
        yield f"\n{proof['at']} {escaped(proof['what'])} ({proof['source']}):\n"
        yield from _code(proof["line"])


def _code(line: str) -> Iterator[str]:
    """An indented block: nothing in it means anything to Markdown, and nothing can end it."""
    yield from (f"    {part}" for part in line.splitlines())


def index_html(workshop: str, seats: Sequence[str]) -> str:
    """The page that leads to the seats' pages."""
    return environment().get_template("debriefs.html.j2").render(workshop=workshop, seats=seats)


def index_markdown(workshop: str, seats: Sequence[str]) -> str:
    return f"# {escaped(workshop)}\n\n" + "".join(f"- [{seat}]({seat}.md)\n" for seat in seats)
