"""A guest at work in one turn: its state, the world around it, and how much it may still do."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..identity.caller import instance_caller
from ..identity.credentials import session_caller
from ..identity.sts import role_session_caller
from . import users
from .files import FileError, FileTree, Identity
from .guest import Guest
from .network import Network
from .programs import registry
from .shell.signals import LimitError
from .shell.streams import Stream

if TYPE_CHECKING:
    from ..identity.caller import Caller
    from ..world import World
    from .shell.interpreter import Interpreter

log = logging.getLogger(__name__)

MAX_STEPS = 20_000
MAX_SLEEP_SECONDS = 3600.0
_RENEW_BEFORE = timedelta(minutes=10)


@dataclass
class Console(Stream):
    """The system console."""

    guest: Guest

    def write(self, text: str) -> None:
        self.guest.console += text


@dataclass
class Zeros(Stream):
    """``/dev/zero`` and ``/dev/urandom``, in small portions."""

    machine: Machine
    random: bool

    def read(self) -> str:
        if not self.random:
            return "\0" * 512
        return "".join(chr(self.machine.world.random.randrange(256)) for _ in range(512))


class Machine:
    """Everything that a guest's commands can reach. Lives for one turn."""

    def __init__(
        self, world: World, guest: Guest, steps: int = MAX_STEPS, user_agent: str = ""
    ) -> None:
        self.world = world
        self.guest = guest
        self.network = Network(self)
        self.slept = 0.0
        self.user_agent = user_agent
        self._steps = steps
        self._identities: dict[str, Identity] = {}

    @property
    def now(self) -> datetime:
        return self.world.now

    @property
    def files(self) -> FileTree:
        return self.guest.files

    @property
    def instance(self) -> Any:
        """moto's instance."""
        guest = self.guest
        return instances.find(guest.account, guest.region, guest.instance_id)

    def step(self) -> None:
        """Count one command; raises ``LimitError`` when a guest does too much in one turn."""
        self._steps -= 1
        if self._steps < 0:
            raise LimitError("too many commands in one go")

    def spend(self, steps: int) -> None:
        """Count work that is not a command of its own; raises ``LimitError``."""
        self._steps -= steps
        if self._steps < 0:
            raise LimitError("too much work in one go")

    def sleep(self, seconds: float) -> None:
        """Let time pass for the guest (not for the world: nobody waits inside a turn)."""
        self.slept += max(0.0, seconds)
        if self.slept > MAX_SLEEP_SECONDS:
            raise LimitError("the guest sleeps for too long")

    def identity(self, user: str) -> Identity:
        if user not in self._identities:
            self._identities[user] = Identity(user, users.groups_of(self.files, user))
        return self._identities[user]

    def forget_identities(self) -> None:
        """After a change of users or groups."""
        self._identities.clear()

    def home_of(self, user: str) -> str | None:
        found = users.find(self.files, user)
        return found.home if found is not None else None

    def uid_of(self, user: str) -> int:
        found = users.find(self.files, user)
        return found.uid if found is not None else 65534

    def device(self, name: str) -> Stream:
        """The stream of a device file."""
        if name in {"console", "kmsg"}:
            return Console(self.guest)
        if name in {"zero", "urandom"}:
            return Zeros(self, name == "urandom")
        return Stream()

    def run_program(self, shell: Interpreter, program: str, words: list[str]) -> int:
        """Run an emulated program in a shell; returns its status."""
        self.step()
        found = registry.find(program)
        run = registry.Run(shell, words[0].rpartition("/")[2], words[1:])
        try:
            return found.function(run)
        except registry.UsageError as error:
            run.complain(str(error))
            run.err(f"Try '{run.name} --help' for more information.\n")
            return error.status
        except FileError as error:
            run.complain(str(error))
            return 1

    def role_caller(self, user_agent: str) -> Caller | None:
        """A session of the instance's role; None where it has none."""
        guest = self.guest
        role_arn = instances.role_arn(guest.account, self.instance)
        if role_arn is None:
            return None
        kept = guest.session
        name = role_arn.rpartition("/")[2]
        address = self.network.shown_address()
        fresh = kept is not None and kept.expires_at - self.now > _RENEW_BEFORE
        if kept is not None and fresh and (kept.role_name, kept.source_address) == (name, address):
            return session_caller(kept, user_agent)
        made = role_session_caller(
            self.world, role_arn, guest.instance_id, address, user_agent, "ec2.amazonaws.com",
            region=guest.region,
        )  # fmt: skip
        guest.session = made.session
        return made

    def own_caller(self, user_agent: str) -> Caller:
        """The server by its identity document, without credentials."""
        guest = self.guest
        address = self.network.shown_address()
        return instance_caller(guest.account, guest.region, guest.instance_id, address, user_agent)

    def end_process(self, pid: int) -> None:
        """Kill a process; a service it belonged to ends with it."""
        self.guest.processes.pop(pid, None)
        for service in self.guest.services.values():
            if service.pid == pid:
                service.state, service.pid = "inactive", 0

    def history_file(self, shell: Interpreter, options: set[str]) -> int:
        """``history -a`` and ``-w`` write the history file, ``-r`` reads it."""
        path = shell.state.get("HISTFILE")
        if not path:
            return 0
        if options & {"a", "w"}:
            text = "".join(line + "\n" for line in shell.state.history)
            try:
                self.files.write(path, text, self.now, "/", shell.identity, mode=0o600)
            except FileError as error:
                shell.complain(f"history: {path}: {error}")
                return 1
        elif "r" in options and self.files.get(path) is not None:
            shell.state.history.extend(self.files.read(path).splitlines())
        return 0
