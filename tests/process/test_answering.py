"""How people submit answers: as arguments, through a pipe, or typed at a prompt."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from labkit.grading import answers

from .desk import LABKIT, TIMEOUT, Desk, Server

WORKSHOP = """\
[workshop]
name = "acme"
region = "eu-west-1"
[[seat]]
id = "ada"
[[seat]]
id = "bob"
"""
LINE = "curl -s -m 5 -o /dev/null http://198.20.69.74/zhyv3gj6njo2"
PROMPT = "\n> "


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Someone in ada's seat. Storing answers needs no lab."""
    folder = tmp_path_factory.mktemp("ada")
    (folder / "workshop.toml").write_text(WORKSHOP)
    return Desk(folder, {**server.environment(), "LABKIT_SEAT": "ada"})


def stored(desk: Desk, task: str, seat: str = "ada") -> list[str]:
    found = desk.client("ssm").get_parameter(Name=f"/labkit/acme/{seat}/answers/{task}")
    values = json.loads(found["Parameter"]["Value"])
    assert isinstance(values, list)
    return values


def test_a_command_is_taken_with_its_own_options(desk: Desk) -> None:
    said = desk.run("answer", "command", *LINE.split())
    assert stored(desk, "command") == LINE.split()
    assert said.out.startswith("Submitted")
    assert f"Received: {LINE}\n" in said.err
    assert "labkit answer command" in said.err
    assert max(map(len, said.err.splitlines()[1:])) <= 80

    desk.run("answer", "command", *LINE.split(), "--seat", "bob", "-w", "workshop.toml")
    assert stored(desk, "command", "bob") == LINE.split()
    desk.run("answer", "--seat", "bob", "command", LINE)
    assert stored(desk, "command", "bob") == [LINE]


def test_json_says_what_was_handed_in(desk: Desk) -> None:
    told = desk.json("answer", "command", *LINE.split())
    assert told == {
        "seat": "ada", "task": "command", "values": LINE.split(), "attempt": told["attempt"],
    }  # fmt: skip
    assert told["attempt"] >= 1


