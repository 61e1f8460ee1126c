"""Every scenario's checks keep the contract: samples pass or miss as they say, and no message gives an answer away."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from labkit.grading import checks, samples
from labkit.grading.judge import judge
from labkit.grading.normalize import normalize_text
from labkit.grading.outcomes import Pending, Wrong
from labkit.grading.session import grade
from labkit.grading.tasks import Task
from labkit.grading.timeline import timeline
from labkit.model import (
    Answer,
    ApiEvent,
    Evidence,
    EvidenceBundle,
    Outcome,
    Source,
    SourceReport,
    SourceState,
    Verdict,
)

ROOT = Path(__file__).resolve().parents[2] / "checks"
SCENARIOS = sorted({path.parent.name for path in ROOT.glob("*/check_*.py")})
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@cache
def files(scenario: str) -> dict[str, checks.TaskFile]:
    return {file.name: file for file in checks.load(ROOT / scenario)}


@cache
def evidence(scenario: str, name: str) -> Evidence:
    return samples.evidence(ROOT / scenario / "samples" / name)


def verdict(scenario: str, sample: samples.Sample) -> Verdict:
    answer = Answer(sample.task, sample.answer)
    bundle = EvidenceBundle(evidence(scenario, sample.evidence), (answer,))
    found = judge(files(scenario)[sample.task], bundle)
    assert found is not None
    return found


def all_cases(*, passes: bool) -> list[object]:
    return list(_all_cases(passes=passes))


def _all_cases(*, passes: bool) -> Iterator[object]:
    for scenario in SCENARIOS:
        for case in samples.cases(ROOT / scenario / "samples"):
            if case.passes is passes:
                yield pytest.param(scenario, case, id=f"{scenario}-{case}")


def all_tasks() -> list[object]:
    return [
        pytest.param(scenario, file.name, id=f"{scenario}-{file.name}")
        for scenario in SCENARIOS
        for file in checks.load(ROOT / scenario)
    ]


def cases_of(scenario: str, task: str, *, passes: bool) -> list[samples.Sample]:
    found = samples.cases(ROOT / scenario / "samples")
    wanted = [case for case in found if case.task == task and case.passes is passes]
    assert wanted, "each task has samples of both kinds"
    return wanted


@pytest.mark.parametrize(("scenario", "case"), all_cases(passes=True))
def test_a_right_answer_passes(scenario: str, case: samples.Sample) -> None:
    found = verdict(scenario, case)

    assert (found.outcome, found.message) == (Outcome.PASSED, "Right.")
    assert found.points == found.max_points


@pytest.mark.parametrize(("scenario", "case"), all_cases(passes=False))
def test_a_near_miss_is_wrong_and_says_in_which_way(scenario: str, case: samples.Sample) -> None:
    found = verdict(scenario, case)

    assert found.outcome is Outcome.WRONG, found.message
    assert case.says
    assert case.says in found.message
    assert found.points == case.points < found.max_points


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_every_task_has_samples_and_can_be_understood(scenario: str, task: str) -> None:
    content = files(scenario)[task].content

    assert isinstance(content, Task), content
    assert content.points > 0
    assert sum(hint.cost for hint in content.hints) < content.points
    assert all(hint.text.endswith(".") for hint in content.hints)
    assert cases_of(scenario, task, passes=True)
    assert len(cases_of(scenario, task, passes=False)) >= 3


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_nothing_submitted_is_unanswered(scenario: str, task: str) -> None:
    for answers in (
        (),
        (Answer(task, ("  ",)),),
        (Answer(task, (), problem="it is a SecureString"),),
    ):
        found = judge(files(scenario)[task], EvidenceBundle(any_evidence(scenario), answers))

        assert found is not None
        assert found.outcome is Outcome.UNANSWERED
        assert found.points == 0


def any_evidence(scenario: str) -> Evidence:
    return evidence(scenario, samples.cases(ROOT / scenario / "samples")[0].evidence)


@pytest.mark.parametrize("state", [SourceState.LATE, SourceState.GONE, SourceState.FAILED])
@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_evidence_that_is_not_there_is_never_held_against_the_attendee(
    scenario: str, task: str, state: SourceState
) -> None:
    for case in (*cases_of(scenario, task, passes=True), *cases_of(scenario, task, passes=False)):
        whole = evidence(scenario, case.evidence)
        until = whole.collected_at + timedelta(minutes=5)
        reports = tuple(SourceReport(s, state, "the log group is gone", until) for s in Source)
        bundle = EvidenceBundle(replace(whole, sources=reports), (Answer(task, case.answer),))

        found = judge(files(scenario)[task], bundle)

        assert found is not None
        if state is SourceState.LATE:
            assert found.outcome is Outcome.PENDING
            assert f"{until:%H:%M} UTC" in found.message
        else:
            assert found.outcome is Outcome.ERROR


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_without_a_run_nothing_passes(scenario: str, task: str) -> None:
    for case in cases_of(scenario, task, passes=True):
        whole = evidence(scenario, case.evidence)
        reports = tuple(SourceReport(source, SourceState.DELIVERED) for source in Source)
        idle = replace(whole, runs=(), sources=reports)

        found = judge(files(scenario)[task], EvidenceBundle(idle, (Answer(task, case.answer),)))

        assert found is not None
        assert found.outcome is Outcome.PENDING


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_an_old_incident_in_the_account_is_not_this_one(scenario: str, task: str) -> None:
    """A recycled account has a history, so only what happened in the seat's runs may count."""
    for case in cases_of(scenario, task, passes=True):
        whole = evidence(scenario, case.evidence)
        runs = tuple(
            replace(r, started_at=r.started_at + DAY, finished_at=r.finished_at + DAY)
            for r in whole.runs
        )

        found = judge(
            files(scenario)[task],
            EvidenceBundle(replace(whole, runs=runs), (Answer(task, case.answer),)),
        )

        assert found is not None
        assert found.outcome in {Outcome.PENDING, Outcome.ERROR}


