"""Login shells in guests. Opening one, feeding it a line, and closing it are inputs of the world.

The SSH server does the terminal's work (echo, line editing). A shell gets complete lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import AwsError
from ..inputs import world_input
from . import store, system_log, users
from .guest import Guest, Login, Process
from .machine import Machine
from .shell import prompt
from .shell.control_flow import Exit, LimitError
from .shell.interpreter import Interpreter
from .shell.state import ShellSession, ShellState, Variable
from .shell.streams import Capture, Input, OutputLimitError

if TYPE_CHECKING:
    from ..world import World


@dataclass(frozen=True, slots=True)
class Reply:
    """A shell's output, with its next prompt or its exit status."""

    output: str
    prompt: str = ""
    closed: bool = False
    status: int = 0
    seconds: float = 0.0
    """How long a real server would have taken, including sleeps and timeouts."""


class LoginError(AwsError):
    """The user or the server doesn't accept logins."""


def guest_of(world: World, account: str, region: str, instance_id: str) -> Guest:
    """Find a guest that is up; raises ``LoginError``."""
    guest = store.find(world, account, region, instance_id)
    if guest is None or not guest.up:
        raise LoginError("InvalidInstanceState", f"{instance_id} is not up.")
    return guest


@world_input("guests.open_shell")
def open_shell(
    world: World, account: str, region: str, instance_id: str, user: str, remote_address: str,
    terminal_type: str = "xterm-256color",
) -> tuple[str, Reply]:  # fmt: skip
    """Open an interactive login shell on a terminal; returns its ID and its first output."""
    guest = guest_of(world, account, region, instance_id)
    shell_id = world.hex(16)
    with store.open_machine(world, guest, visitor=remote_address) as machine:
        number = len(guest.shells)
        state = login_state(machine, user, remote_address)
        state.set("TERM", terminal_type, export=True)
        state.set("SSH_TTY", f"/dev/pts/{number}", export=True)
        terminal = Capture(terminal=True)
        state.streams = {0: Input(), 1: terminal, 2: terminal}
        session = ShellSession(state, remote_address, f"pts/{number}", terminal)
        guest.shells[shell_id] = session
        _greet(machine, guest, session, terminal)
        shell = Interpreter(machine, state)
        status = None
        try:
            prompt.start(shell, interactive=True, login=True)
        except Exit as left:
            status = left.status
        except (LimitError, OutputLimitError):
            terminal.write("Killed\n")
        reply = _reply(machine, shell, session, shell_id, status)
    return shell_id, reply


def login_state(machine: Machine, user: str, remote_address: str) -> ShellState:
    """The state of a shell that sshd starts for a user."""
    found = users.find(machine.files, user)
    if found is None or found.shell.endswith("nologin"):
        raise LoginError("InvalidUser", f"{user} cannot log in.")
    state = ShellState(found.name, found.home, "-bash", pid=machine.guest.new_pid(7))
    address = str(machine.network.interface.private_ip_address)
    for name, value in (
        ("HOME", found.home), ("USER", found.name), ("LOGNAME", found.name), ("SHELL", found.shell),
        ("PATH", "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin"), ("LANG", "C.UTF-8"),
        ("PWD", found.home), ("SHLVL", "1"),
        ("SSH_CLIENT", f"{remote_address} 52022 22"),
        ("SSH_CONNECTION", f"{remote_address} 52022 {address} 22"),
    ):  # fmt: skip
        state.variables[name] = Variable(value, exported=True)
    state.set("IFS", " \t\n")
    state.set("BASH_VERSION", "5.2.15(1)-release")
    for name in ("UID", "EUID"):
        state.set(name, str(found.uid))
    state.set("PPID", str(state.pid - 1))
    state.set("HOSTNAME", machine.guest.hostname)
    return state


_BANNER = (
    "   ,     #_\n   ~\\_  ####_        Amazon Linux 2023\n  ~~  \\_#####\\\n  ~~     \\###|\n  ~~       \\#/ ___   "
    "https://aws.amazon.com/linux/amazon-linux-2023\n   ~~       V~' '->\n    ~~~         /\n      ~~._.   _/\n"
    "         _/ _/\n       _/m/'\n"
)