def test_a_misspelt_option_is_no_answer(desk: Desk) -> None:
    said = desk.run("answer", "callout_address", "192.0.2.7", "--seats=bob", code=2)
    assert "'--seats'" in said.err
    assert "labkit answer callout_address -- VALUE" in said.err
    assert "--seat" in desk.run("answer", "command", LINE, "--seat", code=2).err
    desk.run("answer", "trail_query", "--", "--odd", "192.0.2.7")
    assert stored(desk, "trail_query") == ["--odd", "192.0.2.7"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_pipe_may_be_in_any_of_windows_encodings(desk: Desk, encoding: str) -> None:
    for task, values in (("callout_address", ["192.0.2.7"]), ("api_events", ["A", "B\u00e9"])):
        done = subprocess.run(
            [*LABKIT, "answer", task], cwd=desk.folder, env=dict(desk.environment), capture_output=True,
            input="\r\n".join([*values, ""]).encode(encoding), timeout=TIMEOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert stored(desk, task) == values


def test_an_array_in_a_file_with_a_byte_order_mark_is_an_answer(desk: Desk) -> None:
    if shutil.which("aws") is None:
        pytest.skip("no aws on the PATH")
    file = desk.folder / "answer.json"
    file.write_text('["192.0.2.7"]\n', encoding="utf-8-sig")
    name = "/labkit/acme/ada/answers/callout_address"
    put = ["aws", "ssm", "put-parameter", "--overwrite", "--type", "String", "--name", name]
    subprocess.run(
        [*put, "--value", "file://answer.json"], cwd=desk.folder, env=dict(desk.environment),
        capture_output=True, timeout=TIMEOUT, check=True,
    )  # fmt: skip
    raw = desk.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert raw.startswith("\ufeff")  # or this proves nothing
    assert answers.parse({"Name": name, "Value": raw}).values == ("192.0.2.7",)


class Terminal:
    """``labkit`` on a pseudo-terminal, and someone who reads and types there."""

    def __init__(self, desk: Desk, *arguments: str) -> None:
        self.seen = ""
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.chdir(desk.folder)
            surroundings = {**desk.environment, "TERM": "xterm"}
            os.execve(LABKIT[0], [*LABKIT, *arguments], surroundings)  # noqa: S606 - labkit itself

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def read_until(self, wanted: str, times: int = 1) -> None:
        self._read(lambda: self.seen.count(wanted) >= times)

    def end(self, pressing: str = "") -> int:
        """Wait for the exit code; everything that was printed is in ``seen``.

        Presses the key again each second, as a person would: CPython checks for signals before it waits in readline, and
        sees one that arrives between the two only with the next key.
        """
        self._read(lambda: False, pressing)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._master)
        return os.waitstatus_to_exitcode(status)

    def _read(self, enough: Callable[[], bool], pressing: str = "") -> None:
        deadline = time.monotonic() + TIMEOUT
        while not enough():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise AssertionError(self.seen)
            if not select.select([self._master], [], [], 1)[0]:
                self.type(pressing)
                continue
            try:
                piece = os.read(self._master, 4096)
            except OSError:  # the other end is closed
                return
            if not piece:
                return
            self.seen += piece.decode()


def test_on_a_terminal_the_question_is_asked(desk: Desk) -> None:
    shown = Terminal(desk, "answer", "command")
    shown.read_until(PROMPT)
    shown.type(f'{LINE} > "a b" | sh\n')
    assert shown.end() == 0
    assert stored(desk, "command") == [f'{LINE} > "a b" | sh']
    assert "Which command typed on the server called out?" in shown.seen
    assert "Submitted" in shown.seen


def test_on_a_terminal_no_word_is_cut_and_in_a_pipe_a_seat_is_a_line(desk: Desk) -> None:
    typed = ("simulate", "--yes", "--seat", "ada")
    (line,) = desk.run(*typed, code=1).out.splitlines()
    assert len(line) > 80
    assert line.endswith("The lab of ada is absent: nothing is deployed. Run 'labkit up' first.")
    shown = Terminal(desk, *typed)
    assert shown.end() == 1
    told = shown.seen[shown.seen.index("ada  failed") :].splitlines()
    assert max(map(len, told)) <= 80
    assert " ".join(told).split() == line.split()
    assert told[1].startswith(" " * len("ada  failed     "))


def test_several_lines_may_be_pasted(desk: Desk) -> None:
    shown = Terminal(desk, "answer", "api_events")
    shown.read_until(PROMPT)
    shown.type("\x1b[200~RunInstances\nStopInstances\x1b[201~\n")
    assert shown.end() == 0
    assert stored(desk, "api_events") == ["RunInstances", "StopInstances"]


@pytest.mark.parametrize(("key", "what"), [("\x03", "Ctrl-C"), ("\x04", "Ctrl-D")])
def test_who_changes_their_mind_hands_in_nothing(desk: Desk, key: str, what: str) -> None:
    desk.run("answer", "operator_address", "192.0.2.7")
    shown = Terminal(desk, "answer", "operator_address")
    shown.read_until(PROMPT)
    shown.type(key)
    assert shown.end(pressing=key) == 130, what
    assert "labkit: interrupted" in shown.seen
    assert "Traceback" not in shown.seen
    assert stored(desk, "operator_address") == ["192.0.2.7"]


def test_blank_lines_are_asked_again(desk: Desk) -> None:
    shown = Terminal(desk, "answer", "instance")
    shown.read_until(PROMPT)
    shown.type("\n")
    shown.read_until(PROMPT, times=2)
    shown.type("i-0123456789abcdef0\n")
    assert shown.end() == 0
    assert stored(desk, "instance") == ["i-0123456789abcdef0"]
