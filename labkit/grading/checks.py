"""Find the tasks of a scenario: one in each ``check_<task>.py`` of a folder."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from labkit.errors import UsageError
from labkit.grading import tasks as tasks_module
from labkit.grading.tasks import Task

PREFIX = "check_"


@dataclass(frozen=True, slots=True)
class BrokenCheck:
    """An unusable check file. ``problem`` says what's wrong without quoting the file."""

    name: str
    file: str
    problem: str


@dataclass(frozen=True, slots=True)
class TaskFile:
    """A check file and its task."""

    path: Path
    content: Task | BrokenCheck

    @property
    def name(self) -> str:
        return self.content.name

    @property
    def place(self) -> tuple[int, str]:
        """The sort key of tasks; a broken one has no known place and comes last."""
        order = self.content.order if isinstance(self.content, Task) else sys.maxsize
        return order, self.name


def load(folder: Path) -> tuple[TaskFile, ...]:
    """The check files of a folder in the order of their tasks; raises ``UsageError`` if there are none.

    A file that can't be loaded becomes a ``BrokenCheck``, so that the other tasks still work.
    """
    paths = sorted(folder.glob(f"{PREFIX}*.py"))
    if not paths:
        raise UsageError(
            f"There are no checks in {folder}.", "Add one in a file named check_<task>.py."
        )
    package = _package(folder)
    return tuple(sorted((_load(path, package) for path in paths), key=lambda file: file.place))


def tasks(folder: Path) -> tuple[Task, ...]:
    """The tasks of a folder, without the broken ones."""
    return tuple(file.content for file in load(folder) if isinstance(file.content, Task))


def load_module(folder: Path, name: str) -> ModuleType:
    """Load a module from a folder of checks: the one that the checks import with ``from .name import …``."""
    return _module(folder / f"{name}.py", _package(folder))


def _package(folder: Path) -> str:
    """Register the folder as a package, so that its checks can share a module (``from .x import y``).

    The package's name contains the folder's path, because two scenarios must not see each other's modules.
    """
    name = "_labkit_checks_" + folder.resolve().as_posix().encode().hex()
    for loaded in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[loaded]
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
    return name


def _load(path: Path, package: str) -> TaskFile:
    name = path.stem.removeprefix(PREFIX)
    try:
        module = _module(path, package)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - any fault of a check is reported as one
        return TaskFile(path, BrokenCheck(name, path.name, _problem(path, error)))
    found = [value for value in vars(module).values() if isinstance(value, Task)]
    own = [value for value in found if value.check.__module__ == module.__name__]
    if [value.name for value in own] != [name]:
        problem = f"it must contain exactly one task, named {name}"
        return TaskFile(path, BrokenCheck(name, path.name, problem))
    return TaskFile(path, own[0])


def _problem(path: Path, error: BaseException) -> str:
    """Name a fault; if ``task`` refused an argument, say why and in which line."""
    frames = traceback.extract_tb(error.__traceback__)
    if not any(Path(frame.filename) == Path(tasks_module.__file__) for frame in frames[-2:]):
        return type(error).__name__
    lines = [frame.lineno for frame in frames if Path(frame.filename) == path]
    return f"{type(error).__name__} in line {lines[-1]}: {error}"


def _module(path: Path, package: str) -> ModuleType:
    name = f"{package}.{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"Python can't load {path}")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