DAY = timedelta(days=1)


def unique_tasks() -> list[object]:
    return [
        pytest.param(scenario, task.name, id=f"{scenario}-{task.name}")
        for scenario in SCENARIOS
        for task in checks.tasks(ROOT / scenario)
        if task.unique
    ]


@pytest.mark.parametrize(("scenario", "task"), unique_tasks())
def test_another_seats_answer_is_wrong_where_it_is_unique(scenario: str, task: str) -> None:
    right = cases_of(scenario, task, passes=True)
    seats = {case.evidence for case in right}
    assert len(seats) > 1, "right answers in the evidence of one seat prove nothing"
    for mine in seats:
        for theirs in (case for case in right if case.evidence != mine):
            found = verdict(scenario, replace(theirs, evidence=mine))

            assert found.outcome is Outcome.WRONG, theirs


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_each_kind_of_miss_has_its_own_message(scenario: str, task: str) -> None:
    told = {
        case: verdict(scenario, case).message for case in cases_of(scenario, task, passes=False)
    }

    for case, message in told.items():
        others = [m for other, m in told.items() if other.says != case.says]
        assert all(case.says not in other for other in others), case
        assert message not in others, case


def breaks(_answer: object, _evidence: Evidence) -> None:
    raise ZeroDivisionError


def hangs(_answer: object, _evidence: Evidence) -> None:
    while True:
        pass


@pytest.mark.parametrize("fault", [breaks, hangs])
@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_a_check_that_fails_is_an_error_and_not_the_attendees(
    scenario: str, task: str, fault: Any
) -> None:
    file = files(scenario)[task]
    assert isinstance(file.content, Task)
    case = cases_of(scenario, task, passes=True)[0]
    bundle = EvidenceBundle(evidence(scenario, case.evidence), (Answer(task, case.answer),))

    found = judge(replace(file, content=replace(file.content, check=fault)), bundle, limit=0.1)

    assert found is not None
    assert found.outcome is Outcome.ERROR
    assert "Your answer isn't the problem." in found.message


def all_seats() -> list[object]:
    return [
        pytest.param(scenario, file.name, name, id=f"{scenario}-{file.name}-{name}")
        for scenario in SCENARIOS
        for file in checks.load(ROOT / scenario)
        for name in sorted({c.evidence for c in samples.cases(ROOT / scenario / "samples")})
    ]


@pytest.mark.parametrize(("scenario", "task", "name"), all_seats())
def test_no_message_tells_or_implies_the_truth(scenario: str, task: str, name: str) -> None:
    """Answers of every kind against the evidence of every seat.

    Every word of a message must come from the check's code or from the attendee's answer, so that it doesn't depend on
    the right answer. It must not contain anything from the logs that wasn't typed, including event names.
    """
    file, whole = files(scenario)[task], evidence(scenario, name)
    assert isinstance(file.content, Task)
    if not file.content.applies(whole):
        return
    known, written = facts(whole), words_in_code(ROOT / scenario)
    messages = set()
    for values in typed_answers(scenario, whole):
        message = said(file.content, values, whole)
        if message is None or (message, values) in messages:
            continue
        typed = normalize_text(" ".join(values)).lower()
        messages.add((message, values))
        told = [v for v in known if v.lower() not in typed and tells(message, v)]
        assert not told, f"{values} is told: {message}"
        foreign = {w for w in _WORD.findall(message.lower()) if w not in written and w not in typed}
        assert not foreign, f"{values} is told: {message}"
    assert len({message for message, _ in messages}) > 1


def said(task: Task, values: tuple[str, ...], whole: Evidence) -> str | None:
    """The check's own message, before redaction; None if the answer is right."""
    try:
        task.check(task.read(values), whole)
    except (Wrong, Pending) as outcome:
        return outcome.message
    return None


_WORD = re.compile(r"[\w.:/-]*\w")


