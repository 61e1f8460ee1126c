"""Runs scripts in a guest that no one is logged in to: user data and Run Command."""

from __future__ import annotations

from .machine import Machine
from .shell import launch
from .shell.control_flow import LimitError
from .shell.interpreter import Interpreter
from .shell.state import ShellState
from .shell.streams import Capture, Stream


def run_script(machine: Machine, path: str) -> tuple[int, str]:
    """Run a script as root; returns its status and output."""
    output = Capture()
    shell = root_shell(machine, "/", output)
    try:
        status = launch.run_program(shell, [path])
    except LimitError as error:
        output.write(f"Killed: {error}\n")
        status = 137
    return status, output.take()


def root_shell(machine: Machine, cwd: str, output: Stream) -> Interpreter:
    """A root shell with the environment that system services get."""
    state = ShellState("root", cwd, "sh", pid=machine.guest.new_pid())
    state.streams = {0: Stream(), 1: output, 2: output}
    for name, value in (
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/root"),
        ("USER", "root"), ("LOGNAME", "root"), ("SHELL", "/bin/bash"), ("LANG", "C.UTF-8"),
    ):  # fmt: skip
        state.set(name, value, export=True)
    state.set("IFS", " \t\n")
    return Interpreter(machine, state)
