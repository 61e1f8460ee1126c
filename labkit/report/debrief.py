"""The debrief of a seat: the incident according to its logs, next to what the attendee did.

It's for the instructor, after the exercise: unlike all other output, it contains the right answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from labkit.evidence.activity import activity_rows
from labkit.model import EvidenceBundle, Proof, Question, SeatGrade, Source, Verdict
from labkit.report.as_html import OUTCOME_SYMBOL, environment, when
from labkit.report.as_markdown import escaped
from labkit.report.class_statistics import task_label
from labkit.report.totals import max_score, points, score, utc_timestamp

SOURCE_LABELS = {
    Source.COMMANDS: "command log",
    Source.FLOWS: "VPC flow log",
    Source.FINDINGS: "GuardDuty",
    Source.HISTORY: "event history",
    Source.TRAIL: "trail",
}


@dataclass(frozen=True, slots=True)
class Debrief:
    """Everything in the debrief of one seat."""

    workshop: str
    title: str
    seat: SeatGrade
    bundle: EvidenceBundle
    questions: tuple[Question, ...]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A row of the timeline: a part of the incident, or something that the attendee did."""

    at: datetime
    proof: Proof | None = None
    act: tuple[str, str] | None = None


def moments(debrief: Debrief) -> list[Moment]:
    """Return the incident and the attendee's activity, in order of time."""
    acts = debrief.bundle.activity or ()
    found = [Moment(proof.at, proof=proof) for proof in debrief.proofs if proof.line]
    found += [
        Moment(act.at, act=(kind, detail))
        for act, (_, kind, detail) in zip(acts, activity_rows(acts), strict=True)
    ]
    return sorted(found, key=lambda moment: moment.at)


def proofs_of(debrief: Debrief, task: str) -> list[Proof]:
    return [proof for proof in debrief.proofs if proof.task == task]


def given(debrief: Debrief, task: str) -> str:
    """Return the attendee's latest answer, as typed."""
    typed = next((a.values for a in debrief.bundle.answers if a.task == task), ())
    return ", ".join("".join(c if c.isprintable() else "\ufffd" for c in v) for v in typed)


def verdict_of(debrief: Debrief, task: str) -> Verdict | None:
    return next((v for v in debrief.seat.verdicts if v.task == task), None)


def as_html(debrief: Debrief) -> str:
    """Return the debrief as an HTML page without external resources."""
    return (
        environment()
        .get_template("debrief.html.j2")
        .render(
            head=_head(debrief),
            seat=debrief.seat.seat,
            tasks=list(_tasks(debrief)),
            days=[
                (day, [_row(moment) for moment in of_day])
                for day, of_day in groupby(
                    moments(debrief), key=lambda moment: f"{moment.at:%d %B %Y}"
                )
            ],
            has_activity=debrief.bundle.activity is not None,
        )
    )


def _head(debrief: Debrief) -> dict[str, str]:
    return {
        "workshop": debrief.workshop,
        "title": debrief.title,
        "account": debrief.seat.account,
        "score": f"{points(score(debrief.seat))} of {points(max_score(debrief.seat))} points",
        "collected": utc_timestamp(debrief.bundle.evidence.collected_at),
    }


def _tasks(debrief: Debrief) -> Iterator[dict[str, Any]]:
    for question in debrief.questions:
        verdict = verdict_of(debrief, question.task)
        if verdict is None:
            continue
        yield {
            "name": task_label(question.task),
            "question": question.text,
            "answer": given(debrief, question.task),
            "outcome": verdict.outcome.value,
            "symbol": OUTCOME_SYMBOL[verdict.outcome],
            "message": verdict.message,
            "points": f"{points(verdict.points)} of {points(verdict.max_points)} points",
            "attempts": verdict.attempts,
            "hints_used": verdict.hints_used,
            "when": when(verdict),
            "proofs": [_proof(proof) for proof in proofs_of(debrief, question.task)],
        }


def _proof(proof: Proof) -> dict[str, str]:
    return {
        "at": f"{proof.at:%H:%M:%S}",
        "source": SOURCE_LABELS[proof.source],
        "what": proof.what,
        "line": proof.line,
    }


def _row(moment: Moment) -> dict[str, Any]:
    proof = None if moment.proof is None else _proof(moment.proof)
    return {"at": f"{moment.at:%H:%M:%S}", "proof": proof, "act": moment.act}


def as_markdown(debrief: Debrief) -> str:
    """Return the debrief as Markdown, with log lines in code blocks."""
    return "\n".join(_lines(debrief)) + "\n"


def _lines(debrief: Debrief) -> Iterator[str]:
    head = _head(debrief)
    yield f"# {escaped(debrief.title)}: {escaped(debrief.seat.seat)}\n"
    yield (
        f"Workshop {escaped(debrief.workshop)}, account {debrief.seat.account}, {head['score']}, "
        f"evidence collected at {head['collected']}. All times are in UTC."
    )
    for task in _tasks(debrief):
        yield f"\n## {escaped(task['name'])}\n"
        yield f"{escaped(task['question'])}\n"
        result = f"{task['symbol']} {task['outcome']}, {task['points']}"
        yield f"- Answer: {escaped(task['answer']) or 'none'}"
        yield f"- {escaped(result)}: {escaped(task['message'])}"
        yield from _proof_lines(task["proofs"])
    yield "\n## Timeline"
    for moment in moments(debrief):
        row = _row(moment)
        if row["proof"] is not None:
            yield f"\n{row['at']} **{escaped(row['proof']['what'])}** ({row['proof']['source']})\n"
            yield from _code(row["proof"]["line"])
        else:
            kind, detail = row["act"]
            yield f"\n{row['at']} *{escaped(debrief.seat.seat)}*: {kind}, {escaped(detail)}"
    if debrief.bundle.activity is None:
        yield "\nThis debrief doesn't include what the attendee did."


def _proof_lines(proofs: Sequence[dict[str, str]]) -> Iterator[str]:
    for proof in proofs:
        if not proof["line"]:
            yield f"\n{escaped(proof['what'])}"
            continue
        yield f"\n{proof['at']} {escaped(proof['what'])} ({proof['source']}):\n"
        yield from _code(proof["line"])


def _code(line: str) -> Iterator[str]:
    """Yield an indented code block: Markdown doesn't interpret its content, and nothing in it can end the block."""
    yield from (f"    {part}" for part in line.splitlines())


def index_html(workshop: str, seats: Sequence[str]) -> str:
    """Return a page with links to the seats' pages."""
    return environment().get_template("debriefs.html.j2").render(workshop=workshop, seats=seats)


def index_markdown(workshop: str, seats: Sequence[str]) -> str:
    return f"# {escaped(workshop)}\n\n" + "".join(f"- [{seat}]({seat}.md)\n" for seat in seats)
