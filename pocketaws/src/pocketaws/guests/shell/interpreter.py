"""Runs commands. The programs are in ``programs``; nothing starts a process on the host.

Source: Bash reference manual, "Shell Commands", "Executing Commands", "The Set Builtin".
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..files import Identity
from ..machine import Machine
from . import conditions, expansion, launch, redirection
from .conditions import ConditionError
from .control_flow import Abandon, Break, Exit, ExpansionError, LimitError, Return
from .parser import Incomplete, Parser, ShellSyntaxError
from .patterns import Segment, matches
from .state import ShellState, Variable
from .streams import Capture, Input, OutputLimitError, Stream
from .syntax import (
    AndOr,
    Assignment,
    Case,
    Command,
    Condition,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    While,
    Word,
)
from .variables import Variables

MAX_NESTING = 40


class Interpreter(Variables):
    """A running shell."""

    def __init__(self, machine: Machine, state: ShellState) -> None:
        self.machine = machine
        self.state = state
        self.locals: list[dict[str, Variable | None]] = []
        self.guarded = 0
        self.nesting = 0
        self.line = 1
        self.command = ""
        self.in_trap = False
        self.substituted: int | None = None

    @property
    def identity(self) -> Identity:
        return self.machine.identity(self.state.user)

    @property
    def streams(self) -> dict[int, Stream]:
        return self.state.streams

    def out(self, text: str) -> None:
        self.streams.get(1, Stream()).write(text)

    def err(self, text: str) -> None:
        self.streams.get(2, Stream()).write(text)

    def complain(self, message: str) -> None:
        """Write an error message with the shell's prefix."""
        if self.state.interactive:
            name = "-bash" if self.state.login else "bash"
            self.err(f"{name}: {message}\n")
        else:
            self.err(f"{self.state.name}: line {self.line}: {message}\n")

    def run_text(self, text: str) -> int:
        """Run a script line by line, as bash reads it; returns the last status.

        Raises ``Unwind`` if a command leaves the shell.
        """
        parser = Parser(text, self.alias_table())
        while True:
            parser.aliases = self.alias_table()
            try:
                line = parser.complete_line()
            except RecursionError:
                self.complain("the command is nested too deeply")
                return self._status(2)
            except ShellSyntaxError as error:
                self.line = error.line
                self.complain(error.message)
                if not isinstance(error, Incomplete):
                    self.complain(f"`{parser.current_line()}'")
                return self._status(2)
            if line is None:
                return self.state.status
            try:
                self.sequence(line)
            except RecursionError:
                self.complain("maximum nesting level exceeded")
                self.state.status = 1

    def alias_table(self) -> dict[str, str]:
        """The aliases to expand. Scripts expand none."""
        return self.state.aliases if self.state.interactive else {}

    def run_to_end(self, text: str) -> int:
        """Run a script, then the ``EXIT`` trap; returns the shell's status."""
        try:
            try:
                self.run_text(text)
            except Exit as left:
                self.state.status = left.status
            except (Return, Break, Abandon):
                pass
            return self.end()
        except OutputLimitError:
            return 153

    def end(self) -> int:
        """Run the ``EXIT`` trap; returns the shell's status."""
        action = self.state.traps.pop("EXIT", None)
        if not action:
            return self.state.status
        status = self.state.status
        try:
            self.run_text(action)
        except Exit as left:
            status = left.status
        except (Return, Break, Abandon):
            pass
        self.state.status = status
        return status

    def trap(self, signal: str) -> None:
        """Run a trap (``DEBUG``) if it's set, without changing the status."""
        action = self.state.traps.get(signal)
        if not action or self.in_trap:
            return
        status = self.state.status
        self.in_trap = True
        try:
            self.run_text(action)
        finally:
            self.in_trap = False
        self.state.status = status

    def sequence(self, body: Sequence) -> int:
        for item in body.items:
            self._and_or(item)
        return self.state.status

    def _and_or(self, item: AndOr) -> None:
        last = len(item.rest) - 1
        status = self._guarded_pipeline(item.first, final=last < 0)
        for number, (sign, pipeline) in enumerate(item.rest):
            if (sign == "&&") == (status == 0):
                status = self._guarded_pipeline(pipeline, final=number == last)

    def _guarded_pipeline(self, pipeline: Pipeline, *, final: bool) -> int:
        if final and not pipeline.negated:
            status = self._pipeline(pipeline)
            self._check_errors(pipeline, status)
            return status
        self.guarded += 1
        try:
            return self._pipeline(pipeline)
        finally:
            self.guarded -= 1

    def _check_errors(self, pipeline: Pipeline, status: int) -> None:
        if status == 0 or self.guarded:
            return
        only = pipeline.commands[-1] if len(pipeline.commands) == 1 else None
        if isinstance(only, (If, For, While, Case, Group, Redirected)):
            return
        if "errexit" in self.state.options:
            raise Exit(status)

    def _pipeline(self, pipeline: Pipeline) -> int:
        if len(pipeline.commands) == 1:
            status = self.run(pipeline.commands[0])
        else:
            status = self._pipes(pipeline)
        return self._status(int(status == 0) if pipeline.negated else status)

    def _pipes(self, pipeline: Pipeline) -> int:
        statuses: list[int] = []
        feed: Stream | None = None
        last = len(pipeline.commands) - 1
        for number, command in enumerate(pipeline.commands):
            inner = self.fork()
            if feed is not None:
                inner.streams[0] = feed
            capture = Capture()
            if number < last:
                inner.streams[1] = capture
            statuses.append(inner.run_forked(command))
            feed = Input(capture.take())
        if "pipefail" in self.state.options:
            return next((status for status in reversed(statuses) if status), 0)
        return statuses[-1]

    def fork(self) -> Interpreter:
        """A subshell of this shell."""
        inner = self.below(self.state.fork())
        inner.line = self.line
        inner.guarded = self.guarded
        return inner

    def below(self, state: ShellState) -> Interpreter:
        """A new child shell; raises ``LimitError``."""
        inner = Interpreter(self.machine, state)
        inner.nesting = self.nesting + 1
        if inner.nesting > MAX_NESTING:
            raise LimitError("too many nested shells")
        return inner

    def run_forked(self, command: Command | Sequence) -> int:
        """Run something in a subshell to its end; returns the status."""
        try:
            if isinstance(command, Sequence):
                self.sequence(command)
            else:
                self.state.status = self.run(command)
        except Exit as left:
            self.state.status = left.status
        except (Return, Break, Abandon):
            pass
        except RecursionError:
            self.complain("maximum nesting level exceeded")
            self.state.status = 1
        return self.end()

    def run(self, command: Command) -> int:
        """Run one command; returns its status."""
        self.machine.step()
        try:
            return self._run(command)
        except ConditionError as error:
            self.complain(str(error))
            return self._status(2)
        except ExpansionError as error:
            self.complain(str(error))
            self.state.status = 1
            if self.state.interactive:
                raise Abandon from error
            raise Exit(1) from error

    def _run(self, command: Command) -> int:  # noqa: C901, PLR0911 - one case for each kind
        match command:
            case Simple():
                return launch.simple(self, command)
            case Redirected():
                with self.redirected(command.redirects) as ready:
                    return self.run(command.command) if ready else self._status(1)
            case If():
                return self._if(command)
            case For():
                return self._for(command)
            case While():
                return self._while(command)
            case Case():
                return self._case(command)
            case Group():
                return self.sequence(command.body) if command.body.items else self._status(0)
            case Subshell():
                return self._status(self.fork().run_forked(command.body))
            case Function():
                self.state.functions[command.name] = command.body
                return self._status(0)
            case Condition():
                return self._status(int(not conditions.evaluate(self, command.expression)))

    def _status(self, status: int) -> int:
        self.state.status = status
        return status

    def _condition(self, body: Sequence) -> bool:
        """Run the commands of a condition, whose failure doesn't end the script."""
        self.guarded += 1
        try:
            return self.sequence(body) == 0
        finally:
            self.guarded -= 1

    def _if(self, command: If) -> int:
        for condition, body in command.branches:
            if self._condition(condition):
                return self.sequence(body)
        return self.sequence(command.otherwise) if command.otherwise else self._status(0)

    def _for(self, command: For) -> int:
        self._status(0)
        words = command.words
        values = list(self.state.positional) if words is None else self.expand(words)
        for value in values:
            self.assign(command.name, value)
            if self._body(command.body):
                break
        return self.state.status

    def _while(self, command: While) -> int:
        status = 0
        while self._condition(command.condition) is not command.until:
            ended = self._body(command.body)
            status = self.state.status
            if ended:
                break
        return self._status(status)

    def _body(self, body: Sequence) -> bool:
        """Run a loop's body once; returns True if it ended the loop."""
        self.machine.step()
        try:
            self.sequence(body)
        except Break as left:
            self.state.status = 0
            if left.levels > 1:
                raise Break(left.levels - 1, again=left.again) from None
            return not left.again
        return False

    def _case(self, command: Case) -> int:
        subject = self.expand_text(command.word)
        for patterns, body in command.arms:
            if any(matches(self.expand_pattern(pattern), subject) for pattern in patterns):
                return self.sequence(body) if body.items else self._status(0)
        return self._status(0)

    def expand(self, words: tuple[Word, ...]) -> list[str]:
        """The fields of the words, with file names expanded."""
        return expansion.expand_words(self, words)

    def expand_text(self, word: Word) -> str:
        """A word as a single string."""
        return expansion.text_of(self, word)

    def expand_pattern(self, word: Word) -> list[Segment]:
        """A word as a pattern."""
        return expansion.segments_of(self, word)

    def assign_word(self, assignment: Assignment) -> None:
        """Carry out one assignment."""
        value = self.expand_text(assignment.value)
        before = (self.state.get(assignment.name) or "") if assignment.append else ""
        self.assign(assignment.name, before + value)

    def substitute(self, body: Sequence) -> str:
        """The output of commands, without trailing newlines."""
        inner = self.fork()
        inner.state.options.discard("errexit")
        capture = Capture()
        inner.streams[1] = capture
        self.substituted = inner.run_forked(body)
        self.state.status = self.substituted
        return capture.take().replace("\0", "").rstrip("\n")

    def open(self, target: str, mode: str) -> Stream:
        """The stream of a path (``r``, ``w``, ``a``); raises ``RedirectError``."""
        return redirection.open_stream(self, target, mode)

    def redirected(self, redirects: tuple[Redirect, ...]) -> AbstractContextManager[bool]:
        """Redirect within the block; yields False if a redirection failed."""
        return redirection.redirected(self, redirects)