def _greet(machine: Machine, guest: Guest, session: ShellSession, terminal: Capture) -> None:
    user, address = session.state.user, session.remote_address
    terminal.write(_BANNER)
    before = [login for login in guest.logins if login.user == user]
    if before:
        last = before[-1]
        terminal.write(
            f"Last login: {last.began:%a %b} {last.began.day:>2} {last.began:%H:%M:%S %Y} from {last.address}\n"
        )
    guest.logins.append(Login(user, session.terminal, address, machine.now))
    pid = session.state.pid
    guest.processes[pid] = Process(pid, user, "-bash", session.terminal, machine.now)
    system_log.write(machine, "sshd", pid - 1, f"Accepted publickey for {user} from {address} port 52022 ssh2: ED25519",
                     facility="authpriv")  # fmt: skip
    system_log.write(machine, "sshd", pid - 1, f"pam_unix(sshd:session): session opened for user {user} by (uid=0)",
                     facility="authpriv")  # fmt: skip


@world_input("guests.feed")
def feed(
    world: World, account: str, region: str, instance_id: str, shell_id: str, line: str
) -> Reply:
    """Give a shell one line (without its newline); returns its output."""
    guest = store.find(world, account, region, instance_id)
    session = guest.shells.get(shell_id) if guest is not None else None
    if guest is None or session is None or not guest.up:
        return Reply("", closed=True, status=255)
    with store.open_machine(world, guest, visitor=session.remote_address) as machine:
        shell = Interpreter(machine, session.state)
        pending = session.pending + line + "\n"
        if not prompt.complete(pending, shell.alias_table()):
            session.pending = pending
            return Reply(session.screen.take(), prompt.prompt(shell, "PS2"))
        session.pending = ""
        prompt.remember(shell, pending)
        status = prompt.run_line(shell, pending)
        return _reply(machine, shell, session, shell_id, status)


@world_input("guests.interrupt")
def interrupt(world: World, account: str, region: str, instance_id: str, shell_id: str) -> Reply:
    """Ctrl-C at the prompt: discard the partly typed command."""
    guest = store.find(world, account, region, instance_id)
    session = guest.shells.get(shell_id) if guest is not None else None
    if guest is None or session is None:
        return Reply("", closed=True, status=255)
    with store.open_machine(world, guest) as machine:
        session.pending = ""
        session.state.status = 130
        return _reply(machine, Interpreter(machine, session.state), session, shell_id, None)


@world_input("guests.close_shell")
def close(world: World, account: str, region: str, instance_id: str, shell_id: str) -> Reply:
    """Close a shell at the end of its input, as ``exit`` does."""
    guest = store.find(world, account, region, instance_id)
    session = guest.shells.get(shell_id) if guest is not None else None
    if guest is None or session is None:
        return Reply("", closed=True)
    with store.open_machine(world, guest, visitor=session.remote_address) as machine:
        shell = Interpreter(machine, session.state)
        return _reply(machine, shell, session, shell_id, session.state.status)


def _reply(
    machine: Machine, shell: Interpreter, session: ShellSession, shell_id: str, status: int | None
) -> Reply:
    terminal = session.screen
    if status is None:
        try:
            prompt.before_prompt(shell)
            return Reply(terminal.take(), prompt.prompt(shell), seconds=machine.slept)
        except Exit as left:
            status = left.status
        except (LimitError, OutputLimitError):
            return Reply(terminal.take() + "Killed\n", prompt.prompt(shell), seconds=machine.slept)
    shell.state.status = status
    status = prompt.end(shell)
    guest = machine.guest
    guest.shells.pop(shell_id, None)
    guest.processes.pop(session.state.pid, None)
    for login in guest.logins:
        if login.terminal == session.terminal and login.ended is None:
            login.ended = machine.now
    session.closed = True
    system_log.write(machine, "sshd", session.state.pid - 1,
                     f"pam_unix(sshd:session): session closed for user {session.state.user}", facility="authpriv")  # fmt: skip
    return Reply(terminal.take(), closed=True, status=status, seconds=machine.slept)


@world_input("guests.execute")
def execute(
    world: World, account: str, region: str, instance_id: str, user: str, remote_address: str,
    command: str, data: str = "",
) -> Reply:  # fmt: skip
    """Run one command without a terminal (``ssh host command``). The shell isn't interactive, so nothing records it."""
    guest = guest_of(world, account, region, instance_id)
    with store.open_machine(world, guest, visitor=remote_address) as machine:
        state = login_state(machine, user, remote_address)
        state.name = "bash"
        output = Capture()
        state.streams = {0: Input(data), 1: output, 2: output}
        shell = Interpreter(machine, state)
        prompt.source(shell, f"{state.get('HOME')}/.bashrc")
        try:
            status = shell.run_to_end(command)
        except LimitError as error:
            output.write(f"Killed ({error})\n")
            status = 137
        return Reply(output.take(), closed=True, status=status, seconds=machine.slept)
