"""Every scenario can be solved with an attendee's credentials, but not without the incident.

Each scenario gets two labs on the emulator. Its solver, ``checks/<scenario>/solver/solve.py``, does the attendees'
work. At the end, the answers are submitted and graded, and everything is taken down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from labkit.embedded_aws import embedded_aws
from labkit.grading import checks
from labkit.model import Answer, EvidenceBundle, Grades, Outcome, SourceReport
from labkit.scenario import find_scenario, scenarios
from labkit.workflow import demo_run
from labkit.workflow.attendees import load_solver
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.grade import judge_class
from labkit.workflow.investigation import Answers
from labkit.workflow.operations import Operations

CHECKS = Path(__file__).resolve().parents[2] / "checks"


@dataclass(frozen=True)
class Played:
    """Two labs after the incident: the collected evidence, and what their attendees can answer."""

    work: Operations
    before: list[EvidenceBundle]
    """Collected before anything had happened."""
    after: list[EvidenceBundle]
    right: list[Answers]
    near: list[Answers]

    def graded(self, answers: list[Answers], bundles: list[EvidenceBundle] | None = None) -> Grades:
        given = [
            replace(bundle, answers=tuple(Answer(task, tuple(v)) for task, v in found.items()))
            for bundle, found in zip(bundles or self.after, answers, strict=True)
        ]
        return judge_class(self.work, given)


@pytest.fixture(scope="module", params=sorted(scenarios()))
def played(request: pytest.FixtureRequest) -> Iterator[Played]:
    solver = load_solver(find_scenario(request.param).solver_file)
    with embedded_aws(demo_run.REGION):
        work = demo_run.begin(2, request.param)
        demo_run.require_state(work.up(), "ready")
        before = whole(work)
        demo_run.require_state(work.simulate(), "incident")
        labs = [(demo_run.attendee(work, seat), work.deployed(seat).lab) for seat in work.seats]
        right = [solver.solve(*lab) for lab in labs]
        near = [solver.guess(*lab) for lab in labs]
        yield Played(work, before, whole(work, demo_run.EVIDENCE_WAIT), right, near)


def whole(work: Operations, wait: timedelta = timedelta()) -> list[EvidenceBundle]:
    bundles, failed = split_results(collect_class(work, wait=wait))
    assert failed == []
    return bundles


def outcomes(grades: Grades) -> set[Outcome]:
    assert all(len(seat.verdicts) == len(grades.questions) for seat in grades.seats)
    return {verdict.outcome for seat in grades.seats for verdict in seat.verdicts}


def test_the_solver_passes_every_task(played: Played) -> None:
    grades = played.graded(played.right)

    assert outcomes(grades) == {Outcome.PASSED}
    names = {task.name for task in checks.tasks(CHECKS / grades.scenario)}
    assert {verdict.task for verdict in grades.seats[0].verdicts} == names


def test_doing_nothing_is_unanswered(played: Played) -> None:
    assert outcomes(played.graded([{}, {}])) == {Outcome.UNANSWERED}


def test_near_misses_are_wrong_and_are_told_so_task_by_task(played: Played) -> None:
    grades = played.graded(played.near)

    assert outcomes(grades) == {Outcome.WRONG}
    for seat in grades.seats:
        assert len({verdict.message for verdict in seat.verdicts}) == len(seat.verdicts)


def test_without_a_run_not_even_the_right_answers_pass(played: Played) -> None:
    assert outcomes(played.graded(played.right, played.before)) == {Outcome.PENDING}


def test_answers_of_another_seat_are_wrong_where_unique_and_leave_a_sign(played: Played) -> None:
    grades = played.graded(played.right[::-1])

    unique = {t.name for t in checks.tasks(CHECKS / grades.scenario) if t.unique}
    assert unique
    for seat in grades.seats:
        by_task = {verdict.task: verdict.outcome for verdict in seat.verdicts}
        assert {by_task[task] for task in unique} == {Outcome.WRONG}
    first, second = (seat.seat for seat in grades.seats)
    left = {(sign.seat, sign.task, sign.other) for sign in grades.possible_copies}
    assert left == {(a, t, b) for t in unique for a, b in ((first, second), (second, first))}


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("late", Outcome.PENDING), ("gone", Outcome.ERROR), ("failed", Outcome.ERROR)],
)
def test_while_evidence_is_not_there_right_answers_do_not_pass(
    played: Played, state: str, outcome: Outcome
) -> None:
    missing = [
        replace(d, evidence=replace(d.evidence, sources=without(d.evidence.sources, state)))
        for d in played.after
    ]

    assert outcomes(played.graded(played.right, missing)) == {outcome}


def test_what_is_handed_in_is_graded_and_everything_can_be_taken_down(played: Played) -> None:
    """This test runs last, because afterward the labs are gone."""
    work = played.work
    for seat, found in zip(work.seats, played.right, strict=True):
        demo_run.submit_all(work, seat, found)

    assert outcomes(demo_run.judge(work)) == {Outcome.PASSED}

    removed = work.down()
    assert [(row["state"], row["leftovers"]) for row in removed] == [("absent", [])] * 2
    assert [row["state"] for row in work.status()] == ["absent"] * 2
    assert work.plan_down().actions == ()


def without(reports: tuple[SourceReport, ...], state: str) -> tuple[SourceReport, ...]:
    kind = type(reports[0].state)
    return tuple(replace(r, state=kind(state), detail="it is not there", runs=()) for r in reports)
