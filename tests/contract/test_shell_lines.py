"""Each line of the attendee's guide means the same in sh, PowerShell, and cmd."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .shell_lines import UnprovenError, cmd, legacy_command_line, powershell, program_arguments

GUIDE = (Path(__file__).parents[2] / "docs" / "attendee.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
VARIABLES = {
    match[1]: match[2] for line in LINES if (match := re.fullmatch(r"([A-Z]+)=([\w./-]+)", line))
}
COMMANDS = [line for line in LINES if not re.fullmatch(r"[A-Z]+=\S+", line)]
IN_SH_ALONE = [line for line in COMMANDS if "'[" in line]
"""The one line of which the guide says so, and gives another for the others."""


def in_sh(line: str) -> list[str]:
    """How a real shell parses a line."""
    given = "".join(f"{name}='{value}'\n" for name, value in VARIABLES.items())
    shown = 'show() { printf "%s\\0" "$@"; }\n'
    done = subprocess.run(  # noqa: S603 - a line of the guide, shown and not run
        ["/bin/sh", "-euc", f"{given}{shown}show {line}"], capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout.split("\0")[:-1]


def in_powershell(line: str) -> list[str]:
    """Version 7 passes the arguments on unchanged; 5.1 passes them as a command line."""
    worked_out = powershell(line, VARIABLES)
    assert program_arguments(legacy_command_line(worked_out)) == worked_out, line
    return worked_out


def in_cmd(line: str) -> list[str]:
    return program_arguments(cmd(re.sub(r"\$([A-Z]+)", r"%\1%", line), VARIABLES))


def test_the_guide_has_lines_to_prove() -> None:
    assert len(COMMANDS) > 20
    assert len(IN_SH_ALONE) == 1
    assert {"SERVER", "ADDRESS", "FLOWS", "WORKGROUP"} <= set(VARIABLES)


@pytest.mark.parametrize("line", [line for line in COMMANDS if line not in IN_SH_ALONE])
def test_a_line_has_the_same_arguments_in_every_shell(line: str) -> None:
    arguments = in_sh(line)

    assert arguments[0] in {"aws", "labkit"}
    assert in_powershell(line) == arguments
    assert in_cmd(line) == arguments


def test_an_array_in_quotation_marks_is_for_sh_alone() -> None:
    (line,) = IN_SH_ALONE
    wanted = in_sh(line)
    worked_out = powershell(line, VARIABLES)

    assert wanted[-1] == '["192.0.2.7"]'
    assert worked_out == wanted  # PowerShell 7.3 and newer
    assert program_arguments(legacy_command_line(worked_out))[-1] == "[192.0.2.7]"  # 5.1
    assert in_cmd(line)[-1] == "'[192.0.2.7]'"


def cells(shell: str) -> list[str]:
    """The lines for one shell in the guide's tables, without what happens to their output."""
    rows = re.findall(rf"^\| {shell} \| (.+?) \|$", GUIDE, re.MULTILINE)
    spans = [re.findall(r"`([^`]+)`", row.replace(r"\|", "|"))[0] for row in rows]
    found = []
    for span in spans:
        call = re.match(r"""\(?((?:aws|labkit)(?:[^"'|>)]|"[^"]*")+)""", span)
        if call:
            found.append(call[1].strip())
    return found


def test_lines_in_tables_have_the_same_arguments_in_every_shell() -> None:
    with_powershell = [in_powershell(line) for line in cells("PowerShell")]
    with_cmd = [program_arguments(cmd(line, VARIABLES)) for line in cells("cmd")]

    assert [line[:4] for line in with_cmd] == [
        ["labkit", "local", "env", "--account"],
        ["aws", "athena", "get-named-query", "--named-query-id"],
    ]
    assert with_cmd[1] == with_powershell[1]
    assert with_cmd[0][:-1] == with_powershell[0][:-1]
    assert (with_cmd[0][-1], with_powershell[0][-1]) == ("cmd", "powershell")


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ('"a b c" d e', ["a b c", "d", "e"]),
        ('"ab\\"c" "\\\\" d', ['ab"c', "\\", "d"]),
        ('a\\\\\\b d"e f"g h', ["a\\\\\\b", "de fg", "h"]),
        ('a\\\\\\"b c d', ['a\\"b', "c", "d"]),
        ('a\\\\\\\\"b c" d e', ["a\\\\b c", "d", "e"]),
        ('a"b"" c d', ['ab" c d']),
    ],
)
def test_command_lines_are_read_as_microsofts_examples(line: str, arguments: list[str]) -> None:
    assert program_arguments(line) == arguments


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ('echo "The value is $i." plain', ["echo", "The value is 5.", "plain"]),
        ("echo 'The value is $i.'", ["echo", "The value is $i."]),
        ('echo $i a-$i-b "$i-commands-log"', ["echo", "5", "a-5-b", "5-commands-log"]),
    ],
)
def test_powershell_fills_in_as_its_documentation_says(line: str, arguments: list[str]) -> None:
    assert powershell(line, {"i": "5"}) == arguments


@pytest.mark.parametrize(
    "line", ["a a,b", "a (b)", "a;b", 'a "`n"', 'a "$(b)"', 'a "b"c', "a @b", "a | b", 'a "b""c"']
)
def test_what_powershell_would_act_on_is_not_passed_over(line: str) -> None:
    with pytest.raises(UnprovenError):
        powershell(line, {})


@pytest.mark.parametrize("line", ["a & b", "a > b", "a ^b", 'a "b', "a 50%", "a (b)"])
def test_what_cmd_would_act_on_is_not_passed_over(line: str) -> None:
    with pytest.raises(UnprovenError):
        cmd(line, {})


def test_cmd_leaves_special_characters_in_quotation_marks_alone() -> None:
    assert cmd('a "b | c & d" %E%', {"E": "f"}) == 'a "b | c & d" f'
