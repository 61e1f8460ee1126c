"""labkit deploys AWS security labs, runs an incident in each, grades the answers, and removes the labs.

The names here are for authors of scenarios and checks. They're imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.errors import GraderError
    from labkit.grading.outcomes import Pending, Wrong
    from labkit.grading.tasks import Hint, task
    from labkit.grading.trail_answers import CallerAddress, CallNames, Session
    from labkit.grading.types import Address, Command, InstanceId, Names, Text
    from labkit.model import Evidence, Source

__version__ = "0.1.0"

__all__ = [
    "Address",
    "CallNames",
    "CallerAddress",
    "Command",
    "Evidence",
    "GraderError",
    "Hint",
    "InstanceId",
    "Names",
    "Pending",
    "Session",
    "Source",
    "Text",
    "Wrong",
    "task",
]

_MODULES = {
    "Address": "labkit.grading.types",
    "CallNames": "labkit.grading.trail_answers",
    "CallerAddress": "labkit.grading.trail_answers",
    "Command": "labkit.grading.types",
    "Evidence": "labkit.model",
    "GraderError": "labkit.errors",
    "Hint": "labkit.grading.tasks",
    "InstanceId": "labkit.grading.types",
    "Names": "labkit.grading.types",
    "Pending": "labkit.grading.outcomes",
    "Session": "labkit.grading.trail_answers",
    "Source": "labkit.model",
    "Text": "labkit.grading.types",
    "Wrong": "labkit.grading.outcomes",
    "task": "labkit.grading.tasks",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'labkit' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
