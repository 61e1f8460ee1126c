"""What an attendee does in their seat, usually with nothing but the attendee role's credentials."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from labkit.aws import Account, Cloud, DeniedError
from labkit.deploy import stacks
from labkit.deploy.lab import DeployedLab, read_lab
from labkit.errors import CloudError, UsageError
from labkit.evidence.activity import OWN_AGENT
from labkit.evidence.collect import collect
from labkit.grading.checks import load
from labkit.grading.checks import tasks as load_tasks
from labkit.grading.judge import TIME_LIMIT_SECONDS, would_pass
from labkit.grading.session import grade as judge
from labkit.grading.tasks import Task
from labkit.model import Evidence, EvidenceBundle, Grades, Seat, Source, Workshop
from labkit.names import evidence_stack, seat_stack
from labkit.scenario import Scenario, find_scenario
from labkit.submissions import read_answers, read_hints
from labkit.workflow.evidence_case import evidence_case, runs_of
from labkit.workflow.seats import choose_seats


@dataclass(frozen=True, slots=True)
class AttendeeSeat:
    """A seat and the account it is in."""

    workshop: Workshop
    seat: Seat
    account: Account

    @classmethod
    def of(cls, workshop: Workshop, wanted: str | None) -> AttendeeSeat:
        """Return the wanted seat or, without one, the only seat; raises ``UsageError`` if there are several."""
        if not wanted and len(workshop.seats) > 1:
            raise UsageError("Which seat is yours?", "Pass --seat ID or set LABKIT_SEAT.")
        (seat_id,) = choose_seats(workshop, [wanted] if wanted else None)
        seat = next(seat for seat in workshop.seats if seat.id == seat_id)
        cloud = Cloud(workshop.region, workshop.access_role, agent=OWN_AGENT)
        account = cloud.account(seat.account)
        return cls(workshop, seat, account)

    @property
    def scenario(self) -> Scenario:
        return find_scenario(self.workshop.scenario)

    def tasks(self) -> tuple[Task, ...]:
        """The tasks, in their order."""
        return load_tasks(self.scenario.checks_folder)

    def task(self, name: str) -> Task:
        """Return a task; for an unknown one, raises ``UsageError`` with the nearest name."""
        known = {task.name: task for task in self.tasks()}
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"There is no task {name!r}.",
                f"Did you mean {near[0]!r}?" if near else f"Tasks: {', '.join(known)}.",
            )
        return known[name]

    def check(self) -> Grades:
        """Judge the seat's answers by the seat's own logs."""
        self._refuse_unless_self()
        names = [file.name for file in load(self.scenario.checks_folder)]
        evidence = self.evidence()
        bundle = EvidenceBundle(
            evidence,
            read_answers(self.account, self.workshop, self.seat.id, names),
            read_hints(self.account, self.workshop, self.seat.id, names),
        )
        return judge(
            self.scenario.checks_folder,
            [bundle],
            workshop=self.workshop.name,
            scenario=self.scenario.name,
            now=evidence.collected_at,
        )

    def _refuse_unless_self(self) -> None:
        if self.workshop.check == "grader":
            raise UsageError(
                "In this workshop, only the instructor's grader judges answers.",
                f"Ask your instructor, who runs 'labkit grade --seat {self.seat.id}'.",
            )

    def hints_taken(self, task: str) -> int:
        """Return how many hints the seat has taken for a task."""
        try:
            taken = read_hints(self.account, self.workshop, self.seat.id, [task])
        except DeniedError as error:
            if self.workshop.check != "grader":
                raise
            raise UsageError(
                "In this workshop, the instructor gives the hints.",
                f"Ask your instructor, who runs 'labkit hint {task} --seat {self.seat.id}'.",
            ) from error
        return taken.get(task, 0)

    def has_passed(self, task: Task, evidence: Evidence) -> bool:
        """Whether the stored answer to a task is right."""
        given = read_answers(self.account, self.workshop, self.seat.id, [task.name])
        values = [answer.values for answer in given]
        values += [one.values for answer in given for one in answer.earlier]
        files = {file.name: file for file in load(self.scenario.checks_folder)}
        return any(
            would_pass(files[task.name], one, evidence, TIME_LIMIT_SECONDS) for one in values
        )

    def evidence(self, sources: Collection[Source] = tuple(Source)) -> Evidence:
        """Collect what these sources say about the seat, as far as the attendee can read them."""
        lab, now = self._deployed().lab, self.account.cloud_time.now()
        runs = runs_of(self.account, lab, now)
        case = evidence_case(
            self.account, self.workshop, self.seat.id, lab, runs, lambda _seconds: None
        )
        return collect(case, sources)

    def _deployed(self) -> DeployedLab:
        evidence = stacks.find(self.account, evidence_stack(self.workshop), self.workshop.name)
        name = seat_stack(self.workshop, self.seat.id)
        lab = stacks.find(self.account, name, self.workshop.name, self.seat.id)
        if evidence is None or lab is None or not (evidence.complete and lab.complete):
            raise CloudError("Your lab isn't there yet.", "Ask your instructor.")
        return read_lab(self.account, evidence, None, lab)
