"""Judge in another process, which is ended when a check takes too long and then started anew.

A time limit inside a process can be caught: by ``except BaseException`` in a check, or by a regular expression that
never returns to Python. Ending the process can't. It's a new interpreter, not a fork, because a fork copies locks that
other threads hold, and Windows has none.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from labkit.errors import GraderError
from labkit.grading import messages
from labkit.grading.messages import Done, JudgeSeat, Reply, TryAnswers

_START_SECONDS = 60.0
_NO_SESSION = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Lost(Exception):  # noqa: N818 - not the caller's error
    """The process gave no reply in time, or ended. ``why`` completes the sentence "the check failed (…)"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class JudgingProcess:
    """A process that judges. Use it in a ``with`` statement; it starts with the first request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def ask(self, request: JudgeSeat | TryAnswers, limit: float, budget: float) -> Iterator[Reply]:
        """Yield the replies to a request.

        Raises ``Lost`` if one takes longer than ``limit`` seconds, or all together longer than ``budget``.
        """
        process = self._started()
        deadline = time.monotonic() + budget
        # In a thread: if the process doesn't read, writing a large bundle doesn't end.
        writer = threading.Thread(target=_send, args=(process.stdin, request), daemon=True)
        writer.start()
        while True:
            left = deadline - time.monotonic()
            reply = self._next(min(limit, left), f"no result after {min(limit, budget):g} s")
            if isinstance(reply, Done):
                return
            yield reply

    def end(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            return self._process
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-m", "labkit.grading.worker", str(self._folder.resolve())]
        # Ctrl-C in a terminal goes to this process, which then ends the other one.
        process = subprocess.Popen(  # noqa: S603 - this very Python
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            start_new_session=os.name == "posix", creationflags=_NO_SESSION,
        )  # fmt: skip
        self._process = process
        self._replies = queue.SimpleQueue()
        threading.Thread(target=_receive, args=(process.stdout, self._replies), daemon=True).start()
        try:
            self._next(_START_SECONDS, "the checks don't load")
        except Lost as error:
            raise GraderError(
                f"The process that judges doesn't start: {error.why}.",
                f"Look at the checks in {self._folder}. To load them, run: pytest {self._folder}",
            ) from error
        return process

    def _next(self, seconds: float, if_late: str) -> Reply:
        try:
            reply = self._replies.get(timeout=max(0.0, seconds))
        except queue.Empty:
            self.end()
            raise Lost(if_late) from None
        if reply is None:
            self.end()
            raise Lost("it ended the process that judges")
        return reply


def _send(stream: IO[bytes], request: Any) -> None:
    with contextlib.suppress(OSError, ValueError):  # ended meanwhile; the reader notices
        messages.write(stream, request)


def _receive(stream: IO[bytes], replies: queue.SimpleQueue[Reply | None]) -> None:
    try:
        while True:
            replies.put(messages.read(stream))
    except (EOFError, OSError, ValueError):
        replies.put(None)
