"""Every scenario's checks keep the contract: samples pass or miss as they say, and no message tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from labkit.grading import checks, samples
from labkit.grading.folding import fold
from labkit.grading.judge import grade
from labkit.grading.tasks import Task
from labkit.grading.verdicts import judge
from labkit.model import (
    Answer,
    Dossier,
    Evidence,
    Outcome,
    Source,
    SourceReport,
    SourceState,
    Verdict,
)

ROOT = Path(__file__).resolve().parents[2] / "checks"
SCENARIOS = sorted(path.name for path in ROOT.iterdir() if path.is_dir())
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@cache
def files(scenario: str) -> dict[str, checks.TaskFile]:
    return {file.name: file for file in checks.load(ROOT / scenario)}


@cache
def evidence(scenario: str, name: str) -> Evidence:
    return samples.evidence(ROOT / scenario / "samples" / name)


def verdict(scenario: str, sample: samples.Sample) -> Verdict:
    answer = Answer(sample.task, sample.answer)
    dossier = Dossier(evidence(scenario, sample.evidence), (answer,))
    found = judge(files(scenario)[sample.task], dossier)
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
    return [case for case in found if case.task == task and case.passes is passes]


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
        found = judge(files(scenario)[task], Dossier(any_evidence(scenario), answers))

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
        dossier = Dossier(replace(whole, sources=reports), (Answer(task, case.answer),))

        found = judge(files(scenario)[task], dossier)

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
        reports = tuple(SourceReport(source, SourceState.ARRIVED) for source in Source)
        idle = replace(whole, runs=(), sources=reports)

        found = judge(files(scenario)[task], Dossier(idle, (Answer(task, case.answer),)))

        assert found is not None
        assert found.outcome is Outcome.PENDING


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_an_old_incident_in_the_account_is_not_this_one(scenario: str, task: str) -> None:
    """A recycled account has a history: what is not of a run of the seat must not count."""
    for case in cases_of(scenario, task, passes=True):
        whole = evidence(scenario, case.evidence)
        runs = tuple(
            replace(r, started_at=r.started_at + DAY, finished_at=r.finished_at + DAY)
            for r in whole.runs
        )

        found = judge(
            files(scenario)[task],
            Dossier(replace(whole, runs=runs), (Answer(task, case.answer),)),
        )

        assert found is not None
        assert found.outcome in {Outcome.PENDING, Outcome.ERROR}


DAY = timedelta(days=1)


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_another_seats_answer_is_wrong_where_it_is_unique(scenario: str, task: str) -> None:
    content = files(scenario)[task].content
    assert isinstance(content, Task)
    if not content.unique:
        return
    right = cases_of(scenario, task, passes=True)
    for mine in {case.evidence for case in right}:
        for theirs in (case for case in right if case.evidence != mine):
            found = verdict(scenario, replace(theirs, evidence=mine))

            assert found.outcome is Outcome.WRONG, theirs


@pytest.mark.parametrize(("scenario", "task"), all_tasks())
def test_no_message_tells_what_the_attendee_did_not_type(scenario: str, task: str) -> None:
    """Answers of every kind, every value of the logs among them, against the evidence of every seat."""
    right = {
        value
        for case in samples.cases(ROOT / scenario / "samples")
        if case.passes
        for value in case.answer
    }
    seats = {case.evidence for case in samples.cases(ROOT / scenario / "samples")}
    for name in sorted(seats):
        whole = evidence(scenario, name)
        values = facts(whole)
        for typed in sorted(values | right | {"", "?", "yes", "10.0.0.1", "i-00000000", "curl"}):
            found = judge(files(scenario)[task], Dossier(whole, (Answer(task, (typed,)),)))
            if found is None or found.outcome is Outcome.PASSED:
                continue
            assert found.outcome is not Outcome.ERROR, found.message
            told = [
                v
                for v in values
                if tells(found.message, v) and v.lower() not in fold(typed).lower()
            ]
            assert not told, f"{typed!r} is told: {found.message}"


def tells(message: str, value: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(value)}(?![\w]|\.\d)", message) is not None


def facts(whole: Evidence) -> set[str]:
    """Everything in the evidence that could be an answer to some question."""
    found = {i.instance_id for i in whole.instances} | {i.interface_id for i in whole.instances}
    found |= {a for f in whole.flows for a in (f.source, f.destination) if a}
    found |= {record.command for record in whole.commands} | set(whole.threat_addresses)
    found |= {word for r in whole.commands for word in r.command.split() if "/" in word}
    found |= {event.user for event in (*whole.history, *whole.trail) if event.user}
    found |= {event.name for event in (*whole.history, *whole.trail)}
    return found - {"id"}  # also a word of the messages


def test_a_class_is_graded_in_one_session_in_the_order_of_the_tasks() -> None:
    names = sorted({case.evidence for case in samples.cases(ROOT / SCENARIOS[0] / "samples")})
    dossiers = [Dossier(evidence(SCENARIOS[0], name)) for name in names]

    grades = grade(ROOT / SCENARIOS[0], dossiers, workshop="class", scenario=SCENARIOS[0], now=NOW)

    assert [seat.seat for seat in grades.seats] == [d.evidence.seat for d in dossiers]
    order = list(files(SCENARIOS[0]))
    for seat in grades.seats:
        told = [verdict.task for verdict in seat.verdicts]
        assert told == [name for name in order if name in told]
        assert {verdict.outcome for verdict in seat.verdicts} == {Outcome.UNANSWERED}


def test_the_operator_is_not_asked_for_where_run_command_did_it() -> None:
    dossier = Dossier(evidence("malicious_callout", "by_run_command"))

    assert judge(files("malicious_callout")["operator_address"], dossier) is None
