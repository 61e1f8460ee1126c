"""The recording hook as it is deployed, in a real bash on a pseudo-terminal.

``logger`` is a stub on the PATH that writes down its arguments. The test completes each line as the server's system
log would, and reads it back with the parser that the grader uses.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cfnlint.decode import cfn_yaml

from labkit.evidence.commands import LoggedCommand, read_line
from labkit.model import Workshop
from labkit.render import render

PROMPT, CONTINUED = "@@> ", "..> "
PATIENCE_SECONDS = 20.0
LOGGER = """#!/bin/sh
printf '%s\\0' "$@" >> "$RECORDS"
printf '\\0' >> "$RECORDS"
"""

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@pytest.fixture(scope="module")
def hook() -> str:
    """The hook from the rendered template, after parsing the YAML and the here-document of the boot script."""
    workshop = Workshop("hooked", "malicious_callout", "eu-west-1", timedelta(hours=8), ())
    boot = cfn_yaml.loads(render(workshop)["lab"])["Mappings"]["Script"]["Boot"]["Text"]
    return str(boot).partition("<<'HOOK'\n")[2].partition("\nHOOK\n")[0] + "\n"


class Home:
    """A home folder whose login shells have the hook, and what they recorded."""

    def __init__(self, folder: Path, hook: str) -> None:
        self.folder = folder
        self._records = folder / "records"
        programs = folder / "bin"
        programs.mkdir()
        (programs / "logger").write_text(LOGGER)
        (programs / "logger").chmod(0o755)
        (folder / "hook.sh").write_text(hook)
        self.profile()

    def profile(self, before: str = "", after: str = "") -> None:
        """What the login shell reads; /etc/profile may have set another PATH."""
        (self.folder / ".bash_profile").write_text(
            f"PATH={self.folder}/bin:$PATH\n{before}\n. {self.folder}/hook.sh\n{after}\n"
            f"PS1='{PROMPT}'\nPS2='{CONTINUED}'\n"
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "RECORDS": str(self._records),
            "TERM": "dumb",
        }

    @property
    def lines(self) -> list[str]:
        """The lines as they appear in the command log."""
        if not self._records.exists():
            return []
        calls = self._records.read_bytes().decode().split("\0\0")[:-1]
        return [self._line(call.split("\0")) for call in calls]

    @property
    def typed(self) -> list[tuple[str, int]]:
        """The command and exit status of each line; the grader must be able to read every line."""
        return [(found.command, found.exit_status) for found in map(self._read, self.lines)]

    @staticmethod
    def _line(arguments: list[str]) -> str:
        facility = arguments[arguments.index("-p") + 1]
        assert facility.startswith("local6.")
        tag = arguments[arguments.index("-t") + 1]
        return f"Jul 13 08:31:08 ip-10-0-0-9 {tag}: {arguments[-1]}"

    @staticmethod
    def _read(line: str) -> LoggedCommand:
        assert "\n" not in line
        found = read_line(line)
        assert found is not None, line
        assert line.startswith(f"Jul 13 08:31:08 ip-10-0-0-9 {found.user}: {found.user} [")
        return found


class Terminal:
    """A login shell on a pseudo-terminal. After typing, it waits for the next prompt."""

    def __init__(self, home: Home, term: str = "dumb") -> None:
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.chdir(home.folder)
            os.execvpe("bash", ["bash", "-il"], home.environment | {"TERM": term})  # noqa: S606, S607
        self._wait(PROMPT)

    def type(self, *lines: str) -> None:
        """Type the lines of one command; a continuation prompt follows each but the last."""
        for line in lines[:-1]:
            self._send(line + "\n", CONTINUED)
        self._send(lines[-1] + "\n", PROMPT)

    def paste(self, text: str) -> None:
        """Paste as a terminal with bracketed paste does, then press Enter."""
        self._send(f"\x1b[200~{text}\x1b[201~\n", PROMPT)

    def interrupt(self) -> None:
        # Between writing its prompt and reading, bash takes Ctrl-C without showing another prompt.
        time.sleep(0.5)
        self._send("\x03", PROMPT)

    def leave(self) -> None:
        os.write(self._end, b"exit\n")
        self._wait(None)
        os.close(self._end)
        os.waitpid(self.pid, 0)

    def _send(self, text: str, awaited: str) -> None:
        os.write(self._end, text.encode())
        self._wait(awaited)

    def _wait(self, awaited: str | None) -> None:
        """Read until the output ends in a prompt or, if None is awaited, until the shell has ended."""
        seen = b""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while awaited is None or not seen.endswith(awaited.encode()):
            ready, _, _ = select.select([self._end], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {awaited!r} after {seen!r}"
            try:
                chunk = os.read(self._end, 4096)
            except OSError:  # Linux reports this way that the other side is closed
                chunk = b""
            if not chunk:
                assert awaited is None, f"the shell ended after {seen!r}"
                return
            seen += chunk


@pytest.fixture
def home(tmp_path: Path, hook: str) -> Home:
    return Home(tmp_path, hook)


@pytest.fixture
def terminal(home: Home) -> Iterator[Callable[..., Terminal]]:
    """Opens terminals, and closes them when the test ends."""
    opened: list[Terminal] = []

    def open_one(term: str = "dumb") -> Terminal:
        opened.append(Terminal(home, term))
        return opened[-1]

    yield open_one
    for one in opened:
        one.leave()


Open = Callable[..., Terminal]


@pytest.mark.parametrize(
    "command",
    [
        "true",
        "  true",
        "\\true  ",
        "echo one | cat | cat",
        "echo one >/dev/null 2>&1 &&   echo two",
        """echo "it's" 'a "quoted"' word""",
        r"echo 'back\slash\n' \\ \'",
        "echo $HOME $(echo nested) `echo old` ${HOME:-none}",
        "echo 'ends like a record [0]'",
        "echo ec2-user [12]: echo no [0]",
        "echo 100% %s %n",
        "echo -e dash",
        "-h 2>/dev/null || true",
        "echo grüße 日本",
        "true # a comment",
        "$'true'",
        "curl -s -m 0.01 -o /dev/null http://127.0.0.1:1/k3jx81mqpa0z || true",
    ],
)
def test_a_command_is_recorded_as_it_was_typed(home: Home, terminal: Open, command: str) -> None:
    terminal().type(command)

    assert home.typed == [(command, 0)]


def test_the_line_has_the_form_of_the_original_exercise(home: Home, terminal: Open) -> None:
    shell = terminal()
    shell.type("true")

    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607
    assert home.lines == [f"Jul 13 08:31:08 ip-10-0-0-9 {user}: {user} [{shell.pid}]: true [0]"]


@pytest.mark.parametrize(
    ("command", "status"), [("false", 1), ("(exit 7)", 7), ("no-such-program 2>/dev/null", 127)]
)
def test_the_exit_status_of_a_failing_command_is_recorded(
    home: Home, terminal: Open, command: str, status: int
) -> None:
    shell = terminal()
    shell.type(command)
    shell.type("echo $?")

    assert home.typed == [(command, status), ("echo $?", 0)]


def test_the_hook_leaves_the_exit_status_to_the_next_command(home: Home, terminal: Open) -> None:
    shell = terminal()
    shell.type("(exit 7)")
    shell.type("test $? = 7")

    assert home.typed[-1] == ("test $? = 7", 0)


def test_an_empty_enter_records_nothing(home: Home, terminal: Open) -> None:
    shell = terminal()
    shell.type("")
    shell.type("true")
    shell.type("")
    shell.type("   ")
    shell.type("")
    shell.interrupt()

    assert [command for command, _ in home.typed if command.strip()] == ["true"]
    assert len(home.lines) <= 2  # a line of blanks is in the history, but an empty line isn't


def test_a_repeated_command_is_recorded_each_time(home: Home, terminal: Open) -> None:
    shell = terminal()
    for _ in range(3):
        shell.type("true")

    assert home.typed == [("true", 0)] * 3


@pytest.mark.parametrize("history", [None, "", "old one\nold two\n", "#1700000000\nold one\n"])
def test_a_login_records_nothing_of_earlier_sessions(
    home: Home, terminal: Open, history: str | None
) -> None:
    if history is not None:
        (home.folder / ".bash_history").write_text(history)
    shell = terminal()
    shell.type("")
    assert home.lines == []

    shell.type("old two")
    assert home.typed == [("old two", 127)]


def test_the_second_login_records_nothing_of_the_first(home: Home, terminal: Open) -> None:
    first = Terminal(home)
    first.type("true")
    first.leave()
    terminal().type("")

    assert home.typed == [("true", 0)]


@pytest.mark.parametrize(
    ("lines", "command"),
    [
        (["for i in 1 2", "do echo $i", "done"], "for i in 1 2; do echo $i; done"),
        (["echo one \\", "two"], "echo one two"),
        (["true &&", "true"], "true && true"),
        (["echo 'one", "  two\\n", "three'"], "echo 'one\n  two\\n\nthree'"),
        (["echo \"it's", 'grüße"'], 'echo "it\'s\ngrüße"'),
        (["cat <<END", "a 'b' \\c", "END"], "cat <<END\na 'b' \\c\nEND"),
        (["$'true", "' 2>/dev/null || true"], "$'true\n' 2>/dev/null || true"),
    ],
)
def test_several_lines_are_one_record_that_reads_back_as_the_command(
    home: Home, terminal: Open, lines: list[str], command: str
) -> None:
    terminal().type(*lines)

    assert [(found.rstrip("\n"), status) for found, status in home.typed] == [(command, 0)]


def test_control_characters_read_back(home: Home, terminal: Open) -> None:
    terminal().type("echo 'a\x16\tb\x16\x1b[31mc' \\\\ | cat -v")  # ^V takes the next key as it is

    assert home.typed == [("echo 'a\tb\x1b[31mc' \\\\ | cat -v", 0)]


def test_pasted_lines_are_recorded_whole(home: Home, terminal: Open) -> None:
    shell = terminal("xterm")
    shell.paste("echo one; echo 'two\nthree'")

    assert home.typed == [("echo one; echo 'two\nthree'", 0)]


def test_commands_are_recorded_whatever_history_settings_say(home: Home, terminal: Open) -> None:
    home.profile(
        before="HISTCONTROL=ignoreboth:erasedups HISTIGNORE='true*:&' HISTTIMEFORMAT='%F %T '"
    )
    shell = terminal()
    shell.type("  true")
    shell.type("  true")

    assert home.typed == [("  true", 0)] * 2


def test_recording_goes_on_after_the_history_is_full(home: Home, terminal: Open) -> None:
    home.profile(before="HISTSIZE=3")
    shell = terminal()
    for number in range(6):
        shell.type(f"true {number}")

    assert home.typed == [(f"true {number}", 0) for number in range(6)]


def test_recording_goes_on_after_the_history_was_cleared(home: Home, terminal: Open) -> None:
    shell = terminal()
    shell.type("true 1")
    shell.type("history -c")
    shell.type("true 2")

    assert [typed for typed in home.typed if typed[0] != "history -c"] == [
        ("true 1", 0),
        ("true 2", 0),
    ]


def test_a_prompt_command_that_was_there_still_runs(home: Home, terminal: Open) -> None:
    home.profile(before="PROMPT_COMMAND='touch prompted'")
    terminal().type("false")

    assert (home.folder / "prompted").exists()
    assert home.typed == [("false", 1)]


def test_reading_the_hook_twice_records_once(home: Home, terminal: Open) -> None:
    home.profile(after=f". {home.folder}/hook.sh")
    shell = terminal()
    shell.type("true")
    shell.type(f". {home.folder}/hook.sh")

    assert home.typed == [("true", 0), (f". {home.folder}/hook.sh", 0)]


def test_a_login_shell_fed_from_a_pipe_records(home: Home) -> None:
    """What Run Command does where port 22 is blocked."""
    subprocess.run(  # noqa: S602 - the line is ours
        "printf '%s\\n' 'true' 'false' exit | bash -il",  # noqa: S607
        shell=True,
        env=home.environment,
        check=False,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )

    assert home.typed == [("true", 0), ("false", 1)]


def test_a_script_records_nothing(home: Home) -> None:
    script = f". {home.folder}/hook.sh; true; false; declare -p PROMPT_COMMAND 2>&1 || true"
    done = subprocess.run(  # noqa: S603 - the lines are ours
        ["bash", "-c", script],  # noqa: S607
        env=home.environment | {"PATH": f"{home.folder}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )

    assert "not found" in done.stdout
    assert home.lines == []


def test_the_hook_is_no_burden_to_other_shells(home: Home) -> None:
    """Every login shell reads /etc/profile.d, so what only bash understands must not stop the others."""
    other = shutil.which("dash")
    if other is None:
        pytest.skip("dash is not installed")
    done = subprocess.run(  # noqa: S603 - the lines are ours
        [other, "-c", f". {home.folder}/hook.sh; echo alive"],
        env=home.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert (done.stdout, done.stderr) == ("alive\n", "")
