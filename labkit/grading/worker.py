"""The process that judges: ``python -m labkit.grading.worker FOLDER``, started by ``labkit.grading.process``.

It has no time limits of its own. The process that started it ends it when a check takes too long, because nothing inside
a process can stop a check that catches everything.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from labkit.evidence import snapshot
from labkit.grading import checks, messages
from labkit.grading.copying import could_be_right, identifiers_in
from labkit.grading.judge import can_read, judge, lost, would_pass
from labkit.grading.messages import (
    Done,
    Failed,
    GradedSeat,
    IsRight,
    Judged,
    JudgeSeat,
    Opened,
    Reply,
    Started,
    TryAnswers,
)
from labkit.grading.tasks import Task
from labkit.grading.types import Values
from labkit.model import EvidenceBundle, Outcome, SeatGrade

Tell = Callable[[Reply], None]
_RECURSION = 1000
"""Python's usual limit, whatever a check has set."""


def main() -> None:
    """Answer requests until there are no more."""
    requests, replies = _private_streams()
    files = {file.name: file for file in checks.load(Path(sys.argv[1]))}
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests, waiting), daemon=True).start()

    def tell(reply: Reply) -> None:
        messages.write(replies, reply)

    tell(Done())
    while True:
        request = waiting.get()
        bundle = _open(request.seat, tell)
        if bundle is not None and isinstance(request, JudgeSeat):
            _judge(files, request, bundle, tell)
        elif bundle is not None:
            _try(files, request, bundle, tell)
        tell(Done())


def _private_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Take standard input and output for messages, so that a check can neither read nor write them."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return requests, replies


def _receive(requests: IO[bytes], waiting: queue.SimpleQueue[Any]) -> None:
    """Receive requests; at their end, end the process, even if a check is running."""
    try:
        while True:
            waiting.put(messages.read(requests))
    except (EOFError, OSError):
        os._exit(0)


def _open(seat: GradedSeat, tell: Tell) -> EvidenceBundle | None:
    try:
        source = seat.source
        return snapshot.load(source).bundle if isinstance(source, Path) else source
    except Exception as error:  # noqa: BLE001 - the other process raises it
        tell(Failed(error))
        return None


def _judge(
    files: dict[str, checks.TaskFile], request: JudgeSeat, bundle: EvidenceBundle, tell: Tell
) -> None:
    evidence = bundle.evidence
    tell(Opened(SeatGrade(evidence.seat, evidence.account, (), bundle.activity)))
    for name in request.tasks:
        file = files[name]
        tell(Started(name, lost(file, bundle)))
        sys.setrecursionlimit(_RECURSION)
        verdict = judge(file, bundle, None)
        is_unique = isinstance(file.content, Task) and file.content.unique
        wrong = None
        if is_unique and verdict is not None and verdict.outcome is Outcome.WRONG:
            wrong = next(answer.values for answer in bundle.answers if answer.task == name)
        tell(Judged(name, verdict, wrong))


def _try(
    files: dict[str, checks.TaskFile], request: TryAnswers, bundle: EvidenceBundle, tell: Tell
) -> None:
    # The evidence of a hostile seat can be huge, but it's searched only for identifiers.
    here = identifiers_in(replace(bundle.evidence, flows=()))
    for task, values in request.answers:
        if task in files and could_be_right(values, here) and _is_readable(files[task], values):
            tell(Started(task))
            if would_pass(files[task], values, bundle.evidence, None):
                tell(IsRight(task, values))


_readable: dict[tuple[str, Values], bool] = {}


def _is_readable(file: checks.TaskFile, values: Values) -> bool:
    """Whether an answer can be right for anybody; found out once for the class."""
    if (file.name, values) not in _readable:
        _readable[file.name, values] = can_read(file, values)
    return _readable[file.name, values]


if __name__ == "__main__":
    main()
