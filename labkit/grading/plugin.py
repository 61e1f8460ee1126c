"""The pytest plugin that runs checks: one item per seat and task, one session for a whole class.

``labkit grade`` and ``labkit check`` judge in a process of their own. This plugin is for running and debugging checks
by hand, on the snapshots that ``labkit grade --save-evidence DIR`` wrote::

    pytest checks/<scenario> -p labkit.grading.plugin --labkit-evidence DIR

pytest loads this plugin only if you name it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from labkit.evidence import snapshot
from labkit.grading import checks
from labkit.grading.judge import TIME_LIMIT_SECONDS, judge
from labkit.model import EvidenceBundle, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class GradedSeat:
    """A seat to grade. Its evidence bundle is opened on demand, and not kept."""

    seat: str
    open: Callable[[], EvidenceBundle]


class NotRight(Exception):  # noqa: N818 - not an error
    """A verdict that pytest counts as failed; pytest shows only its message."""


@dataclass
class GradingPlugin:
    """Turns check files into pytest items and judges them."""

    graded_seats: Sequence[GradedSeat]
    limit: float = TIME_LIMIT_SECONDS
    files: dict[Path, checks.TaskFile] = field(default_factory=dict)
    _opened: tuple[str, EvidenceBundle] | None = field(default=None, init=False)
    _folders: set[Path] = field(default_factory=set, init=False)

    def pytest_collect_file(self, file_path: Path, parent: Any) -> Any:
        if file_path.suffix == ".py" and file_path.name.startswith(checks.PREFIX):
            return CheckFile.from_parent(parent, path=file_path, checks=self)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> Any:
        """Keep pytest from importing a check that was named on the command line as a test module."""
        if module_path.name.startswith(checks.PREFIX):
            return EmptyFile.from_parent(parent, path=module_path)
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Sort by seat, so that one evidence bundle is open at a time."""
        items.sort(key=lambda item: item.place if isinstance(item, CheckItem) else (-1, (0, "")))

    def task_file(self, path: Path) -> checks.TaskFile:
        """Return the content of a check file; each folder is loaded only once."""
        if path.parent not in self._folders:
            self._folders.add(path.parent)
            self.files.update((file.path, file) for file in checks.load(path.parent))
        return self.files[path]

    def judge(self, file: checks.TaskFile, graded_seat: GradedSeat) -> Verdict | None:
        """Judge one task for one seat."""
        return judge(file, self.bundle(graded_seat), self.limit)

    def bundle(self, graded_seat: GradedSeat) -> EvidenceBundle:
        """Return the evidence bundle of a seat, releasing the previous seat's first."""
        if self._opened is None or self._opened[0] != graded_seat.seat:
            self._opened = None
            self._opened = graded_seat.seat, graded_seat.open()
        return self._opened[1]


class EmptyFile(pytest.File):
    """A file without items."""

    def collect(self) -> Iterator[pytest.Item]:
        return iter(())


class CheckFile(pytest.File):
    """A check file: one item for each seat."""

    def __init__(self, *, checks: GradingPlugin, **options: Any) -> None:
        super().__init__(**options)
        self.checks = checks

    def collect(self) -> Iterator[pytest.Item]:
        file = self.checks.task_file(self.path)
        for number, graded_seat in enumerate(self.checks.graded_seats):
            yield CheckItem.from_parent(
                self,
                name=f"{file.name}[{graded_seat.seat}]",
                file=file,
                graded_seat=graded_seat,
                number=number,
            )


class CheckItem(pytest.Item):
    """One task for one seat."""

    def __init__(
        self, *, file: checks.TaskFile, graded_seat: GradedSeat, number: int, **options: Any
    ) -> None:
        super().__init__(**options)
        self.file = file
        self.graded_seat = graded_seat
        self.place = (number, file.place)

    def runtest(self) -> None:
        owner = self.parent
        if not isinstance(owner, CheckFile):  # for the type checker: only CheckFile makes items
            raise TypeError(owner)
        verdict = owner.checks.judge(self.file, self.graded_seat)
        if verdict is None:
            pytest.skip("doesn't apply to this seat")
        if verdict.outcome in {Outcome.UNANSWERED, Outcome.PENDING}:
            pytest.skip(f"{verdict.outcome}: {verdict.message}")
        if verdict.outcome is not Outcome.PASSED:
            raise NotRight(f"{verdict.outcome}: {verdict.message}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return only the verdict's message; a traceback would reveal the right answer."""
        if isinstance(excinfo.value, NotRight):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.graded_seat.seat}: {self.file.name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("labkit")
    group.addoption(
        "--labkit-evidence",
        metavar="DIR",
        type=Path,
        help="Judge the answers in these snapshots (labkit grade --save-evidence DIR).",
    )


def pytest_configure(config: pytest.Config) -> None:
    folder: Path | None = config.getoption("--labkit-evidence")
    if folder is None:
        return
    graded_seats = [from_snapshot(path) for path in snapshot.paths(folder)]
    config.pluginmanager.register(GradingPlugin(graded_seats), "labkit-checks")


def from_snapshot(path: Path) -> GradedSeat:
    """Return the seat of a snapshot; the snapshot is read on demand."""
    return GradedSeat(path.name.partition(".")[0], lambda: snapshot.load(path).bundle)