@cache
def words_in_code(folder: Path) -> frozenset[str]:
    """The words of all texts in a scenario's checks, in shared feedback, and in the types of answers."""
    grading = Path(checks.__file__).parent
    sources = [
        *folder.glob("*.py"),
        *map(grading.joinpath, ("types.py", "trail_answers.py", "tasks.py", "feedback.py")),
    ]
    texts = (
        node.value
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    numbers = {str(number) for number in range(100)}
    return frozenset(word for text in texts for word in _WORD.findall(text.lower())) | numbers


def typed_answers(scenario: str, whole: Evidence) -> Iterator[tuple[str, ...]]:
    """Nothing, noise, every fact from the logs, parts and pairs of facts, and answers that are right elsewhere."""
    yield from {case.answer for case in samples.cases(ROOT / scenario / "samples")}
    known = sorted(facts(whole))
    noise = [
        "?",
        "yes",
        "10.0.0.1",
        "::1",
        "i-00000000",
        "curl",
        "RunInstances",
        "ls; ls",
        "\u2026",
    ]
    yield from ((value,) for value in (*known, *noise))
    for record in whole.commands:
        words = record.command.split()
        yield from ((" ".join(words[:n]),) for n in range(1, len(words)))
        yield from ((f"{record.command} {more}",) for more in ("x", "&", "&& ls", "| head"))
        yield (record.line,)
    yield from permutations([*known, "?"], 2)


def tells(message: str, value: str) -> bool:
    return (
        value in message
        and re.search(rf"(?<![\w.]){re.escape(value)}(?![\w]|\.\d)", message) is not None
    )


def facts(whole: Evidence) -> set[str]:
    """Everything in the evidence that could answer some question."""
    found = {i.instance_id for i in whole.instances} | {i.interface_id for i in whole.instances}
    found |= {a for f in whole.flows for a in (f.source, f.destination) if a}
    found |= {record.command for record in whole.commands} | set(whole.threat_addresses)
    found |= {word for r in whole.commands for word in r.command.split() if "/" in word}
    events = (*whole.history, *whole.trail)
    found |= {text for event in events for text in (event.user, event.name, event.address) if text}
    found |= {text for event in events for text in named_in(event)}
    return found - {"id"}  # also a word of the messages


def named_in(event: ApiEvent) -> Iterator[str]:
    """The key that a call was signed with, and the object that it names."""
    asked = event.record.get("requestParameters") or {}
    identity = event.record.get("userIdentity") or {}
    for text in (identity.get("accessKeyId"), asked.get("bucketName"), asked.get("key")):
        if isinstance(text, str):
            yield text


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_the_debrief_proves_each_answer_with_a_line_of_the_logs(scenario: str, task: str) -> None:
    plainest: dict[str, samples.Sample] = {}
    for case in cases_of(scenario, task, passes=True):
        plainest.setdefault(case.evidence, case)
    for name, case in plainest.items():
        told = timeline(ROOT / scenario, evidence(scenario, name))

        lines = [proof.line for proof in told if proof.task == task]
        assert all(any(value in line for line in lines) for value in case.answer), lines
        assert all(proof.what for proof in told)
        assert list(told) == sorted(told, key=lambda proof: proof.at)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_debrief_says_what_the_logs_do_not_show(scenario: str) -> None:
    whole = evidence(scenario, samples.cases(ROOT / scenario / "samples")[0].evidence)
    bare = replace(whole, commands=(), flows=(), findings=(), history=(), trail=())

    told = timeline(ROOT / scenario, bare)

    assert {proof.task for proof in told} == set(files(scenario))
    assert not any(proof.line for proof in told)
    assert timeline(ROOT / scenario, replace(bare, runs=())) == ()


def test_a_class_is_graded_in_one_session_in_the_order_of_the_tasks() -> None:
    names = sorted({case.evidence for case in samples.cases(ROOT / SCENARIOS[0] / "samples")})
    bundles = [EvidenceBundle(evidence(SCENARIOS[0], name)) for name in names]

    grades = grade(ROOT / SCENARIOS[0], bundles, workshop="class", scenario=SCENARIOS[0], now=NOW)

    assert [seat.seat for seat in grades.seats] == [d.evidence.seat for d in bundles]
    order = list(files(SCENARIOS[0]))
    for seat in grades.seats:
        told = [verdict.task for verdict in seat.verdicts]
        assert told == [name for name in order if name in told]
        assert {verdict.outcome for verdict in seat.verdicts} == {Outcome.UNANSWERED}


GUIDES = (
    ROOT.parent / "docs" / "attendee.md",
    *(ROOT.parent / "templates").glob("*/handout.md.j2"),
    *(ROOT.parent / "templates" / "shared" / "handout").glob("*"),
)


def _phrases(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return set(zip(*(words[n:] for n in range(6)), strict=False))


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_no_hint_repeats_the_guide(scenario: str, task: str) -> None:
    content = files(scenario)[task].content
    assert isinstance(content, Task)
    told = {phrase for guide in GUIDES for phrase in _phrases(guide.read_text(encoding="utf-8"))}

    for hint in content.hints:
        assert not _phrases(hint.text) & told, hint.text
