"""Evaluates commands. What programs do is in ``programs``; nothing here leaves the process.

Source: Bash reference manual, "Shell Commands", "Executing Commands", "The Set Builtin".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import conditions, expansion, launch
from .arithmetic import Arithmetic, ArithmeticError_
from .conditions import ConditionError
from .parameters import ExpansionError
from .parser import Incomplete, Parser, ShellSyntaxError
from .patterns import Segment, matches
from .redirection import Redirections
from .signals import Abandon, Break, Exit, LimitError, Return
from .state import ShellState, Variable
from .streams import Capture, Input, OutputLimitError, Stream
from .syntax import (
    AndOr,
    ArithmeticCommand,
    Case,
    Command,
    Condition,
    CountingFor,
    For,
    Function,
    Group,
    If,
    Pipeline,
    ProcessSubstitution,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    While,
    Word,
)
from .variables import Variables

if TYPE_CHECKING:
    from ..files import Identity
    from ..machine import Machine

MAX_NESTING = 40


class Interpreter(Variables):
    """One shell at work."""

    def __init__(self, machine: Machine, state: ShellState) -> None:
        self.machine = machine
        self.state = state
        self.redirections = Redirections(self)
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
        """Write an error as this shell words it."""
        if self.state.interactive:
            name = "-bash" if self.state.login else "bash"
            self.err(f"{name}: {message}\n")
        else:
            self.err(f"{self.state.name}: line {self.line}: {message}\n")

    # What scripts are made of

    def run_text(self, text: str) -> int:
        """Run a program line by line, as bash reads it; returns the last status.

        Raises what leaves the shell (``Exit`` …).
        """
        parser = Parser(text, self.alias_table())
        while True:
            parser.aliases = self.alias_table()
            try:
                line = parser.complete_line()
            except RecursionError:
                self.complain("the command is nested too deeply")
                return self._syntax_error()
            except ShellSyntaxError as error:
                self.line = error.line
                self.complain(error.message)
                if not isinstance(error, Incomplete):
                    self.complain(f"`{parser.current_line()}'")
                return self._syntax_error()
            if line is None:
                return self.state.status
            try:
                self.sequence(line)
            except RecursionError:
                self.complain("maximum nesting level exceeded")
                self.state.status = 1

    def _syntax_error(self) -> int:
        self.state.status = 2
        return 2

    def alias_table(self) -> dict[str, str]:
        if self.state.interactive or "expand_aliases" in self.state.shopt:
            return self.state.aliases
        return {}

    def run_to_end(self, text: str) -> int:
        """Run a program and everything that its shell does when it ends; returns its status."""
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
        finally:
            self.redirections.finish()

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
        """Run a trap (``ERR``, ``DEBUG`` …) if it is set; the status stays."""
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
            self.and_or(item)
        return self.state.status

    def and_or(self, item: AndOr) -> int:
        if item.background:
            return launch.in_background(self, item)
        last = len(item.rest) - 1
        status = self._guarded_pipeline(item.first, final=last < 0)
        for number, (sign, pipeline) in enumerate(item.rest):
            if (sign == "&&") == (status == 0):
                status = self._guarded_pipeline(pipeline, final=number == last)
        return status

    def _guarded_pipeline(self, pipeline: Pipeline, *, final: bool) -> int:
        if final and not pipeline.negated:
            status = self.pipeline(pipeline)
            self._check_errors(pipeline, status)
            return status
        self.guarded += 1
        try:
            return self.pipeline(pipeline)
        finally:
            self.guarded -= 1

    def _check_errors(self, pipeline: Pipeline, status: int) -> None:
        if status == 0 or self.guarded:
            return
        only = pipeline.commands[-1] if len(pipeline.commands) == 1 else None
        if isinstance(only, (If, For, CountingFor, While, Case, Group, Redirected)):
            return
        self.trap("ERR")
        if "errexit" in self.state.options:
            raise Exit(status)

    def pipeline(self, pipeline: Pipeline) -> int:
        if len(pipeline.commands) == 1:
            status = self.run(pipeline.commands[0])
            self.set_items("PIPESTATUS", {"0": str(status)})
        else:
            status = self._pipes(pipeline)
        if pipeline.negated:
            status = int(status == 0)
        if pipeline.timed:
            self.err("\nreal\t0m0.004s\nuser\t0m0.002s\nsys\t0m0.001s\n")
        self.state.status = status
        return status

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
                if pipeline.with_errors[number]:
                    inner.streams[2] = capture
            statuses.append(inner.run_forked(command))
            feed = Input(capture.take())
        self.set_items("PIPESTATUS", {str(n): str(s) for n, s in enumerate(statuses)})
        if "pipefail" in self.state.options:
            return next((status for status in reversed(statuses) if status), 0)
        return statuses[-1]

    def fork(self) -> Interpreter:
        """A subshell of this shell."""
        inner = Interpreter(self.machine, self.state.fork())
        inner.line = self.line
        inner.guarded = self.guarded
        inner.nesting = self.nesting + 1
        inner.redirections.sinks = self.redirections.sinks
        if inner.nesting > MAX_NESTING:
            raise LimitError("too many nested shells")
        return inner

    def run_forked(self, command: Command | Sequence) -> int:
        """In a subshell: run something to its end; returns the status."""
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

    # Kinds of commands

    def run(self, command: Command) -> int:  # noqa: C901, PLR0911, PLR0912 - one case for each kind
        self.machine.step()
        try:
            match command:
                case Simple():
                    return launch.simple(self, command)
                case Redirected():
                    with self.redirections.applied(command.redirects) as ready:
                        return self.run(command.command) if ready else self._status(1)
                case If():
                    return self._if(command)
                case For() | CountingFor():
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
                    self.state.function_sources[command.name] = command.source
                    return self._status(0)
                case Condition():
                    return self._status(int(not conditions.evaluate(self, command.expression)))
                case ArithmeticCommand():
                    value = self.arithmetic(self.expand_text(command.expression))
                    return self._status(int(value == 0))
        except (ConditionError, ArithmeticError_) as error:
            self.complain(str(error))
            return self._status(2 if isinstance(error, ConditionError) else 1)
        except ExpansionError as error:
            self.complain(str(error))
            self.state.status = 1
            if self.state.interactive:
                raise Abandon from error
            raise Exit(1) from error

    def _status(self, status: int) -> int:
        self.state.status = status
        return status

    def condition(self, body: Sequence) -> bool:
        """Run the commands of a condition: their failure ends nothing."""
        self.guarded += 1
        try:
            return self.sequence(body) == 0
        finally:
            self.guarded -= 1

    def _if(self, command: If) -> int:
        for condition, body in command.branches:
            if self.condition(condition):
                return self.sequence(body)
        return self.sequence(command.otherwise) if command.otherwise else self._status(0)

    def _for(self, command: For | CountingFor) -> int:
        self._status(0)
        if isinstance(command, CountingFor):
            self.arithmetic(self.expand_text(command.start))
            test, step = command.condition, command.step
            while not (text := self.expand_text(test)).strip() or self.arithmetic(text):
                if self._body(command.body):
                    break
                self.arithmetic(self.expand_text(step))
            return self.state.status
        words = command.words
        values = list(self.state.positional) if words is None else self.expand(words)
        for value in values:
            self.assign(command.name, value)
            if self._body(command.body):
                break
        return self.state.status

    def _while(self, command: While) -> int:
        status = 0
        while self.condition(command.condition) is not command.until:
            ended = self._body(command.body)
            status = self.state.status
            if ended:
                break
        return self._status(status)

    def _body(self, body: Sequence) -> bool:
        """Run a loop's body once; True where the loop ends by it."""
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
        status, falling = 0, False
        for patterns, body, ending in command.arms:
            if not falling and not any(matches(self.expand_pattern(p), subject) for p in patterns):
                continue
            status = self.sequence(body) if body.items else 0
            falling = ending == ";&"
            if ending == ";;":
                break
        return self._status(status)

    # Words

    def expand(self, words: tuple[Word, ...]) -> list[str]:
        return expansion.expand_words(self, words)

    def expand_text(self, word: Word) -> str:
        return expansion.text_of(self, word)

    def expand_pattern(self, word: Word) -> list[Segment]:
        return expansion.segments_of(self, word)

    def arithmetic(self, text: str) -> int:
        return Arithmetic(self.arithmetic_value, self.assign).evaluate(text)

    def substitute(self, body: Sequence) -> str:
        """What commands write, without the line ends at its end."""
        read = launch.file_to_read(body)
        if read is not None:
            return self.redirections.text_of(self.expand_text(read)).rstrip("\n")
        inner = self.fork()
        if "inherit_errexit" not in self.state.shopt:
            inner.state.options.discard("errexit")
        capture = Capture()
        inner.streams[1] = capture
        self.substituted = inner.run_forked(body)
        self.state.status = self.substituted
        return capture.take().replace("\0", "").rstrip("\n")

    def process_substitution(self, part: ProcessSubstitution) -> str:
        return self.redirections.substitute(part)
